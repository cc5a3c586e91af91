"""What `pip install` gives somebody without Node: a wheel with the built viewer, and with the extra `web` a server for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from tui.traces import review

from llmtaskgraph.web import page

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the sources as they are here, built where there is no program to be found, so no Node."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    env = {**os.environ, "PATH": str(folder)}
    command = [sys.executable, "-c", build, str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it. What it depends on is taken from here: a test asks no network."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    install = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True, timeout=300)
    asked = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True
    )
    # its path only: a .pth file in a folder that a .pth file names is not read, so the checkout is not seen
    Path(asked.stdout.strip(), "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def test_the_wheel_holds_the_viewer_as_it_is_here(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        assert packed.read("llmtaskgraph/web/viewer.html") == page.VIEWER.read_bytes()
        assert packed.read("llmtaskgraph/trace.schema.json") == (ROOT / "llmtaskgraph/trace.schema.json").read_bytes()


def test_the_wheel_holds_all_that_is_kept_in_git_of_the_two_packages_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "llmtaskgraph", "tui/ltg_tui"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("this is no checkout of git")
    kept = {name.removeprefix("tui/") for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    packed = {name for name in names(wheel) if ".dist-info/" not in name}
    assert kept - packed == set()
    assert {name.split("/")[0] for name in packed} == {"llmtaskgraph", "ltg_tui"}
    assert not [name for name in packed if re.search(r"node_modules|\.tsx?$|__pycache__|\.map$", name)]


def test_the_extra_names_what_the_server_needs_and_the_rest_does_without(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        told = Parser().parsestr(packed.read(name).decode())
    assert told.get_all("Provides-Extra") == ["web"]
    needs = told.get_all("Requires-Dist") or []
    extra = {re.split(r"[<>=]", need)[0] for need in needs if "extra ==" in need}
    assert extra == {"starlette", "uvicorn"}
    assert not [need for need in needs if re.match("starlette|uvicorn", need) and "extra" not in need]


def test_what_is_installed_serves_the_viewer(installed: Path, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    where = "import llmtaskgraph, ltg_tui; print(llmtaskgraph.__file__, ltg_tui.__file__)"
    asked = subprocess.run([installed / "bin/python", "-c", where], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert all(Path(found).is_relative_to(installed) for found in asked.stdout.split()), asked
    command = [installed / "bin/ltg", "web", "t.json", "--no-open", "--json", "--until-eof"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as served:
        assert served.stdout is not None
        line = served.stdout.readline()
        assert line, served.communicate()
        with urllib.request.urlopen(json.loads(line)["url"], timeout=300) as answer:
            text = answer.read().decode()
        assert 'id="ltg-trace"' in text
        served.communicate(timeout=300)
        assert served.returncode == 0


def test_what_is_installed_exports_the_viewer(installed: Path, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    command = [installed / "bin/ltg", "export", "t.json", "--html", "t.html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "t.html").stat().st_size > page.VIEWER.stat().st_size
