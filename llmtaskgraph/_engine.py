"""The shell around the pure parts: awaits, starts ready tasks, appends events.

    schedule.pop -> settle the task: take what is recorded, execute the rest -> append events -> schedule.succeed

Nothing waits for another task while it holds a worker: a graph task is settled in two steps, first its children, then, when they
are settled, its output.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property

import anyio
import anyio.abc
import anyio.lowlevel
import anyio.to_thread
import msgspec
from msgspec import Raw, structs

from . import _values
from ._errors import GraphError, OutputError, WrongArguments
from ._events import (
    Edit,
    EditName,
    Failure,
    Run,
    RunEnded,
    RunStarted,
    Stage,
    StageSettled,
    Status,
    TaskFailed,
    TaskKept,
    TasksAdded,
    TasksBlocked,
    TaskStarted,
    TaskSucceeded,
)
from ._failure import failure
from ._graph import Arg, Children, Task
from ._making import Failed, Maker, made_by
from ._memo import Later, Memo, Outputs, edited, reused, taken_over
from ._plan import Planner, effect_failure, holds, stands_for
from ._registry import Functions
from ._schedule import Schedule
from ._scope import Numbering, Scope
from ._sending import Recorder, Sender, caught
from ._state import TaskRun
from ._store import MemoryStore, Store
from ._workers import Workers

_TASKS_A_LINE = 500


class Engine:
    """One run.

    Args:
        store: where it is recorded.
        functions: the code.
        sender: sends requests.
        recorder: of the same store.
        run: the run to make; `edits` are those in force.
        workers: tasks that may be under way at once.
        threads: sync functions that may be under way at once.
        fail_fast: end the run at the first failed task.
    """

    def __init__(
        self,
        store: Store | MemoryStore,
        functions: Functions,
        sender: Sender,
        recorder: Recorder,
        run: Run,
        *,
        workers: int = 2000,
        threads: int = 40,
        fail_fast: bool = False,
    ) -> None:
        self.store, self.state, self.functions, self.run = store, store.state, functions, run
        self._recorder = recorder
        self._append, self._flush = store.append, store.flush
        self._facts = functions.facts(self.state.tasks.values())
        edits: dict[tuple[str, EditName], Edit] = {
            (edit.task, edit.stage): edit for edit in (self.state.edits[id] for id in run.edits)
        }
        self._memo = Memo(self.state, run.parent, self._facts, edits, model=run.model, scripted=run.scripted is not None)
        self._most_workers = workers
        self._fail_fast = fail_fast
        self._outputs = Outputs()
        self._maker = Maker(store, functions, sender, self._memo, self._outputs, threads)
        self._logs = self._maker.logs
        self._tasks: dict[str, Task] = {}
        self._kept: Mapping[str, TaskRun] = {}
        self._open: set[str] = set()
        self._late: set[str] = set()
        self._own = self.state.in_run(run.id)
        self._unchanged: dict[str, int] = {}
        self._next_task_run = max(self.state.task_runs, default=0) + 1
        self._closing: dict[str, _Closing] = {}
        self._failed = False

    # The run

    async def execute(self, root: Task) -> Status:
        """Make the run. Returns how it ended; it is recorded in any case, also when this is cancelled."""
        self._root = root
        self._tasks[root.id] = root
        self._maker.input = input_of(root)
        self._memo.set_input(self._maker.input)
        self._take_over(root)
        self._memo.present = self._tasks.keys()
        self._schedule = Schedule(self._outputs)
        self._workers = Workers(self._schedule, self._settle, self.store.flush, self._most_workers)
        status: Status = "cancelled"
        try:
            self._append(RunStarted(self.run, self._facts))
            self.store.flush()
            self._begin(root)
            await self._work()
            if not self._failed and self._schedule.unsettled:
                raise GraphError(
                    f"nothing can settle {', '.join(list(self._schedule.unsettled)[:5])}: what they wait for is missing"
                )
            status = "failed" if self._failed else "succeeded"
        except BaseExceptionGroup as group:
            raise _only(group) from None
        finally:
            self._end(status)
        return status

    def _take_over(self, root: Task) -> None:
        """What stays as it is in the parent run."""
        if self.run.parent is None:
            return
        planner = Planner(self._memo, root)
        self._kept = planner.kept
        self._children = planner.children
        self.run.open = planner.open
        self._late.update(id for id, planned in planner.planned.items() if planned.action != "maybe")
        for id in planner.open:
            scope: str | None = id
            while scope is not None and scope not in self._open:
                self._open.add(scope)
                scope = planner.task(scope).scope
        for id, task_run in planner.kept.items():
            self._unchanged[id] = task_run.id
            assert task_run.output is not None
            self._outputs[id] = _values.canonical(task_run.output.value)

    def _begin(self, root: Task) -> None:
        if root.id not in self._kept:
            self._schedule.add(root.id, ())
        elif root.id in self._open:
            self._add_children(self._children[root.id])

    async def _work(self) -> None:
        async with anyio.create_task_group() as background:
            background.start_soon(self._recorder.syncing)
            background.start_soon(self._recorder.streaming)
            background.start_soon(self._maker.record_logs)
            try:
                await self._workers.work()
            finally:
                self._maker.close()
            self._recorder.flush()
            background.cancel_scope.cancel()
        if self._workers.interrupt is not None:
            raise self._workers.interrupt

    def _end(self, status: Status) -> None:
        self._maker.drain_logs()
        self._recorder.flush()
        waiting = self._schedule.unsettled if status == "cancelled" else []
        error = f"cancelled with {len(waiting)} tasks not run" if waiting else None
        try:
            self._append(RunEnded(self.run.id, status, time.time(), error))
        finally:
            self.store.flush()

    # One task

    async def _settle(self, id: str) -> None:
        task = self._tasks[id]
        closing = self._closing.get(id)
        try:
            if closing is not None:
                self._close(task, closing)
            elif self._memo.edits and (pinned := self._memo.pin(id, "output")) is not None:
                self._take_pinned(task, pinned)
            elif task.children is not None and task.result is not None:
                self._open_graph(task, Children(task.children, task.result), None, None)
            elif task.type == "llm":
                await self._llm(task)
            else:
                await self._function(task)
        except Failed as failed:
            self._fail(task, failed.task_run, failed.failure)
        except Later:
            self._memo.give_back()
            self._late.add(id)
            self._schedule.defer(id)

    def _start(self, task: Task, attempt: int = 0, at: float | None = None) -> int:
        id = self._next_task_run
        self._next_task_run = id + 1
        inputs = self._inputs(task) if task.args or task.kwargs else ()
        self._append(TaskStarted(id, self.run.id, task.id, at or time.time(), inputs, attempt))
        return id

    def _inputs(self, task: Task) -> tuple[int, ...]:
        """The task runs whose outputs a task uses."""
        found = []
        for ref in task.dependencies():
            own = self._own.get(ref)
            found.append(self._unchanged[ref] if own is None else own.id)
        return tuple(found)

    def _succeed(self, task: Task, task_run: int, output: Stage, data: bytes) -> None:
        self._record(task, task_run, output, data)
        self._schedule.succeed(task.id)

    def _record(self, task: Task, task_run: int, output: Stage, data: bytes) -> None:
        if self._logs:
            self._maker.drain_logs()
        self._append(TaskSucceeded(task_run, time.time(), output))
        self._outputs[task.id] = data

    def _keep(self, task: Task, seen: TaskRun) -> None:
        """It had to be looked at, and nothing is different."""
        assert seen.output is not None
        self._append(TaskKept(self.run.id, task.id))
        self._unchanged[task.id] = seen.id
        self._outputs[task.id] = _values.canonical(seen.output.value)
        self._schedule.succeed(task.id)

    def _fail(self, task: Task, task_run: int, error: Failure) -> None:
        self._failed = True
        self._maker.drain_logs()
        self._append(TaskFailed(task_run, time.time(), error))
        blocked: list[str] = []
        for id in self._schedule.fail(task.id):
            closing = self._closing.get(id)
            if closing is None:
                blocked.append(id)
                continue
            below = Failure("ChildFailed", f"{task.id} failed", "output")
            started = closing.task_run or self._start_reused(self._tasks[id], closing)
            self._append(TaskFailed(started, time.time(), below))
        if blocked:
            self._append(TasksBlocked(self.run.id, self._next_task_run, blocked, task_run))
            self._next_task_run += len(blocked)
        self.store.flush()
        if self._fail_fast:
            self._workers.stop()

    def _take_pinned(self, task: Task, pinned: Raw) -> None:
        stage = edited(pinned)
        data = bytes(stage.value)
        seen = self._memo.seen(task.id)
        if seen is not None and holds(seen, data):
            self._keep(task, seen)
            return
        task_run = self._start(task)
        if task.function is not None:
            try:
                self.functions.of(task).check_output(data)
            except OutputError as error:
                raise Failed(task_run, failure(error, "output")) from None
        last = self._memo.last(task.id)
        if last is not None:  # what led to the old output, for the reader
            for name in ("prompt", "response", "children"):
                old = last.stage(name)
                if old is not None:
                    self._append(StageSettled(task_run, name, taken_over(name, reused(old, last.id))))
        self._succeed(task, task_run, stage, data)

    # Functions, and graphs

    async def _function(self, task: Task) -> None:
        arguments = self._outputs.of_arguments(task) if task.args or task.kwargs else ""
        if self.run.parent is not None and self._take_recorded(task, arguments):
            return
        try:
            function = self.functions.of(task)
            args, kwargs = function.read_arguments(task, self._outputs)
        except BaseException as error:  # it was not called
            of_the_code = isinstance(error, GraphError) and not isinstance(error, WrongArguments)
            raise Failed(self._start(task), failure(caught(error), None if of_the_code else made_by(task))) from None
        task_run = self._start(task, attempt=1)
        scope = context = None
        if function.may_declare:
            scope, context = self._maker.surroundings(task, task_run, function)
            if context is not None:
                function.add_context(args, kwargs, context)
        once = task.effect is not None
        if once:
            await self._onto_disk()
        else:
            self._flush()
        try:
            if function.is_async and task.timeout is None:
                result = await function.call(*args, **kwargs)
            else:
                result = await self._maker.call(task, function, args, kwargs, scope)
        except BaseException as error:
            result, scope, context = await self._maker.call_again(task, task_run, function, context, caught(error))
        reads = ""
        if context is not None:
            context.end()
            reads = context.reads
        key = self._memo.code_key(task, arguments, reads)
        try:
            if scope is None or (task.type == "python" and not scope.tasks):
                output, result_arg = _values.encode(result), None
            else:
                output, result_arg = b"", scope.arg(result, task.id, "returned by")
        except Exception as error:
            raise Failed(task_run, failure(error, made_by(task))) from None
        if result_arg is None:
            self._record(task, task_run, Stage(Raw(output), key, "executed"), output)
            if once:
                await self._onto_disk()
            self._schedule.succeed(task.id)
            return
        assert scope is not None
        children = Children(self._declare(scope, task_run), result_arg)
        stage = Stage(Raw(msgspec.json.encode(children)), key, "executed")
        self._append(StageSettled(task_run, "children", stage))
        if task.effect == "once":
            await self._onto_disk()
        self._open_graph(task, children, stage, task_run)

    async def _onto_disk(self) -> None:
        """Wait until all that was recorded so far is safe from a power cut."""
        self.store.flush()
        await self._recorder.sync()

    def _take_recorded(self, task: Task, arguments: str) -> bool:
        """Settle a function's task from what is recorded, if it can be."""
        self._memo.begin()
        name, found = self._memo.function_known(task, arguments, late=task.id in self._late)
        seen = self._memo.seen(task.id)
        own = found is not None and found.own and seen is not None and seen.status == "succeeded"
        if found is not None and name == "children":
            children = self.state.children_in(found.stage)
            self._open_graph(task, children, reused(found.stage, found.source), None, own=own)
            return True
        if found is not None and own:
            assert seen is not None
            self._keep(task, seen)
            return True
        if found is not None:
            data = _values.canonical(found.stage.value)
            stage = reused(found.stage, found.source)
            self._succeed(task, self._start(task), structs.replace(stage, value=Raw(data)), data)
            return True
        ran = self._memo.ran_once(task)
        if ran is not None:
            self._take_effect(task, ran)
            return True
        return False

    def _take_effect(self, task: Task, ran: TaskRun) -> None:
        seen = self._memo.seen(task.id)
        if ran.output is None:
            raise Failed(self._start(task), effect_failure(ran))
        if seen is not None and stands_for(seen, ran):
            self._keep(task, seen)
            return
        task_run = self._start(task)
        if ran.children is not None:
            self._append(StageSettled(task_run, "children", taken_over("children", reused(ran.children, ran.id))))
        stage = reused(ran.output, ran.id)
        self._succeed(task, task_run, stage, _values.canonical(stage.value))

    def _open_graph(
        self, task: Task, children: Children, stage: Stage | None, task_run: int | None, *, own: bool = False
    ) -> None:
        """Have the children of a graph run, and its output made when they are settled."""
        if stage is None:  # written out: there is no function to run
            stage = Stage(Raw(msgspec.json.encode(task.children)), "written out", "executed")
            own = self._is_own_written_out(task)
        self._closing[task.id] = closing = _Closing(children, stage, task_run, own, time.time())
        if task_run is None and not own:
            self._start_reused(task, closing)
        self._add_children(children)
        self._schedule.wait(task.id, dict.fromkeys(children.result.refs()))

    def _is_own_written_out(self, task: Task) -> bool:
        seen = self._memo.seen(task.id)
        return seen is not None and seen.status == "succeeded"

    def _add_children(self, children: Children) -> None:
        stack, pinned = [children], bool(self._memo.edits)
        declared, tasks, kept, add = self.state.tasks, self._tasks, self._kept, self._schedule.add
        while stack:
            for number in stack.pop().tasks:
                task = declared[number]
                id = task.id
                tasks[id] = task
                if id not in kept:
                    needed = task.dependencies() if task.args or task.kwargs else ()
                    add(id, needed, free=pinned and self._memo.pinned(task))
                elif id in self._open:  # it stays as it is, but something in it that it does not need runs
                    stack.append(self._children[id])

    def _close(self, task: Task, closing: _Closing) -> None:
        data = closing.children.result.compose(self._outputs)
        seen = self._memo.seen(task.id)
        key = _values.digest(data)
        old = None if seen is None else seen.output
        unchanged = old is not None and old.origin != "edited" and _values.canonical(old.value) == data
        if closing.own and closing.task_run is None and unchanged and seen is not None:
            self._keep(task, seen)
            return
        task_run = closing.task_run or self._start_reused(task, closing)
        self._succeed(task, task_run, Stage(Raw(data), key, "executed"), data)

    def _start_reused(self, task: Task, closing: _Closing) -> int:
        task_run = closing.task_run = self._start(task, at=closing.at)
        if task.children is None:
            self._append(StageSettled(task_run, "children", taken_over("children", closing.stage)))
        return task_run

    @cached_property
    def _numbering(self) -> Numbering:
        return Numbering(self.state.tasks)

    def _declare(self, scope: Scope, added_by: int) -> list[int]:
        """Give the declarations of a scope their numbers, and record those that are new."""
        new, children = self._numbering.number(scope, added_by)
        learnt = {name: found for name, found in self.functions.facts(new).items() if name not in self._facts}
        self._facts.update(learnt)
        for i in range(0, len(new), _TASKS_A_LINE):
            self._append(TasksAdded(new[i : i + _TASKS_A_LINE], learnt))
        return children

    # Model calls

    async def _llm(self, task: Task) -> None:
        memo = self._memo
        arguments = "" if memo.pinned(task) else self._outputs.of_arguments(task)
        memo.begin()
        found = memo.prompt_known(task, arguments, late=task.id in self._late)
        seen = memo.seen(task.id)
        if found.missing is None and found.own and seen is not None:
            self._keep(task, seen)
            return
        task_run = self._start(task)
        try:
            function = self.functions.of(task)
        except GraphError as error:
            raise Failed(task_run, failure(error)) from None
        if found.prompt is not None:
            self._append(StageSettled(task_run, "prompt", found.prompt))
        if found.missing == "prompt":
            found.prompt = self._maker.prompt(task, task_run, function, arguments)
            self._append(StageSettled(task_run, "prompt", found.prompt))
            memo.response_known(task, found)
        if found.response is not None:
            self._append(StageSettled(task_run, "response", found.response))
        if found.missing == "response":
            assert found.prompt is not None
            found.response = await self._maker.respond(task, task_run, function, found.prompt)
            memo.output_known(task, found)
        if found.output is not None:
            self._succeed(task, task_run, found.output, _values.canonical(found.output.value))
            return
        assert found.response is not None
        output = self._maker.parse(task, task_run, function, found.response)
        self._succeed(task, task_run, output, bytes(output.value))


class _Closing(msgspec.Struct):
    """A graph whose children run.

    Attributes:
        task_run: None while it may still turn out that nothing in it is different.
        own: its children are those it has on screen.
    """

    children: Children
    stage: Stage
    task_run: int | None
    own: bool
    at: float


def input_of(root: Task) -> bytes:
    """The graph's input: the single positional argument of a graph that is written out, else the arguments by name."""
    if root.function is None:
        return root.args[0].compose({}) if root.args else b"null"
    return Arg(entries={**{str(i): arg for i, arg in enumerate(root.args)}, **root.kwargs}).compose({})


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error in a group of groups, if it is one; else the group."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
        found = found.exceptions[0]
    return found
