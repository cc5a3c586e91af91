"""A redacted trace: what stays is written down here, field by field, and nothing else of a trace that is full does."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmtaskgraph._chat import BlobPart, Message
from llmtaskgraph._events import Failure
from llmtaskgraph._graph import Task
from llmtaskgraph._trace import Trace, decode
from llmtaskgraph.web import export, redact

from .full import full

STAYS = {
    "Document.id",
    *(f"Task.{name}" for name in ("function", "parser", "model", "retries", "timeout", "idle_timeout")),
    "Task.kwargs, a key",
    *(f"Run.{name}" for name in ("started", "ended", "model")),
    *(f"TaskRun.{name}" for name in ("started", "ended")),
    *(f"Attempt.{name}" for name in ("started", "ended", "model", "cost", "wait")),
    *(f"Usage.{name}" for name in ("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens")),
    *(f"Failure.{name}" for name in ("type", "fault")),
    *(f"Frame.{name}" for name in ("line", "function")),
    *("Log.at", "Edit.at", "Edit.model"),
}
"""What docs/web.md says of a redacted file, as fields that hold texts or numbers. Numbers of elements stay besides."""


def exported(trace: Trace) -> bytes:
    return b"".join(export.html(trace, "secret-name.json", redacted=True))


def test_exactly_what_is_said_to_stay_stays() -> None:
    some, data = full()
    assert all(mark.encode() in data for mark in some.marks)
    page = exported(decode(data))
    stayed = {where for mark, where in some.marks.items() if mark.encode() in page}
    assert stayed == STAYS
    assert b"secret-name" not in page


def test_what_comes_out_is_a_trace() -> None:
    again = decode(redact.redacted(decode(full()[1])).encode())
    assert again.problems == []
    assert sorted(task.id.count("/") for task in again.state.tasks.values()) == [0, 1, 1]
    ids = {task.id for task in again.state.tasks.values()}
    assert {ref for task in again.state.tasks.values() for ref in task.dependencies()} <= ids
    assert {task_run.task for task_run in again.state.task_runs.values()} <= ids


def task(number: int, id: str, function: str | None = "judge", scope: str | None = "main") -> Task:
    return Task("graph" if function is None else "llm", id, number, function, scope)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["main/judge"], ["main/judge"]),
        (["main/judge", "main/judge[1]"], ["main/judge", "main/judge[1]"]),
        (["main/judge[Jane]", "main/judge[John]"], ["main/judge[name 1]", "main/judge[name 2]"]),
        (["main/judge[4111]", "main/judge[0]"], ["main/judge[name 1]", "main/judge[0]"]),
        (["main/judge[name 2]", "main/judge[x]"], ["main/judge[name 1]", "main/judge[name 2]"]),
        (["main/judge[00]", "main/judge[١]"], ["main/judge[name 1]", "main/judge[name 2]"]),
    ],
    ids=lambda ids: " ".join(ids).replace("/", "."),
)
def test_names_of_tasks_go_and_ordinals_stay(given: list[str], shown: list[str]) -> None:
    ids = redact.Ids([task(1, "main", "main", None), *(task(n, id) for n, id in enumerate(given, 2))])
    assert [ids[id] for id in given] == shown
    assert ids["main"] == "main"


def test_an_id_that_no_task_has_or_that_does_not_fit_its_scope_is_a_number() -> None:
    ids = redact.Ids([task(1, "main", "main", None), task(2, "Jane/judge"), task(3, "lost/Jane", scope="lost")])
    assert ids["Jane/judge"] == "task 1"
    assert ids["lost/Jane"] == "task 2/judge[name 1]"
    assert ids["gone Jane"] == "task 3"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.text("01[]/ na", min_size=1, max_size=5)), max_size=8))
def test_two_ids_never_become_one(names: list[tuple[str | None, str]]) -> None:
    tasks = [task(1, "main", "main", None)]
    for number, (function, name) in enumerate(names, 2):
        scope = tasks[number % len(tasks)].id
        tasks.append(task(number, f"{scope}/{function or 'graph'}[{name}]", function, scope))
    ids = redact.Ids(tasks)
    assert len({ids[task.id] for task in tasks}) == len({task.id for task in tasks})


def test_a_value_that_is_not_as_its_stage_has_it_is_put_in_words_like_any() -> None:
    _, data = full()
    document = json.loads(data)
    document["task_runs"][0]["prompt"]["value"] = "a secret prompt"
    document["task_runs"][0]["response"]["value"] = [{"role": "secret"}]
    made = json.loads(redact.redacted(decode(msgspec.json.encode(document))).encode())["task_runs"][0]
    assert made["prompt"]["value"] == "[redacted: text, 17 bytes of JSON]"
    assert made["response"]["value"] == "[redacted: a list, 19 bytes of JSON]"


def test_keys_are_equal_where_they_were() -> None:
    trace = decode(full()[1])
    run = trace.state.task_runs[1]
    assert run.prompt is not None
    assert run.response is not None
    assert run.output is not None
    run.response.key = run.prompt.key
    made = redact.redacted(trace).state.task_runs[1]
    assert made.prompt is not None
    assert made.response is not None
    assert made.output is not None
    assert made.prompt.key == made.response.key != made.output.key


def test_words_of_providers_stay_only_where_they_are_known() -> None:
    trace = decode(full()[1])
    attempt = trace.state.task_runs[1].attempts[0]
    attempt.finish_reason, attempt.error = "length", Failure("Oops", "secret")
    made = redact.redacted(trace).state.task_runs[1].attempts[0]
    assert made.finish_reason == "length"
    assert made.error == Failure("Oops", "[redacted: 6 characters]")


def test_a_file_leaves_only_what_kind_it_was() -> None:
    _, data = full()
    document = json.loads(data)
    part = BlobPart("file", "application/x-secret", "c2VjcmV0", "secret.pdf")
    document["task_runs"][0]["response"]["value"] = json.loads(msgspec.json.encode(Message("assistant", [part])))
    made = redact.redacted(decode(msgspec.json.encode(document))).state.task_runs[1].response
    assert made is not None
    (found,) = msgspec.json.decode(made.value, type=Message).parts
    assert found == BlobPart("file", "application/octet-stream", "", "[redacted: 10 characters]")
