"""What every app here does with its terminal: colours by meaning, the walls, and an end that leaves it usable."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import constants
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.events import Event, Key, Paste
from textual.screen import Screen

from . import actions
from .config import Settings
from .io.crash import crash_report
from .typeahead import Typeahead
from .widgets.painter import Painter
from .widgets.plain import Plain
from .widgets.wall import Wall

ENDINGS = (signal.SIGTERM, signal.SIGHUP)
PATIENCE = 2.0
"""Seconds after a signal to leave the terminal as it was: one that is gone may never take what is written to it."""

if "ESCDELAY" not in os.environ:
    constants.ESCAPE_DELAY = 0.05  # type: ignore[misc]  # seconds: a key after Esc is not a part of it, unless it comes so soon

LOOK = 1.0
"""Seconds between two looks whether the terminal is there still."""

LEAVE = "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
"""Switches off whatever an app may have switched on. What was off stays off."""


class TerminalApp(App[int]):
    """An app that is safe with what a trace holds.

    Attributes:
        settings: keys and looks; warnings tell what is wrong in them.
        crash_report: what to tell after an exception that nobody foresaw; None when there was none.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+z", "suspend_process", show=False)]
    TITLE = "ltg-tui"

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)  # else shades of grey are sent
        actions.use_keys(self.settings.keys)
        self.set_keymap(dict(self.settings.keys))
        self._take_theme()
        self.animation_level = "none"
        self.crash_report: str | None = None
        self.painter = Painter()
        self._typeahead = Typeahead(self, super().on_event)
        self._filters += [Wall(), *([Plain()] if self.settings.lofi else [])]

    # Colours

    def _take_theme(self) -> None:
        wanted = self.settings.theme
        if wanted is None:
            return
        if wanted in self.available_themes:
            self.theme = wanted
            return
        line = self.settings.lines.get("theme")
        where = f"{self.settings.path}, line {line}" if line else "--theme"
        there = f"there is no theme {wanted!r}; there is {', '.join(sorted(self.available_themes))}; the default holds"
        self.settings = replace(self.settings, warnings=(*self.settings.warnings, f"{where}: {there}"))

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and ours."""
        found = super().get_css_variables()
        if self.current_theme.ansi:  # the terminal's own colours cannot be mixed
            return {
                **found,
                "ltg-edited": "ansi_magenta",
                "ltg-dim": "ansi_bright_black",
                "ltg-match": "ansi_yellow",
                "ltg-cursor": "ansi_blue",
                "ltg-cursor-off": "ansi_default",
            }
        back, front, primary = (Color.parse(found[name]) for name in ("background", "foreground", "primary"))
        return {
            **found,
            "ltg-edited": "#d787ff" if self.current_theme.dark else "#8700af",
            "ltg-dim": back.blend(front, 0.55).hex,  # mixed here: a component's style drops what shines through
            "ltg-match": back.blend(Color.parse(found["warning"]), 0.4).hex,
            "ltg-cursor": back.blend(primary, 0.45).hex,
            "ltg-cursor-off": back.blend(primary, 0.2).hex,
        }

    # The terminal comes and goes

    def _watch_app_focus(self, focus: bool) -> None:
        """Another window got the focus, or this one: nothing changes. Textual would take the focus from what is typed into."""

    async def on_event(self, event: Event) -> None:
        """Keys one after the other."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._typeahead.take(event)
        else:
            await super().on_event(event)

    def notify(self, message: str, **kwargs: Any) -> None:
        """Textual wants to say something: without a toast, which is 8 kB on the wire."""
        self.say(message)

    def say(self, text: str, look: str = "") -> None:
        """One line for the person."""

    def on_load(self) -> None:
        """The event loop is there: what would end the process ends the app first. What is ignored, as under nohup, stays so."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self._crashed(context.get("exception"), str(context.get("message"))))
        if threading.current_thread() is threading.main_thread():
            for number in ENDINGS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    loop.add_signal_handler(number, self._signalled, number)

    def on_mount(self) -> None:
        """Whoever had the terminal in between painted over it."""
        self.app_resume_signal.subscribe(self, lambda _: self.repaint())
        if not self.is_headless:
            self.set_interval(LOOK, self._look_at_terminal)

    def _look_at_terminal(self) -> None:
        """It may go without a signal: where that is ignored, or this is no session of its own."""
        if hung_up(0):
            self.told_to_end(signal.SIGHUP)

    def repaint(self) -> None:
        """Paint the whole screen anew."""
        self.painter.forget()
        self.screen.refresh(layout=True)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send what differs from what is on the terminal."""
        sent = self._running and not self._closed and not self._batch_count and not self.is_headless and self._driver is not None
        if sent and isinstance(renderable, CompositorUpdate):
            renderable = self.painter.less(renderable, tuple(self.size))
        super()._display(screen, renderable)

    def _signalled(self, number: int) -> None:
        hard = threading.Timer(PATIENCE, os._exit, [128 + number])
        hard.daemon = True
        hard.start()
        self.told_to_end(number)

    def told_to_end(self, number: int) -> None:
        """A signal asks to end, or the terminal is gone."""
        if number == signal.SIGHUP:
            _mute()
        self.rescue()
        self.exit(128 + number)

    # When something goes wrong

    def rescue(self) -> None:
        """The end is near: keep what is being typed."""

    def _fatal_error(self) -> None:
        """An exception that nobody foresaw: leave the terminal as it was, and name a private file that tells more."""
        self._crashed(sys.exc_info()[1])

    def panic(self, *renderables: object) -> None:
        """Likewise, where Textual wants to print something itself."""
        self._crashed(sys.exc_info()[1], "\n".join(map(str, renderables)))

    def _crashed(self, error: BaseException | None, more: str = "") -> None:
        if self.crash_report is None:  # what follows from the first one adds nothing
            told = "".join(traceback.format_exception(error)) if error is not None else traceback.format_exc()
            self.crash_report = crash_report(f"{more}\n{told}")
            with suppress(Exception):  # what is broken may be just that
                self.rescue()
        self._return_code = 1
        self._close_messages_no_wait()

    def thread_failed(self, args: threading.ExceptHookArgs) -> None:
        """A thread ended with an exception; it must not be printed over the screen."""
        if args.thread is not None and args.thread.name == "textual-output":  # the terminal is gone
            self.call_from_thread_soon(self.told_to_end, signal.SIGHUP)
            queue: Any = getattr(args.thread, "_queue")  # noqa: B009
            while queue.get() is not None:  # whoever waits to write goes on
                pass
        else:
            self.call_from_thread_soon(self._crashed, args.exc_value)

    def call_from_thread_soon(self, call: Any, *args: Any) -> None:
        """Call something in the event loop, without waiting for it."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(call, *args)


def hung_up(fd: int) -> bool:
    """Whether the other end of a terminal is gone."""
    poll = select.poll()
    poll.register(fd, 0)
    return any(happened & select.POLLHUP for _, happened in poll.poll(0))


def show(app: TerminalApp) -> int:
    """Run an app on this terminal and leave it as it was, whatever happens. Returns the exit code."""
    with _restored(), _watched(app):
        try:
            code = app.run(mouse=app.settings.mouse is not False)
        except KeyboardInterrupt:
            return 130
        except Exception as error:  # before its first screen, or after its last
            app._crashed(error)
            code = 3
    if app.crash_report is not None:
        with suppress(OSError):
            sys.stdout.write(LEAVE)
            sys.stdout.flush()
        print(app.crash_report, file=sys.stderr)
        return 3
    return code or 0


def _mute() -> None:
    """Write to nowhere from now on: a terminal that is gone fails each write, at the latest when Python ends."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)


@contextmanager
def _restored() -> Iterator[None]:
    """The terminal's modes are afterwards as they were before."""
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):
            if termios.tcgetattr(0) != before:
                termios.tcsetattr(0, termios.TCSANOW, before)


@contextmanager
def _watched(app: TerminalApp) -> Iterator[None]:
    """What ends in a thread, or cannot be raised, goes to the app's report, and not to the screen."""
    of_threads, unraisable = threading.excepthook, sys.unraisablehook
    threading.excepthook = app.thread_failed
    sys.unraisablehook = lambda args: None  # nobody can do anything about it, and it may name what is private
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = of_threads, unraisable
