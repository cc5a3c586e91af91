"""Orders in which siblings can stand: as declared, or by what people look for first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias, get_args

from llmtaskgraph import State, TaskRun

from .census import Census
from .node import Node
from .tally import Tally

Order: TypeAlias = Literal["declared", "start", "duration", "cost", "tokens", "problems"]

ORDERS: Final[tuple[Order, ...]] = get_args(Order)

_RANKS: Final = {"failed": 0, "blocked": 1, "cancelled": 2, "running": 3, "ready": 4, "waiting": 5, "succeeded": 6}


def ordered(census: Census, nodes: list[Node], order: Order) -> list[Node]:
    """Siblings in another order; equal ones stay as they are."""
    if order == "declared":
        return nodes
    key = _KEYS[order]
    return sorted(nodes, key=lambda node: key(census, node))


def span(census: Census, node: Node) -> tuple[float | None, float | None]:
    """When a row started and ended, in its own run; for a group when the first started and the last ended."""
    if node.link is not None:
        node = node.link
    if node.task is None:
        return node.start, None if node.inner.running else node.end
    seen = census.state.seen(census.run, node.task.id)
    return (None, None) if seen is None or seen.run != census.run else (seen.started, seen.ended)


def spent(state: State, run: int, node: Node) -> tuple[int, float | None]:
    """Tokens and cost of a row with all below it. What a task took in an older run is told of itself only."""
    tokens, cost, priced = node.inner.tokens, node.inner.cost, node.inner.priced
    seen: TaskRun | None = None if node.task is None else state.seen(run, node.task.id)
    if seen is not None:
        own = Tally.of(seen, seen.run)
        tokens, cost, priced = tokens + own.tokens, cost + own.cost, priced + own.priced
    return tokens, max(cost, 0.0) if priced else None


def _start(census: Census, node: Node) -> float:
    start = span(census, node)[0]
    return float("inf") if start is None else start


def _duration(census: Census, node: Node) -> float:
    start, end = span(census, node)
    if start is None:
        return 0.0
    return float("-inf") if end is None else start - end  # what is under way may yet become the longest


def _cost(census: Census, node: Node) -> float:
    return -(spent(census.state, census.run, node)[1] or 0.0)


def _tokens(census: Census, node: Node) -> float:
    return -spent(census.state, census.run, node)[0]


def _problems(census: Census, node: Node) -> float:
    if node.inner.failed:
        return -node.inner.failed
    if node.task is None:
        return _RANKS[node.inner.status]
    seen = census.state.seen(census.run, node.task.id)
    return _RANKS["waiting" if seen is None else seen.status]


_KEYS: Final[dict[Order, Callable[[Census, Node], float]]] = {
    "start": _start,
    "duration": _duration,
    "cost": _cost,
    "tokens": _tokens,
    "problems": _problems,
}
