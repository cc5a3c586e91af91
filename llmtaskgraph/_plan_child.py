"""A plan made by a process of its own: who shows it does not import the program, which may take long, print, or never end."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL
from typing import IO

import anyio
import msgspec

from ._errors import LLMTaskGraphError
from ._plan import Plan


class NoPlan(LLMTaskGraphError):
    """The code could not be looked at, in one line."""


async def plan_with_code(trace: Path, run: int, app: str) -> Plan:
    """What resuming a run will run, with the code as it is on disk now. Only the program's module is executed.

    Cancelled, it ends the process.

    Args:
        trace: path of the trace, as it is on disk.
        run: the run to resume.
        app: the program, as `program_of` gives it. A person has said yes to it before.

    Raises:
        NoPlan: it cannot be imported, or something else went wrong.
    """
    words = ["plan", "--json", f"--run={run}", f"--app={app}", "--", str(trace)]
    with tempfile.TemporaryFile() as printed:  # no pipe: what the program starts may hold it open
        out, code = await _output([sys.executable, "-m", "llmtaskgraph.cli", *words], printed)
        if code != 0:
            printed.seek(0)
            lines = printed.read().decode(errors="replace").split("\n")
            said = next((line.strip() for line in reversed(lines) if line.strip()), f"ended with {code}")
            raise NoPlan(said.removeprefix("ltg: "))
    try:
        return msgspec.json.decode(out, type=Plan)
    except msgspec.DecodeError as error:
        raise NoPlan(f"what the program's process told is no plan ({error})") from None


async def _output(command: list[str], stderr: IO[bytes]) -> tuple[bytes, int]:
    """What a process writes to stdout, and its exit code. Cancelled, it ends the process with all that this started."""
    try:
        process = await anyio.open_process(command, stdin=DEVNULL, stderr=stderr, start_new_session=True)
    except OSError as error:
        raise NoPlan(f"the program cannot be started ({error.strerror or error})") from None
    async with process:
        assert process.stdout is not None
        try:
            out = b"".join([block async for block in process.stdout])
            return out, await process.wait()
        except BaseException:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            raise
