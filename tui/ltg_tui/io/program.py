"""The program that a run names: where it is from here. Nothing is imported to find out."""

from __future__ import annotations

from pathlib import Path

from llmtaskgraph import Run, find_program


class NoProgram(ValueError):
    """It cannot be told, or is not there. The message says so in one line."""


def program_of(run: Run, trace: Path) -> tuple[str, str]:
    """The program as it is run from here, and what a person is told will be executed.

    Raises:
        NoProgram: the run names none, or it is neither here nor beside the trace.
    """
    if not run.app:
        raise NoProgram(f"run {run.id} does not tell which program made it; resume it by `ltg resume {trace} --app file.py:name`")
    name = run.app.rpartition(":")[0]
    found = find_program(run.app, trace)
    if found is not None:
        return found, str(Path(found.rpartition(":")[0]).resolve()) if name.endswith(".py") else f"the module {name}"
    raise NoProgram(f"{name}, which made this run, is neither here nor beside the trace; start ltg-tui where it is")
