"""A trace with a text, number or key of its own in every place that the format has; new fields are filled by themselves."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw, Struct, UnsetType

from llmtaskgraph._chat import Message
from llmtaskgraph._events import Edit, FunctionFacts, Run, Stage
from llmtaskgraph._graph import Arg, Children, Task
from llmtaskgraph._state import TaskRun
from llmtaskgraph._trace import Document

NUMBERS = {
    *("Task.number", "Task.added_by", "Task.children", "Run.id", "Run.root", "Run.parent", "Run.edits", "Run.last_edit"),
    *(
        "TaskRun.id",
        "TaskRun.run",
        "TaskRun.inputs",
        "Stage.source",
        "Edit.id",
        "Edit.run",
        "Children.tasks",
        "Document.sequence",
    ),
}
"""Numbers of elements: they are structure."""


class Full:
    """Values of the format's types with every field set: each text, number and key is one that stands nowhere else.

    Attributes:
        marks: mark -> the field it stands in.

    Args:
        around: stands around each text.
    """

    def __init__(self, around: str = "") -> None:
        self._around = around
        self.marks: dict[str, str] = {}

    def text(self, where: str) -> str:
        mark = f"{self._around}mark{len(self.marks):04}x{self._around}"
        self.marks[mark] = where
        return mark

    def number(self, where: str) -> int:
        mark = 7_000_000 + len(self.marks)
        self.marks[str(mark)] = where
        return mark

    def json(self, where: str) -> Any:
        inner = {self.text(where): [self.text(where), self.number(where), {self.text(where): [True, None, self.text(where)]}]}
        return {self.text(where): inner, self.text(where): self.number(where)}

    def of(self, kind: Any, where: str = "") -> Any:
        """A value of a type."""
        origin, inner = get_origin(kind), get_args(kind)
        if kind is Arg:
            return Arg(value=self.of(Raw, "Arg.value"))
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self.struct(kind)
        if kind is str:
            return self.text(where)
        if kind in (int, float):
            return 1 if where in NUMBERS else self.number(where)
        if kind is Raw:
            return Raw(msgspec.json.encode(self.json(where)))
        if kind is Any:
            return self.json(where)
        if origin in (list, tuple) or "Sequence" in str(origin):
            return [self.of(one, where) for one in members(inner[0])]
        if origin is dict:
            return {self.text(f"{where}, a key"): self.of(inner[1], where)}
        if origin is Literal:
            return inner[0]
        if inner:
            return self.of(next(one for one in inner if one not in (type(None), UnsetType)), where)
        raise AssertionError(f"{where}: say what a full {kind} is")

    def struct(self, kind: type[Struct], **given: Any) -> Any:
        hints = get_type_hints(kind)
        return kind(
            **{
                name: given[name] if name in given else self.of(hints[name], f"{kind.__name__}.{name}")
                for name in kind.__struct_fields__
            }
        )

    def arg(self, ref: str) -> Arg:
        """All four kinds in one."""
        alone = Arg(value=self.of(Raw, "Arg.value"))
        entries = {self.text("Arg.entries, a key"): alone, self.text("Arg.entries, a key"): Arg(ref=ref)}
        return Arg(items=[alone, Arg(ref=ref), Arg(entries=entries)])

    def stage(self, kind: Any, where: str) -> Stage:
        found: Stage = self.struct(Stage, value=Raw(msgspec.json.encode(self.of(kind, where))), origin="executed")
        return found


def members(kind: Any) -> tuple[Any, ...]:
    """The types of a union that are structs; else the type."""
    structs = tuple(each for each in get_args(kind) if isinstance(each, type) and issubclass(each, Struct))
    return structs if len(structs) > 1 else (kind,)


def full(around: str = "") -> tuple[Full, bytes]:
    """A trace with something in every field, those of a newer version included; and what is in it."""
    some = Full(around)
    function = some.text("Task.function")
    named = f"{function}/{function}[{some.text('Task.id')}/{some.text('Task.id')}]"
    other = f"{function}/{some.text('Task.id')}"

    def task(number: int, id: str, kind: str, args: Arg, **given: Any) -> Any:
        kwargs = {some.text("Task.kwargs, a key"): args, f"{some.text('no parameter')} ": args}
        return some.struct(Task, id=id, number=number, type=kind, function=function, args=(args,), kwargs=kwargs, **given)

    value = some.of(Arg)
    root = task(1, function, "graph", value, scope=None, children=[2, 3], result=some.arg(named), effect=None)
    inside = [
        task(n, id, "llm", some.arg(named), scope=function, children=None, effect="once") for n, id in ((2, named), (3, other))
    ]
    run = some.struct(Run, id=1, parent=None, status="failed", open=[named], edits=[1])
    children = Children([2, 3], some.arg(named))
    stages = {
        "prompt": some.stage(list[Message], "prompt"),
        "response": some.stage(Message, "response"),
        "output": some.stage(Any, "output"),
    }
    declared = some.struct(Stage, value=Raw(msgspec.json.encode(children)), origin="executed", source=None)
    task_runs = [
        some.struct(TaskRun, id=1, run=1, task=named, status="failed", children=None, **stages),
        some.struct(TaskRun, id=2, run=1, task=function, status="failed", children=declared, **dict.fromkeys(stages)),
    ]
    values = {"prompt": list[Message], "response": Message, "output": Any, "model": str, "params": dict[str, Any], "input": Any}
    edits = [
        some.struct(Edit, id=id, run=1, task=named, stage=stage, value=Raw(msgspec.json.encode(some.of(kind, f"Edit.{stage}"))))
        for id, (stage, kind) in enumerate(values.items(), 1)
    ]
    facts = {function: some.struct(FunctionFacts)}
    document = some.struct(
        Document,
        format="llmtaskgraph/1",
        app=run.app,
        functions=facts,
        tasks=[root, *inside],
        runs=[run],
        task_runs=task_runs,
        edits=edits,
    )
    encoded = json.loads(msgspec.json.encode(document))
    for place in (encoded, encoded["tasks"][0], encoded["runs"][0], encoded["task_runs"][0], encoded["edits"][0]):
        place[some.text("of a newer version")] = some.json("of a newer version")
    return some, msgspec.json.encode(encoded)
