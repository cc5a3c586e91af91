"""Which programs may run without a question."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from llmtaskgraph._program_of import program_key
from llmtaskgraph._trust import is_trusted, trust, trust_path


def test_a_program_is_trusted_once_it_was_run_by_name(at_home: Path) -> None:
    Path("a.py").touch()
    assert not is_trusted("a.py:main", at_home)
    trust("a.py:main", at_home)
    assert is_trusted("a.py:main", at_home)
    assert is_trusted(f"{at_home}/a.py:other", Path("/"))
    assert not is_trusted("b.py:main", at_home)


def test_a_file_of_that_name_elsewhere_is_another_program(at_home: Path, tmp_path: Path) -> None:
    trust("a.py:main", at_home)
    assert not is_trusted("a.py:main", tmp_path)


def test_a_link_is_what_it_leads_to(at_home: Path) -> None:
    Path("mine.py").touch()
    trust("mine.py:main", at_home)
    Path("link.py").symlink_to("mine.py")
    Path("evil.py").touch()
    assert is_trusted("link.py:main", at_home)
    Path("link.py").unlink()
    Path("link.py").symlink_to("evil.py")
    assert not is_trusted("link.py:main", at_home)


def test_a_module_in_the_folder_is_its_file(at_home: Path) -> None:
    (at_home / "pkg").mkdir()
    (at_home / "pkg/app.py").touch()
    assert program_key("pkg.app:main", at_home) == str(at_home.resolve() / "pkg/app.py")
    assert program_key("installed.app:main", at_home) == "module:installed.app"


def test_the_list_is_private(at_home: Path) -> None:
    trust("a.py:main", at_home)
    assert stat.S_IMODE(trust_path().stat().st_mode) == 0o600
    assert list(trust_path().parent.iterdir()) == [trust_path()]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b"null"])
def test_a_list_that_cannot_be_read_trusts_nothing(at_home: Path, content: bytes) -> None:
    trust("a.py:main", at_home)
    trust_path().write_bytes(content)
    assert not is_trusted("a.py:main", at_home)
    trust("a.py:main", at_home)
    assert is_trusted("a.py:main", at_home)


def test_without_a_place_for_the_list_nothing_fails(at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    trust("a.py:main", at_home)
    assert not is_trusted("a.py:main", at_home)
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert str(trust_path()).startswith(os.path.expanduser("~"))
