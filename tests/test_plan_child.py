"""The plan that a process makes with the code as it is now."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest
from plans import CODE, NEVER_ENDS

from llmtaskgraph import NoPlan, Plan, load_program, plan_with_code
from llmtaskgraph._program import start

pytestmark = pytest.mark.anyio


@pytest.fixture
async def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run of `steps.py:main`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    Path("steps.py").write_text(CODE)
    await start(load_program("steps.py:main"), trace="t.json")
    return tmp_path / "t.json"


async def plan(trace: Path) -> Plan:
    return await plan_with_code(trace, 1, "steps.py:main")


async def test_code_that_was_not_changed_runs_nothing(trace: Path) -> None:
    assert await plan(trace) == Plan(1, [], 3, code_checked=True)


async def test_code_that_was_changed_runs_with_what_depends_on_it(trace: Path) -> None:
    Path("steps.py").write_text(CODE.replace("n * 2", "n * 3"))
    made = await plan(trace)
    assert [(each.task, each.action, each.reason) for each in made.tasks] == [
        ("main/twice", "run", "its code changed"),
        ("main", "maybe", "its output holds that of main/twice"),
    ]
    assert made.kept == 1


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("1 / 0", "ZeroDivisionError"),
        ("def (", "invalid syntax"),
        ("import os; os.write(2, b'gone\\n'); os._exit(7)", "gone"),
        ("import os; os._exit(7)", "ended with 7"),
    ],
)
async def test_code_that_cannot_be_imported_is_one_line(trace: Path, head: str, why: str) -> None:
    Path("steps.py").write_text(f"{head}\n{CODE}")
    with pytest.raises(NoPlan, match=why) as told:
        await plan(trace)
    assert "\n" not in str(told.value)
    assert not str(told.value).startswith("ltg")


async def test_what_the_import_prints_and_starts_does_no_harm(trace: Path) -> None:
    Path("steps.py").write_text("import os\nprint('noise')\nos.system('echo more; sleep 600 & echo $! > child')\n" + CODE)
    try:
        with anyio.fail_after(60):  # the process that goes on holds what it was given
            assert (await plan(trace)).kept == 3
    finally:
        os.kill(int(Path("child").read_text()), 9)


async def test_who_does_not_wait_ends_the_process(trace: Path) -> None:
    Path("steps.py").write_text(NEVER_ENDS + CODE)
    async with anyio.create_task_group() as group:
        group.start_soon(plan, trace)
        while not (Path("pid").exists() and Path("pid").read_text()):
            await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)
