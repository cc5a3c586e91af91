"""The file of scripted answers: what `--offline` says in place of a model. Pure, but for reading the file.

A script is a list of rules. The first rule that fits a prompt answers it with one of its replies. docs/offline.md
describes the format for those who write one.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from string import Template
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from .._errors import ScriptError
from .._values import clean_text

FORMAT = "llmtaskgraph-script/1"

Fault = Literal["400", "401", "403", "404", "408", "409", "422", "429", "500", "502", "503", "quota"]
"""An answer with that status."""
Break = Literal["cut", "drop", "stall", "malformed", "html"]
"""The stream ends in the middle; no answer at all; silence after the first half; a chunk that is no JSON; a page."""


class ScriptedCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool call of a reply."""

    name: str
    arguments: Any = field(default_factory=dict)
    id: str | None = None


class Reply(Struct, frozen=True, forbid_unknown_fields=True):
    """One answer.

    Attributes:
        text: what the model says; `$1` and `$name` stand for groups of the rule's pattern, `$$` for a dollar sign.
        json: the same, as a JSON value: its JSON text is sent. Substitution works in its strings.
        reasoning: what the model says it thought.
        tool_calls: tools that it asks for.
        finish_reason: default `stop`, or `tool_calls`.
        fault: fail in this way, `times` times, before answering.
        times: default: once if there is an answer to give, else always.
        retry_after: seconds, sent with a fault that has a status.
        tokens_per_second, delay: as in the script, for this reply.
    """

    text: str | None = None
    json: Any = msgspec.UNSET
    reasoning: str = ""
    tool_calls: list[ScriptedCall] = []
    finish_reason: str | None = None
    fault: Fault | Break | None = None
    times: int | Literal["always"] | None = None
    retry_after: float | None = None
    tokens_per_second: float | None = None
    delay: float | None = None

    def fails(self, failed: int) -> bool:
        """Whether the fault strikes once more, having struck `failed` times."""
        if self.fault is None or self.times == "always":
            return self.fault is not None
        silent = self.text is None and self.json is msgspec.UNSET and not self.tool_calls
        return silent if self.times is None and silent else failed < (1 if self.times is None else self.times)


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """Which prompts to answer, and how.

    Attributes:
        match: text that the prompt holds, letter by letter.
        pattern: a regular expression that is found in it (multi-line, the dot matches line ends).
        task: a glob for the task's id: `*`, `?`; brackets stand for themselves.
        model: a glob for the model's name.
        replies: the answers to choose from; at least one.
        by: what decides: the number of times that this prompt was answered (`prompt`), or this rule was (`rule`), or
            nothing but the task's own id and sample number (`task`).
        tokens_per_second, delay: as in the script, for this rule.
    """

    replies: list[Any]
    match: str | None = None
    pattern: str | None = None
    task: str | None = None
    model: str | None = None
    by: Literal["prompt", "rule", "task"] = "prompt"
    tokens_per_second: float | None = None
    delay: float | None = None

    def fits(self, prompt: str, task: str, model: str) -> dict[str, str] | None:
        """The substitutions that the pattern found, or None where the rule does not apply."""
        if self.match is not None and self.match not in prompt:
            return None
        if not _globbed(self.task, task) or not _globbed(self.model, model):
            return None
        if self.pattern is None:
            return {}
        found = re.search(self.pattern, prompt, re.MULTILINE | re.DOTALL)
        if found is None:
            return None
        groups = {str(number): text or "" for number, text in enumerate(found.groups(), 1)}
        return groups | {"0": found[0]} | {name: text or "" for name, text in found.groupdict().items()}


class Script(Struct, frozen=True, forbid_unknown_fields=True):
    """All that the scripted model knows.

    Attributes:
        format: `llmtaskgraph-script/1`.
        rules: the first that fits a prompt answers.
        tokens_per_second: pace of the answers. 0 is at once.
        delay: seconds before the first token.
        name: the file's name, for messages.
    """

    format: Literal["llmtaskgraph-script/1"]
    rules: list[Rule] = []
    tokens_per_second: float = 60.0
    delay: float = 0.3
    name: str = "the script"

    def find(self, prompt: str, task: str, model: str) -> tuple[int, dict[str, str]] | None:
        """The number of the rule for a prompt, and its substitutions."""
        for number, rule in enumerate(self.rules):
            if (groups := rule.fits(prompt, task, model)) is not None:
                return number, groups
        return None


class _Groups(Template):
    idpattern = r"(?:[0-9]+|[_a-zA-Z][_a-zA-Z0-9]*)"
    flags = re.ASCII | re.VERBOSE


def fill(value: Any, groups: dict[str, str]) -> Any:
    """A reply's text, or the strings of a JSON value, with the groups put in. Other dollar signs stay."""
    if isinstance(value, str):
        return clean_text(_Groups(value).safe_substitute(groups))
    if isinstance(value, list):
        return [fill(item, groups) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, groups) for key, item in value.items()}
    return value


def script_path(program: str | Path) -> Path:
    """Where the script of a program is: `review.py` has `review.script.json` beside it."""
    return Path(program).with_suffix(".script.json")


def load_script(path: str | Path) -> Script:
    """Read and check a script.

    Raises:
        ScriptError: it is missing or wrong; says where.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ScriptError(path, f"cannot be read ({error.strerror})", "--offline takes its answers from this file") from None
    try:
        script = msgspec.json.decode(data, type=Script)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ScriptError(path, f"is not a script: {_place(error, data)}", "see docs/offline.md for the format") from None
    rules = [_checked(path, number, rule) for number, rule in enumerate(script.rules)]
    return msgspec.structs.replace(script, rules=rules, name=path.name)


def _place(error: Exception, data: bytes) -> str:
    """The decoder's message, with the line for an offset."""
    found = re.search(r"\(byte (\d+)\)", str(error))
    line = f" in line {data[: int(found[1])].count(10) + 1}" if found else ""
    return f"{error}{line}"


def _checked(path: Path, number: int, rule: Rule) -> Rule:
    where = f"$.rules[{number}]"
    try:
        if rule.pattern is not None:
            re.compile(rule.pattern)
    except re.error as error:
        raise ScriptError(path, f"the pattern is no regular expression ({error}) - at `{where}.pattern`", "mend it") from None
    if not rule.replies:
        raise ScriptError(path, f"a rule without replies - at `{where}.replies`", "give it at least one")
    replies = [_reply(path, f"{where}.replies[{i}]", reply) for i, reply in enumerate(rule.replies)]
    return msgspec.structs.replace(rule, replies=replies)


_ANSWERS = {"text", "json", "tool_calls", "fault"}


def _reply(path: Path, where: str, value: Any) -> Reply:
    """A string, a JSON value, or an object of reply fields. Which of the latter two an object is must be plain."""
    if isinstance(value, str):
        return Reply(text=value)
    if not isinstance(value, dict) or not value.keys() & _ANSWERS:
        return Reply(json=value)
    others = value.keys() - set(Reply.__struct_fields__)
    if others:
        problem = f"{', '.join(sorted(others))} beside {', '.join(sorted(value.keys() & _ANSWERS))} - at `{where}`"
        raise ScriptError(path, problem, 'an answer that is such an object is written {"json": {...}}')
    try:
        reply = msgspec.convert(value, Reply)
    except msgspec.ValidationError as error:
        told = str(error)
        told = told.replace("`$", f"`{where}") if "`$" in told else f"{told} - at `{where}`"
        raise ScriptError(path, f"is not a script: {told}", "see docs/offline.md for the format") from None
    if reply.text is not None and reply.json is not msgspec.UNSET:
        raise ScriptError(path, f"both text and json - at `{where}`", "give one of them")
    return reply


def _globbed(glob: str | None, name: str) -> bool:
    """Brackets are part of task ids, so they are no character classes here."""
    return glob is None or fnmatchcase(name, glob.replace("[", "[[]"))
