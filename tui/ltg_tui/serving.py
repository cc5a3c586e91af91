"""What the app does about the web viewer: start its server, say where it is, end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

from . import actions
from .io.server import Address, WebServer
from .model.at import At
from .screens.web import WebSheet

if TYPE_CHECKING:
    from .app import DebuggerApp

LOOK = 0.1
"""Seconds between two looks at the server."""


class Serving:
    """The web viewer of the trace on screen."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self._server: WebServer | None = None
        self._address: Address | None = None
        self._timer: Timer | None = None

    def do_web(self, at: At) -> None:
        """Open the web viewer; where it is open already, tell where."""
        if self._address is not None:
            self._show(self._address)
        elif self._server is None:
            self._start()
        else:
            self.app.say("the web viewer is starting")

    def _start(self) -> None:
        try:
            self._server = WebServer(self.app.session.path)
        except OSError as error:
            self.app.say(f"the web viewer cannot be started ({error.strerror or error})", "$text-error")
            return
        self.app.say("the web viewer is starting ...")
        self._timer = self.app.set_interval(LOOK, self._look)

    def _look(self) -> None:
        server = self._server
        if server is None:
            return
        if not server.running:
            self.app.say(f"the web viewer: {server.problem()}", "$text-error")
            self.end()
        elif self._address is None:
            self._address = server.address()
            if self._address is not None:
                self._listens(self._address)

    def _listens(self, address: Address) -> None:
        if self.app.engaged:
            self.app.say(f"the web viewer is ready: {actions.key('web')} tells where")
        else:
            self.app.say(f"the web viewer is open; {actions.key('web')} tells where, and ends it", "$text-success")
            self._show(address)

    def _show(self, address: Address) -> None:
        self.app.push_screen(WebSheet(address, self._ended))

    def _ended(self) -> None:
        self.end()
        self.app.say("the web viewer has ended")

    def end(self) -> None:
        """End the server, if there is one."""
        if self._timer is not None:
            self._timer.stop()
        if self._server is not None:
            self._server.end()
        self._server = self._address = self._timer = None
