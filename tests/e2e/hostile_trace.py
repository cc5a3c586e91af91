"""A trace in which every text is hostile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui.traces import Scribe, raw, say, scribe

from llmtaskgraph import _events as ev
from llmtaskgraph._chat import Usage
from llmtaskgraph._graph import Arg, Task

from .payloads import ALL, PAYLOADS


def hostile(path: Path, payloads: tuple[str, ...] = (ALL, *PAYLOADS)) -> Scribe:
    """main -> an LLM task for each payload, in all of its fields -> a Python task that failed with them; two runs and edits."""
    by = scribe(path)
    by.root(**{f"given{ALL}": ALL})
    facts = {payloads[0]: ev.FunctionFacts("llm", "c", doc=payloads[0], output=raw({"type": payloads[0]}))}
    run = 1
    by.record(ev.RunStarted(ev.Run(run, 1, by.tick(), app=f"{ALL}.py:{ALL}", model=ALL, scripted=ALL, error=ALL), facts))
    root = by.begin(run, "main")
    asked = [_asked(number, text) for number, text in enumerate(payloads, 2)]
    failed = Task("python", f"main/fails[{ALL}]", 900, ALL, "main", root, args=tuple(Arg(ref=task.id) for task in asked))
    blocked = Task("python", f"main/{ALL}", 901, ALL, "main", root, args=(Arg(ref=failed.id),), effect="once")
    by.declare(root, [*asked, failed, blocked], Arg(ref=blocked.id))
    inputs = [_answered(by, run, task, text) for task, text in zip(asked, payloads, strict=True)]
    last = by.begin(run, failed.id, tuple(inputs))
    by.record(ev.Logged(last, ev.Log(by.now, ALL, ALL)))
    by.fail(last, ev.Failure(ALL, ALL, "output", ALL, [ev.Frame(ALL, 1, ALL, ALL), ev.Frame(f"/x/{ALL}", 2, ALL, ALL)]))
    by.record(ev.TasksBlocked(run, last + 1, [blocked.id], last))
    by.fail(root, ev.Failure("ChildFailed", ALL, "output"))
    by.end(run, "failed")
    first = asked[0].id
    for stage, value in {"response": say(ALL), "model": ALL, "params": {ALL: ALL}, "prompt": [say(ALL, "user")]}.items():
        by.edit(run, first, stage, value)  # type: ignore[arg-type]
    return by


def _asked(number: int, text: str) -> Task:
    return Task(
        "llm",
        f"main/{text}",
        number,
        text,
        "main",
        2,
        args=(Arg(value=raw(text)),),
        kwargs={text: Arg(value=raw({text: [text]}))},
        parser=text,
        model=f"openai:{text}",
        params={text: text},
    )


def _answered(by: Scribe, run: int, task: Task, text: str) -> int:
    parts: list[Any] = [
        {"type": "text", "content": text},
        {"type": "reasoning", "content": text},
        {"type": "blob", "modality": "image", "mime_type": text, "content": "AAAA", "name": text},
        {"type": "uri", "modality": "file", "uri": text},
        {"type": "tool_call", "id": text, "name": text, "arguments": {text: text}},
        {"type": "tool_call_response", "id": text, "response": text},
    ]
    id = by.ask(run, task.id, [say(text, "system"), {"role": "user", "parts": parts}, {"role": "tool", "parts": parts}])
    by.record(ev.ResponseStreamed(id, text), ev.ResponseStreamed(id, text, "reasoning"))
    by.record(ev.AttemptFailed(id, by.tick(), ev.Failure(text, text, "response", text), wait=1.0))
    by.record(ev.AttemptStarted(id, 2, by.tick(), text))
    answer = ev.Stage(raw({"role": "assistant", "parts": parts, "finish_reason": text}), text, "executed")
    by.record(ev.AttemptSucceeded(id, by.tick(), answer, text, text, Usage(900, 30), 0.001))
    return by.succeed(id, {text: [text, {text: None}]})
