"""A plan made by a process of its own: who shows it does not import the program, which may take long, print, or never end."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, Final

import anyio
import msgspec

from ._child import command
from ._errors import LLMTaskGraphError
from ._events import Run
from ._plan import Plan
from ._program_of import program_of
from ._trust import is_trusted

_END: Final = 100_000
"""So many bytes of what was printed are looked at: the end."""


class NoPlan(LLMTaskGraphError):
    """The code could not be looked at, in one line."""


async def plan_with_code(trace: Path, run: Run) -> Plan:
    """What resuming a run will run, with the code as it is on disk now.

    Only the program's module is executed, and only if a person has run the program by name before, or has said yes to it.
    Cancelled, it ends the process.

    Args:
        trace: path of the trace, as it is on disk.
        run: the run to resume.

    Raises:
        NoProgram: the program is not found.
        NoPlan: nobody has said yes to it, it cannot be imported, or something else went wrong.
    """
    try:
        app, _ = program_of(run, trace)
        if not is_trusted(app, Path.cwd()):
            raise NoPlan("you have not run its program before, so its code was not looked at")
        words = ["plan", "--json", f"--run={run.id}", f"--app={app}", "--", str(trace)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:  # no pipes: what the program starts may hold them
            code = await _ended(command(words), out, err)
            if code != 0:
                raise NoPlan(_reason(err) or f"the program ended its process, with {code}, as it was imported")
            out.seek(0)
            told = out.read()
    except OSError as error:
        raise NoPlan(f"the program cannot be started ({error.strerror or error})") from None
    if not told:
        raise NoPlan("the program ended its process as it was imported")
    try:
        return msgspec.convert(json.loads(told), Plan)  # a path in it may be none that msgspec reads
    except ValueError as error:
        raise NoPlan(f"what the program's process told is no plan ({error})") from None


async def _ended(command: list[str], out: IO[bytes], err: IO[bytes]) -> int:
    """Run a process to its end, or until nobody waits for it; what it started ends with it. Returns its exit code."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    process = await anyio.open_process(command, stdin=DEVNULL, stdout=out, stderr=err, env=environment, start_new_session=True)
    async with process:
        try:
            return await process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _reason(err: IO[bytes]) -> str:
    """Why it ended: the last line of `ltg` in what was printed, else the last line, safe to show."""
    err.seek(max(0, err.seek(0, os.SEEK_END) - _END))
    lines = [line.strip() for line in err.read().decode(errors="replace").split("\n") if line.strip()]
    said = next((line for line in reversed(lines) if line.startswith("ltg: ")), lines[-1] if lines else "")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in said.removeprefix("ltg: "))
