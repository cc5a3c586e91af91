"""`ltg causes` and `ltg effects`."""

from __future__ import annotations

from pathlib import Path

from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg, Task

from .conftest import Ltg, Scribe, llm


def test_causes_are_told_with_the_argument(ltg: Ltg, trace: Path) -> None:
    told = ltg("causes", trace, "main/issues", "--json").json
    assert [(cause["task"], cause["through"]) for cause in told["causes"]] == [
        ("main/judge[style]", "verdicts[0]"),
        ("main/judge[facts]", "verdicts[1]"),
        ("main", "declared by it"),
    ]
    assert "✔ main/judge[style]  (verdicts[0])" in ltg("causes", trace, "main/issues").out


def test_effects_reach_downstream_with_all(ltg: Ltg, trace: Path) -> None:
    direct = ltg("effects", trace, "main/judge[style]", "--json").json["effects"]
    assert [effect["task"] for effect in direct] == ["main/issues"]
    found = ltg("effects", trace, "main/judge[style]", "--all", "--json").json["effects"]
    assert [(effect["task"], effect["through"]) for effect in found] == [("main/issues", "verdicts[0]"), ("main", None)]


def test_causes_and_effects_pass_through_a_sub_graph_without_a_circle(ltg: Ltg, at_home: Path) -> None:
    scribe = Scribe(Path("t.json"))
    run = scribe.start()
    root, first = scribe.begin(run, "main"), llm(2, "main/first")
    sub = Task("graph", "main/sub", 3, "sub", "main", 1, args=[Arg(ref=first.id)])
    other, last = llm(4, "main/other"), Task("python", "main/last", 5, "last", "main", 1, args=[Arg(ref=sub.id)])
    scribe.declare(root, [first, sub, other, last], Arg(ref=last.id))
    inner = Task("llm", "main/sub/inner", 6, "judge", sub.id, 2)
    scribe.declare(scribe.begin(run, sub.id), [inner], Arg(ref=inner.id))
    scribe.record(ev.RunEnded(run, "cancelled", 1.0))
    scribe.store.close()

    def ids(*words: str) -> list[str]:
        told = ltg(*words, "--all", "--json").json
        return [link["task"] for link in told.get("causes", told.get("effects"))]

    assert ids("causes", "t.json", "main/sub/inner") == ["main/sub", "main/first", "main"]
    assert ids("causes", "t.json", "main/last") == ["main/sub", "main", "main/sub/inner", "main/first"]
    assert ids("effects", "t.json", "main/first") == ["main/sub", "main/sub/inner", "main/last", "main"]
    assert ids("effects", "t.json", "main/sub/inner") == ["main/sub", "main/last", "main"]
    assert ids("effects", "t.json", "main/other") == []
