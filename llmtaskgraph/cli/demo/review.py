"""Three judges look at a text; every issue that they see gets a fix of its own.

The facts judge says something odd. Look at its response in the debugger, edit it, and resume: only what depends on it runs again.
"""

import msgspec

from llmtaskgraph import Registry

app = Registry("review")

TEXT = "Our new kettle boils a litre in 40 seconds and it is loved by everyone. Buy it now!!! It was invented in 1822."


class Verdict(msgspec.Struct):
    """What a judge says."""

    score: int
    issues: list[str]


@app.llm(model="openai:gpt-5-mini", output=Verdict)
def judge(text: str, aspect: str) -> str:
    """Judge one aspect of a text."""
    return f"Judge the {aspect} of this text. Give a score from 1 to 10 and list the issues.\n\n{text}"


@app.task
def issues(verdicts: list[Verdict]) -> list[str]:
    """All issues, each once."""
    return sorted({issue for verdict in verdicts for issue in verdict.issues})


@app.llm(model="openai:gpt-5-mini")
def fix(issue: str, text: str) -> str:
    """Propose one change."""
    return f"Propose one change to the text that resolves the issue.\n\nIssue: {issue}\n\nText: {text}"


@app.task
def report(todo: list[str], fixes: list[str]) -> str:
    """What to change, as a list."""
    return "\n".join(f"- {issue}: {change}" for issue, change in zip(todo, fixes, strict=True)) or "Nothing to change."


@app.graph
def repair(todo: list[str], text: str) -> str:
    """Fix every issue."""
    return report(todo, fix.map(todo, text=text))


@app.graph
def main(text: str = TEXT) -> str:
    """Judge a text, then repair it."""
    verdicts = [judge.named(aspect)(text, aspect) for aspect in ("style", "facts", "tone")]
    return repair(issues(verdicts), text)
