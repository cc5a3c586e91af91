"""What the four panes say of a task: prompt (or arguments), response, output (or error), info."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal, TypeAlias

from msgspec import UNSET, Raw

from llmtaskgraph import Stage, Task, TaskRun

from .. import actions
from . import about, chat, values
from .draft import Field, pending
from .failure import failure_blocks
from .flow import Block
from .session import Session
from .tally import because_of_a_child

PaneName: TypeAlias = Literal["prompt", "response", "output", "info"]
PANES: Final[tuple[PaneName, ...]] = ("prompt", "response", "output", "info")

MANY: Final = 5000
"""An argument that is made of more outputs is not put together for the screen."""

_ORDER: Final = {"prompt": 0, "response": 1, "children": 1, "output": 2}


@dataclass
class PaneText:
    """A pane.

    Attributes:
        title: its heading.
        note: a word on where the text is from, or how sure it is.
        look: of the note: `edited`, `stale`, `error`, `live` or ``.
        live: text is still arriving, so the end is what one looks at.
        tokens: how many the provider counted for it.
        prose: it is text that a person or a model wrote, so it may be Markdown.
        plain: the exact text, where the value is one text.
        record: gives the JSON that is recorded.
    """

    title: str
    blocks: list[Block] = field(default_factory=list)
    note: str = ""
    look: str = ""
    live: bool = False
    tokens: int | None = None
    prose: bool = False
    plain: str | None = None
    record: Callable[[], values.Json] | None = None


def detail(session: Session, task: Task) -> dict[PaneName, PaneText]:
    """The panes of a task in the run on screen."""
    seen = session.seen(task.id)
    return {
        "prompt": _prompt(session, task, seen),
        "response": _response(session, task, seen),
        "output": _output(session, task, seen),
        "info": PaneText("info", about.about(session, task, seen), record=lambda: about.record(session, task, seen)),
    }


def _prompt(session: Session, task: Task, seen: TaskRun | None) -> PaneText:
    if task.type != "llm":
        return PaneText("arguments", _arguments(session, task), record=lambda: about.arguments(session, task))
    pane = PaneText("prompt", prose=True)
    raw = _fill(pane, session, task, seen, "prompt")
    if raw is not None:
        pane.blocks = [*chat.prompt_blocks(raw), *_wanted(session, task)]
        pane.plain = chat.plain(values.messages(raw) or ())
        pane.tokens = _tokens(seen, "input_tokens")
    elif seen is None:
        pane.blocks = [Block("not made yet", "dim")]
    else:
        pane.blocks = [Block("no prompt was made", "dim")]
    return _aged(pane)


def _wanted(session: Session, task: Task) -> list[Block]:
    """What the answer has to fit, folded to a line; info shows it in full as JSON."""
    facts = None if session.state is None else session.state.functions.get(task.function or "")
    if facts is None or facts.output is UNSET or facts.schema is None:
        return []
    return [Block(f"\n▸ the answer has to be JSON: {values.outline(facts.output)}", "dim", hang=2)]


def _tokens(seen: TaskRun | None, name: str) -> int | None:
    """What the provider counted, when it was asked last."""
    usage = next((each.usage for each in reversed(seen.attempts) if each.usage is not None), None) if seen else None
    return None if usage is None else getattr(usage, name)


def _response(session: Session, task: Task, seen: TaskRun | None) -> PaneText:
    pane = PaneText("response", prose=True)
    if task.type == "python":
        return PaneText("response", [Block("a Python task: no model is asked", "dim")])
    if task.type == "graph":
        return PaneText("children", _children(session, task))
    raw = _fill(pane, session, task, seen, "response")
    arriving = None if seen is None or session.state is None else session.state.streaming.get(seen.id)
    if arriving is not None:
        text, reasoning = ("".join(pieces) for pieces in arriving)
        pane.blocks = [*(chat.reasoning_blocks(reasoning) if reasoning else []), Block(text)]
        pane.note, pane.look, pane.live = "● arriving", "live", True
        pane.plain, pane.record = text, None
        return pane
    if raw is not None:
        pane.blocks = chat.response_blocks(raw)
        answer = values.message(raw)
        pane.plain = chat.plain([answer]) if answer is not None else None
        if pane.look != "edited":
            pane.tokens = _tokens(seen, "output_tokens")
        return _aged(pane)
    if seen is not None and seen.status == "running" and seen.attempts:
        pane.note, pane.look = "● waiting for the model", "live"
    partial = next((attempt.partial for attempt in reversed(seen.attempts) if attempt.partial), None) if seen else None
    if partial:
        pane.note, pane.look = "cut off: this is what had arrived", "error"
        pane.blocks, pane.plain = [Block(partial, "dim")], partial
    elif not pane.note:
        pane.blocks = [Block("no response", "dim")]
    return pane


def _output(session: Session, task: Task, seen: TaskRun | None) -> PaneText:
    pane = PaneText("output")
    raw = _fill(pane, session, task, seen, "output")
    if seen is not None and seen.error is not None and pending(session.state, session.run, task.id, "output") is None:  # type: ignore[arg-type]
        pane.title, pane.note, pane.look = "error", seen.error.type, "error"
        pane.blocks = failure_blocks(seen.error)
        if because_of_a_child(seen):
            pane.blocks = _cause(session, task) or pane.blocks
        if raw is not None:
            pane.blocks += [Block("\noutput", "heading"), *values.blocks(raw)]
        return pane
    if raw is not None:
        pane.blocks = values.blocks(raw)
        pane.plain = values.string(raw)
        pane.prose = pane.plain is not None
        return _aged(pane)
    if seen is not None and seen.status == "blocked":
        pane.title, pane.note, pane.look = "error", "blocked", "error"
        pane.blocks = _blocked(session, seen)
        return pane
    word = {"running": "not made yet", "cancelled": "the run ended before it was made"}.get(
        seen.status if seen else "", "not made yet"
    )
    pane.blocks = [Block(word, "dim")]
    return pane


def _fill(pane: PaneText, session: Session, task: Task, seen: TaskRun | None, name: Field) -> Raw | None:
    """The value of a stage, with a note on where it is from."""
    assert session.state is not None
    assert session.run is not None
    edit = next((e for e in reversed(session.state.pending_edits(session.run)) if (e.task, e.stage) == (task.id, name)), None)
    if edit is not None and edit.value is not UNSET:
        pane.note, pane.look = "✎ edited, not yet run", "edited"
        return _recorded(pane, edit.value)
    stage: Stage | None = None if seen is None else getattr(seen, name)
    if stage is None:
        return None
    planned = session.planned.get(task.id)
    if edit is not None:
        pane.note, pane.look = "✎ the edit is taken back, not yet run", "stale"
    elif planned is not None and planned.action != "kept" and _ORDER[planned.stage or "prompt"] <= _ORDER[name]:
        pane.note = "⟳ old: will be made again" if planned.action == "run" and planned.stage else "⟳ old: may be made again"
        pane.look = "stale"
    elif stage.origin == "edited":
        pane.note, pane.look = "✎ edited", "edited"
    elif stage.origin == "reused":
        pane.note = "reused"
    elif seen is not None and seen.run != session.run:
        pane.note = f"from run {seen.run}"
    return _recorded(pane, stage.value)


def _recorded(pane: PaneText, raw: Raw) -> Raw:
    pane.record = lambda: raw
    return raw


def _aged(pane: PaneText) -> PaneText:
    if pane.look == "stale":
        pane.blocks = [block._replace(look=block.look or "dim") for block in pane.blocks]
    return pane


def _blocked(session: Session, seen: TaskRun) -> list[Block]:
    assert session.state is not None
    blocks: list[Block] = []
    for id in seen.inputs:
        cause = session.state.task_runs.get(id)
        if cause is not None:
            blocks.append(Block(f"it needs {cause.task}, which {'failed' if cause.status == 'failed' else 'did not finish'}:\n"))
            blocks += failure_blocks(cause.error) if cause.error is not None else []
    return blocks or [Block("a task that it needs failed")]


def _cause(session: Session, task: Task) -> list[Block]:
    """The first task below a graph that failed by itself."""
    if session.outline is not None and not session.outline.census.complete:
        return [Block("looking for the task that failed ...", "dim")]
    outline = session.outline
    node = None if outline is None else outline.node(task.id)
    found: Task | None = task
    if node is not None and outline is not None and not outline.failed(task):  # whether or not the tree shows it now
        below = outline.tasks(node, into=lambda inside: bool(inside.inner.failed))
        found = next((each for each in below if outline.failed(each)), None)
    seen = None if found is None else session.seen(found.id)
    if found is None or seen is None or seen.error is None:
        return []
    return [Block(f"{found.id} failed; {actions.key('next_problem')} goes there:\n"), *failure_blocks(seen.error)]


def _arguments(session: Session, task: Task) -> list[Block]:
    named = [("", arg) for arg in task.args] + list(task.kwargs.items())
    blocks: list[Block] = []
    for position, (name, arg) in enumerate(named, 1):
        refs = list(islice(arg.refs(), MANY + 1))
        more = ", ..." if len(refs) > 3 else ""
        source = f"  ← {', '.join(refs[:3])}{more}" if refs else ""
        blocks.append(Block(("\n" if blocks else "") + f"{name or position}{source}", "heading", hang=2))
        if len(refs) > MANY:
            blocks.append(Block(f"made of the outputs of more than {MANY:,} tasks: too many to put together here", "dim"))
            continue
        seen = {ref: session.seen(ref) for ref in refs}
        outputs = {ref: bytes(run.output.value) for ref, run in seen.items() if run is not None and run.output is not None}
        missing = [ref for ref in refs if ref not in outputs]
        if missing:
            blocks.append(Block(f"not known yet: {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}", "dim"))
        else:
            blocks += values.blocks(arg.compose(outputs))
    return blocks or [Block("none", "dim")]


def _children(session: Session, task: Task) -> list[Block]:
    outline = session.outline
    node = None if outline is None else outline.node(task.id)
    kids = [] if outline is None or node is None else outline.census.kids(node)
    if not kids:
        return [Block("it has declared no tasks yet", "dim")]
    lines = [kid.name if isinstance(kid, Task) else f"{kid.members:,} × {kid.name}" for kid in kids[:500]]
    if len(kids) > 500:
        lines.append(f"... and {len(kids) - 500:,} more")
    return [Block("\n".join(lines))]
