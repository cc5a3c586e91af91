"""Stage keys, and the search for a recorded answer.

Every stage has a key, the digest of all that its value is computed from. A recorded stage with the same key is taken instead of
executing again: the task's own first, then any other, nearest run of the lineage first. Each recorded stage is taken once in a
run, so that repeated samples of one prompt stay apart. Edited values and failures are never matched.

A task that finds nothing of its own is put off (`Later`) until those that do are settled, so that it takes no other's. What the
planner found is promised: the engine finds the same, whatever is settled first.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from msgspec import UNSET, Raw, Struct, structs

from . import _values
from ._events import Edit, EditName, FunctionFacts, Stage, StageName
from ._graph import Arg, Task, TaskType
from ._state import State, TaskRun

_SHORT = 48
_ABSENT = FunctionFacts("python", "")


class Outputs(dict[str, bytes]):
    """Known outputs by task id, as compact JSON, and their digests."""

    def __init__(self) -> None:
        super().__init__()
        self._digests: dict[str, str] = {}

    def digest(self, task: str) -> str:
        """The digest of a known output."""
        found = self._digests.get(task)
        if found is None:
            found = self._digests[task] = _values.digest(self[task])
        return found

    def of_arguments(self, task: Task) -> str:
        """One digest of all arguments of a task whose dependencies are known."""
        if len(task.args) == 1 and not task.kwargs:
            return self._of(task.args[0])
        return self._of_several(task) if task.args or task.kwargs else ""

    def _of_several(self, task: Task) -> str:
        parts = [self._of(arg) for arg in task.args]
        parts += [f"{name}={self._of(task.kwargs[name])}" for name in sorted(task.kwargs)]
        return parts[0] if len(parts) == 1 else _values.digest("\0".join(parts).encode())

    def _of(self, arg: Arg) -> str:
        """A short value stands for itself, others for their digest; JSON text has no NUL that could run them together."""
        ref = arg.ref
        value = arg.compose(self) if ref is UNSET else self[ref]
        if len(value) <= _SHORT:
            return value.decode()
        return _values.digest(value) if ref is UNSET else self.digest(ref)


class Settings(NamedTuple):
    """What is in force for a task: edits over the run's choice over the declaration."""

    model: str
    params: dict[str, Any]
    sample: int


class Match(NamedTuple):
    """A recorded stage to take. `own`: it is that of the task itself in the run that is resumed."""

    stage: Stage
    source: int
    own: bool


class Memo:
    """What has been recorded, seen from the run that is resumed.

    Args:
        state: of the trace.
        base: the run to resume; None for a run without a parent, which takes nothing that was recorded.
        facts: of the functions as they are now.
        edits: in force, by task and stage.
        model: what replaces the model of every task that has no edit of its own.
        scripted: whether scripted answers are in use; they are kept apart from real ones.

    Attributes:
        used: stages that were taken in this run.
        promised: what the planner found, by task and stage.
        taken: what the task that is being settled has taken.
        present: ids of the tasks of this run, as far as they are known: what they have is taken by others last.
    """

    def __init__(
        self,
        state: State,
        base: int | None,
        facts: Mapping[str, FunctionFacts],
        edits: Mapping[tuple[str, EditName], Edit],
        *,
        model: str | None = None,
        scripted: bool = False,
    ) -> None:
        self.state, self.base, self.facts, self.edits = state, base, facts, edits
        self.used: set[tuple[int, StageName]] = set()
        self.promised: dict[tuple[str, StageName], Match] = {}
        self.taken: list[tuple[StageName, Match]] = []
        self.present: Container[str] = ()
        self._model, self._scripted = model, scripted
        self._input = ""
        self._codes: dict[TaskType, dict[str | None, Any]] = {"llm": {}, "python": {}, "graph": {}}  # digests begun with the code
        self._index: dict[tuple[StageName, str], list[int]] | None = None
        self._reads: dict[str, None] = {}
        self._last_recorded = max(state.task_runs, default=0)

    def set_input(self, input: bytes) -> None:
        """The graph's input: part of the key of what read it."""
        self._input = _values.digest(input)

    # What is in force

    def pin(self, task: str, stage: EditName) -> Raw | None:
        """The value that an edit holds a stage to."""
        edit = self.edits.get((task, stage))
        return edit.value if edit is not None and edit.value is not UNSET else None

    def pinned(self, task: Task) -> bool:
        """Whether edits hold a task, so that it can do without its inputs."""
        if not self.edits:
            return False
        names: tuple[EditName, ...] = ("output", "prompt", "response") if task.type == "llm" else ("output",)
        return any((task.id, name) in self.edits for name in names)

    def settings(self, task: Task) -> Settings:
        """Model, parameters and sample number of a task."""
        if not self.edits:
            return Settings(self._model or task.model or "", task.params, 0)
        model, params, sample = self.pin(task.id, "model"), self.pin(task.id, "params"), self.pin(task.id, "sample")
        return Settings(
            _values.decode(model) if model is not None else self._model or task.model or "",
            _values.decode(params) if params is not None else task.params,
            _values.decode(sample) if sample is not None else 0,
        )

    def facts_of(self, task: Task) -> FunctionFacts:
        """Facts of a task's function."""
        return self.facts.get(task.facts_name, _ABSENT)

    def seen(self, task: str) -> TaskRun | None:
        """The task run on screen."""
        return None if self.base is None else self.state.seen(self.base, task)

    # Keys

    def code_key(self, task: Task, arguments: str, reads: str = "") -> str:
        """Key of what a function makes: a prompt, an output, children.

        Args:
            task: the task.
            arguments: digest of its arguments.
            reads: what the function read of its context, as `Context.reads`; the key ends in it, so that it can be made again.
        """
        sample = self.settings(task).sample if self.edits and task.type != "llm" else 0
        name, codes = task.function if task.parser is None else task.facts_name, self._codes[task.type]
        code = codes.get(name)
        if code is None:
            code = codes[name] = blake2b(f"{task.type}\0{self.facts_of(task).code}\0".encode(), digest_size=16)
        made = code.copy()
        if reads:
            made.update("\0".join([arguments, reads, str(sample or ""), *self._read(task, reads)]).encode())
            return f"{made.hexdigest()}+{reads}"
        made.update(f"{arguments}\0\0{sample or ''}".encode())
        return made.hexdigest()

    def _read(self, task: Task, reads: str) -> list[str]:
        """What a function reads of its context."""
        values = {"input": self._input, "sample": str(self.settings(task).sample), "task": task.id}
        return [values.get(name, "") for name in reads.split("+")]

    def response_key(self, task: Task, prompt: bytes) -> str:
        """Key of a model's answer to a prompt."""
        settings, facts = self.settings(task), self.facts_of(task)
        return key(
            "response",
            _values.digest(prompt),
            f"scripted {settings.model}" if self._scripted else settings.model,
            _values.encode(settings.params).decode(),
            facts.schema or "",
            facts.tools or "",
            str(settings.sample),
        )

    def output_key(self, task: Task, response: bytes) -> str:
        """Key of what a parser makes of a response."""
        return key("output", self.facts_of(task).parser or "", _values.digest(response))

    # Matching

    def begin(self) -> None:
        """Start to settle a task: `taken` is what it has taken since."""
        self.taken.clear()

    def give_back(self) -> None:
        """It is put off."""
        self.used.difference_update((match.source, name) for name, match in self.taken)

    def promise(self, task: str) -> None:
        """What it has taken stays reserved for it."""
        for name, match in self.taken:
            self.promised[task, name] = match

    def match_code(self, task: Task, name: StageName, arguments: str, *, late: bool = True) -> Match | None:
        """A recorded stage of a function with these arguments, whatever it read of its context.

        Raises:
            Later: there is none of its own, and it is not `late`.
        """
        if self.base is None:
            return None
        plain = self.code_key(task, arguments)
        found = self._own(task.id, name, plain)
        if found is not None:
            return found
        for reads in self._reads_of_own(task.id, name):
            found = self._own(task.id, name, self.code_key(task, arguments, reads))
            if found is not None:
                return found
        if not late:
            raise Later
        self._recorded()
        return self._of_others(task.id, name, (plain, *(self.code_key(task, arguments, reads) for reads in self._reads)), late)

    def _reads_of_own(self, task: str, name: StageName) -> Iterator[str]:
        """What the function read of its context where the task's own stage was made."""
        promised, seen = self.promised.get((task, name)), self.seen(task)
        for stage in (promised.stage if promised is not None else None, seen.stage(name) if seen is not None else None):
            reads = _reads(stage.key) if stage is not None else ""
            if reads:
                yield reads

    def function_known(self, task: Task, arguments: str, *, late: bool = True) -> tuple[StageName, Match | None]:
        """What is recorded of a function's task: the tasks that it declared, else its output.

        Raises:
            Later: as for `match_code`.
        """
        seen = self.seen(task.id)
        if task.type == "graph" or (seen is not None and seen.children is not None):
            found = self.match_code(task, "children", arguments, late=late)
            if found is not None or task.type == "graph":
                return "children", found
        found = self.match_code(task, "output", arguments, late=late)
        if found is not None or (seen is not None and seen.children is not None):
            return "output", found
        return "children", self.match_code(task, "children", arguments)

    def match(self, task: str, name: StageName, wanted: str, *, late: bool = True) -> Match | None:
        """A recorded stage with that key, not taken yet in this run; it counts as taken then.

        Raises:
            Later: as for `match_code`.
        """
        if self.base is None:
            return None
        return self._own(task, name, wanted) or self._of_others(task, name, (wanted,), late)

    def _own(self, task: str, name: StageName, wanted: str) -> Match | None:
        promised = self.promised.get((task, name))
        if promised is not None and promised.stage.key == wanted:
            del self.promised[task, name]
            return promised
        seen = self.seen(task)
        stage = None if seen is None else seen.stage(name)
        if seen is None or stage is None or stage.key != wanted or stage.origin == "edited":
            return None
        source = stage.source or seen.id
        return None if (source, name) in self.used else self._take(name, Match(stage, source, True))

    def _of_others(self, task: str, name: StageName, keys: tuple[str, ...], late: bool) -> Match | None:
        if not late:
            raise Later
        free = [id for key in keys for id in self._free(name, _indexed(name, key, task))]
        if not free:
            return None
        id = next((id for id in free if self.state.task_runs[id].task not in self.present), free[0])
        stage = self.state.task_runs[id].stage(name)
        assert stage is not None
        return self._take(name, Match(stage, id, False))

    def _free(self, name: StageName, key: str) -> list[int]:
        """The nearest recorded stages with that key that were not taken: a few, since there may be very many."""
        ids = self._recorded().get((name, key))
        while ids and (ids[-1], name) in self.used:
            ids.pop()
        nearest = reversed(ids[-_CANDIDATES:]) if ids else ()
        return [id for id in nearest if (id, name) not in self.used]

    def _take(self, name: StageName, match: Match) -> Match:
        self.used.add((match.source, name))
        self.taken.append((name, match))
        return match

    def _recorded(self) -> dict[tuple[StageName, str], list[int]]:
        """Executed stages by key, those of the nearest run of the lineage last."""
        if self._index is None:
            self._index = {}
            distance = {run.id: i for i, run in enumerate(self.state.lineage(self.base))}
            older = [found for found in self.state.task_runs.values() if found.id <= self._last_recorded]
            older.sort(key=lambda found: (distance.get(found.run, len(distance)), -found.run, found.id), reverse=True)
            for task_run in older:
                for name in _STAGES:
                    stage = task_run.stage(name)
                    if stage is not None and stage.origin == "executed":
                        reads = _reads(stage.key)
                        if reads:
                            self._reads[reads] = None
                        self._index.setdefault((name, _indexed(name, stage.key, task_run.task)), []).append(task_run.id)
        return self._index

    # What ran before

    def last(self, task: str) -> TaskRun | None:
        """The newest task run of the lineage that says something of a task, also where a later run ended before it."""
        if self.base is None:
            return None
        found = (self.state.in_run(run.id).get(task) for run in self.state.lineage(self.base))
        return next((task_run for task_run in found if task_run is not None and task_run.status != "blocked"), None)

    def ran_once(self, task: Task) -> TaskRun | None:
        """The newest execution of a task that must not run again by itself: it has an effect, and nobody asked for it since.

        Runs that come from one first run count together, also those that are not of the lineage.
        """
        if task.effect != "once" or self.base is None:
            return None
        first = next(run.id for run in self.state.lineage(self.base) if run.parent is None)
        ran: TaskRun | None = None
        for run in self.state.runs.values():
            found = self.state.in_run(run.id).get(task.id)
            if found is not None and found.attempts and any(older.id == first for older in self.state.lineage(run.id)):
                ran = found
        asked = self.edits.get((task.id, "sample"))
        return ran if ran is None or asked is None or asked.id in self.state.runs[ran.run].edits else None

    # The stages of an LLM task, as far as nothing has to be executed

    def prompt_known(self, task: Task, arguments: str | None, *, late: bool = True) -> Found:
        """What is known of an LLM task before its prompt function runs.

        Args:
            task: the task.
            arguments: digest of its arguments; None while one of them is not known, or where none is needed.
            late: it was put off, or is not to be.

        Raises:
            Later: it is to be put off.
        """
        found = Found(own=self._pins_recorded(task))
        prompt, response = self.pin(task.id, "prompt"), self.pin(task.id, "response")
        if prompt is not None:
            found.prompt = edited(prompt)
        elif response is not None:
            last = self.last(task.id)
            found.prompt = reused(last.prompt, last.id) if last is not None and last.prompt is not None else None
        elif arguments is not None:
            found.take("prompt", self.match_code(task, "prompt", arguments, late=late))
        if found.prompt is None and response is None:
            found.missing = "prompt"
            return found
        return self.response_known(task, found, late=late)

    def response_known(self, task: Task, found: Found, *, late: bool = True) -> Found:
        """What more is known once the prompt is."""
        found.missing = None
        response = self.pin(task.id, "response")
        if response is not None:
            found.response = edited(response)
        else:
            assert found.prompt is not None
            prompt = _values.canonical(found.prompt.value)
            found.take("response", self.match(task.id, "response", self.response_key(task, prompt), late=late))
        if found.response is None:
            found.missing = "response"
            return found
        return self.output_known(task, found, late=late)

    def output_known(self, task: Task, found: Found, *, late: bool = True) -> Found:
        """What more is known once the response is."""
        assert found.response is not None
        response = _values.canonical(found.response.value)
        found.take("output", self.match(task.id, "output", self.output_key(task, response), late=late))
        found.missing = "output" if found.output is None else None
        return found

    def _pins_recorded(self, task: Task) -> bool:
        """Whether what is on screen was made with the edits of prompt and response that are in force now."""
        seen = self.seen(task.id)
        if seen is None or seen.status != "succeeded":
            return False
        for name in ("prompt", "response"):
            pin, stage = self.pin(task.id, name), seen.stage(name)
            if (pin is not None) != (stage is not None and stage.origin == "edited"):
                return False
            if pin is not None and stage is not None and _values.canonical(stage.value) != _values.canonical(pin):
                return False
        return True


class Later(Exception):
    """A task finds nothing of its own, and is to be settled after those that do."""


class Found(Struct):
    """Stages of an LLM task for which nothing has to be executed.

    Attributes:
        own: all of them are those of the task on screen, which succeeded.
        missing: the first that has to be executed; None when the output is known.
    """

    prompt: Stage | None = None
    response: Stage | None = None
    output: Stage | None = None
    own: bool = False
    missing: StageName | None = None

    def take(self, name: StageName, match: Match | None) -> None:
        """Fill in what was found."""
        self.own = self.own and match is not None and match.own
        if match is not None:
            setattr(self, name, reused(match.stage, match.source))


def reused(stage: Stage, source: int) -> Stage:
    """A recorded stage, as it is recorded where it is taken over."""
    return Stage(stage.value, stage.key, "reused", stage.source or source)


def taken_over(name: StageName, stage: Stage) -> Stage:
    """A reused stage as it is recorded: children stand with the task run they are from."""
    if name != "children" or stage.source is None:
        return stage
    return structs.replace(stage, value=Raw(b"null"))


def edited(value: Raw) -> Stage:
    """A stage that an edit holds."""
    return Stage(Raw(_values.canonical(value)), "edited", "edited")


_STAGES: tuple[StageName, ...] = ("prompt", "response", "children", "output")
_CANDIDATES = 8
"""How many equal recorded stages are looked at to find one that nobody else will want."""


def _indexed(name: StageName, key: str, task: str) -> str:
    """What a stage is found by. Children have ids in the scope of the task that declared them, and stand for that one only."""
    return f"{task} {key}" if name == "children" else key


def _reads(key: str) -> str:
    """What a function read of its context, by the key of what it made."""
    return key.partition("+")[2]


def key(*parts: str) -> str:
    """Digest of parts."""
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
