"""The info pane: what a task is, what it took, where it is from, what a resume would do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from llmtaskgraph import Attempt, Task, TaskRun, Usage, named_arguments, named_refs

from . import values
from .flow import Block, Span
from .format import clock, dollars, seconds
from .session import Session
from .why import STAGES, provenance, why

NEEDS: Final = 30
"""So many dependencies are named."""

PARTIAL: Final = 400
"""So much is shown of what had arrived when an attempt failed."""


def about(session: Session, task: Task, seen: TaskRun | None) -> list[Block]:
    """All that is known of a task beside its stages."""
    pairs = [
        *_state(session, task, seen),
        *_what(session, task, seen),
        *_edits(session, task),
        *_needs(session, task),
        *_stages(session, task, seen),
    ]
    width = max(len(name) for name, _, _ in pairs)
    blocks = [Block(f"{name:<{width}}  {text}", look, (Span(0, len(name), "dim"),), hang=width + 2) for name, text, look in pairs]
    if seen is not None:
        blocks += _attempts(seen)
        if seen.logs:
            blocks.append(Block("\nlog", "heading"))
            blocks += [Block(f"{clock(log.at)[11:]} {log.level}: {log.text}", hang=9) for log in seen.logs]
    return blocks


Pair = tuple[str, str, str]


def _what(session: Session, task: Task, seen: TaskRun | None) -> Iterator[Pair]:
    assert session.state is not None
    yield "task", task.id, ""
    kind = {"llm": "LLM task", "python": "Python task", "graph": "graph"}[task.type]
    yield "type", f"{kind}, function {task.function}" if task.function else kind, ""
    facts = session.state.functions.get(task.function or "")
    if facts is not None and facts.doc:
        yield "about", facts.doc, ""
    if task.type == "llm":
        yield "model", _model(session, task, seen), ""
        if task.params:
            yield "params", values.compact(task.params), ""
    given = [
        f"{task.retries} retries" if task.retries is not None else "",
        f"timeout {seconds(task.timeout)}" if task.timeout is not None else "",
    ]
    if any(given):
        yield "limits", ", ".join(filter(None, given)), ""
    if task.effect == "once":
        yield "effect", "once: it never runs again by itself", "warning"


def _model(session: Session, task: Task, seen: TaskRun | None) -> str:
    asked = task.model or ""
    run = session.shown
    if run is not None and run.model:
        asked = f"{run.model} (set for the run; the task names {asked or 'none'})"
    answered = next((each.model for each in reversed(seen.attempts) if each.model), None) if seen is not None else None
    if answered and answered != asked and answered != asked.partition(":")[2]:
        return f"{asked}; {answered} answered"
    return asked


def _state(session: Session, task: Task, seen: TaskRun | None) -> Iterator[Pair]:
    assert session.state is not None
    assert session.run is not None
    if seen is None:
        yield "status", "waiting", "dim"
    else:
        look = "error" if seen.status in ("failed", "blocked") else ""
        from_run = f" (run {seen.run})" if seen.run != session.run else ""
        yield "status", f"{seen.status}{from_run}", look
    reason = why(session.state, session.run, task, seen)
    if reason:
        yield "why", reason, ""
    if seen is not None:
        if seen.started is not None:
            took = seconds(seen.ended - seen.started) if seen.ended is not None else "not ended"
            yield "started", f"{clock(seen.started)}, {took}", ""
        usage = [attempt.usage for attempt in seen.attempts if attempt.usage is not None]
        if usage:
            costs = [attempt.cost for attempt in seen.attempts if attempt.cost is not None]
            yield "tokens", _tokens(usage), ""
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
    through: dict[str, str] = {}
    if len(needed) <= 10 * NEEDS:  # the paths of very many would take a while
        for name, arg in named_arguments(task):
            for path, ref in named_refs(name, arg):
                through.setdefault(ref, f"{path} ← ")
    for position, id in enumerate(needed[:NEEDS]):
        seen = session.seen(id)
        stands = seen.status if seen is not None else "waiting"
        yield ("needs" if position == 0 else ""), f"{through.get(id, '')}{id} ({stands})", ""
    if len(needed) > NEEDS:
        yield "", f"... and {len(needed) - NEEDS:,} more", "dim"


def _stages(session: Session, task: Task, seen: TaskRun | None) -> Iterator[Pair]:
    """Where each value is from, and the beginning of its key; `v` shows the keys in full."""
    if seen is None:
        return
    assert session.state is not None
    assert session.run is not None
    for name in STAGES:
        stage = seen.stage(name)
        if stage is not None:
            look = "edited" if stage.origin == "edited" else ""
            yield name, f"{provenance(session.state, session.run, seen, name)}, key {stage.key[:8]}", look


def _attempts(seen: TaskRun) -> list[Block]:
    interesting = len(seen.attempts) > 1 or any(a.error is not None or a.ended is None or a.model for a in seen.attempts)
    if not interesting:
        return []
    blocks = [Block("\nattempts", "heading")]
    for number, attempt in enumerate(seen.attempts, 1):
        blocks.append(Block(_attempt(number, attempt), "error" if attempt.status == "failed" else "", hang=3))
        if attempt.error is not None:
            fault = f" ({attempt.error.fault})" if attempt.error.fault else ""
            blocks.append(Block(f"   {attempt.error.type}{fault}: {attempt.error.message}", hang=3))
        if attempt.partial:
            more = f" ... {len(attempt.partial) - PARTIAL:,} more" if len(attempt.partial) > PARTIAL else ""
            blocks.append(Block(f"   had arrived: {attempt.partial[:PARTIAL]}{more}", "dim", hang=3))
        if attempt.wait is not None:
            blocks.append(Block(f"   tried again after {seconds(attempt.wait)}", "dim", hang=3))
    return blocks


def _attempt(number: int, attempt: Attempt) -> str:
    took = seconds(attempt.ended - attempt.started) if attempt.ended is not None else ""
    doubt = "no end was recorded: it may have been paid for" if attempt.ended is None and attempt.status != "running" else ""
    tokens = _tokens([attempt.usage]) if attempt.usage is not None else ""
    words = [clock(attempt.started)[11:], attempt.status, took, attempt.model or "", attempt.finish_reason or "", tokens]
    return f"{number}. " + ", ".join(word for word in (*words, dollars(attempt.cost), doubt) if word)


# As JSON


def record(session: Session, task: Task, seen: TaskRun | None) -> bytes:
    """All that is recorded of a task but the values of its stages: keys in full, the schema of its answer, ..."""
    assert session.state is not None
    found: dict[str, Any] = {"task": task}
    facts = session.state.functions.get(task.function or "")
    if facts is not None:
        found["function"] = facts
    if seen is not None:
        run = msgspec.to_builtins(msgspec.structs.replace(seen, prompt=None, response=None, children=None, output=None))
        for name in STAGES:
            stage = seen.stage(name)
            if stage is not None:
                run[name] = {"key": stage.key, "origin": stage.origin, "from": stage.source}
        found["task_run"] = run
    return msgspec.json.encode(found)


def arguments(session: Session, task: Task) -> bytes:
    """The arguments by name or position; null for those that are not known yet."""
    found: dict[str, Raw | None] = {}
    for name, arg in [*((str(number), arg) for number, arg in enumerate(task.args, 1)), *task.kwargs.items()]:
        known = {id: bytes(seen.output.value) for id in arg.refs() if (seen := session.seen(id)) is not None and seen.output}
        found[name] = Raw(arg.compose(known)) if all(id in known for id in arg.refs()) else None
    return msgspec.json.encode(found)
