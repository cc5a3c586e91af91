"""What all tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from programs import Lab
from servers import ChatServer

# Tests that run in the background of a shell, or under nohup, would hand that on: no program they start could be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# How fast a machine is decides nothing, and a test fails because of a change, not of other dice.
# To look further: pytest --hypothesis-profile=dice --hypothesis-seed=7
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("dice", settings.get_profile("steady"), derandomize=False, max_examples=1000)
settings.load_profile("steady")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: many tests wait for other programs."""
    return (os.cpu_count() or 1) * 3 // 2


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """A test marked `anyio` runs on both event loops."""
    return str(request.param)


@pytest.fixture(scope="session")
def chat_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """A server that answers all tests of this process."""
    with ChatServer(tmp_path_factory.mktemp("chat-server") / "log.jsonl") as running:
        yield running


@pytest.fixture
def lab(tmp_path: Path, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A program in a file, its trace, and the server that it asks."""
    return Lab(tmp_path, chat_server, monkeypatch)
