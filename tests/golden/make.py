"""Writes the golden traces, which the tests of Python and of TypeScript read: `python tests/golden/make.py`, from the top folder.

    finished.json                      a run that succeeded, after a call that was tried again
    failed.json                        a run with a failed call, a failed function, and what they block
    resumed.json                       that run resumed with edits of a response, an output and a setting, and one taken back
    crashed.json, crashed.json.journal a run that ended well, and a second that was killed in the middle of two streams

Times and keys differ from one writing to the next, so they are written again only when the format gains something.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import msgspec

from llmtaskgraph import (
    Context,
    Delta,
    Message,
    ProviderError,
    Registry,
    Request,
    Response,
    RunFailed,
    TextPart,
    Usage,
    edit_trace,
    revert_trace,
    user,
)

HERE = Path("tests/golden")
app = Registry("golden", model="lab:small")


class Verdict(msgspec.Struct):
    """What a judge says."""

    score: int
    issues: list[str] = []


class Lab:
    """A provider in this process that refuses, streams and dies as the prompt tells it."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        prompt = request.messages[-1].text
        self.asked[prompt] = self.asked.get(prompt, 0) + 1
        if "busy" in prompt and self.asked[prompt] == 1:
            raise ProviderError("lab: the server is busy (429)", fault="rate_limit", status=429, retry_after=0.01)
        if "refused" in prompt:
            raise ProviderError("lab: this prompt is refused (400)", fault="request", status=400)
        text = '{"score": 7, "issues": ["a “quoted” issue", "line\\nbreak"]}' if "Judge" in prompt else f"answer to: {prompt}"
        on_delta(Delta("let me think", "reasoning"))
        for i in range(0, len(text), 9):
            on_delta(Delta(text[i : i + 9]))
            await anyio.sleep(0.02)
            if i and "die" in prompt:
                await anyio.sleep(0.1)
                os.kill(os.getpid(), signal.SIGKILL)
        return Response(Message("assistant", [TextPart(text)], "stop"), request.model, Usage(len(prompt), len(text)), 0.0004)


app.provider("lab", Lab())


@app.llm(output=Verdict)
def judge(text: str, aspect: str) -> str:
    """Judge one aspect of a text."""
    return f"Judge the {aspect} of: {text}"


@app.llm(params={"temperature": 0.5}, retries=1)
def fix(issue: str, text: str) -> list[Message]:
    """Rewrite a text."""
    return [Message("system", [TextPart("You are brief. 🙂")]), user(f"{text}: {issue}")]


@app.task
def issues(context: Context, verdicts: list[Verdict], text: str) -> list[str]:
    """All issues, each once."""
    context.log(f"{len(verdicts)} verdicts")
    if text == "broken":
        raise LookupError("no issue is good enough")
    return sorted({issue for verdict in verdicts for issue in verdict.issues})


@app.graph
def repair(todo: list[str], text: str) -> list[str]:
    """A new text for each issue."""
    return fix.map(todo, text=text)


@app.graph
def main(text: str) -> dict[str, object]:
    """Judge a text and mend it."""
    verdicts = [judge.named(aspect)(text, aspect) for aspect in ("style", "facts")]
    alone = fix("by itself", text)
    return {"mended": repair(issues(verdicts, text), text), "alone": alone, "made": "by main"}


def fresh(name: str) -> Path:
    path = HERE / name
    for left in HERE.glob(f"{name}*"):
        left.unlink()
    return path


def write() -> None:
    """Write all of them."""
    main.run(text="busy", trace=fresh("finished.json"))
    failed = fresh("failed.json")
    for text in ("refused", "broken"):
        with contextlib.suppress(RunFailed):
            main.run(text=text, trace=failed)
    resumed = fresh("resumed.json")
    resumed.write_bytes(failed.read_bytes())
    edit_trace(resumed, 2, "main/fix", "response", "a person wrote this")
    edit_trace(resumed, 2, "main/issues", "output", '["an issue that a person saw"]')
    edit_trace(resumed, 2, "main/judge[facts]", "params", '{"temperature": 1.0}')
    edit_trace(resumed, 2, "main/judge[style]", "response", "not what is wanted")
    revert_trace(resumed, 2, "main/judge[style]", "response")
    main.resume(resumed)
    crashed = fresh("crashed.json")
    main.run(text="calm", trace=crashed)
    if not os.fork():
        main.run(text="die", trace=crashed)
        os._exit(1)
    os.wait()
    Path(f"{crashed}.lock").unlink()
    for path in HERE.glob("*.json"):  # the paths of tracebacks are those of this machine
        path.write_text(path.read_text().replace(f"{Path.cwd()}/", ""))
        path.chmod(0o644)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    write()
