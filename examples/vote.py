"""Ask the same question nine times and take the majority: self-consistency (Wang et al., 2022).

A chain of thought that does not end as it was asked to is not thrown away: a second call reads the number out of it.
"""

import re
from collections import Counter

import msgspec

from llmtaskgraph import Registry

app = Registry("vote", model="openai:gpt-5-mini")

QUESTION = "Pens are sold in packs of 5 and packs of 8. What is the largest number of pens that cannot be bought exactly?"


class Majority(msgspec.Struct):
    """The answer that was given most often, and how often."""

    answer: int
    votes: int
    of: int


@app.llm()
def answer(question: str) -> str:
    """Think, then answer in the last line."""
    return f"{question}\n\nThink step by step. End with a line of the form `ANSWER: <number>`."


@app.llm(output=int)
def extract(said: str) -> str:
    """Read the number out of an answer of another form."""
    return f"Which number does this answer come to?\n\n{said}"


@app.graph
def read(said: str) -> int:
    """The number in an answer. A call is made only where it cannot be read."""
    found = re.search(r"^ANSWER: (-?\d+)$", said, re.MULTILINE)
    return int(found[1]) if found else extract(said)


@app.task
def majority(numbers: list[int]) -> Majority:
    """Count the votes."""
    answer, votes = Counter(numbers).most_common(1)[0]
    return Majority(answer, votes, of=len(numbers))


@app.graph
def main(question: str = QUESTION, times: int = 9) -> Majority:
    """Ask, read, count."""
    return majority(read.map(answer.map([question] * times)))
