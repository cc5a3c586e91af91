"""`ltg export`: one HTML file, with all or without what is private. What it replaces, what it refuses, how it is told."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from llmtaskgraph import _events as ev
from llmtaskgraph import read
from llmtaskgraph._graph import Task
from llmtaskgraph.cli import main

from .conftest import Ltg, Scribe, review

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.json"))


def export(trace: Path, tmp_path: Path, *words: str) -> tuple[str, bytes]:
    """The page, and the document that stands in it."""
    target = tmp_path / "out.html"
    assert main(["export", str(trace), "--html", str(target), *words]) == 0
    page = target.read_text()
    found = re.search(r'<script type="application/json" id="ltg-trace"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return page, found[1].encode()


@pytest.mark.parametrize("trace", GOLDEN, ids=lambda path: path.stem)
def test_the_page_holds_the_whole_trace_and_nobody_else_reads_it(trace: Path, tmp_path: Path) -> None:
    page, document = export(trace, tmp_path)
    assert b"<" not in document
    found, whole = json.loads(document), json.loads(b"".join(read(trace).blocks()))  # with what its journal tells
    for name in ("tasks", "edits"):
        assert found[name] == whole[name]
    assert [each["id"] for each in found["task_runs"]] == [each["id"] for each in whole["task_runs"]]
    assert stat.S_IMODE((tmp_path / "out.html").stat().st_mode) == 0o600
    assert f'data-name="{trace.name}"' in page


@pytest.mark.parametrize("trace", GOLDEN, ids=lambda path: path.stem)
def test_a_redacted_page_holds_a_trace_that_is_whole(trace: Path, tmp_path: Path) -> None:
    document = export(trace, tmp_path, "--redact")[1]
    again = tmp_path / "redacted.json"
    again.write_bytes(document)
    assert main(["check", str(again)]) == 0


def embedded(page: Path) -> Any:
    """The document in a page."""
    found = re.search(r'id="ltg-trace"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_that_is_there_is_replaced_only_when_that_is_said(ltg: Ltg, trace: Path) -> None:
    target = Path("out.html")
    target.write_text("mine")
    target.chmod(0o644)
    told = ltg("export", trace, "--html", target)
    assert told.code == 2
    assert told.problem == "ltg: out.html is there already; --force replaces it"
    assert target.read_text() == "mine"
    assert ltg("export", trace, "--html", target, "--force").code == 0
    assert embedded(target)["format"] == "llmtaskgraph/1"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert left(Path()) == {"t.json", "out.html"}


def test_a_file_that_comes_up_meanwhile_is_left_alone(ltg: Ltg, trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmtaskgraph.web import export

    check = export.check

    def and_then_somebody_writes(target: Path, source: Path, *, replace: bool) -> None:
        check(target, source, replace=replace)
        target.write_text("theirs")

    monkeypatch.setattr(export, "check", and_then_somebody_writes)
    assert "--force" in ltg("export", trace, "--html", "out.html").problem
    assert Path("out.html").read_text() == "theirs"
    assert left(Path()) == {"t.json", "out.html"}


@pytest.mark.parametrize("errno", ["EPERM", "ENOTSUP"])
def test_a_disk_without_hard_links_will_do(ltg: Ltg, trace: Path, monkeypatch: pytest.MonkeyPatch, errno: str) -> None:
    import errno as numbers

    def link(*_: object) -> None:
        raise OSError(getattr(numbers, errno), errno)

    monkeypatch.setattr(os, "link", link)
    assert ltg("export", trace, "--html", "out.html").code == 0
    assert embedded(Path("out.html"))["runs"]
    assert ltg("export", trace, "--html", "out.html").code == 2
    assert left(Path()) == {"t.json", "out.html"}


def test_a_trace_and_what_belongs_to_it_are_never_replaced(ltg: Ltg, at_home: Path) -> None:
    scribe = review(at_home / "t.json", close=False)
    Path("link.json").symlink_to("t.json")
    Path("link.html").symlink_to("link.json")
    os.link("t.json", "hard.html")
    Path("journal.html").symlink_to("t.json.journal")
    before = {path.name: path.read_bytes() for path in at_home.iterdir()}
    for trace in ("t.json", "link.json", at_home / "t.json"):
        for target in ("t.json", "./t.json", "link.json", "link.html", "hard.html", "../work/t.json"):
            told = ltg("export", trace, "--html", target, "--force")
            assert (told.code, "the trace itself" in told.problem) == (2, True), (trace, target)
        for target in ("t.json.journal", "journal.html", "t.json.lock"):
            told = ltg("export", trace, "--html", target, "--force")
            assert (told.code, "a part of the trace" in told.problem) == (2, True), (trace, target)
    assert {path.name: path.read_bytes() for path in at_home.iterdir()} == before
    scribe.store.close()


def test_the_journal_of_a_trace_is_its_own_before_it_is_there(ltg: Ltg, trace: Path) -> None:
    assert "a part of the trace" in ltg("export", trace, "--html", "t.json.journal").problem
    assert left(Path()) == {"t.json"}


def test_a_link_is_followed_when_the_file_may_be_replaced(ltg: Ltg, trace: Path) -> None:
    Path("page.html").write_text("old")
    Path("link.html").symlink_to("page.html")
    assert ltg("export", trace, "--html", "link.html").code == 2
    assert ltg("export", trace, "--html", "link.html", "--force").code == 0
    assert Path("link.html").is_symlink()
    assert embedded(Path("page.html"))["runs"]


@pytest.mark.parametrize(
    ("target", "code", "told"),
    [
        ("", 2, "is a folder"),
        (".", 2, "is a folder"),
        ("folder", 2, "is a folder"),
        ("folder/", 2, "is a folder"),
        ("nowhere.html", 2, "a link to nothing"),
        ("/dev/null", 2, "not a regular file"),
        ("pipe", 2, "not a regular file"),
        ("a\0b", 2, "is no path"),
        ("missing/out.html", 3, "there is no folder missing; make it"),
        ("t.json/out.html", 3, "Not a directory"),
        ("around", 2, "a link to nothing"),
        ("n" * 300, 3, "File name too long"),
    ],
)
def test_a_bad_place_is_told_in_one_line(ltg: Ltg, trace: Path, target: str, code: int, told: str) -> None:
    Path("folder").mkdir()
    os.mkfifo("pipe")
    Path("nowhere.html").symlink_to("gone.html")
    Path("around").symlink_to("around")
    before = left(Path())
    for force in ([], ["--force"]):
        found = ltg("export", trace, "--html", target, *force)
        assert (found.code, found.out) == (code, "")
        assert told in found.problem
        assert "ltg-export" not in found.problem
    assert left(Path()) == before
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    "name", ["n" * 255, "\udcff.html", "a\x1b[31m\n.html", "-x.html"], ids=["long", "bytes", "escape", "dash"]
)
def test_a_strange_name_will_do_and_is_told_safely(ltg: Ltg, trace: Path, name: str) -> None:
    told = ltg("export", trace, f"--html={name}")
    assert (told.code, "\x1b" in told.out + told.err) == (0, False)
    assert len(told.out.splitlines()) == 1
    assert embedded(Path(name))["runs"]


def test_the_name_of_the_trace_is_in_the_page_as_text(ltg: Ltg, trace: Path) -> None:
    name = '\udcff"><script>alert(1)</script>.json'
    try:
        trace.rename(os.fsencode(name).decode("utf-8", "surrogateescape").replace("/", "_"))
    except OSError:
        pytest.skip("this disk takes no such names")
    (there,) = Path().iterdir()
    assert ltg("export", there, "--html", "out.html").code == 0
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;_script&gt;.json" in Path("out.html").read_text()
    assert ltg("export", there, "--html", "redacted.html", "--redact").code == 0
    assert "alert(1)" not in Path("redacted.html").read_text()


def test_a_dash_gives_the_page_on_stdout(ltg: Ltg, trace: Path) -> None:
    assert ltg("export", trace, "--html", "out.html").code == 0
    told = ltg("export", trace, "--html", "-")
    assert (told.code, told.err) == (0, "")
    assert told.out == Path("out.html").read_text()
    assert left(Path()) == {"t.json", "out.html"}
    assert ltg("export", trace, "--html", "-", "--json").code == 2


def test_json_tells_what_was_written(ltg: Ltg, trace: Path) -> None:
    told = ltg("export", trace, "--html", "out.html", "--redact", "--json")
    assert told.json == {"html": "out.html", "bytes": Path("out.html").stat().st_size, "redacted": True}


def test_what_does_not_fit_on_the_disk_leaves_nothing_and_the_old_file(trace: Path) -> None:
    Path("old.html").write_text("old")
    limit = (100_000, 100_000)
    for target, force in (("new.html", []), ("old.html", ["--force"])):
        words = [sys.executable, "-m", "llmtaskgraph.cli", "export", str(trace), "--html", target, *force]
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            timeout=300,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
        assert done.returncode == 3
        assert done.stderr == f"ltg: {target}: cannot be written (File too large); nothing is lost: free the disk and try again\n"
    assert Path("old.html").read_text() == "old"
    assert left(Path()) == {"t.json", "old.html"}


def test_a_live_run_is_exported_as_it_stands(ltg: Ltg, at_home: Path) -> None:
    scribe = Scribe(at_home / "t.json")
    first = scribe.start()
    scribe.succeed(scribe.begin(first, "main"), "done")
    scribe.end(first)
    scribe.record(ev.RunStarted(ev.Run(2, 1, scribe.tick(), 1, open=["main"])))
    scribe.record(ev.TaskKept(2, "main"))
    assert ltg("export", "t.json", "--html", "out.html").code == 0
    first_run, run = embedded(Path("out.html"))["runs"]
    assert run.get("status", "running") == "running"
    assert "open" not in run  # it was kept: seen through the parent
    assert first_run["status"] == "succeeded"
    scribe.store.close()


def test_a_crashed_run_is_exported_as_ended_with_all_its_journal_tells(ltg: Ltg, at_home: Path) -> None:
    scribe = review(at_home / "live.json", close=False)
    run = scribe.start(parent=1, open=["main"])
    task_run = scribe.begin(run, "main")
    scribe.record(ev.ResponseStreamed(task_run, "half an ans"))
    for ending in ("", ".journal"):
        Path(f"t.json{ending}").write_bytes(Path(f"live.json{ending}").read_bytes())
    assert ltg("export", "t.json", "--html", "out.html").code == 0
    document = embedded(Path("out.html"))
    assert [run["status"] for run in document["runs"]] == ["succeeded", "cancelled"]
    assert document["task_runs"][-1]["attempts"][-1]["partial"] == "half an ans"
    assert Path("t.json.journal").exists()  # nothing is folded on disk
    scribe.store.close()


def test_of_a_damaged_trace_what_is_readable_is_exported_and_that_is_told(ltg: Ltg, trace: Path) -> None:
    lines = trace.read_bytes().splitlines(keepends=True)
    (place,) = [n for n, line in enumerate(lines) if b'"task":"main/judge[facts]"' in line]
    lines[place] = b'{"id":3,"run"\n'
    trace.write_bytes(b"".join(lines))
    for words in ([], ["--redact"]):
        told = ltg("export", trace, "--html", "out.html", "--force", *words)
        assert told.code == 3
        assert "the trace is damaged" in told.err.splitlines()[0]
        assert "what is readable" in told.err.splitlines()[0]
        document = embedded(Path("out.html"))
        assert len(document["task_runs"]) == 3
        assert len(document["tasks"]) == 4
    assert trace.read_bytes() == b"".join(lines)


def test_of_a_damaged_trace_a_run_that_was_cut_off_is_shown_as_ended(ltg: Ltg, at_home: Path) -> None:
    scribe = review(at_home / "live.json")
    document = json.loads(Path("live.json").read_bytes())
    document["runs"][0] |= {"status": "running"}
    document["runs"][0].pop("ended")
    document["task_runs"][1] = {"id": 2}
    Path("t.json").write_text(json.dumps(document))
    assert ltg("export", "t.json", "--html", "out.html").code == 3
    assert embedded(Path("out.html"))["runs"][0]["status"] == "cancelled"
    assert scribe.now


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format":"other/1"}', b"\xff\xfe", b"<html>"])
def test_what_is_no_trace_gives_no_page(ltg: Ltg, at_home: Path, content: bytes) -> None:
    Path("t.json").write_bytes(content)
    told = ltg("export", "t.json", "--html", "out.html")
    assert told.code == 3
    assert told.problem.startswith("ltg: t.json")
    assert left(Path()) == {"t.json"}


def test_a_trace_of_a_newer_format_is_not_exported(ltg: Ltg, trace: Path) -> None:
    trace.write_bytes(trace.read_bytes().replace(b"llmtaskgraph/1", b"llmtaskgraph/2"))
    told = ltg("export", trace, "--html", "out.html")
    assert told.code == 3
    assert "update llmtaskgraph to export it" in told.err
    assert left(Path()) == {"t.json"}


def test_exporting_imports_nothing_that_the_trace_names(at_home: Path) -> None:
    Path("trap.py").write_text("open('sprung', 'w')\n")
    scribe = Scribe(at_home / "t.json")
    scribe.record(ev.TasksAdded([Task("graph", "main", 1, "trap:main", model="trap:small")]))
    scribe.record(ev.RunStarted(ev.Run(1, 1, 1.0, app="trap.py:main", model="trap:small", scripted="trap.py")))
    scribe.record(ev.EditMade(ev.Edit(1, 1, "main", "input", 1.0, Raw(b'{"a":"trap"}'))))
    scribe.store.close()
    for words in ([], ["--redact"]):
        command = "import sys; from llmtaskgraph.cli import main; main(sys.argv[1:]); sys.exit('trap' in sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", command, "export", "t.json", "--html", "out.html", "--force", *words], timeout=60
        )
        assert done.returncode == 0
    assert left(Path()) == {"trap.py", "t.json", "out.html"}
