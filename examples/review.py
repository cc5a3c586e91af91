"""Review a text before it is published: three judges in parallel, then a proposal for each issue that they found.

How many issues there are is known only when the judges have answered, so the fan-out is in a graph function of its own.
"""

import msgspec

from llmtaskgraph import Registry

app = Registry("review", model="openai:gpt-5-mini")

DRAFT = """\
On Monday some users may have experienced slowness. The outage was caused by a third party and lasted
20 minutes, from 09:10 to 10:05 UTC. We take reliability seriously, and it will not happen again."""


class Verdict(msgspec.Struct):
    """What a judge says. `score` is from 1 to 10."""

    score: int
    issues: list[str] = []


@app.llm(output=Verdict)
def judge(text: str, aspect: str) -> str:
    """Judge one aspect of a text."""
    return f"Judge the {aspect} of this incident report. Score it from 1 to 10 and name each issue in a few words.\n\n{text}"


@app.task
def issues(verdicts: list[Verdict]) -> list[str]:
    """All issues, each once."""
    return sorted({issue for verdict in verdicts for issue in verdict.issues})


@app.llm()
def fix(issue: str, text: str) -> str:
    """Rewrite the sentence that has the issue."""
    return f"Rewrite the sentence of this report that has the issue. Answer with the new one only.\n\nIssue: {issue}\n\n{text}"


@app.graph
def repair(todo: list[str], text: str) -> list[str]:
    """A new sentence for each issue."""
    return fix.map(todo, text=text)


@app.graph
def main(text: str = DRAFT) -> list[str]:
    """Judge a text and propose what to write instead."""
    verdicts = [judge.named(aspect)(text, aspect) for aspect in ("style", "facts", "tone")]
    return repair(issues(verdicts), text)
