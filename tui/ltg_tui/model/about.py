"""The info pane: what a task is, what it took, where it is from, what a resume would do with it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from llmtaskgraph import Attempt, Task, TaskRun, Usage

from . import values
from .flow import Block
from .format import clock, dollars, seconds
from .session import Session


def about(session: Session, task: Task, seen: TaskRun | None) -> list[Block]:
    """All that is known of a task beside its stages."""
    pairs = [
        *_what(session, task),
        *_state(session, task, seen),
        *_edits(session, task),
        *_needs(session, task),
    ]
    width = max(len(name) for name, _, _ in pairs)
    blocks = [Block(f"{name:<{width}}  {text}", look) for name, text, look in pairs]
    if seen is not None:
        blocks += _attempts(seen)
        if seen.logs:
            blocks.append(Block("\nlog", "heading"))
            blocks += [Block(f"{clock(log.at)[11:]} {log.level}: {log.text}") for log in seen.logs]
    return blocks


Pair = tuple[str, str, str]


def _what(session: Session, task: Task) -> Iterator[Pair]:
    assert session.state is not None
    yield "task", task.id, ""
    kind = {"llm": "LLM task", "python": "Python task", "graph": "graph"}[task.type]
    yield "type", f"{kind}, function {task.function}" if task.function else kind, ""
    facts = session.state.functions.get(task.function or "")
    if facts is not None and facts.doc:
        yield "about", facts.doc, ""
    if task.type == "llm":
        yield "model", task.model or "", ""
        if task.params:
            yield "params", values.compact(task.params), ""
    if task.effect == "once":
        yield "effect", "once: it never runs again by itself", "warning"


def _state(session: Session, task: Task, seen: TaskRun | None) -> Iterator[Pair]:
    if seen is None:
        yield "status", "waiting", "dim"
    else:
        look = "error" if seen.status in ("failed", "blocked") else ""
        from_run = f" (run {seen.run})" if seen.run != session.run else ""
        yield "status", f"{seen.status}{from_run}", look
        if seen.started is not None:
            took = seconds(seen.ended - seen.started) if seen.ended is not None else "not ended"
            yield "started", f"{clock(seen.started)}, {took}", ""
        usage = [attempt.usage for attempt in seen.attempts if attempt.usage is not None]
        if usage:
            yield "tokens", _tokens(usage), ""
            costs = [attempt.cost for attempt in seen.attempts if attempt.cost is not None]
            yield "cost", dollars(sum(costs)) if costs else "unpriced", ""
    planned = session.planned.get(task.id)
    if planned is not None:
        word = {"run": "⟳ will run again", "maybe": "⟳ may run again", "kept": "kept"}[planned.action]
        yield "resume", f"{word}: {planned.reason}", "" if planned.action == "kept" else "stale"
        if planned.warning:
            yield "", planned.warning, "warning"


def _tokens(usage: list[Usage]) -> str:
    given = sum(each.input_tokens or 0 for each in usage)
    made = sum(each.output_tokens or 0 for each in usage)
    cached = sum(each.cached_input_tokens or 0 for each in usage)
    thought = sum(each.reasoning_tokens or 0 for each in usage)
    more = [f"{cached:,} cached"] if cached else []
    more += [f"{thought:,} reasoning"] if thought else []
    told = f" ({', '.join(more)})" if more else ""
    return f"{given:,} in, {made:,} out{told}"


def _edits(session: Session, task: Task) -> Iterator[Pair]:
    assert session.state is not None
    assert session.run is not None
    waiting = {edit.stage: edit for edit in session.state.pending_edits(session.run) if edit.task == task.id}
    for stage, edit in waiting.items():
        done = "taken back" if edit.value is UNSET else "edited"
        value = f" to {values.compact(values.string(edit.value))}" if stage == "model" and edit.value is not UNSET else ""
        yield "edit", f"✎ {stage} {done}{value} {clock(edit.at)}, not yet run", "edited"
    for (id, name), edit in session.state.edits_in_force(session.run).items():
        if id == task.id and name not in waiting:
            yield "edit", f"✎ {name} edited {clock(edit.at)}", "edited"


def _needs(session: Session, task: Task) -> Iterator[Pair]:
    needed = task.dependencies()
    for position, id in enumerate(needed[:30]):
        seen = session.seen(id)
        yield ("needs" if position == 0 else ""), f"{id} ({seen.status if seen is not None else 'waiting'})", ""
    if len(needed) > 30:
        yield "", f"... and {len(needed) - 30:,} more", "dim"


def _attempts(seen: TaskRun) -> list[Block]:
    interesting = len(seen.attempts) > 1 or any(a.error is not None or a.ended is None or a.model for a in seen.attempts)
    if not interesting:
        return []
    blocks = [Block("\nattempts", "heading")]
    for number, attempt in enumerate(seen.attempts, 1):
        blocks.append(Block(_attempt(number, attempt), "error" if attempt.status == "failed" else ""))
        if attempt.error is not None:
            fault = f" ({attempt.error.fault})" if attempt.error.fault else ""
            blocks.append(Block(f"   {attempt.error.type}{fault}: {attempt.error.message}"))
        if attempt.wait is not None:
            blocks.append(Block(f"   again after {seconds(attempt.wait)}", "dim"))
    return blocks


def _attempt(number: int, attempt: Attempt) -> str:
    took = seconds(attempt.ended - attempt.started) if attempt.ended is not None else ""
    doubt = "no end was recorded: it may have been paid for" if attempt.ended is None and attempt.status != "running" else ""
    parts = [attempt.status, took, attempt.model or "", attempt.finish_reason or "", dollars(attempt.cost), doubt]
    return f"{number}. " + ", ".join(part for part in parts if part)
