"""`ltg web`: look at a trace in the browser, and follow it there."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from pathlib import Path

from . import terminal
from .failure import Environment
from .safe import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..web.guard import Guard


def command(args: argparse.Namespace) -> int:
    """Serve the viewer until it is ended. Returns the exit code."""
    try:
        from ..web.serve import Wanted, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn", "h11"):
            raise
        raise Environment("the viewer's server is not installed; pip install 'llmtaskgraph[web]' adds it") from None
    path = Path(args.trace)
    opens = not args.no_open and has_browser(os.environ, sys.platform)

    def began(guard: Guard) -> None:
        _tell(guard, path, opens, as_json=args.json)
        if opens:
            _open(guard.address)

    return serve(Wanted(path, began, terminal.note, args.allow_edit, args.port, args.until_eof))


def has_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Whether there is a browser on the screen that a person sits at."""
    if environment.get("SSH_CONNECTION"):
        return False
    return platform == "darwin" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _tell(guard: Guard, path: Path, opens: bool, *, as_json: bool) -> None:
    forward = f"ssh -L {guard.port}:127.0.0.1:{guard.port} {socket.gethostname()}"
    if as_json:
        told = {"url": guard.address, "port": guard.port, "pid": os.getpid(), "forward": forward, "opened": opens}
        print(json.dumps(told), flush=True)
        return
    print(guard.address, flush=True)
    if not opens:
        terminal.note(f"open this address; from another machine run there first: {forward}")
    if not path.exists():
        terminal.note(f"{one_line(str(path))} is not there yet: it is shown as soon as a run writes it")
    terminal.note("Ctrl-C ends it")


def _open(address: str) -> None:
    """Open the browser. Some take their time until they have started: nobody waits for that."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
