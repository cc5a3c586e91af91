"""What users write by mistake, and what mypy --strict says to it."""

from __future__ import annotations

import msgspec

from llmtaskgraph import Context, PythonTask, Registry, TaskGraph

app = Registry("review", model="openai:gpt-5-mini")


class Verdict(msgspec.Struct):
    score: int


@app.llm(output=Verdict)
def judge(text: str) -> str:
    return text


@app.task
def double(x: int) -> int:
    return 2 * x


@app.task
async def wait(ctx: Context, x: int) -> int:
    return x


@app.llm()  # E: arg-type
def number() -> int:
    return 5


@app.graph
def main(text: str) -> int:
    judge(5)  # E: arg-type
    judge()  # E: call-arg
    judge(text).points  # E: attr-defined
    double(judge(text))  # E: arg-type
    double.named(5)  # E: arg-type
    double.options(retry=3)  # E: call-arg
    double.map(3)  # E: arg-type
    wait("x")  # E: arg-type
    wait(1, 2)  # E: call-arg
    verdict: int = judge(text)  # E: assignment
    names: list[str] = double.map([1])  # E: assignment
    return judge(text)  # E: return-value


main.run(5)  # E: call-overload
main.run()  # E: call-overload
text: str = main.run("text")  # E: assignment
main.resume()  # E: call-arg
graph = TaskGraph[int](app)
graph.add_task(5)  # E: type-var
graph.add_task(PythonTask(double)).nothing  # E: attr-defined
app.task(retries="3")  # E: call-overload
app.llm(timeout="3")  # E: call-overload
app.provider("mine", 5)  # E: arg-type
