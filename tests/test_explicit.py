"""The explicit layer: tasks as objects, graphs that are written out, and graphs as JSON."""

from __future__ import annotations

import json
import threading
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from kinds import Person, Verdict
from running import Model, registry, run, run_graph

from llmtaskgraph import (
    Context,
    CycleError,
    DuplicateTask,
    GraphError,
    LLMTask,
    NotATrace,
    PythonTask,
    Registry,
    RunFailed,
    TaskGraph,
    TaskGraphTask,
    UnknownDependency,
    UnregisteredFunction,
    WrongArguments,
)

pytestmark = pytest.mark.anyio

CALLED: list[str] = []


@pytest.fixture(autouse=True)
def nothing_called() -> None:
    CALLED.clear()


def one() -> int:
    CALLED.append("one")
    return 1


def double(x: int) -> int:
    CALLED.append(f"double {x}")
    return 2 * x


def add(*xs: int, more: int = 0) -> int:
    CALLED.append("add")
    return sum(xs) + more


def boom() -> int:
    CALLED.append("boom")
    raise ValueError("no")


def prompt(ctx: Context, about: str = "") -> str:
    return f"{ctx.input['topic'] if ctx.input else ''} {about}".strip()


def words(text: str) -> list[str]:
    return text.split()


def length(found: list[str]) -> int:
    return len(found)


def graph_of(*tasks: Any, model: Any = None) -> TaskGraph[Any]:
    graph: TaskGraph[Any] = TaskGraph(registry(model))
    for task in tasks[:-1]:
        graph.add_task(task)
    graph.add_output_task(tasks[-1])
    return graph


# Graphs that are written out


async def test_the_loop_of_the_explicit_layer() -> None:
    """Write a graph, run it, edit a response, resume: only what depends on it runs."""
    model = Model(lambda request: f"names of {request.messages[-1].text}")
    app = registry(model)
    graph: TaskGraph[Any] = TaskGraph(app)
    lists = [graph.add_task(LLMTask(prompt, model="mine:small", parser=words)) for _ in range(3)]
    graph.add_output_task(PythonTask(add, *[graph.add_task(PythonTask(length, found)) for found in lists]))
    assert await graph.run(input={"topic": "mathematicians"}) == 9
    assert model.prompts == ["mathematicians"] * 3
    assert CALLED == ["add"]
    data = graph.to_json()
    loaded = TaskGraph.from_json(data, app)
    CALLED.clear()
    loaded.edit("main/prompt[1]", "response", "a b c d e")
    assert await loaded.resume() == 11
    assert model.prompts == ["mathematicians"] * 3
    assert CALLED == ["add"]
    assert [task.id for task in loaded.state.walk(2)] == [
        "main",
        "main/prompt",
        "main/prompt[1]",
        "main/prompt[2]",
        "main/length",
        "main/length[1]",
        "main/length[2]",
        "main/add",
    ]


async def test_a_task_as_an_argument_means_its_output_also_in_lists_and_dicts() -> None:
    first = PythonTask(one)
    graph: TaskGraph[Any] = TaskGraph()
    graph.add_task(first)

    def show(x: Any) -> Any:
        return x

    graph.add_output_task(PythonTask(show, {"a": [first, 5], "b": {"c": (first,)}}))
    assert await graph.run() == {"a": [1, 5], "b": {"c": [1]}}
    assert CALLED == ["one"]


async def test_several_output_tasks_give_a_list_and_none_gives_none() -> None:
    graph: TaskGraph[Any] = TaskGraph()
    graph.add_task(PythonTask(one))
    assert await graph.run() is None
    graph = TaskGraph()
    for x in (3, 4):
        graph.add_output_task(PythonTask(double, x))
    assert await graph.run() == [6, 8]


async def test_a_task_that_was_added_can_become_an_output_later() -> None:
    graph: TaskGraph[Any] = TaskGraph()
    task = graph.add_task(PythonTask(one))
    assert graph.add_output_task(task) is task
    assert await graph.run() == 1
    assert CALLED == ["one"]


async def test_names_keywords_and_options_reach_the_task() -> None:
    graph: TaskGraph[Any] = TaskGraph()
    task = PythonTask(add, 1, 2, name="sum", more=3, retries=0, timeout=9, effect="once")
    graph.add_output_task(task)
    assert task.id == "main/sum".replace("sum", "add[sum]")
    assert await graph.run() == 6
    declared = next(found for found in graph.state.tasks.values() if found.id == task.id)
    assert (declared.retries, declared.timeout, declared.effect) == (0, 9, "once")


async def test_an_llm_task_takes_an_output_type_or_a_parser() -> None:
    model = Model(lambda request: '{"score": 4}')
    app = registry(model)
    graph: TaskGraph[Any] = TaskGraph(app)
    for task in (
        LLMTask(prompt, model="mine:small", output=Verdict, name="typed"),
        LLMTask(prompt, model="mine:small", parser=words, name="parsed"),
        LLMTask(prompt, model="mine:small", name="plain", params={"seed": 1}),
    ):
        graph.add_output_task(task)
    assert await graph.run() == [{"score": 4, "issues": []}, ['{"score":', "4}"], '{"score": 4}']
    assert [request.output is not None for request in model.requests] == [True, False, False]
    with pytest.raises(GraphError, match="a parser or an output type, not both"):
        LLMTask(prompt, model="mine:small", parser=words, output=Verdict)


async def test_functions_of_decorators_and_registered_names_can_be_tasks_too() -> None:
    app = registry()

    @app.task
    def triple(x: int) -> int:
        return 3 * x

    @app.function
    def plain(x: int) -> int:
        return x + 1

    assert plain(1) == 2
    graph: TaskGraph[Any] = TaskGraph(app)
    first = graph.add_task(PythonTask(triple, 2))
    graph.add_output_task(PythonTask("plain", graph.add_task(PythonTask("triple", first))))
    assert await graph.run() == 19
    with pytest.raises(GraphError, match="triple is a function for python tasks, not for a LLMTask"):
        graph.add_task(LLMTask(triple, model="mine:small"))


def test_mistakes_are_told_where_they_are_made() -> None:
    graph: TaskGraph[Any] = TaskGraph(registry())
    task = graph.add_task(PythonTask(one, name="a"))
    with pytest.raises(UnknownDependency, match=r"main/double depends on a PythonTask of one that was not added"):
        graph.add_task(PythonTask(double, PythonTask(one)))
    with pytest.raises(WrongArguments, match="missing a required argument: 'x'"):
        graph.add_task(PythonTask(double))
    with pytest.raises(DuplicateTask, match=r"main/one\[a\]"):
        graph.add_task(PythonTask(one, name="a"))
    with pytest.raises(DuplicateTask, match=r"main/one\[a\]"):
        graph.add_task(task)
    with pytest.raises(GraphError, match="a task of another graph"):
        TaskGraph(registry()).add_task(task)
    with pytest.raises(UnknownDependency, match="not a task of the same graph"):
        TaskGraph(registry()).add_task(PythonTask(double, task))
    with pytest.raises(GraphError, match="add_task takes an LLMTask, PythonTask or TaskGraphTask, not 5"):
        graph.add_task(5)  # type: ignore[type-var]
    with pytest.raises(UnregisteredFunction, match="function 'nowhere' is not in the registry 'test'"):
        graph.add_task(PythonTask("nowhere"))
    with pytest.raises(GraphError, match="has no name to be found by; write it as a function with def"):
        graph.add_task(PythonTask(lambda: 1))
    with pytest.raises(GraphError, match="retries is a number from 0 on"):
        graph.add_task(PythonTask(one, retries=-1))
    with pytest.raises(GraphError, match="has no model"):
        TaskGraph(Registry("bare")).add_task(LLMTask(prompt))


async def test_a_mistake_that_was_caught_leaves_the_graph_as_it_was() -> None:
    graph: TaskGraph[Any] = TaskGraph()
    with pytest.raises(WrongArguments):
        graph.add_task(PythonTask(double))
    graph.add_output_task(PythonTask(double, 4))
    ran = await run_graph(graph)
    assert ran.output == 8
    assert ran.tasks == ["main", "main/double"]


async def test_a_graph_can_be_run_again_and_grows_by_a_run() -> None:
    graph = graph_of(PythonTask(one))
    assert await graph.run() == 1
    assert await graph.run() == 1
    assert CALLED == ["one", "one"]
    assert list(graph.state.runs) == [1, 2]


async def test_a_graph_that_is_being_run_refuses_a_second_run() -> None:
    entered = anyio.Event()

    async def wait() -> int:
        entered.set()
        await anyio.sleep_forever()
        return 1

    graph = graph_of(PythonTask(wait))
    async with anyio.create_task_group() as group:
        group.start_soon(graph.run)
        await entered.wait()
        with pytest.raises(GraphError, match="this graph is being run"):
            await graph.run()
        group.cancel_scope.cancel()
    assert [run.status for run in graph.state.runs.values()] == ["cancelled"]


# Sub-graphs


async def test_a_graph_written_out_may_stand_in_another_two_deep_and_be_used_twice() -> None:
    innermost: TaskGraph[Any] = TaskGraph(name="innermost")
    innermost.add_output_task(PythonTask(double, innermost.add_task(PythonTask(one))))
    middle: TaskGraph[Any] = TaskGraph(name="middle")
    middle.add_output_task(PythonTask(double, middle.add_task(TaskGraphTask(innermost))))
    graph: TaskGraph[Any] = TaskGraph(registry())
    graph.add_output_task(
        PythonTask(add, graph.add_task(TaskGraphTask(middle)), graph.add_task(TaskGraphTask(middle, name="again")))
    )
    ran = await run_graph(graph)
    assert ran.output == 8
    assert sorted(CALLED) == sorted(["one", "double 1", "double 2"] * 2 + ["add"])
    assert ran.tasks == [
        "main",
        "main/middle",
        "main/middle/innermost",
        "main/middle/innermost/one",
        "main/middle/innermost/double",
        "main/middle/double",
        "main/middle[again]",
        "main/middle[again]/innermost",
        "main/middle[again]/innermost/one",
        "main/middle[again]/innermost/double",
        "main/middle[again]/double",
        "main/add",
    ]
    CALLED.clear()
    loaded = TaskGraph.from_json(graph.to_json(), graph.functions)
    assert await loaded.resume() == 8
    assert CALLED == []


async def test_a_graph_function_adds_tasks_when_its_inputs_are_known() -> None:
    def fan(ctx: Context, n: int) -> Any:
        return [ctx.add_task(PythonTask(double, i)) for i in range(n)]

    graph: TaskGraph[Any] = TaskGraph(registry())
    graph.add_output_task(TaskGraphTask(fan, graph.add_task(PythonTask(double, 2))))
    ran = await run_graph(graph)
    assert ran.output == [0, 2, 4, 6]
    assert ran.tasks == ["main", "main/double", "main/fan", *[f"main/fan/double{f'[{i}]' if i else ''}" for i in range(4)]]


async def test_a_python_task_may_return_tasks_that_it_added_from_its_thread() -> None:
    threads: list[bool] = []

    def plan(ctx: Context) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        first = ctx.add_task(PythonTask(one))
        return {"sum": ctx.add_task(PythonTask(add, first, 4)), "n": 7}

    async def later(ctx: Context) -> Any:
        await anyio.lowlevel.checkpoint()
        return ctx.add_task(LLMTask(prompt, "x", model="mine:small"))

    graph: TaskGraph[Any] = TaskGraph(registry())
    graph.add_output_task(PythonTask(plan))
    graph.add_output_task(PythonTask(later))
    ran = await run_graph(graph)
    assert ran.output == [{"sum": 5, "n": 7}, "echo: x"]
    assert threads == [False]
    assert ran.task("main/plan").children is not None
    CALLED.clear()
    loaded = TaskGraph.from_json(graph.to_json(), graph.functions)
    assert await loaded.resume() == ran.output
    assert CALLED == []


async def test_tasks_can_be_added_in_a_decorated_graph_function_beside_calls() -> None:
    app = registry()

    @app.task
    def triple(x: int) -> int:
        return 3 * x

    @app.graph
    def main(ctx: Context) -> Any:
        return [triple(2), ctx.add_task(PythonTask(triple, 3)), ctx.add_task(PythonTask(double, triple(4)))]

    ran = await run(main)
    assert ran.output == [6, 9, 24]


async def test_adding_what_is_no_task_or_twice_or_too_late_is_refused() -> None:
    app = registry()
    kept: list[Context] = []

    @app.task
    def f(x: int = 0) -> int:
        return x

    @app.graph
    def main(ctx: Context, kind: int) -> Any:
        kept.append(ctx)
        if kind == 0:
            return ctx.add_task(f(1))
        task = ctx.add_task(PythonTask(f))
        return ctx.add_task(task) if kind == 1 else task

    assert (
        "add_task takes an LLMTask, PythonTask or TaskGraphTask, not <the output of main/f"
        in (await run(main, 0)).failures["main"]
    )
    assert "DuplicateTask: there are two tasks main/f" in (await run(main, 1)).failures["main"]
    ran = await run(main, 2)
    assert ran.output == 0
    with pytest.raises(RuntimeError, match="main: its function has ended"):
        kept[-1].add_task(PythonTask(f))


async def test_a_prompt_function_cannot_add_tasks() -> None:
    def ask(ctx: Context) -> str:
        ctx.add_task(PythonTask(one))
        return "x"

    ran = await run_graph(graph_of(LLMTask(ask, model="mine:small")))
    assert "RuntimeError: tasks are added by Python and graph functions" in ran.failures["main/ask"]


async def test_a_graph_written_out_takes_no_arguments() -> None:
    inner = graph_of(PythonTask(one))
    with pytest.raises(GraphError, match="is written out and takes no arguments"):
        TaskGraph().add_task(TaskGraphTask(inner, 5))


def test_a_graph_cannot_stand_in_itself() -> None:
    graph: TaskGraph[Any] = TaskGraph(name="a")
    other: TaskGraph[Any] = TaskGraph(name="b")
    other.add_task(TaskGraphTask(graph))
    with pytest.raises(CycleError, match="a -> b"):
        graph.add_task(TaskGraphTask(other))
    with pytest.raises(CycleError):
        graph.add_task(TaskGraphTask(graph))


async def test_a_failure_in_a_sub_graph_blocks_what_depends_on_the_sub_graph() -> None:
    inner: TaskGraph[Any] = TaskGraph(name="inner")
    inner.add_output_task(PythonTask(double, inner.add_task(PythonTask(boom))))
    graph: TaskGraph[Any] = TaskGraph(registry())
    graph.add_output_task(PythonTask(double, graph.add_task(TaskGraphTask(inner))))
    graph.add_output_task(PythonTask(one))
    ran = await run_graph(graph)
    assert sorted(CALLED) == ["boom", "one"]
    assert ran.statuses == {
        "main": "failed",
        "main/inner": "failed",
        "main/inner/boom": "failed",
        "main/inner/double": "blocked",
        "main/double": "blocked",
        "main/one": "succeeded",
    }


# JSON


async def test_a_graph_is_the_same_after_json_before_during_and_after_a_run() -> None:
    states: list[bytes] = []
    app = registry()

    def peek(x: int) -> int:
        states.append(graph.to_json())
        return x

    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(peek, graph.add_task(PythonTask(double, 4))))
    before = graph.to_json()
    assert json.loads(before)["runs"] == []
    assert await TaskGraph.from_json(before, app).run() == 8
    assert await graph.run() == 8
    after = graph.to_json()
    assert TaskGraph.from_json(after, app).to_json() == after
    CALLED.clear()
    during = TaskGraph.from_json(states[-1], app)
    assert during.state.run().status == "cancelled"
    assert await during.resume() == 8
    assert CALLED == []


async def test_a_snapshot_can_be_taken_while_a_run_is_recorded_to_a_file(tmp_path: Any) -> None:
    states: list[bytes] = []
    app = registry()

    def peek(x: int) -> int:
        states.append(graph.to_json())
        return x

    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(peek, graph.add_task(PythonTask(double, 4))))
    assert await graph.run(trace=tmp_path / "trace.json") == 8
    found = json.loads(states[0])
    assert {task_run["task"]: task_run.get("status", "running") for task_run in found["task_runs"]} == {
        "main": "running",
        "main/double": "succeeded",
        "main/peek": "running",
    }
    assert (tmp_path / "trace.json").read_bytes() == graph.to_json()


async def test_an_edit_during_a_run_is_kept_in_the_file(tmp_path: Any) -> None:
    app = registry()

    def edit_it(x: int) -> int:
        graph.edit("main/double", "output", 5)
        return x

    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(edit_it, graph.add_task(PythonTask(double, 4))))
    assert await graph.run(trace=tmp_path / "trace.json") == 8
    recorded = json.loads((tmp_path / "trace.json").read_bytes())
    assert [(edit["task"], edit["value"]) for edit in recorded["edits"]] == [("main/double", 5)]


async def test_tasks_may_be_added_after_to_json_and_after_a_run() -> None:
    app = registry()
    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(one))
    graph.to_json()
    graph.add_output_task(PythonTask(double, 2))
    data = graph.to_json()
    assert await TaskGraph.from_json(data, app).run() == [1, 4]
    assert await graph.run() == [1, 4]
    graph.add_output_task(PythonTask(double, 5))
    CALLED.clear()
    assert await graph.resume() == [1, 4, 10]
    assert CALLED == ["double 5"]


async def test_a_loaded_graph_refuses_more_tasks() -> None:
    app = registry()
    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(one))
    loaded = TaskGraph.from_json(graph.to_json(), app)
    for add_to in (loaded.add_task, loaded.add_output_task):
        with pytest.raises(GraphError, match="a graph that was read from a trace is as it was recorded"):
            add_to(PythonTask(one))


async def test_edits_between_to_json_and_from_json_survive_and_can_be_taken_back() -> None:
    app = registry()
    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(double, graph.add_task(PythonTask(double, 4))))
    assert await graph.run() == 16
    graph.edit("main/double", "output", 5)
    loaded = TaskGraph.from_json(graph.to_json(), app)
    CALLED.clear()
    assert await loaded.resume() == 10
    assert CALLED == ["double 5"]
    loaded.revert("main/double", "output")
    CALLED.clear()
    assert await TaskGraph.from_json(loaded.to_json(), app).resume() == 16
    assert CALLED == []


def changed(graph: TaskGraph[Any], change: Any) -> bytes:
    """The JSON of a graph, changed by hand."""
    document = json.loads(graph.to_json())
    change({task["id"]: task for task in document["tasks"]}, document)
    return json.dumps(document).encode()


@pytest.fixture
def chain() -> TaskGraph[Any]:
    graph: TaskGraph[Any] = TaskGraph(registry())
    graph.add_output_task(PythonTask(double, graph.add_task(PythonTask(double, graph.add_task(PythonTask(one))))))
    return graph


def test_a_circle_made_by_hand_is_refused(chain: TaskGraph[Any]) -> None:
    def change(tasks: Any, document: Any) -> None:
        tasks["main/double"]["args"] = [{"ref": "main/double[1]"}]

    with pytest.raises(CycleError, match="wait for each other"):
        TaskGraph.from_json(changed(chain, change), chain.functions)


@pytest.mark.parametrize("where", ["args", "result"])
def test_a_dependency_on_nothing_made_by_hand_is_refused(chain: TaskGraph[Any], where: str) -> None:
    def change(tasks: Any, document: Any) -> None:
        if where == "args":
            tasks["main/double"]["args"] = [{"ref": "main/two"}]
        else:
            tasks["main"]["result"] = {"ref": "main/two"}

    with pytest.raises(UnknownDependency, match="depends on main/two"):
        TaskGraph.from_json(changed(chain, change), chain.functions)


def test_two_tasks_of_one_id_made_by_hand_are_refused(chain: TaskGraph[Any]) -> None:
    def change(tasks: Any, document: Any) -> None:
        tasks["main/double[1]"]["id"] = "main/double"

    with pytest.raises(GraphError):
        TaskGraph.from_json(changed(chain, change), chain.functions)


def test_a_function_that_is_not_registered_is_named(chain: TaskGraph[Any]) -> None:
    with pytest.raises(UnregisteredFunction, match="function 'double' is not in the registry 'empty', which holds nothing"):
        TaskGraph.from_json(chain.to_json(), Registry("empty"))


async def test_arguments_that_a_function_takes_no_more_fail_the_task_and_say_so(chain: TaskGraph[Any]) -> None:
    def change(tasks: Any, document: Any) -> None:
        tasks["main/one"]["args"] = [{"value": 5}]

    loaded = TaskGraph.from_json(changed(chain, change), chain.functions)
    with pytest.raises(RunFailed, match=r"the run failed at main/one: one.*too many arguments"):
        await loaded.run()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"nonsense", '{"format": "other/1"}'])
def test_json_of_another_kind_is_refused(data: Any) -> None:
    with pytest.raises(NotATrace):
        TaskGraph.from_json(data, registry())


async def test_a_trace_of_a_graph_function_can_be_resumed_as_a_graph(tmp_path: Any) -> None:
    app = registry()

    @app.task
    def greet(person: Person) -> str:
        CALLED.append("greet")
        return f"hello {person.name}"

    @app.graph
    def main(person: Person) -> str:
        return greet(person)

    assert await main.arun(Person("Ada"), trace=tmp_path / "trace.json") == "hello Ada"
    loaded = TaskGraph.from_json((tmp_path / "trace.json").read_bytes(), app)
    assert await loaded.resume() == "hello Ada"
    assert CALLED == ["greet"]
    loaded.edit("main", "input", {"person": {"name": "Bob"}})
    assert await loaded.resume() == "hello Bob"
    assert CALLED == ["greet", "greet"]


async def test_a_file_gains_a_run_for_each_run(tmp_path: Any) -> None:
    graph = graph_of(PythonTask(one))
    for _ in range(2):
        assert await graph.run(trace=tmp_path / "trace.json") == 1
    assert list(graph.state.runs) == [1, 2]
