"""Search, filter, slices and jumps as a person meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtaskgraph import Arg, Failure, Task
from ltg_tui import finding

from .conftest import Opened
from .traces import Scribe, llm, review, scribe

pytestmark = pytest.mark.anyio


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path, answer="The Zebra crossed twice. A zebra!").store.close()
    return path


def many(path: Path, count: int = 30) -> Scribe:
    """main -> ask[0..], each other one says zebra; one failed, and what needs it is blocked."""
    by = scribe(path)
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    tasks = [
        Task("llm", f"main/ask[{n}]", n + 2, "ask", "main", 1, model="lab:big" if n % 3 else "lab:small") for n in range(count)
    ]
    join = Task("python", "main/join", count + 2, "join", "main", 1, args=(Arg(items=[Arg(ref=task.id) for task in tasks]),))
    by.declare(root, [*tasks, join], Arg(ref=join.id))
    for n, task in enumerate(tasks):
        id = by.ask(run, task.id, f"question {n}")
        if n == 5:
            by.fail(id, Failure("ValueError", "an odd error"))
        else:
            by.answer(id, "one zebra" if n % 2 else "one horse")
    by.end(run, "failed")
    return by


async def test_a_search_finds_words_in_bodies_and_shows_them(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("slash", *"zebra")
        assert "▾ ✔ main" in text  # what was found is gone to while one types
        assert "The Zebra crossed twice" in text
        assert "1/1" in text
        text = await screen.press("enter")
        assert "/zebra 1" in text
        assert screen.app.main.chosen.id == "main/judge[style]"


async def test_a_capital_finds_only_itself_and_nothing_found_is_said(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "no task has 'ZEBRA' in its name or a text" in await screen.press("slash", *"ZEBRA", "enter")


async def test_escape_while_searching_goes_back_to_where_one_was(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "j")
        before = screen.app.main.chosen
        await screen.press("slash", *"zebra")
        assert screen.app.main.chosen != before
        text = await screen.press("escape")
        assert screen.app.main.chosen == before
        assert "zebra" not in text


async def test_what_is_typed_further_is_gone_to_in_the_task_that_its_first_letters_led_to(
    debugger: Opened, tmp_path: Path
) -> None:
    path = tmp_path / "trace.json"
    answer = "\n".join(["jumps are there", *[f"line {n}" for n in range(80)], "a juniper, of them all", *["end"] * 80])
    review(path, answer=answer).store.close()
    async with debugger(path) as screen:
        await screen.press("slash", *"ju")  # in its name
        assert screen.app.main.chosen.id == "main/judge[style]"
        text = await screen.press(*"nip")  # far down in the response of the same task
        assert "a juniper, of them all" in text
        text = await screen.press("enter")
        assert "a juniper, of them all" in text
        assert screen.app.main.panes.current == "response"


async def test_n_goes_round_the_matches_in_the_order_of_the_tree(debugger: Opened, tmp_path: Path) -> None:
    many(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "1/14" in await screen.press("slash", *"zebra", "enter")
        seen = []
        for _ in range(15):
            seen.append(screen.app.main.chosen.id)
            await screen.press("n")
        odd = [f"main/ask[{n}]" for n in range(1, 30, 2) if n != 5]
        assert seen == [*odd, odd[0]]
        assert "1/14" in await screen.press("N")
        assert "14/14" in await screen.press("N")


async def test_an_expression_is_searched_for_and_a_wrong_one_is_told(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(120, 30)) as screen:
        assert "not a regular expression: missing )" in await screen.press("slash", *"/(zeb/")
        await screen.press("escape")
        assert "1/1" in await screen.press("slash", *"/z\\w+a!/", "enter")


async def test_an_expression_that_takes_for_ever_does_not_hold_up_the_keys(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.05)
    review(tmp_path / "t.json", answer="a" * 60 + "b").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("slash", *"/(a+)+$/", "enter")
        assert "took too long" in text
        assert "✔ main" in await screen.press("escape", "j")


async def test_in_a_pane_its_own_text_is_searched(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "2")
        assert "1/2" in await screen.press("slash", *"zebra")
        assert "1/2 in this text" in await screen.press("enter")
        assert "2/2 in this text" in await screen.press("n")
        assert "'horse' is not in this text" in await screen.press("slash", *"horse", "enter")


async def test_a_filter_keeps_tasks_and_what_they_are_in_and_escape_shows_all(debugger: Opened, tmp_path: Path) -> None:
    many(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(120, 30)) as screen:
        assert "join" in screen.text
        text = await screen.press("f", *"model:small zebra")
        assert "f model:small zebra · 5 tasks" in text
        assert "5 of 30 × ask" in text
        assert "ask[3]" in text
        assert "ask[4]" not in text
        assert "join" not in text
        text = await screen.press("enter", "escape")
        assert "join" in text
        assert "5 of 30" not in text


async def test_a_wrong_term_is_told_and_what_was_shown_stays(debugger: Opened, tmp_path: Path) -> None:
    many(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(120, 30)) as screen:
        assert "status:faild does not exist" in await screen.press("f", *"status:faild")
        assert "join" in await screen.press("escape")


async def test_a_filter_takes_in_what_arrives(debugger: Opened, tmp_path: Path) -> None:
    by = scribe(tmp_path / "t.json")
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    tasks = [llm(2, "main/judge[a]"), llm(3, "main/judge[b]")]
    by.declare(root, tasks, Arg(ref=tasks[0].id))
    ids = [by.ask(run, task.id, "?") for task in tasks]
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("f", *"status:succeeded", "enter")
        assert "● judge" not in text
        by.answer(ids[0], "done")
        assert "● judge" not in await screen.until("✔ judge[a]")
    by.store.close()


async def test_upstream_of_a_task_is_shown_alone_and_the_same_key_shows_all(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(120, 30)) as screen:
        text = await screen.press("j", "C")
        assert "upstream of judge[style] · 2 tasks" in text
        assert "judge[facts]" not in text
        text = await screen.press("C")
        assert "judge[facts]" in text
        assert "upstream" not in text
        assert "downstream of judge[style] · 3 tasks" in await screen.press("D")
        assert "judge[facts]" in await screen.press("escape")


async def test_problems_are_gone_round_and_blocked_ones_where_none_failed(debugger: Opened, tmp_path: Path) -> None:
    many(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "an odd error" in await screen.press("x")
        assert "no other task failed" in await screen.press("x")
        await screen.press("g", "comma")
        assert screen.app.main.chosen.id == "main/ask[5]"


async def test_jumps_go_back_and_forward(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("slash", *"issues", "enter")
        assert screen.app.main.chosen.id == "main/issues"
        await screen.press("comma")
        assert screen.app.main.chosen.id == "main"
        await screen.press("full_stop")
        assert screen.app.main.chosen.id == "main/issues"
        assert "this is the last jump" in await screen.press("full_stop")


def chain(path: Path) -> Scribe:
    """main(topic) -> list[0] "kettle", list[1] "teapot"; pick(both); write(pick): the wrong word came with list[0]."""
    by = scribe(path)
    by.root(topic="objects of the morning")
    run = by.start()
    root = by.begin(run, "main")
    lists = [Task("llm", f"main/list[{n}]", n + 2, "list", "main", 1, model="lab:a") for n in range(2)]
    both = Arg(entries={"first": Arg(ref=lists[0].id), "second": Arg(ref=lists[1].id)})
    pick = Task("llm", "main/pick", 4, "pick", "main", 1, kwargs={"names": both}, model="lab:a")
    write = Task("llm", "main/write", 5, "write", "main", 1, args=(Arg(ref=pick.id),), model="lab:a")
    by.declare(root, [*lists, pick, write], Arg(ref=write.id))
    words = ["one odd kettle", "one teapot"]
    for task, word in zip(lists, words, strict=True):
        by.answer(by.ask(run, task.id, "Name objects"), word)
    by.answer(by.ask(run, pick.id, f"Choose among:\n\n{words[0]}\n{words[1]}"), "the odd kettle")
    by.answer(by.ask(run, write.id, "Write of the odd kettle, briefly"), "An odd kettle sang.")
    by.succeed(root, "An odd kettle sang.")
    by.end(run)
    return by


async def test_causes_name_the_path_of_the_value_and_enter_goes_there(debugger: Opened, tmp_path: Path) -> None:
    chain(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("j", "j", "j", "c")
        assert "causes of main/pick" in text
        assert "names['first']" in text
        assert "one odd kettle" in text
        text = await screen.press("j", "enter")
        assert screen.app.main.chosen.id == "main/list[1]"
        assert "one teapot" in text
        await screen.press("comma")
        assert screen.app.main.chosen.id == "main/pick"


async def test_an_effect_is_gone_to_at_the_words_it_has_from_the_task(debugger: Opened, tmp_path: Path) -> None:
    chain(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("j", "d", "enter")
        assert screen.app.main.chosen.id == "main/pick"
        assert "Choose among" in text
        assert screen.app.main.panes.pane("prompt").view.go_to_match(first=True) == (1, 1)


async def test_a_text_is_traced_to_the_response_in_which_it_first_appeared(debugger: Opened, tmp_path: Path) -> None:
    chain(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "j", "j", "j")
        await screen.press("2", "slash", *"odd", "enter")
        text = await screen.press("T")
        assert screen.app.main.chosen.id == "main/list[0]"
        assert "it first appears in the response of list[0]" in text
        assert "one odd kettle" in text


@pytest.mark.parametrize(
    ("words", "told", "task"),
    [
        ("morning", "it came with the input of the run", "main"),
        ("briefly", "it is from the program's own prompt for write", "main/write"),
        ("nowhere", "nothing upstream holds 'nowhere'", "main/write"),
    ],
)
async def test_what_came_from_the_input_or_the_program_is_said_so(
    debugger: Opened, tmp_path: Path, words: str, told: str, task: str
) -> None:
    chain(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "j", "j", "j")
        screen.app.do("origin", words)
        assert told in await screen.settled()
        assert screen.app.main.chosen.id == task


async def test_a_wrong_output_is_traced_and_its_response_opened_in_twelve_keys(debugger: Opened, tmp_path: Path) -> None:
    chain(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        keys = ["slash", *"odd k", "enter", "T", "e"]
        assert len(keys) <= 12
        text = await screen.press(*keys)
        assert "response of main/list[0]" in text
        assert "one odd kettle" in text
