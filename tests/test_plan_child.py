"""The plan that a process makes with the code as it is now."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest
from plans import CODE, NEVER_ENDS

from llmtaskgraph import NoPlan, NoProgram, Plan, load_program, plan_with_code, read, trust
from llmtaskgraph._program import start

pytestmark = pytest.mark.anyio


@pytest.fixture
async def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run of `steps.py:main`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    Path("steps.py").write_text(CODE)
    await start(load_program("steps.py:main"), trace="t.json")
    trust("steps.py:main", tmp_path)
    return tmp_path / "t.json"


async def plan(trace: Path) -> Plan:
    return await plan_with_code(trace, read(trace).state.run(1))


async def test_code_that_nobody_has_said_yes_to_is_not_imported(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("steps.py").write_text(f"open('imported', 'w')\n{CODE}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    with pytest.raises(NoPlan, match="you have not run its program before"):
        await plan(trace)
    assert not Path("imported").exists()


async def test_a_program_that_is_gone_is_told(trace: Path) -> None:
    Path("steps.py").unlink()
    with pytest.raises(NoProgram, match=r"steps\.py"):
        await plan(trace)


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
        ("import os; os._exit(7)", "ended its process, with 7"),
        ("import os; os._exit(0)", "ended its process"),
        ("import atexit, sys; atexit.register(print, 'bye', file=sys.stderr); 1 / 0", "ZeroDivisionError"),
        ("raise ValueError('\\x1b]0;title\\x07')", "ValueError"),
    ],
)
async def test_code_that_cannot_be_imported_is_one_line(trace: Path, head: str, why: str) -> None:
    Path("steps.py").write_text(f"{head}\n{CODE}")
    with pytest.raises(NoPlan, match=why) as told:
        await plan(trace)
    assert "\n" not in str(told.value)
    assert not str(told.value).startswith("ltg")
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    "head",
    [
        "print('noise')",
        "import os; os.write(1, b'noise')",
        "import atexit; atexit.register(print, 'bye')",
        "import ctypes; ctypes.CDLL(None).printf(b'noise')",
        "import sys, io; sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='latin-1'); print('noise')",
        "import sys, codecs; sys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach()); print('noise')",
        "import os; os.closerange(3, 64)",
    ],
)
async def test_what_the_import_does_to_stdout_does_no_harm(trace: Path, head: str) -> None:
    Path("steps.py").write_text(f"{head}\n{CODE}")
    assert (await plan(trace)).kept == 3


@pytest.mark.parametrize(
    "head",
    [
        "import os; os.system('sleep 600 & echo $! > child')",
        "import os, time\nif os.fork() == 0:\n    open('child', 'w').write(str(os.getpid())); time.sleep(600)",
    ],
)
async def test_what_the_import_starts_is_not_waited_for_and_ends_with_it(trace: Path, head: str) -> None:
    Path("steps.py").write_text(f"{head}\n{CODE}")
    with anyio.fail_after(60):
        assert (await plan(trace)).kept == 3
        while not Path("child").exists() or alive(int(Path("child").read_text() or 0)):
            await anyio.sleep(0.01)


def alive(process: int) -> bool:
    """Whether a process runs: one that has ended may not have been waited for by whoever inherited it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def test_names_and_folders_may_have_any_letters(trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    code = CODE.replace("twice", "größer_漢")
    Path("odd.py").write_text(code)
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xff"))
    folder.mkdir()
    await start(load_program("odd.py:main"), trace=folder / "t.json")
    Path("odd.py").write_text(code.replace("n * 2", "n * 3"))
    trust("odd.py:main", tmp_path)
    made = await plan(folder / "t.json")
    assert [each.task for each in made.tasks] == ["main/größer_漢", "main"]


async def test_what_lies_in_the_folder_is_not_imported_in_the_place_of_a_library(trace: Path) -> None:
    for name in ("argparse", "json", "msgspec"):
        Path(f"{name}.py").write_text("raise SystemExit('not me')")
    assert (await plan(trace)).kept == 3


async def test_who_does_not_wait_ends_the_process(trace: Path) -> None:
    Path("steps.py").write_text(NEVER_ENDS + CODE)
    async with anyio.create_task_group() as group:
        group.start_soon(plan, trace)
        while not (Path("pid").exists() and Path("pid").read_text()):
            await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)
