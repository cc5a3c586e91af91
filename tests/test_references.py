"""What a registered function contributes to the fingerprints of those that refer to it."""

from __future__ import annotations

import itertools
import linecache
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import Context, LLMTask, Registry

_made = itertools.count()


def code(folder: Path, text: str, name: str) -> str:
    """The fingerprint of a function in a program, with the model `x:small` where none is named."""
    file = folder / f"{next(_made)}.py"
    file.write_text(text)
    app = Registry("test", model="x:small")
    names: dict[str, Any] = {"Context": Context, "LLMTask": LLMTask, "app": app, "__name__": "program", "__file__": str(file)}
    linecache.clearcache()
    exec(compile(text, str(file), "exec"), names)
    return app.facts()[name].code


def differs(folder: Path, text: str, old: str, new: str, name: str = "work") -> bool:
    """Whether a change of the program changes the fingerprint of a function."""
    assert text.count(old) == 1
    return code(folder, text, name) != code(folder, text.replace(old, new), name)


BASE = '@app.{kind}\ndef base(q: str) -> str:\n    return q + "1"\n\n'
ASKING = {
    "llm()": "@app.llm()\ndef work(q: str) -> str:\n    return base.fn(q)\n",
    "task": "@app.task\ndef work(q: str) -> str:\n    return base.fn(q)\n",
    "graph": "@app.graph\ndef work(q: str) -> str:\n    return base.fn(q)\n",
    "loop": "ALL = [base]\n\n@app.graph\ndef work(q: str) -> list[str]:\n    return [each.fn(q) for each in ALL]\n",
}


@pytest.mark.parametrize("kind", ["llm()", "task", "graph"])
@pytest.mark.parametrize("asking", ASKING)
def test_the_code_of_a_function_that_is_called_directly_counts(tmp_path: Path, asking: str, kind: str) -> None:
    assert differs(tmp_path, BASE.format(kind=kind) + ASKING[asking], '"1"', '"2"')


@pytest.mark.parametrize("kind", ["llm()", "task", "graph"])
def test_the_code_of_a_function_that_a_graph_function_only_declares_does_not_count(tmp_path: Path, kind: str) -> None:
    text = BASE.format(kind=kind) + "@app.graph\ndef work(q: str) -> str:\n    return base(q)\n"
    assert not differs(tmp_path, text, '"1"', '"2"')


def test_the_version_of_a_function_stands_for_its_code(tmp_path: Path) -> None:
    for asking in ASKING.values():
        text = BASE.format(kind='task(version="a")') + asking
        assert differs(tmp_path, text, '"a"', '"b"')
        assert not differs(tmp_path, text, '"1"', '"2"')


def test_functions_may_call_each_other(tmp_path: Path) -> None:
    text = (
        "@app.task\ndef even(n: int) -> bool:\n    return n == 0 or odd(n - 1)\n\n"
        "@app.task\ndef odd(n: int) -> bool:\n    return n != 0 and even(n - 1)\n"
    )
    for name in ("even", "odd"):
        assert code(tmp_path, text, name) == code(tmp_path, text, name)
        assert differs(tmp_path, text, "n == 0", "n < 1", name)
        assert differs(tmp_path, text, "n != 0", "n > 0", name)


@pytest.mark.parametrize("asking", ["task", "graph"])
@pytest.mark.parametrize("named", ["ask", '"ask"', '"a" + "sk"'])
def test_the_settings_of_a_function_that_a_task_is_added_for_count(tmp_path: Path, asking: str, named: str) -> None:
    text = (
        '@app.llm(model="x:one")\ndef ask(q: str) -> str:\n    return q\n\n'
        f"@app.{asking}\ndef work(ctx: Context, q: str):\n    return ctx.add_task(LLMTask({named}, q))\n"
    )
    assert differs(tmp_path, text, "x:one", "x:two")
    assert not differs(tmp_path, text + "\n@app.task\ndef other() -> int:\n    return 1\n", "return 1", "return 2")


def test_settings_do_not_count_where_no_task_can_be_declared(tmp_path: Path) -> None:
    text = BASE.format(kind="task(timeout=3)") + "@app.task\ndef work(q: str) -> str:\n    return base(q)\n"
    assert not differs(tmp_path, text, "timeout=3", "timeout=4")
