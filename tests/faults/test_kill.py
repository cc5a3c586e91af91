"""Runs that are killed at random moments: nothing that was paid for is lost, or paid for twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import msgspec
import pytest
from servers import ChatServer

from llmtaskgraph import Message, Stage, State, read

from .zygote import Zygote

RUNS = int(os.environ.get("KILLED_RUNS", "200"))
SIDE_BY_SIDE = 3
PROGRAMS = ["chain", "fan", "unfold"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with ChatServer(tmp_path_factory.mktemp("server") / "log.jsonl") as server:
        yield server


@pytest.fixture(scope="module")
def zygotes() -> Iterator[SimpleQueue[Zygote]]:
    made: list[Zygote] = [Zygote("victims") for _ in range(SIDE_BY_SIDE)]
    queue: SimpleQueue[Zygote] = SimpleQueue()
    try:
        for zygote in made:
            queue.put(zygote.__enter__())
        yield queue
    finally:
        for zygote in made:
            zygote.__exit__(None, None, None)


@dataclass
class Case:
    """One run and all that becomes of it. `kills`: seconds until each kill; `early`: whether they count from the very start."""

    folder: Path
    program: str
    topic: str
    backend: str
    kills: list[float]
    how: int = signal.SIGKILL
    early: bool = False

    @property
    def trace(self) -> Path:
        return self.folder / "trace.json"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def start(self, zygote: Zygote, base_url: str) -> int:
        self.folder.mkdir(exist_ok=True)
        given = {"program": self.program, "trace": str(self.trace), "base_url": base_url, "topic": self.topic}
        return zygote.start("go", backend=self.backend, output=str(self.output), **given)


def paid_for(state: State) -> dict[str, str]:
    """The answers that are on record as received, by prompt."""
    found: dict[str, str] = {}
    for task_run in state.task_runs.values():
        if task_run.response is not None and task_run.prompt is not None and task_run.response.origin == "executed":
            found[prompt_of(task_run.prompt)] = bytes(task_run.response.value).decode()
    return found


def attempts(state: State) -> Counter[str]:
    """How many sends are on record, by prompt."""
    found: Counter[str] = Counter()
    for task_run in state.task_runs.values():
        if task_run.prompt is not None:
            found[prompt_of(task_run.prompt)] += len(task_run.attempts)
    return found


def prompt_of(stage: Stage) -> str:
    return msgspec.json.decode(stage.value, type=list[Message])[-1].text


def forms(topic: str) -> list[str]:
    """What becomes of a topic on its way through the programs."""
    return [topic, topic.upper(), topic[::-1], topic.upper()[::-1]]


def undisturbed(zygotes: SimpleQueue[Zygote], server: ChatServer, folder: Path) -> dict[str, tuple[str, float]]:
    """Output and duration of each program when nobody disturbs it."""
    found: dict[str, tuple[str, float]] = {}
    zygote = zygotes.get()
    for program in PROGRAMS:
        case = Case(folder / program, program, f"calm-{program}", "asyncio", [])
        start = time.monotonic()
        assert zygote.wait(case.start(zygote, server.base_url)) == 0
        found[program] = case.output.read_text(), time.monotonic() - start
    zygotes.put(zygote)
    return found


def ended(pid: int) -> bool:
    """Whether a process has ended that nobody has waited for yet."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def play(case: Case, zygotes: SimpleQueue[Zygote], server: ChatServer) -> list[tuple[float, dict[str, str]]]:
    """Run, kill, resume, kill, ..., resume to the end. Returns for each kill when it was and what was paid for until then."""
    deaths: list[tuple[float, dict[str, str]]] = []
    zygote = zygotes.get()
    try:
        for seconds in case.kills:
            pid = case.start(zygote, server.base_url)
            while not case.early and not case.trace.exists() and not ended(pid):
                time.sleep(0.001)
            time.sleep(seconds)
            os.kill(pid, case.how)
            code = zygote.wait(pid)
            assert code in (-case.how, 0, 130), f"{case}: ended with {code}"
            if case.trace.exists():
                deaths.append((time.time(), paid_for(read(case.trace).state)))
            if code == 0:
                break
        assert zygote.wait(case.start(zygote, server.base_url)) == 0, f"{case}: the last resume failed"
        return deaths
    finally:
        zygotes.put(zygote)


def check(case: Case, deaths: list[tuple[float, dict[str, str]]], expected: str, requests: dict[str, list[float]]) -> None:
    state = read(case.trace).state
    final = paid_for(state)
    for at, paid in deaths:
        for prompt, answer in paid.items():
            assert [sent for sent in requests.get(prompt, []) if sent > at] == [], f"{case}: sent again: {prompt}"
            assert final.get(prompt) == answer, f"{case}: lost: {prompt}"
    recorded = attempts(state)
    for prompt, sent in requests.items():
        if any(form in prompt for form in forms(case.topic)):
            assert len(sent) <= recorded[prompt], f"{case}: not on record: {prompt}"
    assert case.output.read_text() == expected
    left = {path.name for path in case.folder.iterdir()} - {"trace.json.journal.torn"}
    assert left == {"trace.json", "output"}


def play_all(cases: list[Case], calm: dict[str, tuple[str, float]], zygotes: SimpleQueue[Zygote], server: ChatServer) -> None:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        played = list(pool.map(lambda case: play(case, zygotes, server), cases))
    requests: dict[str, list[float]] = {}
    for request in server.requests():
        requests.setdefault(request["prompt"], []).append(request["at"])
    for case, deaths in zip(cases, played, strict=True):
        expected = calm[case.program][0]
        for calm_form, form in zip(forms(f"calm-{case.program}"), forms(case.topic), strict=True):
            expected = expected.replace(calm_form, form)
        check(case, deaths, expected, requests)
    assert sum(bool(deaths) for deaths in played) >= len(cases) / 2, "most were killed too early to tell anything"


@pytest.mark.slow
def test_no_kill_makes_a_run_lose_or_repeat_a_call(tmp_path: Path, server: ChatServer, zygotes: SimpleQueue[Zygote]) -> None:
    dice = random.Random(20_26)
    calm = undisturbed(zygotes, server, tmp_path)
    cases = []
    for n in range(RUNS):
        program = dice.choice(PROGRAMS)
        kills = [dice.uniform(0.005, calm[program][1] * 1.1) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
        backend = dice.choice(("asyncio", "trio"))
        cases.append(Case(tmp_path / str(n), program, f"topic{n:04}x", backend, kills, early=n % 5 == 0))
    play_all(cases, calm, zygotes, server)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_no_signal_makes_a_run_lose_or_repeat_a_call(
    how: int, tmp_path: Path, server: ChatServer, zygotes: SimpleQueue[Zygote]
) -> None:
    dice = random.Random(how)
    calm = undisturbed(zygotes, server, tmp_path)
    cases = []
    for n in range(max(4, RUNS // 10)):
        program = PROGRAMS[n % 3]
        kills = [dice.uniform(0.01, calm[program][1])]
        cases.append(Case(tmp_path / str(n), program, f"signal{how}n{n:04}x", ("asyncio", "trio")[n % 2], kills, how))
    play_all(cases, calm, zygotes, server)
