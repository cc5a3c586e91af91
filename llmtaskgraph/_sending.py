"""Sends to providers: limits, deadlines, retries, and the record of each attempt.

An attempt is on the journal, and on the disk, before the request is on the wire; its result is on the journal before anything
uses it. The limit of a provider is held only while sending, never while backing off. Text that streams in is put together and
recorded 20 times a second, so that neither the journal nor a reader of it holds up a stream.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import anyio
import anyio.to_thread
import msgspec
from msgspec import Raw

from . import _values
from ._chat import Delta, Message, Request, Response, Usage
from ._errors import GraphError, ProviderError, UnknownProvider, UnrecordableValue
from ._events import AttemptFailed, AttemptStarted, AttemptSucceeded, Event, ResponseStreamed, Stage
from ._failure import failure
from ._graph import Task
from ._retry import RetryPolicy, delay
from ._store import MemoryStore, Store
from .providers import Provider

DEFAULT_CONCURRENCY = 64
DEFAULT_TIMEOUT = 600.0
DEFAULT_IDLE_TIMEOUT = 120.0
_STREAM_PERIOD = 0.05


def caught(error: BaseException) -> BaseException:
    """What a user's function or provider raised, to be recorded. Called where it is caught.

    Raises:
        BaseException: it was not theirs: a cancellation, Ctrl-C, or the end of the event loop.
    """
    if isinstance(error, Exception):
        return error
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)) or _is_cancelled():
        raise error
    if isinstance(error, BaseExceptionGroup) and error.subgroup((KeyboardInterrupt, GeneratorExit)) is not None:
        raise error
    return error


def _is_cancelled() -> bool:
    if anyio.current_effective_deadline() == -math.inf:
        return True
    if not issubclass(anyio.get_cancelled_exc_class(), asyncio.CancelledError):
        return False
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


_RECORDED = msgspec.json.Decoder(tuple[Message, str | None, Usage | None, float | None])


def checked(response: Any, provider: str) -> Response:
    """What a provider gave back, as it will be read from a trace.

    Raises:
        TypeError: it is no response, or could not be read back.
    """
    if not isinstance(response, Response):
        raise TypeError(f"provider {provider!r} gave back {type(response).__name__}, not a Response")
    cost = response.cost if not isinstance(response.cost, float) or math.isfinite(response.cost) else None
    try:
        message, model, usage, cost = _RECORDED.decode(_values.encode([response.message, response.model, response.usage, cost]))
    except (msgspec.ValidationError, UnrecordableValue) as error:
        raise TypeError(f"provider {provider!r} gave back a Response that cannot be recorded: {error}") from None
    return Response(message, model, usage, cost, response.id)


class GaveUp(Exception):
    """The last attempt failed. `error` is why."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        super().__init__(type(error).__name__)


class Recorder:
    """Brings events to the journal, and the journal to the disk, without holding up the event loop."""

    def __init__(self, store: Store | MemoryStore) -> None:
        self.store = store
        self._streams: dict[int, tuple[list[str], list[str]]] = {}
        self._wake_stream = anyio.Event()
        self._wanted: anyio.Event | None = None
        self._wake_sync = anyio.Event()

    def write(self, event: Event) -> None:
        """Record an event, now."""
        self.store.append(event)
        self.store.flush()

    async def sync(self) -> None:
        """Wait until all that was written is on the disk. Many waiters share one sync."""
        if isinstance(self.store, MemoryStore):
            return
        if self._wanted is None:
            self._wanted = anyio.Event()
            self._wake_sync.set()
        await self._wanted.wait()

    async def syncing(self) -> None:
        """Serve `sync`, until cancelled."""
        while True:
            await self._wake_sync.wait()
            self._wake_sync = anyio.Event()
            served, self._wanted = self._wanted, None
            await anyio.to_thread.run_sync(self.store.sync)
            if served is not None:
                served.set()

    def stream(self, task_run: int, delta: Delta) -> None:
        """Take in a piece of an answer."""
        if not delta.content:  # content that is no text
            return
        if not self._streams:
            self._wake_stream.set()
        texts = self._streams.setdefault(task_run, ([], []))
        texts[delta.kind == "reasoning"].append(delta.content)

    async def streaming(self) -> None:
        """Record what streams in, until cancelled."""
        while True:
            await self._wake_stream.wait()
            self._wake_stream = anyio.Event()
            while self._streams:
                await anyio.sleep(_STREAM_PERIOD)
                self.flush()

    def flush(self) -> None:
        """Record all that has streamed in so far."""
        for task_run in list(self._streams):
            self.flush_stream(task_run)
        self.store.flush()

    def flush_stream(self, task_run: int) -> None:
        """Record what has streamed in for one task run."""
        text, reasoning = self._streams.pop(task_run, ([], []))
        if reasoning:
            self.store.append(ResponseStreamed(task_run, _values.clean_text("".join(reasoning)), "reasoning"))
        if text:
            self.store.append(ResponseStreamed(task_run, _values.clean_text("".join(text))))

    def drop_stream(self, task_run: int) -> None:
        """Forget what has streamed in for one task run: its whole answer is about to be recorded."""
        self._streams.pop(task_run, None)


class Sender:
    """Sends requests.

    Args:
        recorder: records the attempts.
        providers: by name.
        limits: concurrent sends by provider name, over what a provider says itself.
    """

    def __init__(self, recorder: Recorder, providers: Mapping[str, Provider], limits: Mapping[str, int] | None = None) -> None:
        self._recorder, self._providers = recorder, providers
        self._limits = dict(limits or {})
        self._limiters: dict[str, anyio.CapacityLimiter] = {}
        self._sending: dict[int, anyio.CancelScope] = {}

    def provider_of(self, model: str) -> tuple[str, str]:
        """Provider and model of `PROVIDER:MODEL`.

        Raises:
            UnknownProvider: there is no such provider.
        """
        name, colon, rest = model.partition(":")
        if not colon or not rest or name not in self._providers:
            raise UnknownProvider(model, list(self._providers))
        self._limiter(name)
        return name, rest

    async def send(self, task: Task, task_run: int, request: Request, provider: str, key: str) -> Stage:
        """Send until there is an answer, and record it. How often and how long is tried, the task says.

        Raises:
            GaveUp: the last attempt failed.
        """
        policy = RetryPolicy() if task.retries is None else RetryPolicy(retries=task.retries)
        limiter = self._limiter(provider)
        attempt = 0
        while True:
            attempt += 1
            async with limiter:
                self._recorder.write(AttemptStarted(task_run, attempt, time.time(), request.model))
                await self._recorder.sync()
                try:
                    response = await self._attempt(task, task_run, deepcopy(request), provider)
                    stage = Stage(Raw(_values.encode(response.message)), key, "executed")
                except BaseException as error:
                    failed = caught(error)
                else:
                    await self._succeeded(task_run, response, stage)
                    return stage
            wait = delay(policy, attempt, failed, random.random)
            self._failed(task_run, failed, wait)
            if wait is None:
                raise GaveUp(failed)
            await anyio.sleep(wait)

    async def _attempt(self, task: Task, task_run: int, request: Request, provider: str) -> Response:
        total = DEFAULT_TIMEOUT if task.timeout is None else task.timeout
        idle = DEFAULT_IDLE_TIMEOUT if task.idle_timeout is None else task.idle_timeout
        end = anyio.current_time() + total
        with anyio.CancelScope(deadline=end) as scope:

            def on_delta(delta: Delta) -> None:
                if not isinstance(delta, Delta) or not isinstance(delta.content, str):
                    raise TypeError(f"on_delta takes a Delta with text, not {delta!r}")
                if self._sending.get(task_run) is not scope:
                    return  # a stray piece of an attempt that is over
                scope.deadline = min(end, anyio.current_time() + idle)
                self._recorder.stream(task_run, delta)

            self._sending[task_run] = scope
            try:
                response = await self._providers[provider].send(request, on_delta)
                try:
                    return checked(response, provider)
                except TypeError:
                    self._keep_text(task_run, response)
                    raise
            finally:
                del self._sending[task_run]
        whole = anyio.current_time() >= end
        what = f"no answer within {total:g} s" if whole else f"no new text for {idle:g} s"
        raise ProviderError(
            f"{request.model}: {what}; raise the task's {'timeout' if whole else 'idle_timeout'}", fault="timeout"
        )

    async def _succeeded(self, task_run: int, response: Response, stage: Stage) -> None:
        self._recorder.drop_stream(task_run)
        finish_reason = response.message.finish_reason
        model, usage, cost = response.model, response.usage, response.cost
        self._recorder.write(AttemptSucceeded(task_run, time.time(), stage, model, finish_reason, usage, cost))
        await self._recorder.sync()

    def _keep_text(self, task_run: int, response: Any) -> None:
        """Record the text of an answer that cannot be recorded whole: it is paid for."""
        try:
            text = _values.clean_text(response.text)
        except Exception:  # it is no response at all
            return
        self._recorder.flush_stream(task_run)
        streamed = "".join(self._recorder.store.state.streaming.get(task_run, ([], []))[0])
        more = text.removeprefix(streamed)
        if more:
            self._recorder.write(ResponseStreamed(task_run, more))

    def _failed(self, task_run: int, error: BaseException, wait: float | None) -> None:
        self._recorder.flush_stream(task_run)
        if isinstance(error, ProviderError) and error.partial and task_run not in self._recorder.store.state.streaming:
            self._recorder.store.append(ResponseStreamed(task_run, _values.clean_text(error.partial)))
        self._recorder.write(AttemptFailed(task_run, time.time(), failure(error, "response"), wait))

    def _limiter(self, provider: str) -> anyio.CapacityLimiter:
        found = self._limiters.get(provider)
        if found is None:
            own = getattr(self._providers[provider], "max_concurrency", DEFAULT_CONCURRENCY)
            limit = self._limits.get(provider, own)
            if not isinstance(limit, int) or limit < 1:
                raise GraphError(f"provider {provider!r}: its limit of concurrent sends is a number from 1 on, not {limit!r}")
            found = self._limiters[provider] = anyio.CapacityLimiter(limit)
        return found
