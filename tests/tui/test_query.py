"""Filters: what each term keeps, how they go together, and what is said to a wrong one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph import Attempt, Failure, Task, TaskRun, Usage
from ltg_tui.model.query import BadQuery, Facts, Query

from .traces import stage


def facts(task: Task | None = None, *, edited: bool = False, texts: tuple[str, ...] = (), run: int = 1, **seen: object) -> Facts:
    task = task or Task("llm", "main/judge[style]", 2, "judge", "main", 1, model="openai:gpt-5-mini")
    task_run = (
        TaskRun(2, 1, task.id, **{"status": "succeeded", "started": 10.0, "ended": 13.0, **seen}) if seen is not None else None
    )  # type: ignore[arg-type]
    return Facts(task, task_run, run, edited, 20.0, lambda: [task.name, *texts])


ATTEMPTS = (Attempt(10.0, 13.0, "succeeded", "gpt-5-mini-2025", "stop", Usage(900, 30), 0.02),)


@pytest.mark.parametrize(
    ("typed", "given_facts", "kept"),
    [
        ("kind:llm", facts(), True),
        ("kind:python,graph", facts(), False),
        ("-kind:python", facts(), True),
        ("KIND:LLM", facts(), True),
        ("status:failed", facts(status="failed"), True),
        ("status:failed,blocked", facts(status="blocked"), True),
        ("status:failed", facts(status="failed", error=Failure("ChildFailed", "main/x failed")), False),
        ("model:gpt*", facts(), True),
        ("model:openai:gpt-5-mini", facts(), True),
        ("model:gpt-5-mini-2025", facts(attempts=ATTEMPTS), True),
        ("model:gpt", facts(), False),
        ("function:judge", facts(), True),
        ("origin:edited", facts(edited=True), True),
        ("origin:executed", facts(prompt=stage([]), output=stage(1, "reused")), True),
        ("origin:reused", facts(prompt=stage([]), output=stage(1, "reused")), False),
        ("origin:reused", facts(run=2, output=stage(1)), True),
        ("origin:edited", facts(response=stage({}, "edited"), output=stage(1)), True),
        ("cost>0.01", facts(attempts=ATTEMPTS), True),
        ("cost>$0.02", facts(attempts=ATTEMPTS), False),
        ("cost>=0.02", facts(attempts=ATTEMPTS), True),
        ("cost<1", facts(), False),
        ("time>2s", facts(), True),
        ("time>3000ms", facts(), False),
        ("time>9", facts(status="running", ended=None), True),
        ("time>2", facts(status="cancelled", ended=None), False),
        ("tokens>0.9k", facts(attempts=ATTEMPTS), True),
        ("attempts>1", facts(attempts=ATTEMPTS), False),
        ("STYLE", facts(), False),
        ("style", facts(), True),
        ("zebra", facts(texts=("a Zebra",)), True),
        ('"two words"', facts(texts=("these two words",)), True),
        ('"two words"', facts(texts=("words two",)), False),
        ("two words", facts(texts=("words two",)), True),
        ("-zebra", facts(texts=("a Zebra",)), False),
        ('-"a z"', facts(texts=("a Zebra",)), False),
        (r"/a \w+bra/", facts(texts=("a Zebra",)), True),
        ("kind:llm zebra -status:failed", facts(texts=("a Zebra",)), True),
        ("kind:llm zebra -status:succeeded", facts(texts=("a Zebra",)), False),
        ('"kind:llm"', facts(), False),
        ("https://a.b", facts(texts=("see https://a.b/c",)), True),
        ("x>y", facts(texts=("if x>y",)), True),
        ("-", facts(texts=("a-b",)), True),
        ("", facts(), True),
    ],
)
def test_a_filter_keeps(typed: str, given_facts: Facts, kept: bool) -> None:
    assert Query(typed).holds(given_facts) is kept


def test_a_task_that_has_not_started_is_waiting() -> None:
    waiting = facts()._replace(seen=None)
    assert Query("status:waiting").holds(waiting)
    assert not Query("time>0 -kind:graph").holds(waiting)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("statu:failed", "statu: is none of kind: status: model: function: origin: cost> time>"),
        ("status:faild", "status:faild does not exist; there are waiting, running, succeeded, failed"),
        ("kind:", "kind: does not exist; there are llm, python, graph"),
        ("model:", "model: what?"),
        ("cost>cheap", "cost>cheap is no number; write cost>0.01"),
        ("time>2d", "time>2d is no number; write time>2s"),
        ("status>2", "status takes a colon: status:2"),
        ("/(/", "not a regular expression"),
    ],
)
def test_a_wrong_term_is_told_in_one_line_with_what_exists(typed: str, told: str) -> None:
    with pytest.raises(BadQuery) as error:
        Query(typed)
    assert str(error.value).startswith(told)
    assert "\n" not in str(error.value)


def test_texts_are_read_only_where_nothing_else_decides() -> None:
    def read() -> list[str]:
        raise AssertionError("the texts were read")

    assert not Query("zebra kind:python").holds(facts()._replace(texts=read))


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_filter_or_a_message(typed: str) -> None:
    with contextlib.suppress(BadQuery):
        Query(typed).holds(facts(texts=(typed,)))


@given(st.lists(st.text(alphabet="xzw", min_size=1, max_size=4), min_size=1, max_size=4), st.text(alphabet="xzw ", max_size=20))
def test_words_must_all_be_there_and_a_minus_turns_one_round(words: list[str], text: str) -> None:
    assert Query(" ".join(words)).holds(facts(texts=(text,))) == all(word in text for word in words)
    assert Query(f"-{words[0]}").holds(facts(texts=(text,))) == (words[0] not in text and words[0] not in "judge[style]")
