"""The arguments of each command. Imports nothing but argparse."""

from __future__ import annotations

import argparse
import os

from .words import COMMANDS, EPILOG, help_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

STAGES = ("prompt", "response", "output", "children")
EDITS = ("prompt", "response", "output", "model", "params", "input", "sample")


class Parser(argparse.ArgumentParser):
    """argparse, with errors of one line."""

    def error(self, message: str) -> NoReturn:
        from .safe import message as clean

        self.exit(2, f"ltg: {clean(message)}; `{self.prog} --help` explains\n")


class Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal; found without shutil, which is slow to import."""

    def __init__(self, prog: str, **given: Any) -> None:
        super().__init__(prog, **{**given, "width": given.get("width") or _columns() - 2})


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (OSError, ValueError):
        return 80


def parse(words: list[str]) -> argparse.Namespace:
    """The arguments of a command line.

    Raises:
        SystemExit: help was asked for (0), or the words are no command line (2).
    """
    place = next((place for place, word in enumerate(words) if not word.startswith("-")), len(words))
    before, command, after = words[:place], "".join(words[place : place + 1]), words[place + 1 :]
    unknown = [word for word in before if word not in ("--json", "--debug")]
    if unknown or command not in COMMANDS:
        _explain(unknown, command)
    text = COMMANDS[command]
    parser = Parser(f"ltg {command}", description=f"{text[0].upper()}{text[1:]}.", epilog=EPILOG, formatter_class=Help)
    _ADD[command](parser)
    parser.add_argument("--json", action="store_true", help="JSON on stdout, with the keys of docs/cli.md")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.set_defaults(command=command)
    return parser.parse_args([*before, *after])


def _explain(options: list[str], command: str) -> NoReturn:
    """Give the help that was asked for, or tell what is wrong.

    Raises:
        SystemExit: always.
    """
    parser = Parser("ltg")
    names = ", ".join(COMMANDS)
    if "-h" in options or "--help" in options:
        print(help_text())
        parser.exit()
    if options and options[0] == "--version":
        from importlib.metadata import version

        print(f"ltg {version('llmtaskgraph')}")
        parser.exit()
    if options:
        parser.error(f"there is no option {options[0]}; the command comes first: {names}")
    if not command:
        parser.error(f"which command? there are {names}")
    from difflib import get_close_matches

    close = get_close_matches(command, COMMANDS, 1, 0.5)
    parser.error(f"there is no command {command!r}; {f'did you mean {close[0]}?' if close else f'there are {names}'}")


def run(args: argparse.Namespace) -> int:
    """Run the command that was asked for. Returns its exit code."""
    from importlib import import_module

    command: Callable[[argparse.Namespace], int] = import_module(f".{args.command}", __package__).command
    return command(args)


def _trace(add: Parser, run: bool = True) -> None:
    add.add_argument("trace", metavar="TRACE", help="path of a trace.json")
    if run:
        add.add_argument("--run", type=_number, metavar="N", help="which run; the newest if not given")


def _model(add: Parser) -> None:
    add.add_argument("--model", type=_provider_and_model, metavar="M", help="PROVIDER:MODEL in place of every task's own")


def _run(add: Parser) -> None:
    add.add_argument("app", metavar="APP", help="file.py:name or package.module:name")
    add.add_argument(
        "--input", metavar="JSON", help="a JSON object of the parameters by name; @FILE reads it from a file, - from stdin"
    )
    add.add_argument(
        "--trace", metavar="PATH", help="where to record; an existing trace gains a further run (default: NAME.trace.json)"
    )
    add.add_argument(
        "--offline", action="store_true", help="answers come from NAME.script.json beside the program; no model is called"
    )
    add.add_argument("--script", metavar="FILE", help="like --offline, with another script")
    _model(add)


def _show(add: Parser) -> None:
    _trace(add)
    add.add_argument("task", metavar="TASK", nargs="?", help="show the stages, attempts, error and provenance of a task")
    add.add_argument("--stage", choices=STAGES, metavar="S", help=f"just that value: {', '.join(STAGES)}")
    add.add_argument("--all", action="store_true", help="also what is cut on a terminal")


def _edit(add: Parser) -> None:
    _trace(add)
    add.add_argument("task", metavar="TASK", help="id of the task")
    add.add_argument("stage", metavar="STAGE", choices=EDITS, help=", ".join(EDITS))
    add.add_argument("value", metavar="VALUE", nargs="?", help="text or JSON; @FILE reads it from a file, - from stdin")
    add.add_argument("--revert", action="store_true", help="take the edit back")


def _plan(add: Parser) -> None:
    _trace(add)
    add.add_argument("--app", metavar="APP", help="the program, if it is no longer where the trace says")
    add.add_argument("--yes", "-y", action="store_true", help="do not ask, neither to run it nor to run its code")
    add.add_argument("--all", action="store_true", help="also what is cut on a terminal")
    offline = argparse.BooleanOptionalAction
    add.add_argument("--offline", action=offline, help="answers come from the script; as the resumed run did, if not given")
    add.add_argument("--script", metavar="FILE", help="like --offline, with another script")
    _model(add)


def _resume(add: Parser) -> None:
    _plan(add)
    add.add_argument(
        "--again", metavar="TASK", action="append", default=[], help="ask for a new sample of a task; may be repeated"
    )


def _links(add: Parser) -> None:
    _trace(add)
    add.add_argument("task", metavar="TASK", help="id of the task")
    add.add_argument("--all", action="store_true", help="not only the direct ones")


def _web(add: Parser) -> None:
    add.add_argument("trace", metavar="TRACE", help="path of a trace.json; it need not be there yet")
    add.add_argument("--allow-edit", action="store_true", help="let the page edit, resume and stop runs")
    add.add_argument("--port", type=_port, default=0, metavar="N", help="of 127.0.0.1 to listen on; a free one if not given")
    add.add_argument("--no-open", action="store_true", help="do not open the browser")
    add.add_argument("--until-eof", action="store_true", help=argparse.SUPPRESS)


def _export(add: Parser) -> None:
    _trace(add, run=False)
    add.add_argument("--html", metavar="PATH", required=True, help="the file to write; - for stdout")
    add.add_argument("--redact", action="store_true", help="without what is of the user: texts, values, names")
    add.add_argument("--force", action="store_true", help="replace a file that is there")


def _demo(add: Parser) -> None:
    add.add_argument("--no-tui", action="store_true", help="print only, also on a terminal")


_ADD: dict[str, Callable[[Parser], None]] = {
    "run": _run,
    "show": _show,
    "edit": _edit,
    "plan": _plan,
    "resume": _resume,
    "causes": _links,
    "effects": _links,
    "check": lambda add: _trace(add, run=False),
    "web": _web,
    "export": _export,
    "demo": _demo,
}


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a run; they count from 1")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; they are numbers from 1 to 65535")
    return int(text)


def _provider_and_model(text: str) -> str:
    provider, _, model = text.partition(":")
    if not provider or not model or any(c.isspace() for c in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a model; write PROVIDER:MODEL such as openai:gpt-5-mini")
    return text
