"""A registered function: what the engine needs of it.

How to bind and decode its arguments, how to turn a response into an output, and the facts by which a resume tells whether it is
still the same.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
import typing
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from . import _values
from ._chat import Message, OutputSchema, Tool
from ._context import Context
from ._errors import GraphError, OutputError, WrongArguments
from ._events import FunctionFacts
from ._fingerprint import Declaration, fingerprint
from ._graph import Task, TaskType
from ._settings import as_tool, check_parser, check_settings, recordable_params
from ._structured import wrap_root

UNREADABLE = (TypeError, NotImplementedError)
"""What msgspec raises for a type that it cannot read; the second for a few attrs classes."""

NONE: Any = inspect.Parameter.empty
"""No type is declared."""

Reader: TypeAlias = Callable[[bytes], Any]
"""Makes an argument of its JSON text."""


class Function:
    """A registered function.

    Attributes:
        type: of the tasks it makes.
        name: in the registry, and of its facts in a trace.
        function: name of the function alone, as it stands in ids.
        parser_name: name of the parser, where a task gives it.
        call: the function itself: of the prompt, for `llm`.
        model, params, tools, retries, timeout, idle_timeout, effect: defaults of the tasks it makes.
        output: declared type of the output, for `llm`; `NONE` for free text.
        parser: turns the response into the output, for `llm`.
        version: stands for the fingerprint when it is given.
        named: gives the settings of all functions of its registry.
    """

    def __init__(
        self,
        type: TaskType,
        name: str,
        call: Callable[..., Any],
        *,
        output: Any = NONE,
        parser: Callable[..., Any] | None = None,
        model: str | None = None,
        params: Mapping[str, Any] | None = None,
        tools: Iterable[Tool | dict[str, Any] | Callable[..., Any]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        effect: Literal["once"] | None = None,
        version: str | None = None,
        names: Mapping[str, Any] | None = None,
        function: str | None = None,
        parser_name: str | None = None,
    ) -> None:
        self.function, self.parser_name = function or name, parser_name
        self.type, self.name, self.call, self.output, self.parser = type, name, call, output, parser
        if parser is not None:
            check_parser(name, parser)
        check_settings(name, model, retries, timeout, idle_timeout)
        if not name.isprintable() or not name or set(name) & set("/[]"):
            raise GraphError(f"a function's name is printable text without '/', '[' and ']', not {name!r}")
        self.model, self.params, self.version = model, recordable_params(name, params or {}), version
        self.tools = [as_tool(tool) for tool in tools]
        self.retries, self.timeout, self.idle_timeout, self.effect = retries, timeout, idle_timeout, effect
        self._names = dict(names or {})
        self.named: Callable[[], dict[str, list[Any]]] | None = None
        self.is_async = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004
        if self.is_async and type != "python":
            raise GraphError(
                f"{name} is async: prompt and graph functions only describe; do the waiting in an @app.task function"
            )

    # Arguments

    @cached_property
    def types(self) -> dict[str, Any]:
        """Parameter name -> declared type; `return` for what it returns."""
        try:
            return self._type_hints(self.call)
        except NameError as error:
            raise GraphError(
                f"{self.name}: the annotation {error.name!r} cannot be found; define or import it at module level, "
                "and not under TYPE_CHECKING"
            ) from None
        except Exception as error:
            raise GraphError(f"{self.name}: an annotation cannot be read ({error})") from None

    def _type_hints(self, call: Callable[..., Any]) -> dict[str, Any]:
        plain = unwrapped(call)
        if not hasattr(plain, "__annotations__"):
            return {}  # written in C
        return typing.get_type_hints(plain, localns=self._names | _closure(plain), include_extras=True)

    @cached_property
    def context(self) -> str | None:
        """Name of the parameter that gets the `Context`, if there is one."""
        return next((name for name, kind in self.types.items() if kind is Context and name != "return"), None)

    @cached_property
    def may_declare(self) -> bool:
        """Whether a call of it may declare tasks."""
        return self.type == "graph" or self.context is not None

    @cached_property
    def _context_place(self) -> float:
        """How many positional parameters stand before the context; infinity if it is given by name only."""
        parameters = list(inspect.signature(self.call).parameters.values())
        place = next(i for i, parameter in enumerate(parameters) if parameter.name == self.context)
        return math.inf if parameters[place].kind is inspect.Parameter.KEYWORD_ONLY else place

    def add_context(self, args: list[Any], kwargs: dict[str, Any], context: Context) -> None:
        """Add the context where its parameter stands. `self.context` is not None."""
        assert self.context is not None
        if self._context_place <= len(args):
            args.insert(int(self._context_place), context)
        else:
            kwargs[self.context] = context

    @cached_property
    def signature(self) -> inspect.Signature:
        """The signature, without the context."""
        try:
            signature = inspect.signature(self.call)
        except ValueError:  # written in C, and it does not tell
            return inspect.signature(lambda *args, **kwargs: None)
        parameters = [p for name, p in signature.parameters.items() if name != self.context]
        return signature.replace(parameters=parameters)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Fit a call to the signature. Returns positional arguments, as many as there can be, and the others by name.

        Raises:
            WrongArguments: it does not fit.
        """
        if not kwargs and self._fits[0] <= len(args) <= self._fits[1]:
            return args, kwargs
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise WrongArguments(f"{self.name}{self.signature}: {error}") from None
        return bound.args, bound.kwargs

    @cached_property
    def _fits(self) -> tuple[float, float]:
        """How many positional arguments alone make a call."""
        least, most = 0.0, 0.0
        for parameter in self.signature.parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                most = math.inf
            elif parameter.kind is not parameter.VAR_KEYWORD:
                required = parameter.default is parameter.empty
                if parameter.kind is parameter.KEYWORD_ONLY:
                    least += math.inf if required else 0
                else:
                    least, most = least + required, most + 1
        return least, most

    @cached_property
    def _readers(self) -> tuple[list[Reader], float, Reader | None]:
        """How positional arguments are read, how many there are at least, and how those beyond the declared ones are read."""
        parameters = self.signature.parameters.items()
        positional = [self._reader(name) for name, p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        rest = next((self._reader(name) for name, p in parameters if p.kind is p.VAR_POSITIONAL), None)
        return positional, self._fits[0], rest

    @cached_property
    def _named_readers(self) -> tuple[dict[str, Reader], Reader | None]:
        """How named arguments are read, and those that are not declared."""
        parameters = self.signature.parameters.items()
        named = {name: self._reader(name) for name, p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
        rest = next((self._reader(name) for name, p in parameters if p.kind is p.VAR_KEYWORD), None)
        return named, rest

    def _reader(self, name: str) -> Reader:
        kind = self.types.get(name, Any)
        try:
            decode = msgspec.json.Decoder(kind).decode
        except UNREADABLE as error:
            raise GraphError(f"{self.name}: parameter {name} cannot be read from JSON ({error})") from None

        def read(data: bytes) -> Any:
            try:
                return decode(data)
            except (msgspec.DecodeError, ValueError, RecursionError) as error:
                raise WrongArguments(f"{self.name}: argument {name} does not fit {type_name(kind)}: {error}") from None

        return read if kind not in (Any, object) else decode

    def read_arguments(self, task: Task, outputs: Mapping[str, bytes]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of a task as the function gets them: private copies, of the declared types.

        Raises:
            WrongArguments: a value does not fit the type of its parameter.
        """
        positional, least, rest = self._readers
        if len(task.args) > len(positional):
            if rest is None:
                raise WrongArguments(f"{self.name}{self.signature}: too many arguments for {task.id}")
            positional += [rest] * (len(task.args) - len(positional))  # for the calls to come, too
        args: list[Any] = []
        for arg in task.args:
            read, ref = positional[len(args)], arg.ref
            args.append(read(arg.compose(outputs) if ref is UNSET else outputs[ref]))
        kwargs = self._read_named(task, outputs) if task.kwargs else {}
        if len(args) < least:
            self.bind(tuple(args), kwargs)
        return args, kwargs

    def _read_named(self, task: Task, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        named, rest = self._named_readers
        kwargs = {}
        for name, arg in task.kwargs.items():
            read = named.get(name, rest)
            if read is None:
                raise WrongArguments(f"{self.name}{self.signature}: {task.id} has no parameter {name!r} any more")
            kwargs[name] = read(arg.compose(outputs))
        return kwargs

    # Output

    @cached_property
    def schema(self) -> OutputSchema | None:
        """What is sent with a request, so that the answer fits; None for free text."""
        if self.type != "llm" or self.parser is not None or self.output in (NONE, str, Message, Any):
            return None
        return OutputSchema(self.name, wrap_root(self._output_schema)[0])

    @cached_property
    def _output_schema(self) -> dict[str, Any]:
        try:
            return msgspec.json.schema(self.output)
        except UNREADABLE as error:
            raise GraphError(f"{self.name}: output={type_name(self.output)} has no JSON Schema ({error})") from None

    @cached_property
    def _wrapped(self) -> bool:
        return self.schema is not None and wrap_root(self._output_schema)[1]

    @cached_property
    def _output_decoder(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(self.output)

    @cached_property
    def _parser_types(self) -> dict[str, Any]:
        assert self.parser is not None
        try:
            return self._type_hints(self.parser)
        except Exception as error:
            raise GraphError(f"{self.name}: an annotation of its parser cannot be read ({error})") from None

    @cached_property
    def _parser_input(self) -> Any:
        return next((kind for name, kind in self._parser_types.items() if name != "return"), str)

    @cached_property
    def _output_type(self) -> Any:
        """Declared type of the output; `NONE` if there is none."""
        if self.type != "llm":
            return self.types.get("return", NONE)
        return self.output if self.parser is None else self._parser_types.get("return", NONE)

    def parse(self, message: Message) -> Any:
        """The output that a response stands for.

        Raises:
            OutputError: it does not fit the declared output.
            Exception: whatever a parser raises.
        """
        if self.parser is not None:
            return self.parser(message if self._parser_input is Message else message.text)
        if self.output in (NONE, str):
            return message.text
        if self.output is Message:
            return message
        return self._parse_json(message.text)

    def _parse_json(self, text: str) -> Any:
        data = without_fence(text).encode()
        try:
            if self._wrapped:
                fields = msgspec.json.decode(data, type=dict[str, Raw]) if data[:1] == b"{" else None
                if isinstance(fields, dict) and fields.keys() == {"value"}:
                    return self._output_decoder.decode(fields["value"])
            return self._output_decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            shown = text if len(text) < 80 else text[:77] + "..."
            raise OutputError(f"the response does not fit {type_name(self.output)}: {error}; it begins {shown!r}") from None

    def check_output(self, data: bytes) -> None:
        """Check a value that a person put in the place of the output.

        Raises:
            OutputError: it does not fit the declared type.
        """
        kind = self._output_type
        if kind in (NONE, Any) or kind is Message:
            return
        try:
            msgspec.json.decode(data, type=kind)
        except UNREADABLE:
            return  # not a type that can be read from JSON; nobody reads it so
        except (ValueError, RecursionError) as error:
            raise OutputError(f"the output does not fit {type_name(kind)}: {error}") from None

    # Facts

    @cached_property
    def facts(self) -> FunctionFacts:
        """What a trace records of it."""
        code = f"version {self.version} of {self.name}" if self.version is not None else self._fingerprint(self.call)
        facts = FunctionFacts(self.type, code, doc=(inspect.getdoc(self.call) or "").partition("\n")[0] or None)
        if self.type == "llm":
            facts.parser = self._parser_facts()
            facts.schema = _values.digest(_values.encode(self.schema)) if self.schema else None
            facts.tools = _values.digest(_values.encode(self.tools)) if self.tools else None
        facts.output = self._declared_schema()
        return facts

    def _fingerprint(self, call: Callable[..., Any]) -> str:
        declares = self.type == "graph" or (self.type == "python" and self.context is not None)

        def described(found: object) -> Declaration | None:
            """What a registered function that this one refers to contributes to its fingerprint; None for anything else."""
            describe = getattr(type(found), "describe_for", None)
            return None if describe is None else describe(found, declares=declares, calls=self.type != "graph")

        return fingerprint(call, described, {"add_task": self._all_settings, "add_output_task": self._all_settings})

    def settings(self) -> list[Any]:
        """Defaults of the tasks it makes."""
        return [self.model, self.params, self.retries, self.timeout, self.idle_timeout, self.effect]

    def _all_settings(self) -> str:
        """Settings of all functions that a task may name: what is declared by name shows no function."""
        return _values.digest(_values.encode(sorted(self.named().items()) if self.named is not None else []))

    def _parser_facts(self) -> str:
        version = None if self.version is None else f"version {self.version} of {self.name}"
        if self.parser is not None:
            return version or self._fingerprint(self.parser)
        if self.output in (NONE, str, Message):
            return version or ("text" if self.output is not Message else "message")
        schema = _values.digest(_values.encode(self._output_schema))
        code = [version] if version else sorted(self._fingerprint(kind) for kind in _classes(self.output))
        return _values.digest("\0".join([schema, *code]).encode())

    def _declared_schema(self) -> Raw | UnsetType:
        kind = self._output_type
        if self.type == "llm" and self.parser is None and kind is NONE:
            kind = str
        if kind in (NONE, Any):
            return UNSET
        try:
            return Raw(_values.encode(msgspec.json.schema(kind)))
        except UNREADABLE:
            return UNSET


def without_fence(text: str) -> str:
    """Text without the Markdown fence that models like to put around JSON."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped:
        return stripped.partition("\n")[2][:-3]
    return stripped


def type_name(kind: Any) -> str:
    """A type as a person would write it."""
    return kind.__name__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind).replace("typing.", "")


def _classes(kind: Any) -> set[type]:
    """The classes that a type is made of."""
    found = {kind} if isinstance(kind, type) and not typing.get_args(kind) else set()
    return found.union(*(_classes(inner) for inner in typing.get_args(kind)))


def unwrapped(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function under wrappers, partials, methods and callable objects."""
    inner: Any = inspect.unwrap(call)
    while isinstance(inner, functools.partial):
        inner = inspect.unwrap(inner.func)
    if inspect.ismethod(inner):
        inner = inner.__func__
    if not inspect.isfunction(inner) and callable(inner) and not isinstance(inner, type):
        inner = type(inner).__call__
    return inner  # type: ignore[no-any-return]


def _closure(call: Callable[..., Any]) -> dict[str, Any]:
    """The names of enclosing functions that it uses, as far as they have values yet."""
    names = getattr(getattr(call, "__code__", None), "co_freevars", ())
    found: dict[str, Any] = {}
    for name, cell in zip(names, getattr(call, "__closure__", None) or (), strict=False):
        with contextlib.suppress(ValueError):
            found[name] = cell.cell_contents
    return found
