"""A filter as a person types it: `kind:llm status:failed model:gpt* cost>0.01 -"cut off"`.

All terms must hold; `-` before one turns it round. What is no term of these is searched for in names and texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from operator import eq, ge, gt, le, lt
from typing import Any, Final, NamedTuple, TypeAlias

from llmtaskgraph import Task, TaskRun

from .pattern import BadPattern, Guard, Pattern
from .tally import because_of_a_child

KINDS: Final = ("llm", "python", "graph")
STATUSES: Final = ("waiting", "running", "succeeded", "failed", "blocked", "cancelled")
ORIGINS: Final = ("executed", "reused", "edited")

EXAMPLE: Final = "kind:llm status:failed model:gpt* origin:edited cost>0.01 time>2s words"


class BadQuery(ValueError):
    """A filter that cannot be read, in one line."""


class Facts(NamedTuple):
    """What a filter may ask of a task.

    Attributes:
        run: the run on screen.
        edited: whether an edit of it stands or waits.
        now: seconds since the epoch.
        texts: its name and what its panes say.
    """

    task: Task
    seen: TaskRun | None
    run: int
    edited: bool
    now: float
    texts: Callable[[], Iterable[str]]


Test: TypeAlias = Callable[[Facts], bool]


class Query:
    """A filter that was read.

    Attributes:
        text: as it was typed.
        words: what it searches for in texts.
    """

    def __init__(self, text: str, guard: Guard | None = None) -> None:
        self.text, self._guard = text.strip(), guard
        self.words: list[Pattern] = []
        tests = [self._test(token) for token in _tokens(text)]
        self._tests = sorted(tests, key=lambda test: test[0])  # those that read texts come last

    def holds(self, facts: Facts) -> bool:
        """Whether a task is what was asked for."""
        return all(test(facts) is wanted for _, wanted, test in self._tests)

    def __bool__(self) -> bool:
        return bool(self._tests)

    def _test(self, token: _Token) -> tuple[bool, bool, Test]:
        if token.key:
            return False, token.wanted, _known(token)
        try:
            pattern = Pattern(token.value, self._guard)
        except BadPattern as error:
            raise BadQuery(str(error)) from None
        if token.wanted:
            self.words.append(pattern)
        return True, token.wanted, lambda facts: any(pattern.found(text) for text in facts.texts())


class _Token(NamedTuple):
    wanted: bool
    key: str
    sign: str
    value: str


_TOKEN: Final = re.compile(
    r"""(?P<minus>-?)
        (?: (?P<expression>/(?:[^/\\]|\\.)+/)(?=\s|$)
          | (?: (?P<key>[A-Za-z]+) (?P<sign>:|>=|<=|>|<|=) )?
            (?: "(?P<double>[^"]*)"? | '(?P<single>[^']*)'(?=\s|$) | (?P<bare>\S*) )
        )""",
    re.VERBOSE,
)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        assert match is not None  # a bare word of no letters matches anywhere
        at = match.end() if match.end() > at else at + 1
        value = next((match[name] for name in ("expression", "double", "single", "bare") if match[name] is not None), "")
        quoted = match["double"] is not None or match["single"] is not None
        key, sign = match["key"] or "", match["sign"] or ""
        if key and key.lower() not in _TERMS and (sign != ":" or value.startswith("//")):
            key, sign, value = "", "", f"{key}{sign}{value}"  # `a>b`, `https://...`: words
        if key or value:
            found.append(_Token(not match["minus"] or (not key and not value), key.lower(), sign, value))
        elif match["minus"] and not quoted:
            found.append(_Token(True, "", "", "-"))
    return found


def _known(token: _Token) -> Test:
    make = _TERMS.get(token.key)
    if make is None:
        raise BadQuery(f"{token.key}{token.sign} is none of kind: status: model: function: origin: cost> time> tokens> attempts>")
    return make(token)


def _one_of(choices: tuple[str, ...], given: Callable[[Facts], Any]) -> Callable[[_Token], Test]:
    def make(token: _Token) -> Test:
        _colon(token)
        wanted = [value for value in token.value.lower().split(",") if value]
        wrong = next((value for value in wanted if value not in choices), None)
        if wrong is not None or not wanted:
            raise BadQuery(f"{token.key}:{wrong or ''} does not exist; there are {', '.join(choices)}")
        return lambda facts: any(value in given(facts) for value in wanted)

    return make


def _like(given: Callable[[Facts], list[str]]) -> Callable[[_Token], Test]:
    def make(token: _Token) -> Test:
        _colon(token)
        wanted = [value for value in token.value.lower().split(",") if value]
        if not wanted:
            raise BadQuery(f"{token.key}: what? a name, such as {token.key}:a*; * stands for any letters")
        return lambda facts: any(fnmatchcase(name.lower(), value) for name in given(facts) for value in wanted)

    return make


def _colon(token: _Token) -> None:
    if token.sign not in (":", "="):
        raise BadQuery(f"{token.key} takes a colon: {token.key}:{token.value or '...'}")


_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {">": gt, "<": lt, ">=": ge, "<=": le, "=": eq, ":": eq}
_NUMBER: Final = re.compile(r"\$?(\d+(?:\.\d*)?|\.\d+)([a-z]*)")


def _number(units: dict[str, float], example: str, given: Callable[[Facts], float | None]) -> Callable[[_Token], Test]:
    def make(token: _Token) -> Test:
        match = _NUMBER.fullmatch(token.value.lower())
        if match is None or match[2] not in units:
            raise BadQuery(f"{token.key}{token.sign}{token.value} is no number; write {token.key}{example}")
        limit, compare = float(match[1]) * units[match[2]], _SIGNS[token.sign]

        def test(facts: Facts) -> bool:
            number = given(facts)
            return number is not None and compare(number, limit)

        return test

    return make


def _status(facts: Facts) -> tuple[str, ...]:
    if facts.seen is None:
        return ("waiting",)
    return () if because_of_a_child(facts.seen) else (facts.seen.status,)


def _origins(facts: Facts) -> set[str]:
    found = {"edited"} if facts.edited else set()
    seen = facts.seen
    if seen is None:
        return found
    stages = {stage.origin for stage in (seen.prompt, seen.response, seen.children, seen.output) if stage is not None}
    if seen.run != facts.run or stages == {"reused"}:
        return found | {"reused"}
    return found | ({"executed"} if not stages else stages - {"reused"})


def _models(facts: Facts) -> list[str]:
    names = [facts.task.model] if facts.task.model else []
    if facts.seen is not None:
        names += [attempt.model for attempt in facts.seen.attempts if attempt.model]
    return [*names, *(name.partition(":")[2] for name in names if ":" in name)]


def _cost(facts: Facts) -> float | None:
    costs = [] if facts.seen is None else [attempt.cost for attempt in facts.seen.attempts if attempt.cost is not None]
    return sum(costs) if costs else None


def _tokens_of(facts: Facts) -> float | None:
    usage = [] if facts.seen is None else [attempt.usage for attempt in facts.seen.attempts if attempt.usage is not None]
    return sum((each.input_tokens or 0) + (each.output_tokens or 0) for each in usage) if usage else None


def _time(facts: Facts) -> float | None:
    seen = facts.seen
    if seen is None or seen.started is None:
        return None
    if seen.ended is None and seen.status != "running":
        return None
    return (facts.now if seen.ended is None else seen.ended) - seen.started


_TERMS: Final[dict[str, Callable[[_Token], Test]]] = {
    "kind": _one_of(KINDS, lambda facts: (facts.task.type,)),
    "status": _one_of(STATUSES, _status),
    "origin": _one_of(ORIGINS, _origins),
    "model": _like(_models),
    "function": _like(lambda facts: [facts.task.function or ""]),
    "cost": _number({"": 1.0}, ">0.01", _cost),
    "time": _number({"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}, ">2s", _time),
    "tokens": _number({"": 1.0, "k": 1e3, "m": 1e6}, ">2k", _tokens_of),
    "attempts": _number({"": 1.0}, ">1", lambda facts: float(len(facts.seen.attempts)) if facts.seen is not None else None),
}
