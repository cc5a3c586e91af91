"""Who may import whom: the contracts of pyproject.toml hold, they bite, and importing stays cheap and pure."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "llmtaskgraph"
MODEL = ROOT / "tui/ltg_tui/model"

SHELL = {
    "_app",
    "_edit_followed",
    "_edit_file",
    "_engine",
    "_making",
    "_plan_child",
    "_workers",
    "_program",
    "_roots",
    "_run",
    "_sending",
    "_threads",
    "_task_graph",
    "_follow",
    "_glance",
    "_store",
    "_journal",
}
"""Private modules that may await. Every other is pure unless it is named here and in the contract `pure`."""

LAZY = ["genai_prices", "httpx2", "ltg_tui", "openai", "pydantic", "rich", "starlette", "textual", "trio", "uvicorn"]

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


def python(code: str, *args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter."""
    return subprocess.run([sys.executable, "-c", code, *args], cwd=cwd, capture_output=True, text=True, timeout=300)


def test_imports_keep_to_the_contracts() -> None:
    lint = python(LINT)
    assert lint.returncode == 0, lint.stdout + lint.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Both packages and their contracts in a folder of their own."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LIBRARY, tmp_path / "llmtaskgraph", ignore=skip)
    shutil.copytree(ROOT / "tui/ltg_tui", tmp_path / "ltg_tui", ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("Imports flow down the list of modules", "llmtaskgraph/_errors.py", "from . import _values"),
        ("Imports flow down the list of modules", "llmtaskgraph/_values.py", "import llmtaskgraph.cli"),
        ("The library knows nothing of the terminal debugger", "llmtaskgraph/cli/__init__.py", "import ltg_tui"),
        ("The library knows nothing of the terminal debugger", "llmtaskgraph/_values.py", "from textual.app import App"),
        ("Only the command line imports Rich", "llmtaskgraph/_values.py", "from rich.text import Text"),
        ("Only the shell awaits", "llmtaskgraph/_chat.py", "from anyio import to_thread"),
        ("Only the shell awaits", "llmtaskgraph/_another.py", "import anyio"),
        ("The terminal debugger uses only what", "ltg_tui/__init__.py", "from llmtaskgraph import _values"),
        ("The terminal debugger uses only what", "ltg_tui/io/__init__.py", "from llmtaskgraph.cli import main"),
        ("What the debugger shows is worked out without a screen", "ltg_tui/model/__init__.py", "import textual"),
        ("What the debugger shows is worked out without a screen", "ltg_tui/model/__init__.py", "from .. import io"),
    ],
)
def test_a_contract_refuses_what_it_forbids(copy: Path, contract: str, module: str, line: str) -> None:
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")
    lint = python(LINT, cwd=copy)
    assert lint.returncode == 1, lint.stdout + lint.stderr
    assert re.search(rf"^{re.escape(contract)}.* BROKEN", lint.stdout, re.MULTILINE), lint.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("llmtaskgraph/cli/another.py", "import anyio, rich.table"),
        ("llmtaskgraph/providers/another.py", "import anyio, openai"),
        ("ltg_tui/model/another.py", "import llmtaskgraph, rich.text"),
        ("ltg_tui/screens/another.py", "import llmtaskgraph, textual.app, ltg_tui.io, ltg_tui.model"),
    ],
)
def test_the_contracts_allow_what_they_should(copy: Path, module: str, line: str) -> None:
    (copy / module).write_text(f"{line}\n")
    lint = python(LINT, cwd=copy)
    assert "Contracts: " in lint.stdout, lint.stdout + lint.stderr
    assert "another" not in lint.stdout, lint.stdout


def test_importing_the_library_loads_no_lazy_dependency() -> None:
    loaded = python("import sys, llmtaskgraph; print(*[name for name in sys.argv[1:] if name in sys.modules])", *LAZY)
    assert (loaded.returncode, loaded.stdout.split()) == (0, []), loaded.stderr


IMPORT_WITHOUT = """
import importlib, sys, types
package, folder, module, *absent = sys.argv[1:]
for name in absent:
    sys.modules[name] = None
parent = sys.modules[package] = types.ModuleType(package)  # a bare one: the real front door imports everything
parent.__path__ = [folder]
importlib.import_module(f"{package}.{module}")
"""


@pytest.mark.parametrize("module", sorted({path.stem for path in LIBRARY.glob("_[a-z]*.py")} - SHELL))
def test_a_pure_module_needs_neither_event_loop_nor_screen_nor_sdk(module: str) -> None:
    done = python(IMPORT_WITHOUT, "llmtaskgraph", str(LIBRARY), module, "anyio", "asyncio", *LAZY)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", sorted(path.stem for path in MODEL.glob("*.py")))
def test_the_model_of_the_debugger_needs_no_screen(module: str) -> None:
    name = "model" if module == "__init__" else f"model.{module}"
    done = python(IMPORT_WITHOUT, "ltg_tui", str(MODEL.parent), name, "textual")
    assert done.returncode == 0, done.stderr
