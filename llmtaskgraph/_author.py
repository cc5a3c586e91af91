"""Decorators -> graph: calling a registered function inside a graph function declares a task.

`Decorators` is the authoring half of the registry; `_app.Registry` adds the graph functions, which can also be run.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import copy
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar, overload

from msgspec import structs

from . import _values
from ._chat import Message, Tool
from ._context import Context
from ._errors import FutureUsed, GraphError, NotInGraph, WrongArguments
from ._fingerprint import Declaration
from ._function import NONE, Function
from ._registry import Functions
from ._scope import Future, Options, check_options, current
from ._settings import check_parser
from .providers import Provider

P = ParamSpec("P")
T = TypeVar("T")
ParsedT = TypeVar("ParsedT")
SelfT = TypeVar("SelfT", bound="TaskFunction[Any, Any]")
ParserT = TypeVar("ParserT", bound=Callable[..., Any])
Prompt = str | list[Message]


_USELESS: dict[str, tuple[str, ...]] = {
    "llm": (),
    "python": ("model", "params", "idle_timeout"),
    "graph": ("model", "params", "timeout", "idle_timeout"),
}
"""Options that would change nothing, by type of function."""


class TaskFunction(Generic[P, T]):
    """A registered function. Calling it in a graph function declares a task and gives the future output.

    Attributes:
        function: what is registered.
        fn: the Python function as it was written, to be called directly, in tests for example.
    """

    def __init__(self, function: Function, options: Options | None = None) -> None:
        self.function = function
        self.fn = function.call
        self._options = options or Options()
        self.__name__ = function.name
        self.__doc__ = function.call.__doc__
        self.__module__ = getattr(function.call, "__module__", __name__)

    def __repr__(self) -> str:
        return f"<{self.function.type} function {self.function.name}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Declare a task, in a graph function.

        Raises:
            NotInGraph: it is called elsewhere.
            WrongArguments: the call does not fit the signature.
        """
        scope = current.get()
        if scope is None:
            return self._called_outside(*args, **kwargs)
        return scope.declare(self.function, args, kwargs, self._options)  # type: ignore[return-value]

    def map(self, items: Iterable[Any], /, *more: Iterable[Any], **common: Any) -> list[T]:
        """Declare a task for each item.

        Args:
            items: first arguments, one for each task.
            more: second arguments, and so on; as many.
            common: keyword arguments that all tasks get.
        """
        scope = current.get()
        if scope is None:
            raise NotInGraph(self.function.name, "so is .map")
        for given in (items, *more):
            if type(given) is Future:
                raise FutureUsed(given._ltg_task, f"{self.function.name}.map cannot count its items")
        try:
            rows = list(zip(items, *more, strict=True))
        except (TypeError, ValueError) as error:  # not iterable, or of unequal lengths
            raise WrongArguments(f"{self.function.name}.map: {error}") from None
        return [scope.declare(self.function, row, common, self._options, item=True) for row in rows]  # type: ignore[misc]

    def named(self: SelfT, name: str) -> SelfT:
        """The same function, whose next task has this name: its id ends in `[name]`."""
        return self._with(name=name)

    def options(
        self: SelfT,
        *,
        model: str | None = None,
        params: Mapping[str, Any] | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> SelfT:
        """The same function with other settings for the tasks declared through the result; see `Task` for their meaning.

        `params` are put over those of the function.
        """
        merged = {**(self._options.params or {}), **params} if params is not None else self._options.params
        given = {"model": model, "retries": retries, "timeout": timeout, "idle_timeout": idle_timeout}
        useless = [name for name in _USELESS[self.function.type] if {**given, "params": params}[name] is not None]
        if useless:
            raise GraphError(f"{self.function.name} is a {self.function.type} function, which has no {useless[0]}")
        return self._with(params=merged, **{name: value for name, value in given.items() if value is not None})

    def _with(self: SelfT, **changes: Any) -> SelfT:
        made = copy(self)
        made._options = check_options(self.function.name, structs.replace(self._options, **changes))
        return made

    def _called_outside(self, *args: Any, **kwargs: Any) -> T:
        raise NotInGraph(self.function.name, f"to call the Python function itself, use {self.function.name}.fn(...)")

    def describe_for(self, *, declares: bool, calls: bool) -> Declaration:
        """What this function contributes to the fingerprint of one that refers to it.

        Args:
            declares: tasks can be declared with it there, so its settings count.
            calls: it is there to be called, so its code counts; otherwise only where an attribute `fn` is read.
        """
        function = self.function
        text = f"{function.type} {function.name}"
        if declares:
            text += f" {_values.encode([function.settings(), self._options]).decode()}"
        code = function.call if function.version is None else f"version {function.version}"
        return Declaration(text, code, "" if calls else "fn")


class LLMFunction(TaskFunction[P, T]):
    """A function that formats a prompt, and all else that a call needs."""

    def parser(self, parse: ParserT) -> ParserT:
        """Register what turns the response into the output, as a decorator.

        The function gets the text, or the `Message` if its parameter is annotated so. It may raise: that fails the task at its
        output, and the response is kept. No JSON Schema is sent with the request then.
        """
        if self.function.__dict__.keys() & {"facts", "schema"}:
            raise GraphError(f"{self.function.name}: register its parser before it is used")
        check_parser(self.function.name, parse)
        self.function.parser = parse
        return parse


class PythonFunction(TaskFunction[P, T]):
    """A plain function. Called outside a graph function, it just runs."""

    def _called_outside(self, *args: Any, **kwargs: Any) -> T:
        return self.fn(*args, **kwargs)  # type: ignore[no-any-return]


class _LLMDecorator(Generic[T]):
    """What `@app.llm(...)` gives: takes the prompt function."""

    def __init__(self, make: Callable[[Callable[..., Any]], LLMFunction[..., Any]]) -> None:
        self._make = make

    @overload
    def __call__(self, prompt: Callable[Concatenate[Context, P], Prompt]) -> LLMFunction[P, T]: ...
    @overload
    def __call__(self, prompt: Callable[P, Prompt]) -> LLMFunction[P, T]: ...
    def __call__(self, prompt: Callable[..., Prompt]) -> LLMFunction[Any, T]:
        return self._make(prompt)


class _TaskDecorator:
    """What `@app.task(...)` gives: takes the function, sync or async."""

    def __init__(self, make: Callable[[Callable[..., Any]], PythonFunction[..., Any]]) -> None:
        self._make = make

    @overload
    def __call__(self, call: Callable[Concatenate[Context, P], Awaitable[T]]) -> PythonFunction[P, T]: ...
    @overload
    def __call__(self, call: Callable[P, Awaitable[T]]) -> PythonFunction[P, T]: ...
    @overload
    def __call__(self, call: Callable[Concatenate[Context, P], T]) -> PythonFunction[P, T]: ...
    @overload
    def __call__(self, call: Callable[P, T]) -> PythonFunction[P, T]: ...
    def __call__(self, call: Callable[..., Any]) -> PythonFunction[Any, Any]:
        return self._make(call)


class Decorators(Functions):
    """The authoring half of a registry.

    Args:
        name: for messages.
        model: what `@app.llm` uses where it names none.
    """

    def __init__(self, name: str, *, model: str | None = None) -> None:
        super().__init__(name)
        self.model = model
        self.providers: dict[str, Provider] = {}

    def provider(self, name: str, provider: Provider) -> None:
        """Register a provider: models written `NAME:MODEL` are sent to it. Replaces a built-in one of that name."""
        if not isinstance(provider, Provider):
            raise GraphError(f"provider {name!r}: {type(provider).__name__} has no method send(request, on_delta)")
        self.providers[name] = provider

    def function(self, call: Callable[P, T]) -> Callable[P, T]:
        """Register a function for the explicit layer, as a decorator that leaves it as it is."""
        self.register(call)
        return call

    @overload
    def llm(
        self,
        *,
        model: str | None = None,
        output: type[ParsedT],
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        tools: Iterable[Tool | dict[str, Any] | Callable[..., Any]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        version: str | None = None,
    ) -> _LLMDecorator[ParsedT]: ...
    @overload
    def llm(
        self,
        *,
        model: str | None = None,
        parser: Callable[[str], ParsedT] | Callable[[Message], ParsedT],
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        tools: Iterable[Tool | dict[str, Any] | Callable[..., Any]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        version: str | None = None,
    ) -> _LLMDecorator[ParsedT]: ...
    @overload
    def llm(
        self,
        *,
        model: str | None = None,
        output: object,
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        tools: Iterable[Tool | dict[str, Any] | Callable[..., Any]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        version: str | None = None,
    ) -> _LLMDecorator[Any]: ...  # a union, a Literal: to a type checker they are no `type`
    @overload
    def llm(
        self,
        *,
        model: str | None = None,
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        tools: Iterable[Tool | dict[str, Any] | Callable[..., Any]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        version: str | None = None,
    ) -> _LLMDecorator[str]: ...
    def llm(
        self,
        *,
        model: str | None = None,
        output: Any = NONE,
        parser: Callable[..., Any] | None = None,
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        tools: Iterable[Tool | dict[str, Any] | Callable[..., Any]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        version: str | None = None,
    ) -> _LLMDecorator[Any]:
        """Register a prompt function: it returns text or messages, and the model's answer becomes the output.

        Args:
            model: `PROVIDER:MODEL`.
            output: type of the output: a msgspec Struct, dataclass, TypedDict or builtin type. Its JSON Schema is sent with the
                request, and the response is parsed and checked. `Message` gives the whole message; without it the output is text.
            parser: turns the text (or the `Message`, if annotated so) into the output instead.
            name: in the registry; the function's own without it.
            params: passed to the provider, such as `{"temperature": 0}`.
            tools: what the model may call: `Tool`, a dict, or a Python function to describe. Calls are recorded, not executed.
            retries: further attempts after a failed one; 4 without it.
            timeout: seconds for one attempt; 600 without it.
            idle_timeout: seconds without new text in a stream that has begun; 120 without it.
            version: stands for the code when a resume compares it.
        """
        names = _local_names()

        def make(call: Callable[..., Any]) -> LLMFunction[Any, Any]:
            function = Function(
                "llm",
                name or call.__name__,
                call,
                output=output,
                parser=parser,
                model=model or self.model,
                params=params,
                tools=tools,
                retries=retries,
                timeout=timeout,
                idle_timeout=idle_timeout,
                version=version,
                names=names,
            )
            return LLMFunction(self.add(function))

        return _LLMDecorator(make)

    @overload
    def task(self, call: Callable[Concatenate[Context, P], Awaitable[T]], /) -> PythonFunction[P, T]: ...
    @overload
    def task(self, call: Callable[P, Awaitable[T]], /) -> PythonFunction[P, T]: ...
    @overload
    def task(self, call: Callable[Concatenate[Context, P], T], /) -> PythonFunction[P, T]: ...
    @overload
    def task(self, call: Callable[P, T], /) -> PythonFunction[P, T]: ...
    @overload
    def task(
        self,
        /,
        *,
        name: str | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        effect: Literal["once"] | None = None,
        version: str | None = None,
    ) -> _TaskDecorator: ...
    def task(
        self,
        call: Callable[..., Any] | None = None,
        /,
        *,
        name: str | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        effect: Literal["once"] | None = None,
        version: str | None = None,
    ) -> Any:
        """Register a plain function, sync (runs in a worker thread) or async.

        Args:
            call: the function; what it returns must be recordable as JSON.
            name: in the registry; the function's own without it.
            retries: further attempts after an exception; none without it.
            timeout: seconds for one attempt. A thread cannot be stopped: it is left to end by itself.
            effect: `once`: it never runs again by itself after it has run, even if its inputs change.
            version: stands for the code when a resume compares it.
        """
        names = _local_names()

        def make(call: Callable[..., Any]) -> PythonFunction[Any, Any]:
            options: dict[str, Any] = {"retries": retries, "timeout": timeout, "effect": effect, "version": version}
            return PythonFunction(self.add(Function("python", name or call.__name__, call, names=names, **options)))

        return _TaskDecorator(make) if call is None else make(call)


def _local_names() -> dict[str, Any]:
    """Local names where a decorator stands inside a function, so that annotations that use them can be read."""
    frame = sys._getframe(2)
    return {} if frame.f_locals is frame.f_globals else dict(frame.f_locals)
