"""Write a story scene by scene. A critic sends each scene back until it is good, three times at most.

The loop is recursion: `revise` runs when a draft and its verdict are known, and calls itself for the next round. So the trace
holds every round as tasks of its own, and a verdict in the middle can be looked at and edited.
"""

import msgspec

from llmtaskgraph import Message, Registry, system, user

app = Registry("story", model="openai:gpt-5-mini")

GOOD, ROUNDS = 8, 3
TASTE = "You write short fiction: concrete, unsentimental, in plain words. Answer with the text only."


class Outline(msgspec.Struct):
    """What a story is to be."""

    title: str
    scenes: list[str]


class Verdict(msgspec.Struct):
    """What the critic says. `score` is from 1 to 10."""

    score: int
    advice: str = ""


@app.llm(output=Outline)
def outline(premise: str) -> str:
    """Plan the story."""
    return f"Outline a very short story in three scenes, one sentence each.\n\nPremise: {premise}"


@app.llm(model="openai:gpt-5")
def write(scene: str, whole: Outline) -> list[Message]:
    """The first draft of a scene."""
    return [system(TASTE), user(f"Write this scene of '{whole.title}' in two or three sentences.\n\nScene: {scene}")]


@app.llm(output=Verdict)
def judge(draft: str) -> str:
    """Judge a draft."""
    return f"Judge this scene. Score it from 1 to 10 and give the one advice that would help it most.\n\n{draft}"


@app.llm(model="openai:gpt-5")
def rewrite(draft: str, advice: str) -> list[Message]:
    """The next draft."""
    return [system(TASTE), user(f"Rewrite this scene.\n\nAdvice: {advice}\n\n{draft}")]


@app.graph
def revise(draft: str, verdict: Verdict, rounds: int = ROUNDS) -> str:
    """The draft if it is good, or else what becomes of it."""
    if verdict.score >= GOOD:
        return draft
    better = rewrite(draft, verdict.advice)
    return revise(better, judge(better), rounds - 1) if rounds > 1 else better


@app.graph
def scenes(plan: Outline) -> str:
    """Write all scenes at once; each has its own critic."""
    drafts = write.map(plan.scenes, whole=plan)
    return bind(plan.title, revise.map(drafts, judge.map(drafts)))


@app.task
def bind(title: str, texts: list[str]) -> str:
    """Put the scenes together."""
    return "\n\n".join([title.upper(), *texts])


@app.graph
def main(premise: str = "A lighthouse keeper gets a letter for the keeper before him.") -> str:
    """Outline, then write."""
    return scenes(outline(premise))
