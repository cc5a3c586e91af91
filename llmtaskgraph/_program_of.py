"""The program that a run names: where it is from here. Nothing is imported to find out."""

from __future__ import annotations

from pathlib import Path

from ._errors import LLMTaskGraphError
from ._events import Run


class NoProgram(LLMTaskGraphError):
    """The program of a run cannot be told, or is not there. The message says so in one line."""

    exit_code = 3


def program_of(run: Run, trace: Path) -> tuple[str, str]:
    """The program of a run as it is run from here, `file.py:name`; and what a person is told will be executed.

    Args:
        run: which names it.
        trace: the path of its trace.

    Raises:
        NoProgram: the run names none, or it is neither here nor beside the trace.
    """
    if not run.app:
        raise NoProgram(f"run {run.id} does not tell which program made it; resume it by `ltg resume {trace} --app file.py:name`")
    name = run.app.rpartition(":")[0]
    found = find_program(run.app, trace)
    if found is not None:
        return found, str(Path(found.rpartition(":")[0]).resolve()) if name.endswith(".py") else f"the module {name}"
    raise NoProgram(f"{name}, which made this run, is neither here nor beside the trace; start this again in its folder")


def find_program(app: str, trace: Path) -> str | None:
    """A program that a trace names, as `file.py:name` from the current folder; None when its file is not found.

    It is looked for from the current folder, from that of the trace, and beside the trace. A module is taken as it is.
    """
    name, _, graph = app.rpartition(":")
    if "\0" in app:
        return None
    if not name.endswith(".py"):
        return app
    places = (Path(name), trace.parent / name, trace.parent / Path(name).name)
    found = next((place for place in places if place.is_file()), None)
    return None if found is None else f"{found}:{graph}"


def program_file(app: str, cwd: Path) -> Path | None:
    """The file of a program, found without importing anything; None for an installed module."""
    name = app.rpartition(":")[0] or app
    if name.endswith(".py") or "/" in name:
        return cwd / name
    module = cwd / Path(*name.split("."))
    return next((path for path in (module.with_suffix(".py"), module / "__init__.py") if path.is_file()), None)


def program_key(app: str, cwd: Path) -> str:
    """What a program is remembered by: the resolved path of its file, or `module:NAME`."""
    file = program_file(app, cwd)
    return str(file.resolve()) if file is not None else f"module:{app.rpartition(':')[0] or app}"
