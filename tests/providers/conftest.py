"""A chat server for the tests of this folder, and one send to it."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asking import Send, asking
from servers import ChatServer

from llmtaskgraph._chat import Delta, Message, Response
from llmtaskgraph.providers.openai import Provider, preload


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key or address of whoever runs the tests."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "LTG_OFFLINE_SPEED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def imported() -> None:
    """Importing the SDK takes as long as some of the deadlines here."""
    preload()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with ChatServer(tmp_path_factory.mktemp("server") / "log.jsonl") as running:
        yield running


@pytest.fixture
async def provider(server: ChatServer, anyio_backend: str) -> AsyncIterator[Provider]:
    """Streams that were left half-read would warn when they are collected."""
    made = Provider(server.base_url, "sk-very-secret", idle_timeout=60, timeout=120)
    yield made
    await made.aclose()
    gc.collect(1)


@pytest.fixture
async def hasty(server: ChatServer, anyio_backend: str) -> AsyncIterator[Provider]:
    """A provider with short deadlines, for answers that keep it waiting."""
    made = Provider(server.base_url, "sk-very-secret", idle_timeout=0.5, first_timeout=2, timeout=120)
    yield made
    await made.aclose()
    gc.collect(1)


@pytest.fixture
def ask(provider: Provider) -> Send:
    """Send a prompt; pieces of the answer go to `deltas`, if given."""

    return sends(provider)


@pytest.fixture
def ask_hastily(hasty: Provider) -> Send:
    """The same, with short deadlines."""
    return sends(hasty)


def sends(provider: Provider) -> Send:
    async def send(prompt: str | list[Message], deltas: list[Delta] | None = None, **fields: Any) -> Response:
        return await provider.send(asking(prompt, **fields), ([] if deltas is None else deltas).append)

    return send
