"""The explicit layer: tasks as objects, in a graph that is written out. It runs on the same engine and records the same trace.

Three samples of one prompt are merged into a list of people, each of whom gets a task of their own.
"""

from llmtaskgraph import Context, LLMTask, PythonTask, Registry, TaskGraph, TaskGraphTask

MODEL = "openai:gpt-5-mini"
INPUT = {"topic": "mathematicians"}

registry = Registry("explicit")


@registry.function
def list_names(ctx: Context) -> str:
    """Ask for names. The input of the graph is found in the context."""
    return f"List five great {(ctx.input or INPUT)['topic']}, one a line, no comments."


@registry.function
def lines(text: str) -> list[str]:
    """The lines of a response, without bullets."""
    return [line.lstrip("-*0123456789. ").strip() for line in text.splitlines() if line.strip()]


@registry.function
def agreed(*lists: list[str]) -> list[str]:
    """Who is in at least two of the lists, in the order of the first."""
    names = dict.fromkeys(name for names in lists for name in names)
    return [name for name in names if sum(name in names for names in lists) > 1]


@registry.function
def describe(name: str) -> str:
    """Ask about one person."""
    return f"In one sentence: what is {name} known for?"


@registry.function
def describe_all(ctx: Context, names: list[str]) -> list[LLMTask]:
    """A sub-graph, for it is not known beforehand how many there are."""
    ctx.log(f"{len(names)} names")
    return [ctx.add_task(LLMTask(describe, name, model=MODEL, name=name)) for name in names]


@registry.function
def page(names: list[str], texts: list[str]) -> str:
    """Write it up."""
    return "\n".join(f"- {name}: {text}" for name, text in zip(names, texts, strict=True))


graph: TaskGraph[str] = TaskGraph(registry)
lists = [graph.add_task(LLMTask(list_names, model=MODEL, parser=lines)) for _ in range(3)]
names = graph.add_task(PythonTask(agreed, *lists))
texts = graph.add_task(TaskGraphTask(describe_all, names))
graph.add_output_task(PythonTask(page, names, texts))
