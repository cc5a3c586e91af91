"""What a registered function contributes to the fingerprints of those that refer to it."""

from __future__ import annotations

import itertools
import linecache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from running import Model, registry

from llmtaskgraph import Context, GraphError, LLMTask, PythonTask, Registry, TaskGraph
from llmtaskgraph._events import FunctionFacts

_made = itertools.count()


def code(folder: Path, text: str, name: str) -> str:
    """The fingerprint of a function in a program."""
    return facts(folder, text)[name].code


def facts(folder: Path, text: str) -> dict[str, FunctionFacts]:
    """The facts of the functions in a program, with the model `x:small` where none is named."""
    file = folder / f"{next(_made)}.py"
    file.write_text(text)
    app = Registry("test", model="x:small")
    given = {"msgspec": msgspec, "Context": Context, "LLMTask": LLMTask, "app": app}
    names: dict[str, Any] = {**given, "__name__": "program", "__file__": str(file)}
    linecache.clearcache()
    exec(compile(text, str(file), "exec"), names)
    return app.facts()


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


def test_the_output_type_counts_beside_a_version(tmp_path: Path) -> None:
    text = (
        "class Out(msgspec.Struct):\n    a: int = 0\n\n"
        '@app.llm(output=Out, version="1")\ndef work(q: str) -> str:\n    return q\n'
    )
    one, other, refactored = (
        facts(tmp_path, changed)["work"]
        for changed in (text, text.replace("a: int", "b: int = 1\n    a: int"), text.replace("return q", "return q + q"))
    )
    assert one.parser != other.parser
    assert one.code == other.code
    assert one == refactored


# The functions of the explicit layer


def shout(text: str = "") -> str:
    return text.upper()


def graph(*tasks: str) -> tuple[TaskGraph, Model]:
    """A graph whose tasks, written `llm` or `python`, all run `shout`, each on the output of the one before."""
    model = Model()
    made = TaskGraph(registry(model))
    last: Any = "a"
    for kind in tasks:
        last = PythonTask(shout, last) if kind == "python" else LLMTask(shout, last, model="mine:small")
        made.add_task(last)
    made.add_output_task(last)
    return made, model


@pytest.mark.anyio
async def test_one_function_may_be_used_for_tasks_of_two_kinds(tmp_path: Path) -> None:
    made, model = graph("python", "llm", "python")
    assert (await made.run(trace=tmp_path / "trace.json"), model.prompts) == ("ECHO: A", ["A"])
    made, model = graph("python", "llm", "python")
    assert (await made.resume(trace=tmp_path / "trace.json"), model.prompts) == ("ECHO: A", [])
    made, model = graph("llm", "python", "llm")
    assert (await made.run(), model.prompts) == ("echo: ECHO: A", ["A", "ECHO: A"])


def test_a_bare_function_is_not_taken_for_a_registered_one_of_its_name() -> None:
    app = registry()

    @app.llm(name="shout")
    def other(text: str) -> str:
        return text

    with pytest.raises(GraphError, match="two functions named 'shout'"):
        TaskGraph(app).add_task(LLMTask(shout, "a"))
    app = registry()
    TaskGraph(app).add_task(PythonTask(shout, "a"))
    with pytest.raises(GraphError, match="two functions named 'shout'"):
        app.llm(name="shout")(other.fn)


def test_a_registered_function_may_be_given_bare() -> None:
    app = registry()
    app.llm()(shout)
    made = TaskGraph(app)
    assert made.add_task(LLMTask(shout, "a")).id == "main/shout"
    assert made.add_task(PythonTask(shout, "a")).id == "main/shout[1]"
    app = registry()
    app.llm()(shout)
    made = TaskGraph(app)
    with pytest.raises(GraphError, match="shout is a function for llm tasks"):
        made.add_task(PythonTask("shout", "a"))


def test_functions_of_one_factory_are_not_taken_for_each_other() -> None:
    def factory(ending: str) -> Any:
        def work(text: str) -> str:
            return text + ending

        return work

    made = TaskGraph(registry())
    made.add_task(PythonTask(factory("1"), "a"))
    made.add_task(PythonTask(factory("1"), "a"))
    with pytest.raises(GraphError, match="two functions named 'work'"):
        made.add_task(PythonTask(factory("2"), "a"))
