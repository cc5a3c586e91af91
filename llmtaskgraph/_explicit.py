"""The explicit layer: tasks as objects, and graphs that are written out.

A graph that is written out is declared while it is built, so a mistake is told where it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeVar

from msgspec import Raw

from . import _values
from ._author import TaskFunction
from ._errors import CycleError, DuplicateTask, GraphError, UnknownDependency
from ._function import Function
from ._graph import Arg, Task, TaskType
from ._registry import Functions
from ._scope import NOTHING, Future, Handle, Options, Scope, check_options

SpecT = TypeVar("SpecT", bound="TaskSpec")


class TaskSpec(Handle):
    """A task to be added to a graph. As an argument of another task it means its output.

    Args:
        function: what it runs: a function, one that is registered by a decorator, or the name of a registered one.
        args: positional arguments: tasks of the same graph, lists and dicts of them, or values.
        name: makes the id `function[name]`.
        kwargs: keyword arguments.
    """

    kind: ClassVar[TaskType]
    __slots__ = ("args", "function", "kwargs", "options", "parser")

    def __init__(self, function: Any, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__()
        self.function, self.args, self.kwargs = function, args, kwargs or NOTHING
        self.options = Options(name)
        self.parser: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return self.id or f"a {type(self).__name__} of {getattr(self.function, '__name__', self.function)} that was not added"

    @property
    def id(self) -> str | None:
        """Its id, once it is added."""
        return None if self.future is None else self.future._ltg_task

    def declare_in(self, scope: Scope, functions: Functions) -> Future:
        """Declare it; used by `TaskGraph.add_task` and `Context.add_task`."""
        function = self._function(functions)
        self.future = scope.declare(function, self.args, self.kwargs, check_options(function.name, self.options))
        return self.future

    def _function(self, functions: Functions) -> Function:
        if isinstance(self.function, TaskFunction):
            function = self.function.function
            if function.type != self.kind:
                raise GraphError(f"{function.name} is a function for {function.type} tasks, not for a {type(self).__name__}")
            return functions.add(function)
        name = self.function if isinstance(self.function, str) else functions.register(self.function)
        parser = None if self.parser is None else functions.register(self.parser)
        return functions.of(Task(self.kind, name, 0, name, parser=parser))


class LLMTask(TaskSpec):
    """A call of a model: the function formats the prompt, the parser makes the output of the response.

    Args:
        model: `PROVIDER:MODEL`.
        parser: a function of the text (or of the `Message`, if annotated so); without it the output is the text.
        output: a class instead: its JSON Schema is sent, and the response parsed and checked.
        params, retries, timeout, idle_timeout: see `Task`.
    """

    kind = "llm"
    __slots__ = ()

    def __init__(
        self,
        function: Any,
        *args: Any,
        model: str | None = None,
        parser: Callable[..., Any] | None = None,
        output: type[Any] | None = None,
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(function, *args, name=name, **kwargs)
        if parser is not None and output is not None:
            raise GraphError("an LLMTask takes a parser or an output type, not both")
        self.parser = parser if parser is not None else output
        given = None if params is None else dict(params)
        self.options = Options(name, model, given, retries, timeout, idle_timeout)


class PythonTask(TaskSpec):
    """A call of a Python function, sync or async.

    Args:
        retries, timeout, effect: see `Task`.
    """

    kind = "python"
    __slots__ = ()

    def __init__(
        self,
        function: Any,
        *args: Any,
        name: str | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        effect: Literal["once"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(function, *args, name=name, **kwargs)
        self.options = Options(name, retries=retries, timeout=timeout, effect=effect)


class TaskGraphTask(TaskSpec):
    """A sub-graph: a function that adds tasks when its inputs are known, or another graph, written out."""

    kind = "graph"
    __slots__ = ()

    def declare_in(self, scope: Scope, functions: Functions) -> Future:
        """Declare it; a graph that is written out takes no arguments, and its tasks come with it."""
        if not isinstance(self.function, GraphBuilder):
            return super().declare_in(scope, functions)
        graph = self.function
        if self.args or self.kwargs:
            raise GraphError(f"{graph.name} is written out and takes no arguments; give its tasks the values, or use a function")
        id = scope.new_id(graph.name, self.options.name)
        inner = scope.inner(id)
        children, result = graph.declare_all(inner, functions)
        scope.leave(inner)
        self.future = scope.take(Task("graph", id, scope.next_number(), None, scope.id, children=children, result=result))
        return self.future


class GraphBuilder:
    """A graph that is written out.

    Attributes:
        name: of the graph: the first part of all ids.
        functions: the registry; functions that are not in it are registered by their names.
    """

    def __init__(self, functions: Functions | None = None, name: str = "main") -> None:
        self.name = name
        self.functions = functions if functions is not None else Functions(name)
        self._specs: list[TaskSpec] = []
        self._outputs: list[TaskSpec] = []
        self._scope = Scope(name)

    def add_task(self, task: SpecT) -> SpecT:
        """Add a task, after those it depends on.

        Returns:
            The task, to be an argument of others.

        Raises:
            GraphError: it does not fit: unknown dependency, duplicate name, wrong arguments, ...
        """
        if not isinstance(task, TaskSpec):
            raise GraphError(f"add_task takes an LLMTask, PythonTask or TaskGraphTask, not {task!r}")
        if self._holds(task):
            raise DuplicateTask(task.id or repr(task))
        if isinstance(task, TaskGraphTask) and isinstance(task.function, GraphBuilder) and task.function.contains(self):
            raise CycleError([self.name, task.function.name])
        if task.future is not None:
            raise GraphError(f"{task!r} is a task of another graph; make a new one for this graph")
        task.declare_in(self._scope, self.functions)
        self._specs.append(task)
        return task

    def _holds(self, task: TaskSpec) -> bool:
        return task.future is not None and task.future._ltg_scope is self._scope

    def contains(self, graph: GraphBuilder) -> bool:
        """Whether a graph is this one, or stands somewhere in it."""
        stack: list[GraphBuilder] = [self]
        while stack:
            found = stack.pop()
            if found is graph:
                return True
            stack += [spec.function for spec in found._specs if isinstance(spec.function, GraphBuilder)]
        return False

    def add_output_task(self, task: SpecT) -> SpecT:
        """Add a task whose output is that of the graph; with several, it is the list of theirs.

        A task that was added before becomes an output, too.
        """
        if not (isinstance(task, TaskSpec) and self._holds(task)):
            self.add_task(task)
        self._outputs.append(task)
        return task

    def declare_all(self, scope: Scope, functions: Functions) -> tuple[list[int], Arg]:
        """Declare the tasks again in a scope. Returns their numbers there, and the output of the graph."""
        before, start = [spec.future for spec in self._specs], len(scope.tasks)
        try:
            for spec in self._specs:
                spec.declare_in(scope, functions)
            result = scope.arg(self._result(), scope.id)
        finally:
            for spec, future in zip(self._specs, before, strict=True):
                spec.future = future
        return [task.number for task in scope.tasks[start:] if task.scope == scope.id], result

    def root(self, input: Any, scope: Scope) -> Task:
        """The root task; its children are put into a scope of the same name.

        Raises:
            UnknownDependency: the graph is empty, or an output task is not in it.
        """
        scope.copy(self._scope)
        children = [task.number for task in scope.tasks if task.scope == scope.id]
        result = self._scope.arg(self._result(), scope.id)
        args = () if input is None else (Arg(value=Raw(_values.encode(input))),)
        return Task("graph", self.name, scope.next_number(), None, args=args, children=children, result=result)

    def _result(self) -> Any:
        if not self._outputs:
            return None
        for task in self._outputs:
            if task not in self._specs:
                raise UnknownDependency(self.name, repr(task))
        return self._outputs[0] if len(self._outputs) == 1 else list(self._outputs)
