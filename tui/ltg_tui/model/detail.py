"""What the four panes say of a task: prompt (or arguments), response, output (or error), info."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from msgspec import UNSET, Raw

from llmtaskgraph import Stage, Task, TaskRun

from . import about, values
from .draft import Field, pending
from .failure import failure_blocks
from .flow import Block
from .session import Session
from .tally import because_of_a_child

PaneName: TypeAlias = Literal["prompt", "response", "output", "info"]
PANES: Final[tuple[PaneName, ...]] = ("prompt", "response", "output", "info")

_ORDER: Final = {"prompt": 0, "response": 1, "children": 1, "output": 2}


@dataclass
class PaneText:
    """A pane.

    Attributes:
        title: its heading.
        note: a word on where the text is from, or how sure it is.
        look: of the note: `edited`, `stale`, `error`, `live` or ``.
        live: text is still arriving, so the end is what one looks at.
    """

    title: str
    blocks: list[Block] = field(default_factory=list)
    note: str = ""
    look: str = ""
    live: bool = False


def detail(session: Session, task: Task) -> dict[PaneName, PaneText]:
    """The panes of a task in the run on screen."""
    seen = session.seen(task.id)
    return {
        "prompt": _prompt(session, task, seen),
        "response": _response(session, task, seen),
        "output": _output(session, task, seen),
        "info": PaneText("info", about.about(session, task, seen)),
    }


def _prompt(session: Session, task: Task, seen: TaskRun | None) -> PaneText:
    if task.type != "llm":
        return PaneText("arguments", _arguments(session, task))
    pane = PaneText("prompt")
    raw = _fill(pane, session, task, seen, "prompt")
    if raw is not None:
        pane.blocks = values.prompt_blocks(raw)
    elif seen is None:
        pane.blocks = [Block("not made yet", "dim")]
    else:
        pane.blocks = [Block("no prompt was made", "dim")]
    return _aged(pane)


def _response(session: Session, task: Task, seen: TaskRun | None) -> PaneText:
    pane = PaneText("response")
    if task.type == "python":
        pane.blocks = [Block("a Python task: no model is asked", "dim")]
        return pane
    if task.type == "graph":
        pane.title = "children"
        pane.blocks = _children(session, task)
        return pane
    raw = _fill(pane, session, task, seen, "response")
    arriving = None if seen is None or session.state is None else session.state.streaming.get(seen.id)
    if arriving is not None:
        text, reasoning = ("".join(pieces) for pieces in arriving)
        pane.blocks = [Block(f"{reasoning}\n", "dim")] if reasoning else []
        pane.blocks.append(Block(text))
        pane.note, pane.look, pane.live = "arriving", "live", True
        return pane
    if raw is not None:
        pane.blocks = values.response_blocks(raw)
        return _aged(pane)
    if seen is not None and seen.status == "running" and seen.attempts:
        pane.note, pane.look = "waiting for the model", "live"
    partial = next((attempt.partial for attempt in reversed(seen.attempts) if attempt.partial), None) if seen else None
    if partial:
        pane.note, pane.look = "cut off: this is what had arrived", "error"
        pane.blocks = [Block(partial, "dim")]
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
            pane.blocks += [Block("\noutput", "heading"), Block(values.readable(raw))]
        return pane
    if raw is not None:
        pane.blocks = [Block(values.readable(raw))]
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
        return edit.value
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
    return stage.value


def _aged(pane: PaneText) -> PaneText:
    if pane.look == "stale":
        pane.blocks = [Block(block.text, block.look or "dim") for block in pane.blocks]
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
    node = None if session.outline is None else session.outline.node(task.id)
    found = task if node is None or session.outline is None or session.outline.failed(task) else session.outline.problem(node)
    seen = None if found is None else session.seen(found.id)
    if found is None or seen is None or seen.error is None:
        return []
    return [Block(f"{found.id} failed; x goes there:\n"), *failure_blocks(seen.error)]


def _arguments(session: Session, task: Task) -> list[Block]:
    named = [("", arg) for arg in task.args] + list(task.kwargs.items())
    blocks: list[Block] = []
    for position, (name, arg) in enumerate(named, 1):
        outputs: dict[str, bytes] = {}
        missing: list[str] = []
        for ref in arg.refs():
            seen = session.seen(ref)
            if seen is None or seen.output is None:
                missing.append(ref)
            else:
                outputs[ref] = bytes(seen.output.value)
        source = f"  ← {arg.ref}" if arg.ref is not UNSET else ""
        blocks.append(Block(("\n" if blocks else "") + f"{name or position}{source}", "heading"))
        if missing:
            blocks.append(Block(f"not known yet: {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}", "dim"))
        else:
            blocks.append(Block(values.readable(arg.compose(outputs))))
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
