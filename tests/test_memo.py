"""Which recorded stage is taken, and by whom."""

from __future__ import annotations

import pytest
from msgspec import Raw

from llmtaskgraph._events import Edit, FunctionFacts, Origin, Run, Stage, StageName
from llmtaskgraph._graph import Arg, Task
from llmtaskgraph._memo import Later, Memo, Outputs
from llmtaskgraph._state import State, TaskRun


class Records:
    """Runs and their stages, as a trace would hold them."""

    def __init__(self) -> None:
        self.state = State("t")
        self.count = 0

    def run(self, id: int, parent: int | None = None) -> None:
        self.state.add_run(Run(id, 1, 1.0, parent, "succeeded"))

    def put(self, run: int, task: str, key: str, name: StageName = "output", origin: Origin = "executed") -> int:
        self.count += 1
        task_run = TaskRun(self.count, run, task, "succeeded")
        setattr(task_run, name, Stage(Raw(b"1"), key, origin))
        self.state.add_task_run(task_run)
        return self.count

    def memo(self, base: int | None, **facts: FunctionFacts) -> Memo:
        return Memo(self.state, base, facts, {})


def source(memo: Memo, task: str, key: str, name: StageName = "output") -> tuple[int, bool] | None:
    found = memo.match(task, name, key)
    return None if found is None else (found.source, found.own)


def test_a_task_takes_its_own_before_that_of_another() -> None:
    records = Records()
    records.run(1)
    other, own = records.put(1, "a", "k"), records.put(1, "b", "k")
    memo = records.memo(1)
    assert source(memo, "b", "k") == (own, True)
    assert source(memo, "c", "k") == (other, False)
    assert source(memo, "d", "k") is None, "each is taken once"


def test_the_nearest_run_of_the_lineage_is_asked_before_others() -> None:
    records = Records()
    for run, parent in ((1, None), (2, 1), (3, 1), (4, 2)):
        records.run(run, parent)
    ids = {run: records.put(run, f"gone{run}", "k") for run in (1, 3, 2)}
    memo = records.memo(4)
    assert [source(memo, f"new{i}", "k") for i in range(4)] == [(ids[2], False), (ids[1], False), (ids[3], False), None]


def test_a_stage_that_no_task_of_this_run_has_is_taken_first() -> None:
    records = Records()
    records.run(1)
    still, gone = records.put(1, "still", "k"), records.put(1, "gone", "k")
    memo = records.memo(1)
    memo.present = {"still", "new"}
    assert source(memo, "new", "k") == (gone, False)
    assert source(memo, "still", "k") == (still, True)


@pytest.mark.parametrize("origin", ["edited", "reused"])
def test_only_what_was_executed_is_found_by_others(origin: Origin) -> None:
    records = Records()
    records.run(1)
    records.put(1, "a", "k", origin=origin)
    assert source(records.memo(1), "b", "k") is None


def test_children_are_found_by_the_same_task_only() -> None:
    records = Records()
    records.run(1)
    records.run(2, 1)
    records.run(3)
    mine = records.put(1, "a", "k", "children")
    assert source(records.memo(3), "b", "k", "children") is None
    assert source(records.memo(3), "a", "k", "children") == (mine, False)


def test_a_run_without_a_parent_takes_nothing() -> None:
    records = Records()
    records.run(1)
    records.put(1, "a", "k")
    assert source(records.memo(None), "a", "k") is None


def test_a_task_that_finds_nothing_of_its_own_is_put_off_once_and_gives_back_what_it_took() -> None:
    records = Records()
    records.run(1)
    own = records.put(1, "a", "p", "prompt")
    records.put(1, "b", "r", "response")
    memo = records.memo(1)
    memo.begin()
    assert memo.match("a", "prompt", "p", late=False) is not None
    with pytest.raises(Later):
        memo.match("a", "response", "r", late=False)
    memo.give_back()
    assert source(memo, "a", "p", "prompt") == (own, True)


def test_what_is_promised_to_a_task_nobody_else_gets() -> None:
    records = Records()
    records.run(1)
    only = records.put(1, "gone", "k")
    memo = records.memo(1)
    memo.begin()
    memo.match("a", "output", "k")
    memo.promise("a")
    assert source(memo, "b", "k") is None
    assert source(memo, "a", "k") == (only, False)
    assert source(memo, "a", "k") is None, "but once"


def test_very_many_equal_stages_are_each_taken_once() -> None:
    records = Records()
    records.run(1)
    for n in range(100):
        records.put(1, f"old{n}", "k")
    memo = records.memo(1)
    taken = [source(memo, f"new{n}", "k") for n in range(101)]
    assert len({found for found in taken if found is not None}) == 100
    assert taken[-1] is None


# Keys


def code(memo: Memo, task: Task, arguments: str = "", *, input: bool = False) -> str:
    return memo.code_key(task, arguments, "input" if input else "")


def test_a_key_changes_with_code_arguments_and_the_input_that_was_read() -> None:
    memo = Records().memo(None, f=FunctionFacts("python", "1"), g=FunctionFacts("python", "2"))
    f, g = Task("python", "a", 1, "f"), Task("python", "b", 2, "g")
    memo.set_input(b'{"a":1}')
    keys = {code(memo, f), code(memo, g), code(memo, f, "x"), code(memo, f, input=True)}
    memo.set_input(b'{"a":2}')
    keys.add(code(memo, f, input=True))
    assert len(keys) == 5
    assert code(memo, f) == code(memo, Task("python", "elsewhere", 9, "f")), "ids and numbers do not count"
    assert memo.code_key(f, "", "task") != memo.code_key(Task("python", "elsewhere", 9, "f"), "", "task"), "where it was read"


def test_the_key_of_a_prompt_has_the_sample_only_where_it_was_read() -> None:
    task = Task("llm", "a", 1, "f")

    def key(sample: int, reads: str) -> str:
        edit = Edit(1, 1, "a", "sample", 1.0, Raw(b"%d" % sample))
        return Memo(State(), None, {}, {("a", "sample"): edit} if sample else {}).code_key(task, "", reads)

    assert key(0, "") == key(1, "")
    assert len({key(0, ""), key(0, "sample"), key(1, "sample"), key(1, "sample+task")}) == 4


def test_a_response_key_changes_with_all_that_is_sent_and_with_who_answers() -> None:
    facts = FunctionFacts("llm", "1", schema="s", tools="t")
    task = Task("llm", "a", 1, "f", model="x:m", params={"seed": 1})
    state = State()

    def key(
        task: Task = task, facts: FunctionFacts = facts, prompt: bytes = b"[]", sample: int = 0, scripted: bool = False
    ) -> str:
        edit = Edit(1, 1, "a", "sample", 1.0, Raw(b"%d" % sample))
        return Memo(state, None, {"f": facts}, {("a", "sample"): edit} if sample else {}, scripted=scripted).response_key(
            task, prompt
        )

    others = [
        key(prompt=b"[1]"),
        key(Task("llm", "a", 1, "f", model="x:n", params={"seed": 1})),
        key(Task("llm", "a", 1, "f", model="x:m")),
        key(facts=FunctionFacts("llm", "1", tools="t")),
        key(facts=FunctionFacts("llm", "1", schema="s")),
        key(sample=1),
        key(scripted=True),
    ]
    assert len({key(), *others}) == 8
    assert key() == key(facts=FunctionFacts("llm", "2", parser="p", schema="s", tools="t")), "the prompt's code does not count"


def test_arguments_are_told_apart_by_value_place_and_name() -> None:
    outputs = Outputs()
    outputs["t"], outputs["u"] = b"1", b'["1"]'
    ref, other, value, items = Arg(ref="t"), Arg(ref="u"), Arg(value=Raw(b"1")), Arg(items=[Arg(ref="t")])

    def digest(*args: Arg, **kwargs: Arg) -> str:
        return outputs.of_arguments(Task("python", "a", 1, "f", args=args, kwargs=kwargs))

    assert digest(ref) == digest(value), "where a value comes from does not count"
    different = [digest(), digest(ref), digest(other), digest(items), digest(ref, other), digest(other, ref), digest(x=ref)]
    assert len(set(different)) == len(different)


def test_a_function_that_is_used_for_two_types_has_a_key_for_each_whichever_comes_first() -> None:
    facts = {"both": FunctionFacts("python", "code")}
    tasks = [Task("python", "main/both", 2, "both", "main"), Task("graph", "main/both[2]", 3, "both", "main")]
    keys = []
    for order in (tasks, tasks[::-1]):
        memo = Memo(State(), None, facts, {})
        keys.append({task.id: memo.code_key(task, "") for task in order})
    assert keys[0] == keys[1]
