"""The command line: what it says to bad input, and that help costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ltg_tui import cli

from .traces import review


class Terminal:
    """Stands for stdin and stdout on a terminal."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    """Runs `ltg-tui` as on a terminal, up to the screen: its exit code and what it says."""
    monkeypatch.setattr(cli, "_show", lambda *shown: 0)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr(sys, "stdout", Terminal())
        try:
            code = cli.main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "which trace? there is none in this folder"),
        (["--nonsense"], 2, "unrecognized arguments: --nonsense"),
        (["--demo", "t.json"], 2, "--demo takes no trace"),
        (["--run", "review.py"], 2, "does not name a program"),
        (["--run", "no/such.py:main"], 2, "there is no such file"),
        (["t.json", "--offline"], 2, "belong to --run"),
        (["no/such.json"], 3, "there is no folder no"),
        (["such"], 3, "there is no such trace"),
    ],
)
def test_bad_input_gets_one_clear_line(
    run: object, words: list[str], code: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, said = run(*words)  # type: ignore[operator]
    assert (found, said.count("\n")) == (code, 1)
    assert said.startswith("ltg-tui: ")
    assert says in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"# notes", "this is not a trace"),
        (b'{"a": 1}', "is not a trace"),
        (b"\x00\x1b[2J" * 90, "not a trace"),
    ],
)
def test_a_file_of_another_kind_is_refused_before_the_screen(run: object, content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "t\x1b[2J.json").write_bytes(content)
    code, said = run(str(tmp_path / "t\x1b[2J.json"))  # type: ignore[operator]
    assert (code, said.count("\n")) == (3, 1)
    assert says in said
    assert "\x1b" not in said


def test_a_run_that_the_trace_does_not_have_is_refused(run: object, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    code, said = run(str(tmp_path / "t.json"), "-n", "7")  # type: ignore[operator]
    assert (code, said) == (2, "ltg-tui: the trace has no run 7; runs: 1\n")


def test_a_folder_lets_one_choose_and_the_list_comes_back_when_asked_for(
    run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    review(first).store.close()
    review(second).store.close()
    asked: list[tuple[Path, Path | None, str]] = []
    shown: list[Path] = []
    answers = iter([first, tmp_path / "gone.json", second, None])
    codes = iter([cli.PICK, cli.PICK])

    def pick(folder: Path, at: Path | None, said: str, settings: object) -> Path | None:
        asked.append((folder, at, said))
        return next(answers)

    def show(session: object, *others: object) -> int:
        shown.append(session.path)  # type: ignore[attr-defined]
        return next(codes)

    monkeypatch.setattr(cli, "_pick", pick)
    monkeypatch.setattr(cli, "_show", show)
    assert run(str(tmp_path)) == (0, "")  # type: ignore[operator]
    assert shown == [first, second]
    assert [(folder, at) for folder, at, _ in asked] == [
        (tmp_path, None),
        (tmp_path, first),
        (tmp_path, tmp_path / "gone.json"),
        (tmp_path, second),
    ]
    assert "there is no such trace" in asked[2][2]


def test_without_arguments_the_traces_of_this_folder_are_listed(
    run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path / "a.json").store.close()
    monkeypatch.chdir(tmp_path)
    asked: list[Path] = []
    monkeypatch.setattr(cli, "_pick", lambda folder, *others: asked.append(folder))
    assert run() == (0, "")  # type: ignore[operator]
    assert asked == [Path()]


def test_a_trace_that_may_come_is_waited_for(run: object, tmp_path: Path) -> None:
    assert run(str(tmp_path / "t.json")) == (0, "")  # type: ignore[operator]
    assert run(str(tmp_path / "t.jsn"))[0] == 3  # type: ignore[operator]
    assert run(str(tmp_path / "no" / "t.json"))[0] == 3  # type: ignore[operator]
    (tmp_path / "empty.json").touch()
    assert run(str(tmp_path / "empty.json"))[0] == 3  # type: ignore[operator]


def test_without_a_terminal_it_says_what_else_there_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ltg_tui.cli", "t.json"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stderr) == (3, "ltg-tui: this needs a terminal; `ltg show TRACE` prints\n")


def test_help_imports_neither_textual_nor_the_library() -> None:
    code = "import sys\nfrom ltg_tui import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'textual', 'rich', 'msgspec', 'anyio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
