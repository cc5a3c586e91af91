"""What a page may have done: edits, and runs in a process of their own. The same functions that the terminal debugger uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.to_thread
import msgspec
from msgspec import Struct

from .._child import Child, resume_words
from .._edit_followed import UnsavedEdit, again_followed, edit_followed, revert_followed
from .._errors import LLMTaskGraphError
from .._events import Edit, EditName, Run
from .._follow import Follower
from .._lock import holder
from .._plan import Plan
from .._plan_child import plan_with_code
from .._program_of import NoProgram, program_of
from .._trust import is_trusted, trust
from .hub import Hub, Told

PRINTED: Final = 200_000
"""So many bytes of what a run printed are shown: its end."""

PATIENCE: Final = 60.0
"""So many seconds the code may take to be looked at."""


class Refused(LLMTaskGraphError):
    """It cannot be done now, in one line.

    Attributes:
        consent: what would be executed, when a person has to say yes to that first.
    """

    def __init__(self, why: str, consent: str = "") -> None:
        self.consent = consent
        super().__init__(why)


class Log(Struct):
    """What a run that was started here does.

    Attributes:
        doing: for people; empty when none was started.
        running: whether it runs.
        code: its exit code, when it has ended.
        printed: the end of what it printed.
    """

    doing: str = ""
    running: bool = False
    code: int | None = None
    printed: str = ""


class Actions:
    """Edits a trace and resumes its runs.

    Attributes:
        allowed: whether anything may be done at all.

    Args:
        hub: follows the trace.
    """

    def __init__(self, hub: Hub, *, allowed: bool) -> None:
        self._hub, self.allowed = hub, allowed
        self._writing = anyio.Lock()
        self._child: Child | None = None
        self._looks = anyio.CapacityLimiter(3)
        self._told: list[Told] = []
        self._under_way = False

    @property
    def can_edit(self) -> bool:
        """Whether anything can be done with this trace."""
        return self.allowed and not self._hub.read_only

    # Edits

    async def edit(self, run: int, task: str, stage: EditName, text: str) -> Edit:
        """Put what a person typed into a stage."""
        return await self._save(lambda follower: edit_followed(follower, run, task, stage, text))

    async def revert(self, run: int, task: str, stage: EditName) -> Edit:
        """Take an edit back."""
        return await self._save(lambda follower: revert_followed(follower, run, task, stage))

    async def again(self, run: int, task: str) -> Edit:
        """Ask for a new sample."""
        return await self._save(lambda follower: again_followed(follower, run, task))

    async def _save(self, make: Callable[[Follower], UnsavedEdit]) -> Edit:
        async with self._writing:
            async with self._hub.lock:
                unsaved = make(self._follower())
            made = await anyio.to_thread.run_sync(unsaved.save)
        await self._hub.look()
        return made

    def _follower(self) -> Follower:
        if self._hub.read_only or self._hub.follower is None:
            raise Refused(f"read-only: {self._hub.read_only}")
        if self._hub.problem:
            raise Refused(self._hub.problem)
        return self._hub.follower

    # Runs

    def program(self, run: Run) -> tuple[str, str]:
        """The program that resuming a run would execute, and how that is told to a person.

        Raises:
            NoProgram: it cannot be told.
        """
        return program_of(run, self._hub.path)

    def trusted(self, app: str) -> bool:
        """Whether a person has said yes to a program before."""
        return is_trusted(app, Path.cwd())

    def why_not(self, run: Run) -> str:
        """Why a run cannot be resumed now; empty when it can."""
        if self._hub.read_only:
            return f"read-only: {self._hub.read_only}"
        if self._child is not None and self._under_way:
            return f"{self._child.doing} is under way; stop it, or wait"
        if self._hub.feed.live:
            found = holder(self._hub.path)
            return f"a run is under way (process {found.pid} on {found.host})" if found else "a run is under way"
        try:
            self.program(run)
        except NoProgram as error:
            return str(error)
        return ""

    async def plan_with_code(self, run: int) -> Plan:
        """What resuming a run will run with the code as it is now.

        Raises:
            LLMTaskGraphError: why the code cannot be looked at.
        """
        found = self._hub.feed.state.run(run)
        with anyio.move_on_after(PATIENCE):
            async with self._looks:
                return await plan_with_code(self._hub.path, found)
        raise Refused(f"looking at its code took longer than {PATIENCE:.0f} seconds")

    async def resume(self, run: int, consent: bool) -> Log:
        """Start the resume of a run.

        Raises:
            LLMTaskGraphError: it cannot be resumed, or a person has to say yes first.
        """
        async with self._writing:
            found = self._hub.feed.state.run(run)
            why = self.why_not(found)
            if why:
                raise Refused(why)
            app, what = self.program(found)
            if not self.trusted(app):
                if not consent:
                    raise Refused("you have not run this program before: resuming executes it, with all that you may do", what)
                trust(app, Path.cwd())
            start = partial(Child, resume_words(self._hub.path, run, app), f"the resume of run {run}")
            try:
                child = await anyio.to_thread.run_sync(start)
            except OSError as error:
                raise Refused(f"the run cannot be started ({error.strerror or error})") from None
            self.leave()
            self._child, self._under_way = child, True
            self._tell()
        return self.log()

    def stop(self) -> Log:
        """Ask the run to end well; the third time make it.

        Raises:
            Refused: none is under way.
        """
        if self._child is None or self._child.code() is not None:
            raise Refused("no run that was started here is under way")
        self._child.stop()
        return self.log()

    def log(self) -> Log:
        """What the run that was started last does, and what it printed."""
        return Log() if self._child is None else self._log(self._child, self._child.printed(PRINTED))

    def _log(self, child: Child, printed: str) -> Log:
        return Log(child.doing, self._under_way, None if self._under_way else child.code(), printed)

    async def watch(self) -> None:
        """Tell when the run has ended: not before all that it recorded is known, so that whoever asks then finds it."""
        child = self._child
        if self._under_way and child is not None and child.code() is not None:
            await self._hub.look()
            self._under_way = False
            self._tell()

    def told(self) -> list[Told]:
        """What readers are told of the run: that it began, or that it ended."""
        return self._told

    def _tell(self) -> None:
        assert self._child is not None
        self._told = [("process", "", msgspec.json.encode(self._log(self._child, self._child.last_line())))]
        self._hub.ring()

    def leave(self) -> str:
        """Part from the run: it goes on without us. Returns what there is to say about that."""
        child, self._child = self._child, None
        if child is None:
            return ""
        goes_on = child.code() is None
        child.leave()
        return f"{child.doing} goes on (process {child.pid}); `kill -INT {child.pid}` stops it" if goes_on else ""


def error_of(error: LLMTaskGraphError) -> dict[str, Any]:
    """An error as a page gets it."""
    consent = {"consent": error.consent} if isinstance(error, Refused) and error.consent else {}
    return {"error": " ".join(str(error).split()), **consent}
