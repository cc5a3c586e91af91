"""Why a task ran, or did not: read off what was recorded."""

from __future__ import annotations

from llmtaskgraph import _events as ev
from ltg_tui.model.why import provenance, why

from .traces import Scribe, raw, review, stage


def told(by: Scribe, run: int, task: str) -> str:
    state = by.state
    found = next(each for each in state.tasks.values() if each.id == task)
    return why(state, run, found, state.seen(run, task))


def test_a_first_run_needs_no_reason() -> None:
    assert told(review(), 1, "main/issues") == ""


def test_a_task_that_was_not_touched_is_kept_from_its_run() -> None:
    by = review()
    by.end(by.start(1))
    assert told(by, 2, "main/issues") == "kept from run 1: nothing that it is made of changed"


def test_what_failed_ran_again_since_it_failed() -> None:
    by = review(fails=True)
    run = by.start(1, open=["main/issues"])
    by.succeed(by.begin(run, "main/issues", (2, 3)), ["kettle"])
    assert told(by, 2, "main/issues") == "it failed in run 1"


def test_an_edit_is_the_reason_before_all_others() -> None:
    by = review()
    by.edit(1, "main/judge[style]", "response", {"role": "assistant", "parts": []})
    run = by.start(1, open=["main/judge[style]"])
    by.succeed(by.begin(run, "main/judge[style]"), "other")
    assert told(by, 2, "main/judge[style]") == "its response was edited on run 1"


def test_an_input_that_changed_is_named() -> None:
    by = review()
    run = by.start(1, open=["main/judge[style]", "main/issues"])
    first = by.succeed(by.begin(run, "main/judge[style]"), "other")
    id = by.begin(run, "main/issues", (first, 3))
    by.record(ev.TaskSucceeded(id, by.tick(), stage(["pot"], key="other")))
    assert told(by, 2, "main/issues") == "its input main/judge[style] changed"


def test_code_is_the_reason_when_no_input_changed() -> None:
    by = review()
    run = by.start(1, open=["main/issues"])
    id = by.begin(run, "main/issues", (2, 3))
    by.record(ev.TaskSucceeded(id, by.tick(), stage(["pot"], key="other")))
    assert told(by, 2, "main/issues") == "its code or its arguments changed"


def test_a_task_whose_turn_has_not_come_names_what_it_waits_for() -> None:
    by = review()
    run = by.start(1, open=["main/judge[style]", "main/issues"])
    by.begin(run, "main/judge[style]")
    assert told(by, 2, "main/issues") == "it waits for main/judge[style]"
    by.end(run, "cancelled")
    assert told(by, 2, "main/issues") == "the run ended before its turn"


def test_each_value_tells_where_it_is_from() -> None:
    by = review()
    run = by.start(1, open=["main/judge[style]"])
    id = by.begin(run, "main/judge[style]", attempt=0)
    by.record(
        ev.StageSettled(id, "prompt", ev.Stage(raw([]), "k", "reused", 3)),
        ev.StageSettled(id, "response", stage(None, "edited")),
    )
    by.record(ev.TaskSucceeded(id, by.tick(), stage("x")))
    seen = by.state.seen(run, "main/judge[style]")
    assert seen is not None
    assert provenance(by.state, run, seen, "prompt") == "reused from run 1 (main/judge[facts])"
    assert provenance(by.state, run, seen, "response") == "✎ edited"
    assert provenance(by.state, run, seen, "output") == "executed"
    old = by.state.seen(run, "main/judge[facts]")
    assert old is not None
    assert provenance(by.state, run, old, "prompt") == "executed in run 1"
