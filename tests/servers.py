"""A chat completions server on loopback, in a process of its own, with faults on demand and a log of every request.

    with ChatServer(tmp_path / "log.jsonl") as server:
        Provider(base_url=server.base_url)
        server.requests()    # what arrived, in order, and whether each answer was delivered to its end

It answers `echo: <the last message>` unless the prompt holds marks, which anyone can put there:

    [[name]]  [[name=value]]  [[namexN]]  [[name=valuexN]]     only for the first N sends of that very prompt

    answer=TEXT      TEXT in place of the echo                 reasoning=TEXT   reasoning text before it
    chunks=N         pieces of the text (default 4)            delay=S          seconds before each piece
    first=S          seconds before the first byte             field=NAME       the reasoning field (reasoning_content)
    tools            two tool calls in place of text           finish=REASON    the finish reason
    nousage          no usage chunk                            split            surrogate pairs cut apart between pieces
    whole            a JSON body though a stream was asked     nodone           no [DONE] at the end
    400 401 403 404 408 409 413 422 429 500 502 503 529        that status
    code=CODE        the error code in its body                retry-after=S    header of the failure
    retry-after-ms=N  retry-date=S                             body=TEXT        body of the failure, as plain text
    quota            429 insufficient_quota                    redirect=URL     307
    cut              the connection closes mid-stream          drop             it closes before any answer
    nofinish         the stream ends without finish reason     after=WHAT       `error`, `hang` or `cut` after the finish reason
    malformed        a chunk that is not JSON                  badutf8          a chunk that is not UTF-8
    html             a page, with status 200                   nullchoices, emptychoices
    midstream=CODE   an error object mid-stream                comments         comments for ever, after two pieces
    onlycomments     comments for ever                         stall            silence for ever, after two pieces
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

_MARK = re.compile(r"\[\[([a-z0-9-]+?)(?:=([^\]]*?))?(?:x(\d+))?\]\]")


class ChatServer:
    """The server, as a context manager in the test's process. `log` is appended to, and outlives the server."""

    def __init__(self, log: Path) -> None:
        self.log = Path(log)

    def __enter__(self) -> ChatServer:
        command = [sys.executable, "-I", __file__, "--log", str(self.log)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def requests(self) -> list[dict[str, Any]]:
        """Every request in order of arrival: n, at, body, headers, prompt; and once it ended: status, delivered (bool), ended."""
        found: dict[int, dict[str, Any]] = {}
        lines = self.log.read_bytes().splitlines() if self.log.exists() else []
        for line in lines:
            record = json.loads(line)
            found.setdefault(record["n"], {}).update(record)
        return [found[n] for n in sorted(found)]

    def prompts(self) -> list[str]:
        """The text of each request's last message, in order of arrival."""
        return [request["prompt"] for request in self.requests()]


class _Server:
    def __init__(self, log: BinaryIO) -> None:
        self.log = log
        self.count = 0
        self.asked: Counter[str] = Counter()

    def record(self, **fields: Any) -> None:
        self.log.write(json.dumps(fields).encode() + b"\n")

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The first byte of the next request, where it was read in watching for the end of the connection.
        early = b""
        try:
            while (more := await self.exchange(early, reader, writer)) is not None:
                early = more
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away, which is what some tests make it do
        finally:
            writer.close()

    async def exchange(self, early: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        """Answer one request. None if that was the last of its connection."""
        head = (early + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        body = json.loads(raw) if raw else {}
        prompt = _prompt(body)
        self.count += 1
        n, seen = self.count, self.asked[prompt]
        self.asked[prompt] += 1
        self.record(n=n, at=time.time(), path=head[0].split(" ")[1], body=body, headers=headers, prompt=prompt)
        reply = _Reply(body, prompt, _marks(prompt, seen), n)
        delivered = False
        # A client that goes away must be noticed also while nothing is being written to it.
        answer = asyncio.ensure_future(reply.write(writer))
        more = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answer, more}, return_when=asyncio.FIRST_COMPLETED)
            more.cancel()
            answer.cancel()
            await asyncio.wait({answer, more})
            delivered = not answer.cancelled() and answer.exception() is None and answer.result()
        finally:
            self.record(n=n, ended=time.time(), status=reply.status, delivered=delivered)
        if not delivered:
            return None
        return b"" if more.cancelled() else more.result() or None


def _prompt(body: dict[str, Any]) -> str:
    messages = body.get("messages") or [{}]
    content = messages[-1].get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _marks(prompt: str, seen: int) -> dict[str, str]:
    return {m[1]: m[2] or "" for m in _MARK.finditer(prompt) if m[3] is None or seen < int(m[3])}


class _Cut(Exception):
    """The connection is to be closed here."""


class _Reply:
    def __init__(self, body: dict[str, Any], prompt: str, marks: dict[str, str], n: int) -> None:
        self.body, self.marks, self.n = body, marks, n
        self.status = next((int(mark) for mark in marks if mark.isdigit()), 200)
        self.text = marks["answer"] if "answer" in marks else "echo: " + _MARK.sub("", prompt)
        self.delay = float(marks.get("delay") or 0)

    async def write(self, writer: asyncio.StreamWriter) -> bool:
        """True if the connection can be used again."""
        await asyncio.sleep(float(self.marks.get("first") or 0))
        if "drop" in self.marks:
            return False
        if "redirect" in self.marks:
            self.status = 307
            return await self.plain(writer, "text/plain", b"", f"location: {self.marks['redirect']}\r\n")
        if "quota" in self.marks:
            self.status, self.marks["code"] = 429, "insufficient_quota"
        if self.status != 200:
            return await self.failure(writer)
        if "html" in self.marks:
            return await self.plain(writer, "text/html; charset=utf-8", b"<html><body>Sign in to the network</body></html>")
        if "whole" in self.marks or not self.body.get("stream"):
            data = b"{nonsense" if "malformed" in self.marks else json.dumps(self.whole()).encode()
            return await self.plain(writer, "application/json", data)
        return await self.stream(writer)

    async def failure(self, writer: asyncio.StreamWriter) -> bool:
        extra = "".join(f"{name}: {self.marks[name]}\r\n" for name in ("retry-after", "retry-after-ms") if name in self.marks)
        if "retry-date" in self.marks:
            extra += f"retry-after: {formatdate(time.time() + float(self.marks['retry-date']), usegmt=True)}\r\n"
        if "body" in self.marks:
            return await self.plain(writer, "text/plain", self.marks["body"].encode(), extra)
        key = self.authorization()
        error = {"message": f"status {self.status} was asked for{key}", "type": "test", "code": self.marks.get("code")}
        return await self.plain(writer, "application/json", json.dumps({"error": error}).encode(), extra)

    def authorization(self) -> str:
        """Some servers show the key that they refuse."""
        return f" with the key {self.marks['key']}" if "key" in self.marks else ""

    async def plain(self, writer: asyncio.StreamWriter, kind: str, data: bytes, extra: str = "") -> bool:
        head = f"HTTP/1.1 {self.status} Asked For\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n{extra}\r\n"
        writer.write(head.encode() + data)
        await writer.drain()
        return True

    def common(self, kind: str) -> dict[str, Any]:
        return {"id": f"answer-{self.n}", "object": kind, "created": 1, "model": self.body.get("model", "m")}

    def usage(self) -> dict[str, Any]:
        asked = len(json.dumps(self.body.get("messages", ""))) // 4 + 1
        return {
            "prompt_tokens": asked,
            "completion_tokens": len(self.text) // 4 + 1,
            "total_tokens": asked + len(self.text) // 4 + 1,
            "prompt_tokens_details": {"cached_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": 2 if "reasoning" in self.marks else 0},
        }

    def reason(self) -> str:
        return self.marks.get("finish") or ("tool_calls" if "tools" in self.marks else "stop")

    def calls(self) -> list[dict[str, Any]]:
        pairs = [("call-a", "weather", '{"city": "Ulm"}'), ("call-b", "time", "not json")]
        return [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in pairs]

    def whole(self) -> dict[str, Any]:
        if "nullchoices" in self.marks or "emptychoices" in self.marks:
            return self.common("chat.completion") | {"choices": None if "nullchoices" in self.marks else []}
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if "tools" in self.marks:
            message = {"role": "assistant", "content": None, "tool_calls": self.calls()}
        if "reasoning" in self.marks:
            message[self.marks.get("field", "reasoning_content")] = self.marks["reasoning"]
        choice = {"index": 0, "message": message, "finish_reason": self.reason()}
        usage = {} if "nousage" in self.marks else {"usage": self.usage()}
        return self.common("chat.completion") | {"choices": [choice]} | usage

    async def stream(self, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            async for data in self.events():
                writer.write(b"%x\r\n%b\r\n" % (len(data), data))
                await writer.drain()
        except _Cut:
            await writer.drain()
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event(self.common("chat.completion.chunk") | {"choices": [choice]})

    async def events(self) -> AsyncIterator[bytes]:
        marks = self.marks
        if "nullchoices" in marks or "emptychoices" in marks:
            yield _event(self.common("chat.completion.chunk") | {"choices": None if "nullchoices" in marks else []})
            yield b"data: [DONE]\n\n"
            return
        yield self.chunk({"role": "assistant", "content": ""})
        while "onlycomments" in marks:
            yield b": still here\n\n"
            await asyncio.sleep(0.02)
        for piece in _pieces(marks.get("reasoning", ""), 2):
            yield self.chunk({marks.get("field", "reasoning_content"): piece})
        async for data in self.content():
            yield data
        if "nofinish" not in marks:
            yield self.chunk({}, self.reason())
            await self.afterwards(marks.get("after"))
            if marks.get("after") == "error":
                yield _event({"error": {"message": "too late", "code": "server_error"}})
            if "nousage" not in marks:
                yield _event(self.common("chat.completion.chunk") | {"choices": [], "usage": self.usage()})
        if "nodone" not in marks:
            yield b"data: [DONE]\n\n"

    async def afterwards(self, what: str | None) -> None:
        if what == "cut":
            raise _Cut
        if what == "hang":
            await asyncio.Event().wait()

    async def content(self) -> AsyncIterator[bytes]:
        if "tools" in self.marks:
            for data in self.tool_chunks():
                yield data
            return
        text = self.text
        if "split" in self.marks:
            text = text.encode("utf-16-le").decode("utf-16-le")
            text = "".join(chr(unit) for unit in memoryview(text.encode("utf-16-le")).cast("H"))
        pieces = list(text) if "split" in self.marks else _pieces(text, int(self.marks.get("chunks") or 4))
        for index, piece in enumerate(pieces or [""]):
            if self.delay:
                await asyncio.sleep(self.delay)
            if index == max(0, min(2, len(pieces) - 1)):
                async for data in self.trouble():
                    yield data
            yield self.chunk({"content": piece})

    async def trouble(self) -> AsyncIterator[bytes]:
        """What goes wrong after the first two pieces."""
        marks = self.marks
        if "cut" in marks:
            raise _Cut
        if "malformed" in marks:
            yield b'data: {"choices": [nonsense\n\n'
        if "badutf8" in marks:
            yield b'data: {"choices": [{"index": 0, "delta": {"content": "\xff\xfe"}}]}\n\n'
        if "midstream" in marks:
            yield _event({"error": {"message": "it broke in the middle", "type": "test", "code": marks["midstream"]}})
        while "comments" in marks:
            yield b": still here\n\n"
            await asyncio.sleep(0.02)
        if "stall" in marks:
            await asyncio.Event().wait()

    def tool_chunks(self) -> list[bytes]:
        chunks = []
        for index, call in enumerate(self.calls()):
            arguments = call["function"].pop("arguments")
            call["function"]["arguments"] = ""
            chunks.append(self.chunk({"tool_calls": [{"index": index} | call]}))
            for piece in _pieces(arguments, 3):
                chunks.append(self.chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}))
        return chunks


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def _pieces(text: str, count: int) -> list[str]:
    size = max(1, -(-len(text) // max(1, count)))
    return [text[at : at + size] for at in range(0, len(text), size)]


async def _main(file: BinaryIO) -> None:
    server = await asyncio.start_server(_Server(file).connection, "127.0.0.1", 0, backlog=4096, limit=64 * 2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The test holds the other end of stdin: when it dies, however it dies, so does the server.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    log = os.open(parser.parse_args().log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(log, "ab", buffering=0) as opened:
        asyncio.run(_main(opened))
