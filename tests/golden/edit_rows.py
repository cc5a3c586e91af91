"""What becomes of what a person types: an edit, or a refusal; and the trace with these edits in it, as Python writes it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from msgspec import UNSET

from llmtaskgraph import Edit, EditMade, EditName, EditRefused, LLMTaskGraphError, State, Trace, UnrecordableValue, _edit, _trace

from .rows_of import Rows, rows_of

AT = 1_700_000_000.5
"""When all of them are made."""


class Step(NamedTuple):
    """Something that a person does. `text` is None for taking an edit back, and `AGAIN` for asking for a new sample."""

    run: int
    task: str
    stage: EditName
    text: str | None


AGAIN = "\0again"

_DEEP = "[" * 202 + "]" * 202
_TOOLS = """[{"parts": [{"content": "a\\u00e9\\/", "type": "text", "more": 1}], "finish_reason": null, "role": "user"},
 {"role": "assistant", "finish_reason": "tool_call", "parts": [
  {"name": "f", "arguments": {"2": 1E5, "1": [1.0e-7, -0]}, "id": "c", "type": "tool_call"},
  {"type": "tool_call", "id": "d", "name": "g"}, {"type": "reasoning", "content": ""}]},
 {"role": "tool", "parts": [{"id": "c", "type": "tool_call_response", "response": 9007199254740993}]},
 {"role": "user", "parts": [{"type": "blob", "content": "", "mime_type": "image/png", "modality": "image", "name": "x"},
  {"uri": "u:", "type": "uri", "modality": "file", "mime_type": null}]}]"""

SCENARIOS: dict[str, list[Step]] = {
    "finished": [
        *(
            Step(1, "main/judge[style]", "prompt", text)
            for text in (
                "plain",
                "",
                " [not json",
                "[]",
                "[1]",
                '[{"role": "user", "parts": []}]',
                _TOOLS,
                '[{"role":"robot","parts":[]}]',
                '[{"role":"user","parts":[{"type":"text"}]}]',
                "lone \ud83e, joined \ud83e\udd94, control \x00\x1b\x7f\x85\u2028\u202e\ufeff\U000e0041",
            )
        ),
        *(
            Step(1, "main/judge[style]", "response", text)
            for text in (
                '{"score": 9}',
                ' {"role": "assistant", "parts": [{"type": "text", "content": "x"}], "finish_reason": "stop", "other": [1]}',
                '{"parts":[],"role":"assistant"}',
                "{",
                "text \ud83e",
            )
        ),
        *(
            Step(1, "main/fix", "output", text)  # that was text
            for text in ("7", '"7"', "[1, 2]", "null", "", '"a', '"\\ud83e"', '"\\ud83e\\udd94\\u0041"', '"\ud83e"', " \t", _DEEP)
        ),
        *(
            Step(1, "main/issues", "output", text)  # that was a list
            for text in (
                "[1.50, 1E5, 1e5, -0, -0.0, 0.1e1, 1e-7, 0.0000001, 0.00001, 1e15, 1e16, 1e22, 5e-324]",
                "[123456789012345678901234567890]",
                '{"b": 1, "a": 2, "b": 3, "10": [ ], "9": { }, "__proto__": "\\u0041\\/"}',
                '"text"',
                "text",
                "",
                "[1,]",
                "01",
                "NaN",
                "1e400",
                "9" * 4300,
                "9" * 4301,
                "-" + "9" * 4300,
                '"\\ud83e"',
                '"\\udd94"',
                '"\\ud83e\\u0041"',
                '["\\ud83e"',
                '"\ud83e"',
                '"\t"',
                "[1] 2",
                "\ufeff1",
                "\u00a01",
                "tru",
                "truex",
                _DEEP,
                _DEEP[1:-1],
                "[" * 200 + "1" + "]" * 200,
                "[" * 201 + "1" + "]" * 201,
                "[" * 5000 + "]" * 5000,
            )
        ),
        *(
            Step(1, "main/judge[facts]", "model", text)
            for text in (
                "lab:large",
                ' "lab:a/b:c" ',
                "large",
                "lab:",
                ":x",
                "lab: x",
                "",
                "lab:a b",
                "läb.1_-:é",
                "'lab:x'",
                "a\nb:c",
            )
        ),
        *(
            Step(1, "main/judge[facts]", "params", text)
            for text in ('{"a": 1.0, "b": 1E2}', "{}", "[]", "3", "{'a': 1}", "", "null")
        ),
        *(
            Step(1, "main/judge[facts]", "sample", text)
            for text in ("0", "3", "-0", "-1", "1.0", "1e2", "true", '"3"', "18446744073709551616", "null")
        ),
        *(Step(1, "main", "input", text) for text in ('{"text": "other"}', '"other"', '{"text": 1e2}', "{}")),
        Step(1, "main/fix", "input", "{}"),
        Step(1, "main/issues", "prompt", "x"),
        Step(1, "main/issues", "response", "x"),
        Step(1, "main/issues", "model", "lab:x"),
        Step(1, "main/repair", "params", "{}"),
        Step(1, "main/repair", "prompt", None),
        Step(1, "main/issues", "output", None),
        Step(1, "main/issues", "output", None),
        Step(1, "main/issues", "sample", AGAIN),
        Step(1, "main/fix", "sample", AGAIN),
        Step(1, "main/judge[style]", "sample", AGAIN),
        Step(1, "main/judge[style]", "response", None),
        Step(1, "main/judge[style]", "sample", AGAIN),
        Step(1, "main/judge[style]", "sample", AGAIN),
        Step(1, "main/judge[facts]", "sample", None),
        Step(1, "main", "input", None),
        Step(1, "main/repair", "output", "[]"),
    ],
    "failed": [  # outputs that are not there: what they are to be is told by the functions
        *(Step(2, "main/issues", "output", text) for text in ("text", '["x"]')),
        *(Step(1, "main/fix", "output", text) for text in ("text", "7", '"x"', "{}")),
        *(Step(1, "main/judge[style]", "output", text) for text in ("text", '{"score": 1}')),
        Step(1, "main", "output", "text"),
    ],
    "explicit": [
        *(Step(2, "whole", "input", text) for text in ('{"topic": "x"}', '["x"]', '"x"')),
        *(Step(2, "whole/compare", "output", text) for text in ("text", "7")),
        *(Step(2, "whole/inside/compare", "output", text) for text in ("text", "7")),
        Step(2, "whole/topic_of", "response", None),
        Step(2, "whole/topic_of", "response", None),
        Step(1, "whole/topic_of[two]", "prompt", "again"),
    ],
    "edits": [
        Step(5, "story/merge", "output", None),
        Step(5, "story/polish", "sample", AGAIN),
        Step(5, "story/outline", "sample", AGAIN),
        Step(4, "story/polish", "model", "lab:other"),
        Step(3, "story/judge[style]", "response", None),
        Step(1, "story/judge[style]", "response", "late"),
        Step(6, "story/outline", "prompt", None),
    ],
    "spaced": [Step(2, "values/same", "output", None), Step(1, "values/odd", "response", "plain")],
}


def edit_rows(name: str, folder: Path) -> Rows:
    """The steps with what became of them, and what there is at their end."""
    trace, steps = edited(name, folder)
    return {"steps": steps, "written": sha256(trace.encode()).hexdigest(), **_left(rows_of(trace.state))}


def edited(name: str, folder: Path) -> tuple[Trace, list[Rows]]:
    """A trace after its steps, and what became of each."""
    path = folder / f"{name}.json"
    trace = _trace.decode(path.read_bytes(), path)
    steps: list[Rows] = []
    for step in SCENARIOS[name]:
        told: Rows = {"run": step.run, "task": step.task, "stage": step.stage, "do": what(step)}
        told |= {"text": step.text} if what(step) == "edit" else {}
        try:
            edit = _made(trace.state, step)
        except (EditRefused, UnrecordableValue) as error:
            steps.append({**told, "refused": _without_detail(error)})
            continue
        trace.state.apply(EditMade(edit))
        trace.state.sequence += 1
        steps.append({**told, "id": edit.id, "value": None if edit.value is UNSET else bytes(edit.value).decode()})
    return trace, steps


def what(step: Step) -> str:
    """Which of the three."""
    return "revert" if step.text is None else "again" if step.text == AGAIN else "edit"


def _made(state: State, step: Step) -> Edit:
    task = _edit.one_task(state, step.run, step.task)
    if step.text is None:
        return _edit.revert(state, step.run, task, step.stage, AT)
    if step.text == AGAIN:
        return _edit.again(state, step.run, task, AT)
    return _edit.edit(state, step.run, task, step.stage, step.text, AT)


def _without_detail(error: LLMTaskGraphError) -> str:
    """Where JSON is wrong each reader tells in its own words, and what cannot be recorded at all is told to programmers."""
    return "" if isinstance(error, UnrecordableValue) or "recursion" in str(error) else str(error).split(" (")[0]


def _left(rows: Rows) -> Rows:
    """Of all rows those that edits change."""
    runs = [{name: run.get(name) for name in ("id", "pending", "to_apply", "plan")} for run in rows["runs"]]
    return {"runs": runs, "pending": [[task.get("pending") for task in run["tasks"]] for run in rows["runs"]]}
