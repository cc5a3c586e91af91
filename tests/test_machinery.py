"""What surrounds the code: make targets, console scripts, and what a built wheel holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SHIPPED = {".py", ".typed", ".tcss", ".json", ".html", ".css", ".js"}

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not at hand")


def make(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run make from another folder, as if this test had not been started by make itself."""
    env = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHON", "VENV"}
    }
    command = ["make", "--no-print-directory", "-C", str(ROOT), *args]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


@needs_make
@pytest.mark.parametrize("goal", [[], ["help"], ["-j4", "help"]])
def test_make_lists_its_targets(goal: list[str], tmp_path: Path) -> None:
    done = make(*goal, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert listed == ["help", "demo", "test", "check", "bench", "schema", "docs", "viewer", "clean"]


@needs_make
def test_an_old_python_is_refused_in_one_clear_line(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = (3, 9, 1); exec(sys.argv[1])" "$2"\n')
    old.chmod(0o755)
    done = make("demo", f"PYTHON={old}", f"VENV={tmp_path}/venv", cwd=tmp_path)
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert said == [f"llmtaskgraph needs Python 3.11 or newer, and {old} is 3.9; name another: make PYTHON=python3.12 demo"]
    assert not (tmp_path / "venv").exists()


@needs_make
def test_a_python_that_is_not_there_is_named_in_one_clear_line(tmp_path: Path) -> None:
    done = make("demo", "PYTHON=no-such-python", f"VENV={tmp_path}/venv", cwd=tmp_path)
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert said == ["no-such-python cannot be run; name a Python from 3.11 on: make PYTHON=python3.12 demo"]


@pytest.mark.parametrize("name", ["ltg", "ltg-tui"])
def test_a_console_script_is_declared_installed_and_importable(name: str) -> None:
    module, _, function = PROJECT["scripts"][name].partition(":")
    assert callable(getattr(import_module(module), function))
    assert (Path(sysconfig.get_path("scripts")) / name).exists()


def test_the_script_that_runs_all_checks_can_be_started() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


def test_the_wheel_holds_both_packages_whole_and_nothing_else(tmp_path: Path) -> None:
    """Git-ignored files are left out of a wheel without a word, so each file is looked for."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(parent).as_posix()
        for parent, package in [(ROOT, "llmtaskgraph"), (ROOT / "tui", "ltg_tui")]
        for path in (parent / package).rglob("*")
        if path.suffix in SHIPPED
    }
    assert "llmtaskgraph/py.typed" in expected
    assert "ltg_tui/__init__.py" in expected
    assert packed == expected
