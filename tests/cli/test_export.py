"""`ltg export`: one HTML file, with all or without what is private."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph.cli import main

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.json"))


def export(trace: Path, tmp_path: Path, *words: str) -> tuple[str, bytes]:
    """The page, and the document that stands in it."""
    target = tmp_path / "out.html"
    assert main(["export", str(trace), "--html", str(target), *words]) == 0
    page = target.read_text()
    found = re.search(r'<script type="application/json" id="ltg-trace"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return page, found[1].encode()


def texts(value: Any) -> set[str]:
    """All strings in a JSON value, keys included."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set(value).union(*map(texts, value.values())) if value else set()
    return set().union(*map(texts, value)) if isinstance(value, list) and value else set()


@pytest.mark.parametrize("trace", GOLDEN, ids=lambda path: path.stem)
def test_the_page_holds_the_whole_trace_and_nobody_else_reads_it(trace: Path, tmp_path: Path) -> None:
    page, document = export(trace, tmp_path)
    assert b"<" not in document
    found = json.loads(document)
    for name in ("tasks", "edits"):
        assert found[name] == json.loads(trace.read_bytes())[name] or Path(f"{trace}.journal").exists()
    assert stat.S_IMODE((tmp_path / "out.html").stat().st_mode) == 0o600
    assert f'data-name="{trace.name}"' in page


@pytest.mark.parametrize("trace", GOLDEN, ids=lambda path: path.stem)
def test_a_redacted_trace_is_a_valid_one_without_any_value(trace: Path, tmp_path: Path) -> None:
    document = export(trace, tmp_path, "--redact")[1]
    again = tmp_path / "redacted.json"
    again.write_bytes(document)
    assert main(["check", str(again)]) == 0
    whole = export(trace, tmp_path, "--force")[1]
    kept = set()
    for task in json.loads(whole)["tasks"]:
        kept |= texts({key: value for key, value in task.items() if key not in ("args", "kwargs", "params")}) | set(
            task.get("kwargs", {})
        )
    private: set[str] = set()
    for task in json.loads(whole)["tasks"]:
        private |= texts([each.get("value", "") for each in task.get("args", [])])
    for task_run in json.loads(whole)["task_runs"]:
        for stage in ("prompt", "response", "output"):
            private |= texts((task_run.get(stage) or {}).get("value", ""))
        private.add((task_run.get("error") or {}).get("message", ""))
        private |= {frame["code"] for frame in (task_run.get("error") or {}).get("frames", [])}
    private |= texts(
        [edit.get("value", "") for edit in json.loads(whole)["edits"] if edit["stage"] in ("prompt", "response", "output")]
    )
    words = {
        "user",
        "system",
        "assistant",
        "tool",
        "text",
        "reasoning",
        "content",
        "parts",
        "role",
        "stop",
        "tool_call",
        "arguments",
        "response",
        "finish_reason",
    }
    secrets = {text for text in private if len(text) >= 6 and text not in kept | words and not text.endswith("_call_response")}
    assert secrets
    leaked = {text for text in secrets if json.dumps(text)[1:-1].encode() in document and text not in ("modality", "mime_type")}
    assert leaked == set()


def test_a_file_that_is_there_is_replaced_only_when_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out.html"
    target.write_text("mine")
    assert main(["export", str(GOLDEN[0]), "--html", str(target)]) == 2
    assert "--force" in capsys.readouterr().err
    assert target.read_text() == "mine"
    assert main(["export", str(GOLDEN[0]), "--html", str(target), "--force"]) == 0
    assert target.read_text() != "mine"


def test_a_trace_is_never_replaced_by_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = tmp_path / "trace.json"
    trace.write_bytes(GOLDEN[-1].read_bytes())
    assert main(["export", str(trace), "--html", str(trace), "--force"]) == 2
    assert "is the trace itself" in capsys.readouterr().err
    assert trace.read_bytes() == GOLDEN[-1].read_bytes()
