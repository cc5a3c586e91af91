"""Makes what is not recorded: calls functions, in a thread or not, and again after a failure; sends requests; parses answers.

    task, arguments -> prompt, response, output; or `Failed`

The attempts are recorded here, with what is logged in them and what they answer; all else the engine records.
"""

from __future__ import annotations

import inspect
import time
from collections import deque
from functools import partial
from random import random
from typing import Any

import anyio
import msgspec
from msgspec import Raw

from . import _values
from ._chat import Message, Request
from ._context import Context
from ._errors import DuplicateTask, GraphError
from ._events import AttemptFailed, AttemptStarted, Failure, Log, Logged, Stage, StageName
from ._failure import failure
from ._function import Function
from ._graph import Task
from ._memo import Memo, Outputs
from ._messages import as_messages, check_messages
from ._registry import Functions
from ._retry import RetryPolicy, delay_any
from ._scope import Handle, Scope, current
from ._sending import GaveUp, Sender, caught
from ._store import MemoryStore, Store
from ._threads import Threads

_LOG_PERIOD = 0.05
"""Seconds between two writes of what running functions log."""


class Failed(Exception):
    """A task run cannot go on."""

    def __init__(self, task_run: int, failure: Failure) -> None:
        self.task_run, self.failure = task_run, failure
        super().__init__(failure.message)


class Maker:
    """Makes the stages of a run.

    Attributes:
        input: the graph's input, for contexts.
        logs: lines that are not recorded yet, with their task runs.

    Args:
        store: where it is recorded.
        functions: the code.
        sender: sends requests.
        memo: settings and keys.
        outputs: known outputs, from which arguments are read.
        threads: sync functions that may be under way at once.
    """

    def __init__(
        self,
        store: Store | MemoryStore,
        functions: Functions,
        sender: Sender,
        memo: Memo,
        outputs: Outputs,
        threads: int,
    ) -> None:
        self.input = b"null"
        self.logs: deque[tuple[int, Log]] = deque()
        self._store, self._functions, self._sender = store, functions, sender
        self._memo, self._outputs = memo, outputs
        self._threads = Threads(threads)
        self._may_log = anyio.Event()

    def close(self) -> None:
        """Let the threads go."""
        self._threads.close()

    # Functions

    async def call(self, task: Task, function: Function, args: list[Any], kwargs: dict[str, Any], scope: Scope | None) -> Any:
        """Call a function; what a graph function calls, is declared in the scope."""
        if task.type == "graph":
            token = current.set(scope)
            try:
                return function.call(*args, **kwargs)
            finally:
                current.reset(token)
        if task.timeout is None:
            return await self._await_call(function, args, kwargs)
        with anyio.CancelScope(deadline=anyio.current_time() + task.timeout):
            return await self._await_call(function, args, kwargs)
        raise TimeoutError(f"{task.id} took longer than {task.timeout:g} s")

    async def _await_call(self, function: Function, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if function.is_async:
            return await function.call(*args, **kwargs)
        result = await self._threads.run(partial(function.call, *args, **kwargs))
        return await result if inspect.iscoroutine(result) else result

    def surroundings(self, task: Task, task_run: int, function: Function) -> tuple[Scope | None, Context | None]:
        """Where a call may declare tasks, and its context: new for each call, since one may be left behind in its thread."""
        scope = Scope(task.id) if function.context is not None or task.type == "graph" else None
        return scope, self._context(task, task_run, scope) if function.context is not None else None

    async def call_again(
        self, task: Task, task_run: int, function: Function, context: Context | None, error: BaseException
    ) -> tuple[Any, Scope | None, Context | None]:
        """Call a function that failed until it does not, or may not be tried again.

        Raises:
            Failed: it may not.
        """
        policy = RetryPolicy(retries=task.retries or 0)
        attempt = 1
        while True:
            if context is not None:
                context.end()
            wait = delay_any(policy, attempt, error, random) if policy.retries else None
            failed = failure(error, made_by(task))
            if wait is None:
                raise Failed(task_run, failed) from None
            self._store.append(AttemptFailed(task_run, time.time(), failed, wait))
            self._store.flush()
            await anyio.sleep(wait)
            attempt += 1
            scope, context = self.surroundings(task, task_run, function)
            self._store.append(AttemptStarted(task_run, attempt, time.time()))
            self._store.flush()
            try:
                args, kwargs = function.read_arguments(task, self._outputs)
                if context is not None:
                    function.add_context(args, kwargs, context)
                return await self.call(task, function, args, kwargs, scope), scope, context
            except BaseException as again:
                error = caught(again)

    # The stages of an LLM task

    def prompt(self, task: Task, task_run: int, function: Function, arguments: str) -> Stage:
        """The prompt of a task.

        Raises:
            Failed: there is none.
        """
        try:
            args, kwargs = function.read_arguments(task, self._outputs)
            context = self._context(task, task_run, None) if function.context is not None else None
            if context is not None:
                function.add_context(args, kwargs, context)
            self._store.flush()
            messages = _values.encode(as_messages(function.call(*args, **kwargs), function.name))
            check_messages(messages, function.name)
            key = self._memo.code_key(task, arguments, context.reads if context is not None else "")
            return Stage(Raw(messages), key, "executed")
        except BaseException as error:
            raise Failed(task_run, failure(caught(error), "prompt")) from None

    async def respond(self, task: Task, task_run: int, function: Function, prompt: Stage) -> Stage:
        """The answer to a prompt; it is recorded.

        Raises:
            Failed: there is none.
        """
        settings = self._memo.settings(task)
        data = _values.canonical(prompt.value)
        try:
            provider, model = self._sender.provider_of(settings.model)
            messages = msgspec.json.decode(data, type=list[Message])
        except Exception as error:
            raise Failed(task_run, failure(error, "response")) from None
        request = Request(model, messages, settings.params, function.schema, function.tools, task.id, settings.sample)
        key = self._memo.response_key(task, data)
        try:
            return await self._sender.send(task, task_run, request, provider, key)
        except GaveUp as gave_up:
            raise Failed(task_run, failure(gave_up.error, "response")) from None

    def parse(self, task: Task, task_run: int, function: Function, response: Stage) -> Stage:
        """What a response stands for.

        Raises:
            Failed: it stands for nothing.
        """
        data = _values.canonical(response.value)
        try:
            output = _values.encode(function.parse(msgspec.json.decode(data, type=Message)))
        except BaseException as error:
            raise Failed(task_run, failure(caught(error), "output")) from None
        return Stage(Raw(output), self._memo.output_key(task, data), "executed")

    # Context and logs

    def _context(self, task: Task, task_run: int, scope: Scope | None) -> Context:
        def add(spec: Any) -> None:
            if not isinstance(spec, Handle):
                raise GraphError(f"add_task takes an LLMTask, PythonTask or TaskGraphTask, not {spec!r}")
            if spec.future is not None and spec.future._ltg_scope is scope:
                raise DuplicateTask(spec.future._ltg_task)
            spec.declare_in(scope, self._functions)  # type: ignore[attr-defined]

        self._may_log.set()
        sample = self._memo.settings(task).sample
        return Context(
            task.id, sample, self.input, add if scope is not None else None, lambda text, level: self._log(task_run, text, level)
        )

    async def record_logs(self) -> None:
        """Record what running functions log, until cancelled."""
        await self._may_log.wait()
        while True:
            await anyio.sleep(_LOG_PERIOD)
            if self.logs:
                self.drain_logs()
                self._store.flush()

    def _log(self, task_run: int, text: str, level: str) -> None:
        self.logs.append((task_run, Log(time.time(), text, level)))

    def drain_logs(self) -> None:
        """Record what functions have logged."""
        while self.logs:
            task_run, log = self.logs.popleft()
            found = self._store.state.task_runs.get(task_run)
            if found is not None and found.status == "running":
                self._store.append(Logged(task_run, log))


def made_by(task: Task) -> StageName:
    """The stage that a task's function makes."""
    return "children" if task.type == "graph" else "output"
