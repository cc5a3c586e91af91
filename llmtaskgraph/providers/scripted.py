"""A scripted model for `--offline`: the real SDK, over a transport that never leaves the process.

Everything but the network is what a paid run goes through: the SDK, streaming, faults, retries, tokens. Answers come
from a script (see _script.py) and cost nothing.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import anyio
import msgspec

from .._chat import Request
from .._values import digest
from . import openai
from ._faults import Place
from ._script import Reply, Rule, Script, load_script, script_path
from ._spoken import Spoken

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_REMEDY = "add a rule to the script, or run without --offline"

__all__ = ["Provider", "Script", "load_script", "script_path"]


class Provider(openai.Provider):
    """Answers by a script.

    Args:
        script: from `load_script`.
        speed: multiplies the pace of all answers; 0 is no pacing at all. Default: $LTG_OFFLINE_SPEED, else 1.
        options: those of `llmtaskgraph.providers.openai.Provider`.
    """

    def __init__(self, script: Script, *, speed: float | None = None, **options: Any) -> None:
        super().__init__("http://offline.invalid/v1", "offline", **options)
        self.script = script
        self.speed = _speed() if speed is None else speed
        self._desk = _Desk(script)

    def _headers(self, request: Request) -> Mapping[str, str]:
        return {"x-ltg-task": quote(request.task), "x-ltg-sample": str(request.sample)}

    def _place(self, client: AsyncOpenAI, model: str) -> Place:
        return Place(model, f"{self.script.name} (--offline)", remedies={"request": _REMEDY})

    def _priced(self, base_url: str) -> bool:
        return False

    def _new_http_client(self) -> httpx2.AsyncClient:
        import httpx2

        return httpx2.AsyncClient(transport=_transport(self._desk, self.speed), timeout=None, trust_env=False)


def _speed() -> float:
    try:
        return max(0.0, float(os.environ.get("LTG_OFFLINE_SPEED") or 1))
    except ValueError:
        return 1.0


class _Ask(msgspec.Struct, frozen=True):
    """One send, as the scripted model sees it."""

    prompt: str
    task: str
    sample: int
    model: str
    stream: bool

    @property
    def key(self) -> tuple[str, str, int, str]:
        return self.prompt, self.task, self.sample, self.model


class _Desk:
    """Chooses the reply for each send.

    A send that fails and is made again by its task gets the same reply again, so retries do not change who is answered
    what. The count rises with each answer that was begun.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._answered: Counter[object] = Counter()
        self._failed: Counter[object] = Counter()
        self._promised: dict[object, int] = {}

    def choose(self, ask: _Ask) -> tuple[Rule, Reply, dict[str, str], bool] | None:
        """The rule, its reply, the substitutions, and whether its fault strikes; or None: no rule fits."""
        found = self._script.find(ask.prompt, ask.task, ask.model)
        if found is None:
            return None
        number, groups = found
        rule = self._script.rules[number]
        index = self._promised.get(ask.key)
        if index is None:
            index = self._promised[ask.key] = self._index(number, rule, ask)
        reply: Reply = rule.replies[index % len(rule.replies)]
        failing = reply.fails(self._failed[ask.key])
        if failing:
            self._failed[ask.key] += 1
        else:
            del self._promised[ask.key], self._failed[ask.key]
        return rule, reply, groups, failing

    def _index(self, number: int, rule: Rule, ask: _Ask) -> int:
        if rule.by == "task":
            return _ordinal(ask.task) + ask.sample
        counted = (number,) if rule.by == "rule" else (number, ask.prompt, ask.sample, ask.model)
        self._answered[counted] += 1
        return self._answered[counted] - 1 + (ask.sample if rule.by == "prompt" else 0)


def _ordinal(task: str) -> int:
    """The number of a task among its equals: 0 for `fix`, 2 for `fix[2]`. Of one with a name, a number that stays the same."""
    if not task.endswith("]"):
        return 0
    last = task.rpartition("[")[2].removesuffix("]")
    return int(last) if last.isascii() and last.isdigit() else int(digest(task.encode())[:8], 16)


def _transport(desk: _Desk, speed: float) -> httpx2.AsyncBaseTransport:
    import httpx2

    class Stream(httpx2.AsyncByteStream):
        """Pieces with pauses. Not a generator: trio complains of those that are left before their end."""

        def __init__(self, pieces: list[tuple[float, bytes]], end: str = "") -> None:
            self._pieces, self._end = iter(pieces), end

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            pause, data = next(self._pieces, (0.0, b""))
            await anyio.sleep(pause)
            if not data and self._end == "stall":
                await anyio.sleep_forever()
            if not data:
                raise StopAsyncIteration
            return data

    class Transport(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            ask = _ask(json.loads(await request.aread()), request.headers)
            chosen = desk.choose(ask)
            if chosen is None:
                return httpx2.Response(400, json={"error": {"message": _no_rule(ask), "code": "no_rule"}})
            rule, reply, groups, failing = chosen
            fault = reply.fault if failing else None
            rate, delay = _pace(desk._script, rule, reply, speed)
            if fault == "drop":
                raise httpx2.RemoteProtocolError("dropped, as the script says")
            if fault == "html":
                return httpx2.Response(200, html="<html><body>Sign in, as the script says</body></html>")
            if fault is not None and (fault.isdigit() or fault == "quota"):
                await anyio.sleep(delay)
                return _failure(fault, reply.retry_after)
            spoken = Spoken(ask.model, ask.prompt, reply, groups)
            if not ask.stream:
                await anyio.sleep(delay + (spoken.output_tokens / rate if rate else 0))
                if fault == "stall":
                    await anyio.sleep_forever()
                if fault is not None:
                    return httpx2.Response(200, headers={"content-type": "application/json"}, content=b'{"choices": [oh')
                return httpx2.Response(200, json=spoken.whole())
            pieces = [(delay if i == 0 else pause, data) for i, (pause, data) in enumerate(spoken.events(rate))]
            if fault is not None:
                middle = 1 + (len(pieces) - 3) // 2
                pieces = pieces[:middle] + ([(0.0, b'data: {"choices": [oh\n\n')] if fault == "malformed" else [])
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Stream(pieces, fault or ""))

    def _failure(fault: str, retry_after: float | None) -> httpx2.Response:
        headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
        error = {"message": "as the script says", "code": "insufficient_quota" if fault == "quota" else None}
        return httpx2.Response(429 if fault == "quota" else int(fault), headers=headers, json={"error": error})

    return Transport()


def _ask(body: dict[str, Any], headers: Mapping[str, str]) -> _Ask:
    task, sample = unquote(headers.get("x-ltg-task", "")), int(headers.get("x-ltg-sample", "0"))
    return _Ask(_prompt(body["messages"]), task, sample, body["model"], bool(body.get("stream")))


def _prompt(messages: list[dict[str, Any]]) -> str:
    """The text of all messages, each on lines of its own."""
    texts = []
    for message in messages:
        content = message.get("content") or ""
        texts.append(content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content))
    return "\n".join(text for text in texts if text)


def _no_rule(ask: _Ask) -> str:
    start = " ".join(ask.prompt[:200].split())[:80]
    return f'no rule for {ask.task or "this task"}, whose prompt starts "{start}"'


def _pace(script: Script, rule: Rule, reply: Reply, speed: float) -> tuple[float, float]:
    """Tokens per second (0: at once) and the delay before the first."""
    if speed == 0:
        return 0.0, 0.0
    rate = next(r for r in (reply.tokens_per_second, rule.tokens_per_second, script.tokens_per_second) if r is not None)
    delay = next(d for d in (reply.delay, rule.delay, script.delay) if d is not None)
    return rate * speed, delay / speed
