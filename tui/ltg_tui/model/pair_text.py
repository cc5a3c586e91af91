"""What is different about a task in two runs, to read: why, what it took, and the words that changed in each stage."""

from __future__ import annotations

from collections.abc import Iterator

from llmtaskgraph import State, Task, TaskRun

from .. import actions
from . import chat, values
from .compare import Comparison, Pair, figures
from .diff_text import diff_block
from .flow import Block
from .format import dollars, seconds, short

_WORDS = {"=": "the same", "~": "", "+": "only in run {new}", "−": "only in run {old}"}
_LOOKS = {"=": "dim", "~": "stale", "+": "came", "−": "gone"}

QUICK = 60_000
"""Letters that are compared at once; more of them in the background."""


def size(pair: Pair) -> int:
    """About how many letters there are to compare."""
    runs = [run for run in (pair.old_run, pair.new_run) if run is not None]
    stages = [getattr(run, name) for run in runs for name in ("prompt", "response", "output")]
    return sum(len(memoryview(stage.value)) for stage in stages if stage is not None)


def pair_blocks(comparison: Comparison, position: int) -> list[Block]:
    """All that differs, and what does not in a word."""
    pair = comparison.pairs[position]
    old, new = comparison.old, comparison.new
    blocks = [Block(pair.task.id, "heading")]
    if pair.old is not None and pair.new is not None and pair.old.id != pair.new.id:
        blocks.append(Block(f"in run {old} it was {pair.old.id}", "dim"))
    word = _WORDS[pair.mark].format(old=old, new=new)
    why = comparison.why(position)
    stage = f"{pair.stage}: " if pair.stage else ""
    told = f"{stage}{why}" if pair.mark == "~" else word if not why or why == word else f"{word}, {why}"
    blocks.append(Block(f"{pair.mark} {told}", _LOOKS[pair.mark]))
    if pair.inside:
        blocks.append(
            Block(f"{pair.inside:,} of the tasks in it differ; {actions.key('next_difference', 'compare')} goes to them", "dim")
        )
    if pair.old_run is not pair.new_run:
        blocks += _numbers(pair)
    coarse = False
    for name, before, after in _texts(comparison, pair):
        if before == after:
            blocks.append(Block(f"\n{name}: the same", "dim"))
            continue
        blocks.append(Block(f"\n{name}" + ("" if before and after else f": only in run {new if after else old}"), "heading"))
        block, too_long = diff_block(before, after)
        coarse = coarse or too_long
        blocks.append(block)
    if coarse:
        blocks.append(Block("\nsome of it is too long to be compared word by word: lines are shown as replaced", "warning"))
    return blocks


def _numbers(pair: Pair) -> Iterator[Block]:
    before, after = figures(pair.old_run), figures(pair.new_run)
    told = []
    if before[0] is not None and after[0] is not None and seconds(before[0]) != seconds(after[0]):
        told.append(f"{seconds(before[0])} → {seconds(after[0])}")
    if before[1] != after[1]:
        told.append(f"{short(before[1])} → {short(after[1])} tokens")
    if before[2] != after[2]:
        told.append(f"{dollars(before[2]) or 'unpriced'} → {dollars(after[2]) or 'unpriced'}")
    if told and pair.old_run is not None and pair.new_run is not None:
        yield Block("  ".join(told), "dim")


def _texts(comparison: Comparison, pair: Pair) -> Iterator[tuple[str, str, str]]:
    """(stage, old text, new text) of the stages that there are."""
    if pair.given_otherwise and pair.task.type != "llm":
        yield (
            "arguments",
            _arguments(comparison.state, comparison.old, pair.old),
            _arguments(comparison.state, comparison.new, pair.new),
        )
    for name in ("prompt", "response", "output"):
        before, after = (_text(run, name) for run in (pair.old_run, pair.new_run))
        if before is not None or after is not None:
            yield name, before or "", after or ""
    before, after = (_error(run) for run in (pair.old_run, pair.new_run))
    if before or after:
        yield "error", before, after


def _text(run: TaskRun | None, name: str) -> str | None:
    stage = None if run is None else getattr(run, name)
    if stage is None:
        return None
    if name == "output":
        return values.readable(stage.value)
    blocks = chat.prompt_blocks(stage.value) if name == "prompt" else chat.response_blocks(stage.value)
    return "\n".join(block.text for block in blocks)


def _error(run: TaskRun | None) -> str:
    return "" if run is None or run.error is None else f"{run.error.type}: {run.error.message}"


def _arguments(state: State, run: int, task: Task | None) -> str:
    """The arguments of a task by name, as far as they are known."""
    if task is None:
        return ""
    lines = []
    for position, (name, arg) in enumerate([*(("", arg) for arg in task.args), *task.kwargs.items()], 1):
        outputs = {}
        for ref in arg.refs():
            seen = state.seen(run, ref)
            if seen is not None and seen.output is not None:
                outputs[ref] = bytes(seen.output.value)
        known = all(ref in outputs for ref in arg.refs())
        lines.append(f"{name or position}: {values.readable(arg.compose(outputs)) if known else 'not known'}")
    return "\n".join(lines)
