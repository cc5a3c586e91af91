"""Who may ask: every request is judged here, before anything else looks at it.

The decision is a pure function of the request's method, path, query and headers. A page of somebody else's cannot pass: it knows
no token, cannot leave out or forge `Origin` and `Sec-Fetch-Site`, and if its name was made to point here, sends it as `Host`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST: Final = 64 * 1024 * 1024
"""Bytes that a request may bring."""

HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
"""What every response says."""

_ONCE: Final = (b"host", b"origin", b"sec-fetch-site", b"authorization", b"content-type", b"content-length")
_NOT_LET_IN: Final = "refused: open the address that `ltg web` printed, with its token; only the page that it gives may ask"


class Refusal(NamedTuple):
    """Why a request is not let in, in one line that says what to do."""

    status: int
    text: str


@dataclass(frozen=True)
class Guard:
    """What the server is reached by.

    Attributes:
        port: that it listens on.
        token: the secret of this server.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def refusal(self, method: str, path: str, query: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
        """Why a request is refused; None for one that is let in.

        Args:
            method: in capitals.
            path: decoded, without the query.
            query: what follows the question mark, as it came.
            headers: their names in small letters.
        """
        found: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in found and name in _ONCE:
                return Refusal(403, _NOT_LET_IN)
            found[name] = value
        page = method == "GET" and path == "/"
        return self._place(found, page) or self._secret(found, page, query) or _form(method, found)

    def _place(self, headers: dict[bytes, bytes], page: bool) -> Refusal | None:
        host, origin, site = headers.get(b"host", b""), headers.get(b"origin"), headers.get(b"sec-fetch-site")
        if host not in self._hosts:
            there = f"http://127.0.0.1:{self.port}"
            return Refusal(403, f"refused: this server is {there}; from elsewhere: ssh -L {self.port}:127.0.0.1:{self.port} HOST")
        sites = (None, b"same-origin", b"none") if page else (None, b"same-origin")
        return None if origin in (None, b"http://" + host) and site in sites else Refusal(403, _NOT_LET_IN)

    @property
    def _hosts(self) -> set[bytes]:
        names = ("127.0.0.1", "localhost", "[::1]")
        return {f"{name}{end}".encode() for name in names for end in (f":{self.port}", *([""] if self.port == 80 else []))}

    def _secret(self, headers: dict[bytes, bytes], page: bool, query: bytes) -> Refusal | None:
        given, wanted = (query, "token=") if page else (headers.get(b"authorization", b""), "Bearer ")
        right = hmac.compare_digest(given, f"{wanted}{self.token}".encode())
        return None if right else Refusal(403, _NOT_LET_IN)


def _form(method: str, headers: dict[bytes, bytes]) -> Refusal | None:
    """What is wrong with a request of one who may ask."""
    if b"upgrade" in headers:
        return Refusal(400, "refused: this server speaks plain HTTP only; there is nothing to upgrade to")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length[:20]) > LARGEST:
        return Refusal(413, f"refused: a request may bring up to {LARGEST:,} bytes; send less")
    if method != "POST":
        return None
    if b"origin" not in headers and headers.get(b"sec-fetch-site") != b"same-origin":
        return Refusal(403, _NOT_LET_IN)
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return None if kind == b"application/json" else Refusal(415, "refused: say Content-Type: application/json")


class Guarded:
    """An application behind the guard. It also sees to the headers of every response, and that no error tells what it was about.

    Args:
        app: that is guarded.
        guard: decides.
        failed: told of an error of ours, by its type and place; never with a value.
    """

    def __init__(self, app: App, guard: Guard, failed: Callable[[str], None]) -> None:
        self._app, self._guard, self._failed = app, guard, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                kept = [(name, value) for name, value in message.get("headers", ()) if name not in dict(HEADERS)]
                message["headers"] = [*kept, *HEADERS]
            await send(message)

        refusal = self._guard.refusal(scope["method"], scope["path"], scope["query_string"], scope["headers"])
        if refusal is not None:
            await _refuse(refusal, answer)
            return
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            self._failed(place(error))
            if not began:
                await _refuse(Refusal(500, "the server failed; what it printed says where"), answer)


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = f"{refusal.text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if refusal.status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def place(error: BaseException) -> str:
    """`KeyError at app.py:12`: what happened and where, and nothing of the values that it happened with."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = f" at {step.tb_frame.f_code.co_filename.rpartition('/')[2]}:{step.tb_lineno}" if step is not None else ""
    return f"{type(error).__name__}{where}"
