"""`b`: the trace in a browser, too, by a server of its own that ends with us or sooner."""

from __future__ import annotations

import base64
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ltg_tui.app import DebuggerApp
from ltg_tui.io.server import WebServer

from .conftest import Opened, Screen
from .traces import review

pytestmark = pytest.mark.anyio


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    review(tmp_path / "t.json").store.close()
    return tmp_path / "t.json"


@pytest.fixture(autouse=True)
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a screen."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ends by itself may take its time to."""
    monkeypatch.setattr("ltg_tui.io.server.PATIENCE", 60.0)


def address(text: str) -> str:
    """The address on the screen, which may go on in the next row."""
    found = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+", re.sub(r"[│┃▌▐]|\s+", "", text))
    assert found is not None, text
    return found[0].split("Fromanother")[0]


def asked(app: DebuggerApp) -> tuple[int, str]:
    """What the server answers to the address, and its policy."""
    assert app.serving._address is not None
    with urllib.request.urlopen(app.serving._address.url, timeout=60) as answer:
        return answer.status, answer.read().decode()


def ended(server: WebServer | None) -> bool:
    return server is not None and not server.running


async def begun(screen: Screen) -> str:
    await screen.press("b")
    return await screen.until("From another machine")


async def test_a_server_is_started_and_told_where_it_is(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await begun(screen)
        url = screen.app.serving._address
        assert url is not None
        assert address(text) == url.url
        assert re.search(r"ssh -L \d+:127\.0\.0\.1:\d+ ", text)
        status, page = asked(screen.app)
        assert (status, "ltg-trace" in page) == (200, True)
        for key, copied in (("y", url.url), ("Y", url.forward)):
            sent: list[str] = []
            screen.app._driver.write = sent.append  # type: ignore[method-assign, union-attr]
            assert "copied" in await screen.press(key)
            assert f"\x1b]52;c;{base64.b64encode(copied.encode()).decode()}\x07" in sent


async def test_b_again_tells_where_it_is_and_ends_it(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await begun(screen)
        server, at = screen.app.serving._server, screen.app.serving._address
        await screen.press("escape")
        assert not ended(server)
        assert "From another machine" in await screen.press("b")
        await screen.press("b")
        await screen.until("the web viewer has ended")
        assert server is not None
        assert at is not None
        assert server._process.returncode == 0
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(at.url, timeout=5)
        await begun(screen)
        assert screen.app.serving._server is not server


async def test_it_ends_with_the_debugger(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await begun(screen)
        server = screen.app.serving._server
        await screen.press("escape", "q")
    assert server is not None
    assert server._process.returncode == 0


async def test_without_the_extra_one_line_says_what_to_install(
    debugger: Opened, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "starlette.py").write_text("raise ModuleNotFoundError('no starlette', name='starlette')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without"))
    async with debugger(trace, size=(120, 24)) as screen:
        await screen.press("b")
        await screen.until("the viewer's server is not installed; pip install 'llmtaskgraph[web]'")
        assert screen.app.serving._server is None
        assert screen.app.screen is screen.app.main


async def test_a_server_that_dies_is_told_of_and_can_be_started_again(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await begun(screen)
        server = screen.app.serving._server
        assert server is not None
        await screen.press("escape")
        server._process.kill()
        await screen.until("the web viewer: it ended with -9")
        await begun(screen)


async def test_nothing_comes_over_what_a_person_types(debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with debugger(trace) as screen:
        with monkeypatch.context() as patch:
            patch.setattr(WebServer, "address", lambda server: None)  # it listens only when there is something typed
            await screen.press("b", "slash", "j")
        await screen.when(lambda: screen.app.serving._address is not None)
        await screen.settled()
        assert screen.app.screen is screen.app.main
        assert "From another machine" not in await screen.press("escape", "escape")
        assert "From another machine" in await screen.press("b")


async def test_where_there_is_a_browser_it_is_opened(
    debugger: Opened, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{seen}\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("SSH_CONNECTION")
    async with debugger(trace) as screen:
        await screen.press("b")
        await screen.until("It was opened in your browser.")
        await screen.when(lambda: seen.exists() and seen.read_text())
        assert screen.app.serving._address is not None
        assert seen.read_text() == screen.app.serving._address.url


async def test_the_page_may_edit_nothing(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await begun(screen)
        url = screen.app.serving._address
        assert url is not None
        origin, token = url.url.split("/?token=")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Origin": origin}
        body = b'{"run":1,"task":"main","stage":"output","text":"1"}'
        request = urllib.request.Request(f"{origin}/api/edit", data=body, headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=60)
        assert refused.value.code == 403
        refused.value.close()
