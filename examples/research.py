"""Research a topic: a model finds the questions, each is researched in a sub-graph of its own, then all is put together.

How many questions there are, a model says; how many sources, a search. So each fan-out is in a graph function of its own, which
runs when its arguments are known.
"""

import msgspec

from llmtaskgraph import Registry

app = Registry("research", model="openai:gpt-5-mini")


class Source(msgspec.Struct):
    """A page that was found."""

    url: str
    text: str


LIBRARY = [
    Source("rfc-editor.org/rfc/rfc9562", "A UUID is 128 bits long. UUIDv4 is random. UUIDv7 begins with a Unix timestamp in ms."),
    Source("dev.mysql.com/doc/refman/8.4/en/innodb-index-types.html", "Each secondary index record holds the primary key, too."),
    Source("postgresql.org/docs/18/functions-uuid.html", "uuidv7() makes a time-ordered UUID, gen_random_uuid() a random one."),
]


@app.llm(output=list[str])
def questions(topic: str) -> str:
    """Find what has to be known."""
    return f"Which questions must be answered to advise an engineer on this? At most four.\n\n{topic}"


@app.task(retries=2, timeout=20)
async def search(question: str) -> list[Source]:
    """Find sources. This one looks into a small library; call your search engine here."""
    words = [word.strip("?,.").lower() for word in question.split() if len(word) > 3]
    return [source for source in LIBRARY if any(word in source.text.lower() for word in words)]


@app.llm()
def read(source: Source, question: str) -> str:
    """Ask one source."""
    return f"What does this source say to the question?\n\nQuestion: {question}\n\nSource: {source.url}\n{source.text}"


@app.llm()
def answer(question: str, sources: list[Source], notes: list[str]) -> str:
    """Answer one question."""
    quoted = "\n".join(f"[{source.url}] {note}" for source, note in zip(sources, notes, strict=True))
    return f"Answer in one sentence, with the sources in brackets.\n\nQuestion: {question}\n\n{quoted or 'No source was found.'}"


@app.graph
def consult(question: str, sources: list[Source]) -> str:
    """Read every source, then answer."""
    return answer(question, sources, read.map(sources, question=question))


@app.graph
def investigate(asked: list[str]) -> list[str]:
    """Research every question."""
    return [consult(question, search(question)) for question in asked]


@app.llm(model="openai:gpt-5")
def advise(topic: str, answers: list[str]) -> str:
    """Put the answers together."""
    return f"Advise an engineer in one paragraph; keep the sources.\n\nTopic: {topic}\n\n" + "\n".join(answers)


@app.graph
def main(topic: str = "UUIDs as primary keys: what do they cost, and which should it be?") -> str:
    """Ask, research, advise."""
    return advise(topic, investigate(questions(topic)))
