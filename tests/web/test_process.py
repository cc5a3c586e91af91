"""`ltg web` as a command: it says where it is, ends when it is told to, and tells in one line what is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tui.traces import review

from llmtaskgraph.cli.web import has_browser
from llmtaskgraph.web import page

from .conftest import FOREVER, Serve, start

ROOT = Path(__file__).parents[2]


@pytest.fixture
def trace(at_home: Path) -> Path:
    review(at_home / "trace.json").store.close()
    return at_home / "trace.json"


def refused(*words: object, **given: Any) -> tuple[int, str]:
    """The exit code, and the one line, of a command that does not come about."""
    out, err = (process := start(*words, **given)).communicate(timeout=60)
    assert out == ""
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return process.returncode, err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_it_ends_though_pages_watch(trace: Path, serve: Serve, number: int, code: int) -> None:
    served = serve(trace, first=f"{FOREVER}\nserve.GRACE = 3600")
    streams = [served.events() for _ in range(3)]
    assert served.end(number) == code
    with pytest.raises(EOFError):
        streams[0].next()
    assert served.process.communicate() == ("", "")


def test_it_says_where_it_is_on_stdout_at_once_and_how_to_get_there_from_elsewhere(trace: Path) -> None:
    process = start("web", trace, "--no-open")
    assert process.stdout is not None
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=[\w-]{43}\n", process.stdout.readline())
    assert found
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert out == ""
    assert f"ssh -L {found[1]}:127.0.0.1:{found[1]} {socket.gethostname()}\n" in err
    assert process.returncode == 130


def test_for_programs_it_says_so_in_one_line_of_json(trace: Path, serve: Serve) -> None:
    served = serve(trace)
    assert set(served.told) == {"url", "port", "pid", "forward", "opened"}
    assert served.told["pid"] == served.process.pid
    assert served.told["opened"] is False


def test_a_browser_is_opened_where_a_person_sits_at_one(trace: Path, at_home: Path) -> None:
    browser = at_home / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >{at_home}/opened\n')
    browser.chmod(0o755)
    env = {**os.environ, "DISPLAY": ":0", "BROWSER": f"{browser} %s"}
    env.pop("SSH_CONNECTION", None)
    process = start("web", trace, "--json", env=env)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["opened"] is True
    opened = at_home / "opened"
    for _ in range(1200):
        if opened.exists() and opened.read_text():
            break
        subprocess.run(["sleep", "0.05"])
    assert opened.read_text().strip() == told["url"]
    process.terminate()
    process.communicate(timeout=60)


@pytest.mark.parametrize(
    ("environment", "platform", "found"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "a b c d"}, "linux", False),
        ({"SSH_CONNECTION": "a b c d"}, "darwin", False),
    ],
)
def test_no_browser_is_opened_over_ssh_or_without_a_screen(environment: dict[str, str], platform: str, found: bool) -> None:
    assert has_browser(environment, platform) is found


def test_until_eof_ends_it_when_stdin_does(trace: Path, serve: Serve) -> None:
    served = serve(trace, "--until-eof", stdin=subprocess.PIPE)
    assert served.get("/api/log").status == 200
    served.process.stdin.close()
    assert served.process.wait(60) == 0
    served.process.stdin = None


def test_until_eof_ends_it_at_once_without_a_stdin(trace: Path) -> None:
    process = start("web", trace, "--json", "--no-open", "--until-eof")
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_it_listens_on_this_machine_only(trace: Path, serve: Serve) -> None:
    served = serve(trace)
    own = socket.gethostbyname(socket.gethostname())
    with socket.socket() as found:
        found.settimeout(2)
        assert own.startswith("127.") or found.connect_ex((own, served.port)) != 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", served.port))  # would be in use, were it bound to all


def test_a_port_that_is_taken_is_told(trace: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, err = refused("web", trace, "--no-open", "--port", port)
    assert code == 3
    assert f"port {port} of 127.0.0.1 cannot be had" in err
    assert "--port" in err


@pytest.mark.parametrize("word", ["x", "65536", "-1", "1.5", "٣"])
def test_what_is_no_port_is_told(trace: Path, word: str) -> None:
    assert refused("web", trace, f"--port={word}")[0] == 2


@pytest.mark.parametrize("module", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_how_to_install_it(trace: Path, module: str) -> None:
    code = f"import sys; sys.modules[{module!r}] = None; from llmtaskgraph.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "web", str(trace)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert "pip install 'llmtaskgraph[web]'" in done.stderr


def test_what_is_no_trace_is_told(at_home: Path) -> None:
    (at_home / "no.json").write_text("[]")
    assert refused("web", "no.json")[0] == 3
    assert refused("web", ".")[0] == 3
    assert refused("web", "nowhere/trace.json")[0] == 3
    assert refused("web", "mistyped")[0] == 3
    assert refused("web")[0] == 2


def test_an_error_of_the_server_tells_its_place_and_none_of_the_values(trace: Path) -> None:
    code = (
        "import sys\nfrom llmtaskgraph.web import app\n"
        "def broken(*_, **__): raise ValueError('a secret prompt')\n"
        "app.Search = broken\nfrom llmtaskgraph.cli import main\nsys.exit(main())\n"
    )
    command = [sys.executable, "-c", code, "web", str(trace), "--json", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    from .conftest import Served

    assert process.stdout is not None
    served = Served(process, json.loads(process.stdout.readline()))
    failed = served.get("/api/search?run=1&text=x")
    assert failed.status == 500
    assert "secret" not in failed.text
    served.end()
    _, err = process.communicate()
    assert "ValueError" in err
    assert "secret" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["--help"], ["show", "trace.json"], ["web", "--help"], ["check", "trace.json"]])
def test_no_other_command_imports_the_server(trace: Path, words: list[str]) -> None:
    code = (
        "import sys\nfrom llmtaskgraph.cli import main\ncode = main(sys.argv[1:])\n"
        "found = {'starlette', 'uvicorn', 'h11'} & set(sys.modules)\nsys.exit(f'{found}' if found or code else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_page_has_its_three_places() -> None:
    found = page.load()
    assert found.editor.strip()
    assert found.editor not in found.html
    assert b'<script type="text/plain" id="ltg-editor"></script>' in found.html
    assert "default-src 'none'" in found.policy
    before, after = page.around_trace('a"<b>.json')
    assert before.endswith(b'<script type="application/json" id="ltg-trace" data-name="a&quot;&lt;b&gt;.json">')
    assert after.startswith(b"</script>")
