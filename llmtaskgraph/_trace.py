"""The document: how a trace is written to JSON and read back.

One JSON object whose lists have one element a line, so that it can be searched with grep and read in part when it is
damaged. Elements that were read and have not changed are written back as the bytes they were, so that fields of a newer
writer survive. Values stay raw JSON until somebody looks at them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import islice
from typing import Any, Final, get_args, get_origin

import msgspec
from msgspec import UNSET, Raw, Struct, field

from . import _values
from ._chat import Usage
from ._errors import DamagedTrace, NewerTrace, NotATrace
from ._events import Attempt, Edit, Failure, Frame, FunctionFacts, Log, Run, Stage
from ._graph import Arg, Task
from ._state import State, TaskRun

MAJOR: Final = 1
FORMAT: Final = f"llmtaskgraph/{MAJOR}"


class Document(Struct, omit_defaults=True):
    """The shape of `trace.json`; its JSON Schema ships as `llmtaskgraph/trace.schema.json`.

    Attributes:
        format: `llmtaskgraph/` and the major version.
        id: of the trace; it never changes.
        sequence: number of the last event that is folded in; a journal continues after it.
        app: the program of the newest run.
        functions: what is known of the functions that tasks name.
        tasks: all declarations.
        runs: all runs.
        task_runs: all task runs that a run executed, edited or took from elsewhere.
        edits: all edits and reverts.
    """

    format: str
    id: str
    sequence: int = 0
    app: str | None = None
    functions: dict[str, FunctionFacts] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    task_runs: list[TaskRun] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)


_LISTS: Final[dict[str, type[Any]]] = {"tasks": Task, "runs": Run, "task_runs": TaskRun, "edits": Edit}
_DECODERS: Final = {name: msgspec.json.Decoder(kind) for name, kind in _LISTS.items()}
_READ_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
_ELEMENTS_A_BLOCK: Final = 500
_DIGITS: Final = 4300
_TOLD: Final = 50
_ADVICE: Final = "`ltg check` tells what is readable; the file is left as it is"
_STRUCTS: Final = {TaskRun, Run, Stage, Attempt, Failure, Frame, Log, Usage}
_encode: Final = msgspec.json.Encoder().encode
_encode_lines: Final = msgspec.json.Encoder().encode_lines


class Trace:
    """A document in memory: its state, and the bytes of what was read.

    Attributes:
        state: tasks, runs, task runs, edits.
        newer: it was written by a newer major format: look, do not write.
        problems: what could not be read; empty for a whole trace.
    """

    def __init__(self, state: State | None = None) -> None:
        self.state = state if state is not None else State(str(uuid.uuid4()))
        self.newer = False
        self.problems: list[str] = []
        self._format = FORMAT
        self._raw: dict[str, dict[int, Raw]] = {name: {} for name in _LISTS}
        self._live: dict[str, set[int]] = {name: set() for name in _LISTS}
        self._functions: dict[str, tuple[FunctionFacts, Raw]] = {}
        self._extra: dict[str, Raw] = {}

    def encode(self) -> bytes:
        """The document as JSON.

        Raises:
            NewerTrace: it is of a newer format, which this version cannot write.
        """
        return b"".join(self.blocks())

    def blocks(self) -> Iterator[bytes]:
        """The document as JSON, in pieces, so that a large one need not stand in memory twice."""
        if self.newer:
            raise NewerTrace("trace", "a newer llmtaskgraph wrote it; it is read-only here", "update llmtaskgraph to write it")
        state = self.state
        app = next((run.app for run in reversed(state.runs.values()) if run.app), None)
        head: list[tuple[str, Any]] = [("format", self._format), ("id", state.id), ("sequence", state.sequence)]
        head += [("app", app)] if app else []
        functions = {name: self._facts(name, facts) for name, facts in state.functions.items()}
        head += [("functions", functions), *self._extra.items()]
        yield b"{" + b",\n".join(_encode(name) + b":" + _encode(value) for name, value in head)
        for name, elements in self._elements():
            left = iter(elements)
            before = b",\n" + _encode(name) + b":["
            empty = True
            while some := list(islice(left, _ELEMENTS_A_BLOCK)):
                yield before + (b"\n" if empty else b",\n")
                yield _lines(some, self._raw[name], self._live[name])
                before, empty = b"", False
            yield before + b"]" if empty else b"\n]"
        yield b"}\n"

    def _facts(self, name: str, facts: FunctionFacts) -> FunctionFacts | Raw:
        read = self._functions.get(name)
        return read[1] if read is not None and read[0] == facts else facts

    def _elements(self) -> Iterator[tuple[str, Iterable[Any]]]:
        for name in _LISTS:
            yield name, getattr(self.state, name).values()


def _number(element: Task | Run | TaskRun | Edit) -> int:
    return element.number if isinstance(element, Task) else element.id


def _lines(elements: list[Any], raw: Mapping[int, Raw], live: Set[int]) -> bytes:
    """Elements as they are written, one a line."""
    if not raw:
        lines = _encode_lines(elements)[:-1]
        separated = lines.replace(b"\n", b",\n")
        if len(separated) - len(lines) == len(elements) - 1:  # no value was formatted by somebody else
            return separated
    return b",\n".join([_line(element, raw, live) for element in elements])


def _line(element: Any, raw: Mapping[int, Raw], live: Set[int]) -> bytes | Raw:
    """An element as it is written. What was not under way when it was read never changes."""
    number = _number(element)
    read = raw.get(number)
    if read is None:
        return _encode(element)
    return _merged(read, Raw(_encode(element)), type(element)) if number in live else read


def _merged(old: Raw, new: Raw, kind: Any) -> Raw:
    """The new JSON of a value of that type, with the fields of the old one that this version does not know."""
    shapes = bytes(memoryview(old)[:1]) + bytes(memoryview(new)[:1])
    if get_origin(kind) in (list, tuple) and shapes == b"[[":
        before, after = msgspec.json.decode(old, type=list[Raw]), msgspec.json.decode(new, type=list[Raw])
        inner = get_args(kind)[0]
        return Raw(_encode([*(_merged(a, b, inner) for a, b in zip(before, after, strict=False)), *after[len(before) :]]))
    kind = next((part for part in get_args(kind) if part in _STRUCTS), kind)
    if kind not in _STRUCTS or shapes != b"{{":
        return new
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    was, now = msgspec.json.decode(old, type=dict[str, Raw]), msgspec.json.decode(new, type=dict[str, Raw])
    known = {name: _merged(was[name], value, fields[name]) if name in was else value for name, value in now.items()}
    return Raw(_encode({**known, **{name: value for name, value in was.items() if name not in fields}}))


def peek(head: bytes) -> tuple[str, int] | None:
    """Id and sequence number from the first bytes of a document that this version wrote; None when they do not tell."""
    found = re.match(rb'\{"format":"[^"]*",\n"id":"([^"]*)",\n"sequence":(\d+),', head)
    return (found[1].decode(errors="replace"), int(found[2])) if found else None


def decode(data: bytes, path: object = "trace", *, salvage: bool = False) -> Trace:
    """Read a document.

    Args:
        data: the bytes of `trace.json`.
        path: for messages.
        salvage: give what is readable of a damaged one, with `problems`, where possible.

    Raises:
        NotATrace: empty, not JSON, or not ours.
        DamagedTrace: ours, but cut or altered.
        NewerTrace: of a newer format, and not readable by this version.
    """
    try:
        fields = msgspec.json.decode(data, type=dict[str, Raw])
        if peek(data[:4096]) is None:  # formatted by somebody else: to us white space inside values would be a change
            fields = {name: Raw(_values.canonical(raw)) for name, raw in fields.items()}
        _check_raw(data)
    except _READ_ERRORS as error:
        if not data.strip():
            raise NotATrace(path, "the file is empty", "give the path of a trace, or remove it and run again") from None
        if b'"format":"llmtaskgraph/' not in b"".join(data[:200].split()):
            raise NotATrace(path, "this is not a trace (not JSON of ours)", "give the path of a trace.json") from None
        return _salvage(data, path, str(error), strict=not salvage)
    return _read(fields, path, salvage)


def _check_raw(data: bytes) -> None:
    """Refuse what raw JSON may hide until somebody decodes it: bytes that are not UTF-8, half characters, endless numbers."""
    if not data.isascii():
        data.decode()
    if b"\\ud" in data or b"\\uD" in data or _has_endless_number(data):
        msgspec.json.decode(data)


def _has_endless_number(data: bytes) -> bool:
    """Whether a run of digits is longer than Python reads. Such a run covers one of the places that are looked at."""
    half = _DIGITS // 2
    places = (at for at in range(0, len(data), _DIGITS) if 48 <= data[at] <= 57)
    return any(data[at : at + half].isdigit() or data[max(0, at - half) : at].isdigit() for at in places)


def _read(fields: dict[str, Raw], path: object, salvage: bool) -> Trace:
    newer = _check_format(fields, path)
    trace = Trace(State())
    trace.newer = newer
    try:
        if not newer:
            trace._format = msgspec.json.decode(fields["format"], type=str)
        if "id" not in fields:
            trace.problems.append("its id is missing")
        for name, kind in (("id", str), ("sequence", int), ("functions", dict[str, Raw])):
            if name in fields:
                _take_head(trace, name, fields[name], kind)
        for name in _LISTS:
            if name in fields:
                _take(trace, name, msgspec.json.decode(fields[name], type=list[Raw]))
        _connect(trace)
        if trace.problems and not salvage:
            raise ValueError(trace.problems[0])
    except _READ_ERRORS as error:
        if newer:
            raise NewerTrace(path, "a newer llmtaskgraph wrote this trace", "update llmtaskgraph to read it") from None
        raise _damaged(path, str(error)) from None
    known = {"format", "app", "id", "sequence", "functions", *_LISTS}
    trace._extra = {name: raw for name, raw in fields.items() if name not in known}
    return trace


def _damaged(path: object, problem: str) -> DamagedTrace:
    return DamagedTrace(path, f"the trace is damaged ({problem})", _ADVICE)


def _check_format(fields: dict[str, Raw], path: object) -> bool:
    """Whether the document is of a newer major format."""
    try:
        name, _, major = msgspec.json.decode(fields.get("format", Raw(b'""')), type=str).partition("/")
        version = int(major.split(".")[0])
    except ValueError:
        name, version = "", 0
    if name != "llmtaskgraph" or version < 1:
        raise NotATrace(path, "this JSON is not a trace (no format llmtaskgraph/1)", "give the path of a trace.json")
    return version > MAJOR


def _take_head(trace: Trace, name: str, raw: Raw, kind: Any) -> None:
    try:
        value = msgspec.json.decode(raw, type=kind)
        if name == "functions":
            trace._functions = {name: (msgspec.json.decode(facts, type=FunctionFacts), facts) for name, facts in value.items()}
            value = {name: facts for name, (facts, _) in trace._functions.items()}
        setattr(trace.state, name, value)
    except _READ_ERRORS as error:
        trace.problems.append(f"{name}: {error}")


def _take(trace: Trace, name: str, elements: Iterable[Raw]) -> None:
    decode_one: Callable[[Raw], Any] = _DECODERS[name].decode
    raw, state = trace._raw[name], trace.state
    for position, element in enumerate(elements):
        try:
            value = decode_one(element)
            number = _number(value)
            if number in raw:
                raise ValueError(f"there is a number {number} already")
            if isinstance(value, Task) and not all(map(_is_one, value.arguments())):
                raise ValueError(f"an argument of {value.id} is none")
        except _READ_ERRORS as error:
            trace.problems.append(f"{name}[{position}]: {error}")
            continue
        raw[number] = element
        if isinstance(value, TaskRun):
            state.add_task_run(value)
        elif isinstance(value, Run):
            state.add_run(value)
        elif isinstance(value, Task):
            state.tasks[number] = value
            continue
        else:
            state.edits[number] = value
            continue
        if value.status == "running":
            trace._live[name].add(number)


def _is_one(arg: Arg) -> bool:
    if arg.value is not UNSET or arg.ref is not UNSET:
        return True
    if arg.items is not UNSET:
        return all(map(_is_one, arg.items))
    return arg.entries is not UNSET and all(map(_is_one, arg.entries.values()))


def _connect(trace: Trace) -> None:
    """Take out the parts that do not fit together, and tell."""
    state, problems = trace.state, trace.problems
    for edit in list(state.edits.values()):
        if not edit.fits:
            problems.append(f"edit {edit.id} of {edit.task}: its value is none for a {edit.stage}")
            del state.edits[edit.id]
    for _, run in sorted(state.runs.items()):
        parent_missing = run.parent is not None and (run.parent not in state.runs or run.parent >= run.id)
        root = state.tasks.get(run.root)
        if root is None or root.scope is not None or root.dependencies() or parent_missing:
            problems.append(f"run {run.id}: its root task or its parent run is missing")
            del state.runs[run.id]
        elif not state.edits.keys() >= set(run.edits):
            problems.append(f"run {run.id}: an edit of it is missing")
            run.edits = [id for id in run.edits if id in state.edits]
    for task_run in list(state.task_runs.values()):
        if task_run.run not in state.runs:
            problems.append(f"task run {task_run.id} ({task_run.task}): its run {task_run.run} is missing")
            del state.task_runs[task_run.id]
    for task in state.tasks.values():
        if task.children is not None:
            if task.result is not None and not _is_one(task.result):
                problems.append(f"{task.id}: its result is none")
            _check_children(trace, task.id, task.children)
    for task_run in state.task_runs.values():
        if task_run.children is not None and not _has_children(trace, task_run, task_run.children):
            task_run.children = None


def _has_children(trace: Trace, task_run: TaskRun, stage: Stage) -> bool:
    try:
        children = trace.state.children_in(stage)
        if not _is_one(children.result):
            raise ValueError("its result is none")
    except _READ_ERRORS as error:
        trace.problems.append(f"task run {task_run.id} ({task_run.task}): its children cannot be read ({error})")
        return False
    if stage.source is None:
        _check_children(trace, task_run.task, children.tasks)
    return True


def _check_children(trace: Trace, parent: str, tasks: list[int]) -> None:
    declared = trace.state.tasks
    for number in tasks:
        if number not in declared:
            trace.problems.append(f"{parent}: task {number}, a child, is missing")
        elif declared[number].scope != parent:
            trace.problems.append(f"{parent}: task {number} ({declared[number].id}) is not a child of it")


def _salvage(data: bytes, path: object, problem: str, *, strict: bool) -> Trace:
    """Read what can be read, line by line, of a document that is not whole."""
    if strict:
        raise _damaged(path, problem)
    found: dict[str, list[Raw]] = {name: [] for name in _LISTS}
    version = re.search(rb'"format"\s*:\s*("llmtaskgraph/[\d.]*")', data[:300])
    head: dict[str, Raw] = {"format": Raw(version[1] if version else _encode(FORMAT))}
    broken: list[str] = [problem]
    current = ""
    for number, line in enumerate(data.splitlines(), 1):
        line = line.strip().removeprefix(b"{" if number == 1 else b"").removesuffix(b",")
        name = line[1:].partition(b'"')[0].decode(errors="replace")
        try:
            if line[:1] == b'"' and name in _LISTS:
                current = name
            elif line[:1] == b'"':
                head.update(_sound(b"{" + line + b"}", dict[str, Raw]))
            elif line.strip(b"]}"):
                found[current].append(_sound(line, Raw))
        except (*_READ_ERRORS, KeyError) as error:
            broken.append(f"line {number}: {error}")
    fields = {**head, **{name: Raw(b"[" + b",".join(elements) + b"]") for name, elements in found.items()}}
    trace = _read(fields, path, salvage=True)
    trace.problems = [*broken[:_TOLD], *([f"{len(broken) - _TOLD} lines more"] if len(broken) > _TOLD else []), *trace.problems]
    return trace


def _sound(data: bytes, kind: Any) -> Any:
    _check_raw(data)
    return msgspec.json.decode(data, type=kind)
