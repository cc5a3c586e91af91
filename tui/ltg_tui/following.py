"""What the app does while somebody writes the trace: read what is new in slices, go with the run, notice when it died."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from llmtaskgraph import Change, Follower, LLMTaskGraphError, holder

from . import actions
from .model.at import At
from .model.outline import Outline
from .model.session import NEWER, News

if TYPE_CHECKING:
    from .app import DebuggerApp

PAINTS: Final = 10
"""At most so many paints a second for what happens by itself."""

_QUIET: Final = 3.0
_SELDOM: Final = 3
"""Where no run is under way, and for so many seconds nothing happened, only each third time is used to look."""

_BYTES: Final = 128 * 1024
_SLICE: Final = 0.015
_PAUSE: Final = 0.01
_STAY: Final = 1.0


class Following:
    """The trace as it grows. A key never waits longer than a slice."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self._news: News | None = None
        self._behind = False
        self._outline: Outline | None = None
        self._left: str | None = None  # where the cursor was put: if it is not there, a person has moved it
        self._moved_at = self._checked_at = 0.0
        self._happened_at, self._times = time.monotonic(), 0

    def time_to_look(self) -> None:
        """It is time to look again: a trace at rest, which may stay open all day, is looked at less often."""
        self._times += 1
        running = self.app.session.live or self.app.resuming.running
        if running or not self._times % _SELDOM or time.monotonic() - self._happened_at < _QUIET:
            self.look()

    def look(self) -> None:
        """Take in what happened to the trace, and to the process that was started here; show it."""
        if not self.app.main.stands:
            return
        self.app.resuming.watch()
        self._notice()
        if not self._behind:
            self._read()
        self._check()
        news, self._news = self._news, None
        if news is not None:
            self._happened_at = time.monotonic()
            self.app.main.take(news)
            if news.replan:
                self.app.resuming.replan()
        self._pin()

    def _read(self) -> None:
        """Read for a moment; what is left is read soon, before it is shown."""
        app, self._behind = self.app, False
        end = time.perf_counter() + _SLICE
        try:
            while app.follower is not None:
                change = app.follower.poll(_BYTES)
                if change is None:
                    return
                self._take(change)
                if time.perf_counter() > end:
                    self._behind = True
                    app.set_timer(_PAUSE, self._read)
                    return
        except LLMTaskGraphError as error:
            if app.follower is not None:
                app.follower.close()
            app.follower = None
            again = f"{actions.key('follow')} reads it again"
            app.session.read_only = f"the trace could not be read further; {again}"
            app.say(f"read-only, {again}: {error}", "$text-error")
            app.main.refresh_status()

    def _take(self, change: Change) -> None:
        """Take in what was read; it is shown at the next look."""
        session = self.app.session
        news = session.take(change)
        session.pulse.heard, session.pulse.died = time.time(), False
        self._news = news if self._news is None else self._news.then(news)

    def _read_again(self) -> None:
        """Read the trace from its beginning, after it could not be read."""
        app, follower = self.app, Follower(self.app.session.path)
        try:
            change = follower.poll()
        except LLMTaskGraphError as error:
            follower.close()
            app.say(f"it still cannot be read: {error}", "$text-error")
            return
        if change is None or follower.trace is None:
            follower.close()
            app.say(f"there is no trace at {app.session.path}", "$text-error")
            return
        app.follower = follower
        app.session.read_only = NEWER if follower.trace.newer else ""
        self._take(change)
        self.look()
        app.main.refresh_status()
        app.say("the trace was read again, and is followed again", "$text-success")

    # A run that died

    def _check(self) -> None:
        """Once a second: is there still a process that writes this run?"""
        session, now = self.app.session, time.monotonic()
        if now - self._checked_at < 1.0 or not session.live or self.app.follower is None or self._behind:
            return
        self._checked_at = now
        if session.pulse.heard is None:
            session.pulse.heard = _changed(f"{session.path}.journal")
        if holder(session.path) is not None or self.app.resuming.running:
            return
        self._read()  # it may have ended in the meantime, as it should
        if session.live and not self._behind and self._news is None:
            session.pulse.died = True
            kept = f"what was finished is kept, {actions.key('resume')} resumes it"
            self.app.say(f"cut off: its process is gone; {kept}", "$text-warning")
            self.app.main.marks_changed()
            self.app.resuming.replan()

    # Going with it

    def _notice(self) -> None:
        """Whether a person has moved the cursor since it was put somewhere."""
        session, tree = self.app.session, self.app.main.task_tree
        here = None if tree.node is None else tree.node.key
        if self._outline is not tree.outline:
            self._outline, self._left = tree.outline, here
        elif session.live and session.pulse.pinned and (here != self._left or not tree.has_focus):
            session.pulse.pinned = False
            tree.unpin()
            self.app.main.refresh_status()

    def _pin(self) -> None:
        """Put the cursor on the newest running task, as long as nobody has moved it."""
        self._notice()
        session, tree, now = self.app.session, self.app.main.task_tree, time.monotonic()
        if not session.live or not session.pulse.pinned or tree.outline is None:
            return
        newest, task = session.newest, self.app.main.chosen
        if newest is None or newest == self._left:
            return
        seen = None if task is None or task.type == "graph" else session.seen(task.id)
        if seen is not None and seen.status == "running" and now - self._moved_at < _STAY:
            return
        node = tree.outline.node(newest)
        if node is not None:
            tree.pin(node)
            self._left, self._moved_at = node.key, now

    def do_follow(self, at: At) -> None:
        """Go with the newest run and its newest task; where none is under way, say whether the next one is shown. A trace that
        could not be read further is read again."""
        if self.app.follower is None:
            self.app.say("the trace is read again ...")
            self.app.call_after_refresh(self._read_again)
            return
        session = self.app.session
        newest = max(session.state.runs, default=None) if session.state is not None else None
        if newest is not None and newest != session.run:
            session.following = True
            self.app.browsing.show(newest)
        elif not session.live:
            session.following = not session.following
        if not session.live:
            following = "new runs are shown as they start"
            self.app.say(following if session.following else "this run stays on screen when another starts")
            return
        session.following = session.pulse.pinned = True
        session.pulse.new, self._moved_at = 0, 0.0
        tree = self.app.main.task_tree
        self._outline, self._left = tree.outline, None if tree.node is None else tree.node.key
        tree.focus()
        self.app.main.refresh_status()
        self.app.say("the cursor goes with the newest task, until you move it")


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return time.time()
