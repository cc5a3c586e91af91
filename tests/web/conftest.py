"""`ltg web` as a process, and what a page asks of it."""

from __future__ import annotations

import gc
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph.web.hub import Hub

Serve = Callable[..., "Served"]


class Answer:
    """What the server answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Events:
    """An event stream that is open."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response

    def next(self, name: str | None = None) -> tuple[str, str, Any]:
        """The next event, or the next of that name: its name, its id, its data."""
        patience = time.monotonic() + 60
        while True:
            assert time.monotonic() < patience
            found: dict[str, str] = {}
            for line in iter(self._line, ""):
                field, _, value = line.partition(": ")
                found[field] = value
            if "event" in found and name in (None, found["event"]):
                return found["event"], found.get("id", ""), json.loads(found["data"])

    def _line(self) -> str:
        line = self._response.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\n")

    def close(self) -> None:
        self._response.close()
        self._connection.close()


class Served:
    """A server, and a page that knows its address."""

    def __init__(self, process: subprocess.Popen[str], told: dict[str, Any]) -> None:
        self.process, self.told = process, told
        self.port: int = told["port"]
        self.token: str = told["url"].partition("?token=")[2]
        self.host = f"127.0.0.1:{self.port}"
        self._streams: list[Events] = []

    def request(self, method: str, target: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        """A request with just these headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in headers:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, target: str, **headers: str) -> Answer:
        """What the page gets."""
        return self.request("GET", target, {"Host": self.host, "Authorization": f"Bearer {self.token}", **headers})

    def post(self, target: str, body: Any) -> Answer:
        """What the page sends."""
        headers = {
            "Host": self.host,
            "Origin": f"http://{self.host}",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        return self.request("POST", target, headers, body if isinstance(body, bytes) else json.dumps(body).encode())

    def events(self, last: str | None = None) -> Events:
        """An event stream."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", **({"Last-Event-ID": last} if last is not None else {})}
        connection.request("GET", "/api/events", headers=headers)
        response = connection.getresponse()
        assert response.status == 200
        assert response.readline() == b": still here\n"
        self._streams.append(Events(connection, response))
        return self._streams[-1]

    def close(self) -> None:
        """Let go of all that is open."""
        for stream in self._streams:
            stream.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def raw(self, data: bytes, *, patience: float = 60) -> bytes:
        """What is answered to these bytes, until the connection closes or, after something came, nothing comes for a while.

        Args:
            patience: seconds that the first byte may take.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            connection.sendall(data)
            found = b""
            try:
                while chunk := connection.recv(65536):
                    found += chunk
                    connection.settimeout(1)
            except (TimeoutError, ConnectionResetError):
                pass
            return found

    def children(self) -> list[int]:
        """The processes that it started and that still are."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [int(word) for word in found.stdout.split()]

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it. Returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


def start(*words: object, first: str = "", **given: Any) -> subprocess.Popen[str]:
    """`ltg` as a process, after other code if there is any."""
    code = (
        ["-c", f"{first}\nfrom llmtaskgraph.cli import main\nraise SystemExit(main())"] if first else ["-m", "llmtaskgraph.cli"]
    )
    command = [sys.executable, *code, *map(str, words)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, **{"stdout": pipe, "stderr": pipe, "stdin": subprocess.DEVNULL, "text": True, **given})


def serving(servers: list[Served], trace: Path, *words: object, **given: Any) -> Served:
    """A server that has begun, and is noted."""
    process = start("web", trace, "--json", "--no-open", *words, **given)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AssertionError(process.communicate(timeout=10))
    servers.append(Served(process, json.loads(line)))
    return servers[-1]


FOREVER = """
import uvicorn
from llmtaskgraph.web import serve
config = uvicorn.Config
uvicorn.Config = lambda *args, **given: config(*args, **{**given, "timeout_graceful_shutdown": 3600})
"""
"""A server to whose end no limit leads: it ends only if it lets go of all that is open."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers, which end with the test."""
    servers: list[Served] = []
    yield partial(serving, servers)
    for served in servers:
        served.close()


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Hub]]:
    """Opens traces as a server does, without one."""
    hubs: list[Hub] = []

    def open(path: Path) -> Hub:
        hubs.append(Hub.open(path))
        return hubs[-1]

    yield open
    for hub in hubs:
        hub.end()
        if hub.follower is not None:
            hub.follower.close()
    gc.unfreeze()  # a server never frees what it read; what is imported later looks for what refers to it


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a state of its own and no keys."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LTG_OFFLINE_SPEED", "0")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    return folder
