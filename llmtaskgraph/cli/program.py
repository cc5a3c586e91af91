"""The program that a word or a trace names: find it, trust it, import it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _program_of, _trust
from .._events import Run
from . import failure, terminal
from .failure import Environment, Usage
from .safe import message

if TYPE_CHECKING:
    from .._program import Program


def load(app: str) -> Program:
    """Import a program and find the graph in it.

    Raises:
        LLMTaskGraphError: it is not there, or importing it failed: with the user's own line.
    """
    from .. import _program

    _check_name(app)
    return _program.load_program(app)


def _check_name(app: str) -> None:
    name, _, graph = app.rpartition(":")
    if not name or not graph.isidentifier():
        example = f"{app}:main" if app.endswith(".py") else "review.py:main"
        raise Usage(f"{app!r} does not name a program; write file.py:name or package.module:name, such as {example}")
    if (name.endswith(".py") or "/" in name) and not os.path.isfile(name):
        raise Environment(f"{name}: there is no such file; give the path of the program from the folder you are in")


def stem(app: str) -> str:
    """The name of a program's file or module."""
    name = app.rpartition(":")[0]
    return Path(name).stem if name.endswith(".py") else name.rpartition(".")[2]


def recorded(run: Run, trace: Path) -> str:
    """The program that a run names, as it is reached from here.

    Raises:
        LLMTaskGraphError: it names none, or it is not there.
    """
    if not run.app:
        raise Usage(f"run {run.id} of {trace} does not tell which program made it; give it: --app file.py:name")
    found = _program_of.find_program(run.app, trace)
    name, _, graph = (found or run.app).rpartition(":")
    if found is not None:
        return f"{failure.relative(name)}:{graph}" if name.endswith(".py") else found
    raise Environment(
        f"{name}: the program of this trace is not here, nor beside {trace}; tell where it is: --app file.py:{graph}"
    )


def may_run(app: str, *, yes: bool) -> bool:
    """Whether code that a trace names may run: a person has run it by name before, says yes now, or gave `--yes`."""
    if is_trusted(app):
        return True
    question = f"{_program_of.program_key(app, Path.cwd())} is named by this trace, and you have not run it before. Run its code?"
    if not yes and not (terminal.interactive() and ask(question, False)):
        return False
    trust(app)
    return True


def trust(app: str) -> None:
    """Remember that a person ran this program by name, or said yes to it."""
    _trust.trust(app, Path.cwd())


def is_trusted(app: str) -> bool:
    """Whether a person ran this program by name, or said yes to it."""
    return _trust.is_trusted(app, Path.cwd())


def ask(question: str, default: bool) -> bool:
    """A yes-or-no question on the terminal. The end of input is a no."""
    print(f"{message(question)} [{'Y/n' if default else 'y/N'}] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:
        print(file=sys.stderr)
        return False
    word = answer.strip().lower()
    return default if not word else word in ("y", "yes")


def script(app: str, offline: bool | None, given: str | None) -> Path | None:
    """The script that answers instead of the providers, or None.

    Raises:
        LLMTaskGraphError: it is not there.
    """
    if not offline and not given:
        return None
    name = app.rpartition(":")[0]
    file = _program_of.program_file(app, Path.cwd())
    path = Path(given) if given else (Path(name) if name.endswith(".py") else file or Path(stem(app))).with_suffix(".script.json")
    if not path.is_file():
        raise Environment(
            f"{path}: there is no such script; --offline needs one (see docs/cli.md), or name another: --script FILE"
        )
    return path


def text_argument(word: str, what: str) -> str:
    """An argument as it stands, or what `@FILE` or `-` (stdin) hold; one line end at the end is not part of it.

    Raises:
        LLMTaskGraphError: it cannot be read.
    """
    if word != "-" and not word.startswith("@"):
        return word
    try:
        data = sys.stdin.buffer.read() if word == "-" else Path(word[1:]).read_bytes()
        text = data.decode()
    except OSError as error:
        raise Environment(f"{word[1:]}: cannot be read ({error.strerror}); {what} is text, @FILE, or - for stdin") from None
    except UnicodeDecodeError:
        raise Environment(f"{word[1:] or 'stdin'}: this is not UTF-8 text") from None
    return text.removesuffix("\n")


def parse_input(word: str | None) -> Any:
    """The `--input` of a run.

    Raises:
        LLMTaskGraphError: it is not JSON, or cannot be read.
    """
    if word is None:
        return None
    import msgspec

    from .. import _values

    text = text_argument(word, "--input")
    try:
        return _values.decode(text.encode("utf-8", "surrogateescape"))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        where = word if word.startswith("@") else "--input"
        raise Usage(f"""{where} is not JSON ({error}); write an object such as '{{"text": "..."}}', or @FILE""") from None
