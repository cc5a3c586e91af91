"""Who is let in: the page that the server gave, and nobody else. Whoever is refused has changed nothing."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tui.traces import review

from llmtaskgraph import state_folder
from llmtaskgraph.web.guard import LARGEST, Guard

from .conftest import Served, serving
from .raw_requests import EDIT, RAW, UNANSWERED

PORT = 4321
TOKEN = "the-token"
GUARD = Guard(PORT, TOKEN)

HOSTS = [
    "", "evil.example", "evil.example:4321", "127.0.0.1", "127.0.0.1:4322", "127.0.0.1:04321",
    "localhost.evil.example:4321", "127.0.0.1:4321.evil.example", "user@127.0.0.1:4321", "0.0.0.0:4321", "127.1:4321",
    "::1:4321", " 127.0.0.1:4321", "LOCALHOST:4321",
]  # fmt: skip
ORIGINS = [
    "null", "", "http://evil.example", "https://127.0.0.1:4321", "http://127.0.0.1", "http://127.0.0.1:4322",
    "http://localhost:4321", "http://127.0.0.1:4321/", "file://", "http://127.0.0.1:4321.evil.example",
    "chrome-extension://abc",
]  # fmt: skip
SITES = ["cross-site", "same-site", "", "None", "same-origin, cross-site"]
TOKENS = [
    "", "Bearer", "Bearer ", "Bearer wrong", "Bearer the-toke", "Bearer the-token ", "bearer the-token", "Basic the-token",
    "the-token", "Bearer the-token, Bearer the-token", "Token the-token",
]  # fmt: skip
TYPES = [
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "text/plain; application/json", "application/jsonp",
]  # fmt: skip
PATHS = ["/", "/api/trace", "/api/events", "/api/edit", "/api/resume", "/nowhere"]
METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"]


class Asked(NamedTuple):
    """A request that is refused for one reason."""

    why: str
    method: str
    target: str
    headers: dict[str, str]
    status: int = 403

    @property
    def refusal(self) -> int | None:
        """What the guard says."""
        path, _, query = self.target.partition("?")
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        found = GUARD.refusal(self.method, path, query.encode(), headers)
        return None if found is None else found.status


def good(method: str, path: str) -> Asked:
    """A request that is let in."""
    headers = {"Host": f"127.0.0.1:{PORT}", "Origin": f"http://127.0.0.1:{PORT}", "Sec-Fetch-Site": "same-origin"}
    if (method, path) == ("GET", "/"):
        return Asked("", method, f"/?token={TOKEN}", {"Host": headers["Host"], "Sec-Fetch-Site": "none"})
    if method == "POST":
        headers["Content-Type"] = "application/json"
    return Asked("", method, path, {**headers, "Authorization": f"Bearer {TOKEN}"})


def cases() -> Iterator[Asked]:
    """Each with one thing wrong, on every path that matters."""
    wrong: list[tuple[str, list[str], int]] = [
        ("Host", HOSTS, 403),
        ("Origin", ORIGINS, 403),
        ("Sec-Fetch-Site", SITES, 403),
        ("Authorization", TOKENS, 403),
    ]
    for (method, path), (name, values, status) in itertools.product(
        [("GET", "/"), ("GET", "/api/trace"), ("GET", "/api/events"), ("POST", "/api/edit"), ("POST", "/api/resume")], wrong
    ):
        right = good(method, path)
        for value in values:
            if name == "Authorization" and path == "/":
                continue
            yield Asked(f"{name}: {value!r}", method, right.target, {**right.headers, name: value}, status)
    for target in (
        "/",
        "/?token=",
        "/?token=wrong",
        f"/?token={TOKEN}x",
        f"/?Token={TOKEN}",
        f"/?token={TOKEN}&token={TOKEN}",
        f"/?a=b&token={TOKEN}",
    ):
        yield Asked("token of the page", "GET", target, good("GET", "/").headers)
    for method, path in itertools.product(METHODS, PATHS):
        right = good(method, path)
        without = {name: value for name, value in right.headers.items() if name != "Authorization"}
        yield Asked("no token", method, path, without)
        if path != "/":
            yield Asked("token in the query", method, f"{path}?token={TOKEN}", without)
            yield Asked("from an address line", method, right.target, {**right.headers, "Sec-Fetch-Site": "none"})
    for path in ("/api/edit", "/api/revert", "/api/again", "/api/plan", "/api/resume", "/api/stop"):
        right = good("POST", path)
        for kind in TYPES:
            yield Asked(f"a form of {kind!r}", "POST", path, {**right.headers, "Content-Type": kind}, 415)
        bare = {name: value for name, value in right.headers.items() if name not in ("Origin", "Sec-Fetch-Site")}
        yield Asked("neither Origin nor Sec-Fetch-Site", "POST", path, bare)
        yield Asked("a body too large", "POST", path, {**right.headers, "Content-Length": str(LARGEST + 1)}, 413)
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "x" * 22 + "==",
        "Sec-WebSocket-Version": "13",
    }
    for path in PATHS:
        right = good("GET", path)
        yield Asked("an upgrade", "GET", right.target, {**right.headers, **upgrade}, 400)
        yield Asked("a foreign upgrade", "GET", right.target, {**right.headers, **upgrade, "Origin": "http://evil.example"})


CASES = list(cases())


def test_there_are_at_least_200_cases() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.target} {case.why}")
def test_a_request_with_one_thing_wrong_is_refused(case: Asked) -> None:
    assert case.refusal == case.status


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("name", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}"])
def test_the_page_is_let_in_under_each_name_of_this_machine(path: str, method: str, name: str) -> None:
    asked = good(method, path)
    headers = {key: value.replace(f"127.0.0.1:{PORT}", name) for key, value in asked.headers.items()}
    assert asked._replace(headers=headers).refusal is None


@pytest.mark.parametrize("name", ["host", "origin", "sec-fetch-site", "authorization", "content-type", "content-length"])
def test_a_header_that_comes_twice_is_refused_even_if_both_are_right(name: str) -> None:
    asked = good("POST", "/api/edit")
    headers = [(key.lower().encode(), value.encode()) for key, value in {**asked.headers, "Content-Length": "2"}.items()]
    twice = [*headers, *(pair for pair in headers if pair[0] == name.encode())]
    assert GUARD.refusal("POST", "/api/edit", b"", headers) is None
    found = GUARD.refusal("POST", "/api/edit", b"", twice)
    assert found is not None
    assert found.status == 403


def test_whoever_has_no_token_is_told_the_same_whatever_the_path_and_the_method() -> None:
    told = {GUARD.refusal(method, path, b"", [(b"host", b"127.0.0.1:4321")]) for method in METHODS for path in PATHS}
    assert len(told) == 1


def test_each_server_has_a_token_of_its_own_of_256_bits() -> None:
    tokens = {Guard(1).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)
    assert all(token not in repr(Guard(1, token)) for token in tokens)


# The same against a server


class Watched(NamedTuple):
    """A server, and what it must not change."""

    served: Served
    trace: Path
    before: bytes


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("guarded")
    trace = folder / "trace.json"
    review(trace).store.close()
    served = serving([], trace, "--allow-edit", cwd=folder)
    yield Watched(served, trace, trace.read_bytes())
    served.close()


@pytest.fixture
def guarded(watched: Watched) -> Iterator[Served]:
    """It is as it was, whatever was asked: the same files, no process."""
    yield watched.served
    assert watched.trace.read_bytes() == watched.before
    assert [path.name for path in watched.trace.parent.iterdir()] == ["trace.json"]
    assert watched.served.children() == []
    assert watched.served.process.poll() is None


def real(text: str, served: Served) -> str:
    return text.replace(str(PORT), str(served.port)).replace(TOKEN, served.token)


def real_value(name: str) -> str:
    return {"Host": f"127.0.0.1:{PORT}", "Authorization": f"Bearer {TOKEN}"}.get(name, "")


def test_every_case_is_refused_by_a_server_and_nothing_is_done(guarded: Served) -> None:
    wrong = []
    for case in CASES:
        if any(value != value.strip() and value.strip() == real_value(name) for name, value in case.headers.items()):
            continue  # white space around a value is no part of it
        headers = {name: real(value, guarded) for name, value in case.headers.items()}
        body = json.dumps(EDIT).encode() if case.method == "POST" and case.status != 413 else None
        found = guarded.request(case.method, real(case.target, guarded), headers, body)
        if case.headers.get("Host") == "" and found.status == 400:
            continue
        if found.status != case.status or "access-control-allow-origin" in found.headers or found.text.count("\n") > 1:
            wrong.append((case, found.status, found.text))
    assert wrong == []


@pytest.mark.parametrize("name", RAW)
def test_bytes_that_a_client_library_would_not_send_get_nothing(guarded: Served, name: str) -> None:
    text = RAW[name]
    text = text if "\n\n" in text else f"{text}\n\n"
    data = text.replace("HOST", guarded.host).replace("TOKEN", guarded.token).replace("\n", "\r\n").encode("latin-1")
    found = guarded.raw(data, patience=1 if name in UNANSWERED else 60)
    statuses = [line.split()[1] for line in found.splitlines() if line.startswith(b"HTTP/1.")]
    assert statuses or name in UNANSWERED
    assert all(status in (b"400", b"403", b"404", b"405", b"415", b"431") for status in statuses), found
    assert b"llmtaskgraph/1" not in found
    assert b"access-control" not in found.lower()
    assert guarded.token.encode() not in found


TRAVERSALS = [
    "/../trace.json", "/%2e%2e/trace.json", "/..%2ftrace.json", "/api/../../trace.json", "//etc/passwd",
    "/api/task/../../x", "/./", "/editor.js/..%2f..%2fetc/passwd", "/%00", "/api/task/%2e%2e%2f1",
    "/api/task_run/1/../../../etc/passwd", "\\..\\trace.json", "http://evil.example/api/trace", "/static/../viewer.html",
    "/api/trace/", "/API/TRACE", "/trace.json", "/.env",
]  # fmt: skip


@pytest.mark.parametrize("target", TRAVERSALS)
def test_no_path_leads_to_a_file(guarded: Served, target: str) -> None:
    request = (
        f"GET {target} HTTP/1.1\r\nHost: {guarded.host}\r\nAuthorization: Bearer {guarded.token}\r\nConnection: close\r\n\r\n"
    )
    found = guarded.raw(request.encode())
    assert found.split()[1] in (b"400", b"404"), found
    assert b"root:" not in found
    assert b"llmtaskgraph/1" not in found


@pytest.mark.parametrize(
    ("method", "target"), [("POST", "/api/trace"), ("GET", "/api/edit"), ("PUT", "/api/edit"), ("HEAD", "/api/events")]
)
def test_the_wrong_method_is_405(guarded: Served, method: str, target: str) -> None:
    asked = good(method, target)
    headers = {**{name: real(value, guarded) for name, value in asked.headers.items()}, "Content-Type": "application/json"}
    assert guarded.request(method, target, headers, b"{}" if method != "HEAD" else None).status == 405


def test_a_body_without_a_length_is_cut_off_when_it_is_too_large(guarded: Served) -> None:
    head = (
        f"POST /api/edit HTTP/1.1\r\nHost: {guarded.host}\r\nOrigin: http://{guarded.host}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {guarded.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=20) as connection:
        connection.sendall(head.encode())
        try:
            for _ in range(LARGEST // 0x100000 + 2):
                connection.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert b" 413 " in connection.recv(200).splitlines()[0] + b" "


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"run": "1"}', b'{"run": 1}', json.dumps({**EDIT, "more": 1}).encode(), b"[" * 100_000, b"\xff",
     json.dumps({**EDIT, "stage": "children"}).encode(), b'{"run":1,"task":"\\ud800","stage":"output","text":""}', b"9" * 5_000],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_422(guarded: Served, body: bytes) -> None:
    found = guarded.post("/api/edit", body)
    assert (found.status, list(found.json)) == (422, ["error"])


def test_every_answer_forbids_what_a_page_does_not_need(guarded: Served) -> None:
    page = guarded.request("GET", f"/?token={guarded.token}", {"Host": guarded.host})
    for answer in (
        page,
        guarded.get("/api/trace"),
        guarded.get("/nowhere"),
        guarded.request("GET", "/", {"Host": "evil.example"}),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["x-frame-options"] == "DENY"
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("; frame-ancestors 'none'")


def test_nothing_is_edited_or_run_unless_that_was_allowed(tmp_path: Path, serve: Any) -> None:
    trace = tmp_path / "trace.json"
    review(trace).store.close()
    before = trace.read_bytes()
    served = serve(trace)
    bodies = {"edit": EDIT, "revert": {}, "again": {}, "resume": {"run": 1, "consent": True}, "stop": {}}
    answers = [served.post(f"/api/{what}", body) for what, body in bodies.items()]
    assert [(answer.status, list(answer.json)) for answer in answers] == [(403, ["error"])] * 5
    assert served.get("/api/trace").json["server"]["can_edit"] is False
    assert trace.read_bytes() == before
    assert served.children() == []
    assert list(state_folder().glob("run-*")) == []
