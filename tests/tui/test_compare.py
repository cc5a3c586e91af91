"""Two runs beside each other: which tasks go together, what differs, and where it began."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg, Task
from ltg_tui.model.compare import Comparison, aligned
from ltg_tui.model.compare_rows import CompareRows, deltas
from ltg_tui.model.diff_text import diff_block
from ltg_tui.model.pair_text import pair_blocks
from ltg_tui.model.run_tree import Facts, about, heading, row, run_rows, survey

from .traces import Scribe, deep, llm, raw, review, scribe, stage, wide


def compared(by: Scribe, old: int = 1, new: int = 2) -> Comparison:
    found = Comparison(by.state, old, new)
    for _ in found.work():
        pass
    assert found.done
    return found


def marks(found: Comparison) -> dict[str, str]:
    return {pair.task.id: pair.mark for pair in found.pairs}


def resumed(
    by: Scribe, answer: str, *, origin: ev.Origin = "executed", output: Any = None, prompt: str = "Judge the facts"
) -> int:
    """A second run of `review` in which the facts were judged otherwise."""
    run = by.start(1, open=["main/judge[facts]", "main/issues"])
    id = by.begin(run, "main/judge[facts]", attempt=0)
    messages = by.state.task_runs[3].prompt
    assert messages is not None
    by.record(ev.StageSettled(id, "prompt", messages))
    message = {"role": "assistant", "parts": [{"type": "text", "content": answer}]}
    by.record(ev.StageSettled(id, "response", stage(message, origin)))
    by.succeed(id, {"score": 2} if output is None else output)
    issues = by.begin(run, "main/issues", (2, id))
    by.succeed(issues, ["kettle"] if output is None else ["cup"])
    by.end(run)
    return run


def test_a_run_that_kept_all_of_another_is_the_same() -> None:
    by = review()
    by.end(by.start(1))
    found = compared(by)
    assert set(marks(found).values()) == {"="}
    assert (found.first, found.told) == (-1, "no task differs")


def test_the_first_difference_is_named_with_its_stage_and_cause() -> None:
    by = review()
    resumed(by, "facts are fine", origin="edited", output={"score": 9})
    found = compared(by)
    assert found.told == "first difference: main/judge[facts] response: edited by you"
    assert marks(found) == {"main": "=", "main/judge[style]": "=", "main/judge[facts]": "~", "main/issues": "~"}
    assert [found.why(at) for at in found.differing] == ["edited by you", "because of judge[facts]"]
    assert found.pairs[0].inside == 2


def test_another_answer_to_the_same_prompt_is_told_from_an_edit() -> None:
    by = review()
    resumed(by, "facts are fine")
    found = compared(by)
    assert found.told == "first difference: main/judge[facts] response: another answer to the same prompt"
    assert marks(found)["main/issues"] == "=", "its output is the same"


def test_a_task_in_which_no_model_was_called_cost_nothing() -> None:
    by = review()
    resumed(by, "facts are fine", origin="edited", output={"score": 9})
    found = compared(by)
    at = next(at for at, pair in enumerate(found.pairs) if pair.task.id == "main/judge[facts]")
    assert "1.5s → 0.5s  930 → 0 tokens  $0.0004 → $0.00" in [block.text for block in pair_blocks(found, at)]
    assert deltas(found.pairs[at]).split() == ["−1.0s", "−930", "−$0.0004"]


def test_a_run_without_a_call_that_is_priced_has_no_cost() -> None:
    by = review()
    run = resumed(by, "facts are fine", origin="edited", output={"score": 9})
    for _ in survey(by.state, run, facts := Facts()):
        pass
    assert (facts.spent.tokens, facts.spent.cost) == (0, None)


def test_an_edit_that_only_the_older_run_has_is_told_by_its_run() -> None:
    by = review()
    resumed(by, "facts are fine", origin="edited", output={"score": 9})
    resumed(by, "facts are odd")
    assert compared(by, 2, 3).told.endswith("response: only run 2 has the edit")


def test_a_task_that_failed_tells_its_error() -> None:
    by = review(fails=True)
    run = by.start(1, open=["main/issues", "main"])
    by.succeed(by.begin(run, "main/issues"), ["kettle"])
    by.end(run)
    found = compared(by)
    assert found.told == "first difference: main/issues status: failed → succeeded"
    back = compared(by, 2, 1)
    assert back.told == "first difference: main/issues status: succeeded → failed, IndexError: list index out of range"


def mapped(items_old: list[str], items_new: list[str]) -> Comparison:
    """`fix` mapped over items, in two runs; the key of a prompt tells its item."""
    by = scribe()
    by.root()
    number = 1
    for items in (items_old, items_new):
        run = by.start(
            1 if items is items_new else None, open=[] if items is items_old else ["main", *[f"main/fix[{n}]" for n in range(20)]]
        )
        root = by.begin(run, "main")
        tasks = []
        for at, item in enumerate(items):
            number += 1
            tasks.append(Task("llm", f"main/fix[{at}]", number, "fix", "main", root, args=[Arg(value=raw(item))]))
        by.declare(root, tasks, Arg(value=raw(None)))
        for task, item in zip(tasks, items, strict=True):
            id = by.begin(run, task.id, attempt=0)
            by.record(ev.StageSettled(id, "prompt", stage([], key=f"p-{item}")))
            by.succeed(id, item)
        by.succeed(root, None)
        by.end(run)
    return compared(by)


def test_an_item_in_front_of_a_map_is_the_one_that_came() -> None:
    found = mapped(["a", "b", "c"], ["new", "a", "b", "c"])
    below = found.pairs[1:]
    assert [pair.mark for pair in below] == ["+", "=", "=", "="]
    assert [(pair.old.id if pair.old else None, pair.new.id if pair.new else None) for pair in below[1:]] == [
        ("main/fix[0]", "main/fix[1]"),
        ("main/fix[1]", "main/fix[2]"),
        ("main/fix[2]", "main/fix[3]"),
    ]
    assert "in run 1 it was main/fix[0]" in [block.text for block in pair_blocks(found, 2)]


def test_an_item_that_is_gone_stands_where_it_stood() -> None:
    found = mapped(["a", "b", "c"], ["a", "c"])
    assert [(pair.task.id, pair.mark) for pair in found.pairs[1:]] == [
        ("main/fix[0]", "="),
        ("main/fix[1]", "−"),
        ("main/fix[1]", "="),
    ]
    assert found.counts == {"=": 3, "~": 0, "+": 0, "−": 1}
    assert found.told == "first difference: main/fix[1]: only in run 1"


NAMES = st.lists(st.sampled_from("abcdefgh"), max_size=8, unique=True)
KEYS = st.lists(st.sampled_from([None, "1", "2", "3"]), min_size=8, max_size=8)


@given(NAMES, NAMES, KEYS, KEYS)
def test_every_task_stands_in_one_pair_and_the_order_is_kept(
    olds: list[str], news: list[str], ok: list[Any], nk: list[Any]
) -> None:
    old_tasks = [llm(at + 1, f"main/{name}") for at, name in enumerate(olds)]
    new_tasks = [llm(at + 100, f"main/{name}") for at, name in enumerate(news)]
    pairs = aligned(old_tasks, new_tasks, ok[: len(olds)], nk[: len(news)])
    assert [new for _, new in pairs if new is not None] == new_tasks
    assert sorted(old.number for old, _ in pairs if old is not None) == [task.number for task in old_tasks]
    keys_old, keys_new = dict(zip(olds, ok, strict=False)), dict(zip(news, nk, strict=False))
    for old, new in pairs:
        if old is not None and new is not None:
            same_name, same_key = old.name == new.name, keys_old[old.name] == keys_new[new.name]
            assert same_name or (same_key and keys_old[old.name] is not None)
    if olds == news and ok == nk:
        assert all(old is not None and new is not None and old.name == new.name for old, new in pairs)


def test_next_goes_around_and_rows_fold() -> None:
    by = review()
    resumed(by, "facts are fine", output={"score": 9})
    found = compared(by)
    first, second = found.differing
    assert [found.next(0), found.next(first), found.next(second)] == [first, second, first]
    assert [found.next(0, backwards=True), found.next(second, backwards=True)] == [second, first]
    rows = CompareRows(found)
    assert len(rows.rows) == 4
    rows.fold(0, True)
    assert rows.rows == [0]
    assert rows.reveal(second) == second
    assert len(rows.rows) == 4
    rows.only_differences = True
    rows.lay_out()
    assert rows.rows == [0, first, second]
    rows.fold(0, True)
    rows.fold(0, False)
    assert rows.rows == [0, first, second]


def test_what_a_task_took_more_or_less_is_told() -> None:
    by = review()
    run = by.start(1, open=["main/judge[style]"])
    id = by.ask(run, "main/judge[style]", "Judge the style")
    by.now += 4
    by.record(
        ev.AttemptSucceeded(id, by.tick(), stage({"role": "assistant", "parts": []}), None, "stop", ev.Usage(900, 150), 0.0011)
    )
    by.succeed(id, "other")
    by.end(run)
    found = compared(by)
    pair = next(pair for pair in found.pairs if pair.task.id == "main/judge[style]")
    assert deltas(pair).split() == ["+4.0s", "+120", "+$0.0007"]
    assert (found.spent_new.tokens, found.spent_new.cost) == (1050, 0.0011)
    text = "\n".join(block.text for block in pair_blocks(found, found.first))
    assert "930 → 1.1k tokens" in text or "930 → 1.0k tokens" in text
    assert "prompt: the same" in text


def test_a_hundred_thousand_tasks_are_compared_in_small_steps() -> None:
    by = wide(20_000)
    by.end(by.start(1))
    found = Comparison(by.state, 1, 2)
    steps = sum(1 for _ in found.work())
    assert steps > 300
    assert found.counts["="] == 20_001


def test_graphs_as_deep_as_a_long_loop_are_compared() -> None:
    by = deep(3000)
    by.end(by.start(1), "failed")
    assert compared(by).counts["="] == 3001


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("a\nb\nc", "a\nc", "  a\n- b\n  c"),
        ("a\nc", "a\nb\nc", "  a\n+ b\n  c"),
        ("the cat sat", "the dog sat", "~ the [-cat-]{+dog+} sat"),
        ("a\n\nb", "a\nb", "  a\n- \n  b"),
        ("\n".join("abcdefghij"), "\n".join("abcdefghiJ"), "  ... 6 lines the same\n  g\n  h\n  i\n- j\n+ J"),
    ],
)
def test_a_difference_reads_without_colour(old: str, new: str, wanted: str) -> None:
    block, coarse = diff_block(old, new)
    assert (block.text, coarse) == (wanted, False)


@given(st.text(alphabet="ab \n", max_size=40), st.text(alphabet="ab \n", max_size=40))
def test_the_colours_of_a_difference_lie_on_its_text(old: str, new: str) -> None:
    block, _ = diff_block(old, new)
    at = 0
    for span in block.spans:
        assert at <= span.start < span.end <= len(block.text)
        at = span.end
    if old == new:
        assert not any(span.look in ("gone", "came") for span in block.spans)


def forks(*parents: int | None) -> list[ev.Run]:
    return [ev.Run(id, 1, 0.0, parent) for id, parent in enumerate(parents, 1)]


@pytest.mark.parametrize(
    ("runs", "wanted"),
    [
        (forks(None), ["1"]),
        (forks(None, 1, 2, 3), ["1", "2", "3", "4"]),
        (forks(None, 1, 1, 2), ["1", "├ 2", "│ 4", "└ 3"]),
        (forks(None, None, 1), ["1", "3", "2"]),
        (forks(None, 1, 2, 2, 1, 4), ["1", "├ 2", "│ ├ 3", "│ └ 4", "│   6", "└ 5"]),
    ],
)
def test_forks_stand_below_what_they_resumed(runs: list[ev.Run], wanted: list[str]) -> None:
    assert [f"{found.branch}{found.run.id}" for found in run_rows(runs)] == wanted


def test_ten_thousand_runs_in_a_row_are_listed() -> None:
    assert len(run_rows(forks(None, *range(1, 10_000)))) == 10_000


def test_a_run_tells_what_it_ran_kept_and_edited() -> None:
    by = review()
    by.edit(1, "main/judge[facts]", "response", {"role": "assistant", "parts": []})
    resumed(by, "facts are fine", origin="edited", output={"score": 9})
    facts = Facts()
    for _ in survey(by.state, 2, facts):
        pass
    assert (facts.tasks, facts.ran, facts.kept, facts.failed, facts.done) == (4, 2, 2, 0, True)
    assert "run 2 resumed run 1 · ✎ main/judge[facts] response" in about(by.state, by.state.runs[2])
    cells = "".join(text for text, _ in row(run_rows(by.state.runs.values())[1], facts, 100, by.now, shown=True, marked=False))
    assert cells.split()[:6] == ["▸2", "✔", "succeeded", "4", "2", "2"]
    assert "✎1" in cells


@pytest.mark.parametrize("width", [24, 40, 60, 80, 100, 200])
def test_a_run_fits_its_row(width: int) -> None:
    (found,) = run_rows(forks(None))
    from rich.cells import cell_len

    cells = row(found, Facts(), width, 1.0, shown=True, marked=True)
    assert sum(cell_len(text) for text, _ in cells) == len(heading(width)) <= width
    assert heading(width).index("run") == cells[0][0].index(str(found.run.id)), "its name is over the numbers"
