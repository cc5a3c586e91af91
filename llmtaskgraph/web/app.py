"""The routes: `docs/web.md` tells what each takes and gives. Who may ask was decided before (`guard.py`)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from functools import partial
from typing import IO, Any, Final, TypeVar
from urllib.parse import quote

import anyio
import anyio.lowlevel
import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from .._errors import LLMTaskGraphError
from .._events import EditName, Run
from .._plan import Plan
from .actions import Actions, error_of
from .guard import LARGEST
from .hub import Hub
from .page import Page
from .search import BadSearch, Search

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]

SLICE: Final = 0.008
"""Seconds of work between two chances for others."""

_PATIENT: Final = 0.05
"""Seconds between two looks whether whoever asked is still there."""

_BLOCK: Final = 512 * 1024
_TEXT_OF: Final = {
    404: "there is nothing under this path; docs/web.md lists what there is",
    405: "this path takes another method; docs/web.md tells which",
    413: f"a request may bring up to {LARGEST:,} bytes; send less",
}


class EditBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/edit` takes."""

    run: int
    task: str
    stage: EditName
    text: str


class RevertBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/revert` takes."""

    run: int
    task: str
    stage: EditName


class AgainBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/again` takes."""

    run: int
    task: str


class PlanBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/plan` takes."""

    run: int


class ResumeBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/resume` takes."""

    run: int
    consent: bool = False


class StopBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/stop` takes: nothing."""


class Viewer:
    """Answers the page.

    Args:
        hub: follows the trace.
        actions: edits and resumes.
        page: the viewer.
        version: of this package.
    """

    def __init__(self, hub: Hub, actions: Actions, page: Page, version: str) -> None:
        self._hub, self._actions, self._page, self._version = hub, actions, page, version

    def app(self) -> Starlette:
        """The application."""
        routes = [
            _route("/", "GET", self.page),
            _route("/editor.js", "GET", self.editor),
            _route("/api/trace", "GET", self.trace),
            _route("/api/task_run/{id}", "GET", partial(self.element, "task_runs")),
            _route("/api/task/{id}", "GET", partial(self.element, "tasks")),
            _route("/api/search", "GET", self.search),
            _route("/api/plan", "GET", self.plan),
            _route("/api/log", "GET", self.log),
            _route("/api/download", "GET", self.download),
            _route("/api/events", "GET", self.events),
            _route("/api/edit", "POST", self._writes(EditBody, self.edit)),
            _route("/api/revert", "POST", self._writes(RevertBody, self.revert)),
            _route("/api/again", "POST", self._writes(AgainBody, self.again)),
            _route("/api/plan", "POST", self._writes(PlanBody, self.plan_with_code, while_asked=True)),
            _route("/api/resume", "POST", self._writes(ResumeBody, self.resume)),
            _route("/api/stop", "POST", self._writes(StopBody, self.stop)),
        ]
        gzip = Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=4)
        app = Starlette(routes=routes, middleware=[gzip], exception_handlers={HTTPException: _plain})
        app.router.redirect_slashes = False
        return app

    # The page

    async def page(self, request: Request) -> Response:
        policy = f"{self._page.policy.rstrip('; ')}; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "Vary": "Accept-Encoding"}
        html = self._page.html
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            html, headers["Content-Encoding"] = self._page.compressed, "gzip"
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)

    async def editor(self, request: Request) -> Response:
        return Response(self._page.editor, media_type="text/javascript; charset=utf-8")

    # Reading

    async def trace(self, request: Request) -> Response:
        hub = self._hub
        async with hub.lock:
            server = {
                "name": hub.path.name,
                "version": self._version,
                "can_edit": self._actions.can_edit,
                "read_only": hub.read_only or hub.problem,
                "epoch": hub.epoch,
            }
            blocks = [b'{"server":' + msgspec.json.encode(server) + b',"document":']
            async for block in _in_slices(hub.feed.view.blocks()):
                if len(blocks[-1]) < _BLOCK:
                    blocks[-1] += block
                else:
                    blocks.append(block)
            blocks.append(b',"streaming":' + msgspec.json.encode(hub.feed.streaming()) + b"}")
        return StreamingResponse(_each(blocks), media_type="application/json")

    async def element(self, kind: str, request: Request) -> Response:
        id = _number(request.path_params["id"])
        found = self._hub.feed.view.element(kind, id)
        if found is None:
            return _json({"error": f"there is no {kind[:-1].replace('_', ' ')} {id}"}, 404)
        return _json(found)

    async def search(self, request: Request) -> Response:
        query = request.query_params
        async with self._hub.lock:
            run = self._run(query.get("run", ""))
            if isinstance(run, Response):
                return run
            try:
                search = Search(self._hub.feed.state, run.id, query.get("text", ""), regex=query.get("regex", "0") == "1")
            except BadSearch as error:
                return _json(error_of(error), 422)
            asked = time.monotonic()
            async with aclosing(_in_slices(search.steps())) as steps:
                async for _ in steps:
                    if time.monotonic() - asked > _PATIENT:
                        if await request.is_disconnected():  # a letter was typed meanwhile: nobody waits for this one
                            break
                        asked = time.monotonic()
        return _json({"tasks": search.found, "complete": search.complete})

    async def plan(self, request: Request) -> Response:
        from .._roots import plan_stepwise  # the engine comes with it, which takes a moment

        plan: Plan | None = None
        async with self._hub.lock:
            run = self._run(request.query_params.get("run", ""))
            if isinstance(run, Response):
                return run
            problem = self._actions.why_not(run)
            try:
                async for step in _in_slices(plan_stepwise(self._hub.feed.state, run.id)):
                    plan = step
            except LLMTaskGraphError as error:
                problem = problem or str(error)
        program = path = None
        try:
            program, path = self._actions.program(run)
        except LLMTaskGraphError as error:
            problem = problem or str(error)
        found = {
            "plan": plan,
            "program": program,
            "path": path or "",
            "trusted": program is not None and self._actions.trusted(program),
            "problem": problem,
            "scripted": run.scripted,
        }
        return _json(found)

    async def log(self, request: Request) -> Response:
        return _json(self._actions.log())

    async def download(self, request: Request) -> Response:
        hub = self._hub
        file = tempfile.TemporaryFile()  # noqa: SIM115 closed when it was sent
        async with hub.lock:
            trace = hub.trace
            if trace is None:
                return _json({"error": "there is no trace yet"}, 404)
            if hub.read_only:
                file.write(hub.path.read_bytes())
            else:
                hub.feed.view.settle_open()
                async for block in _in_slices(trace.blocks()):
                    file.write(block)
        name = f"attachment; filename*=UTF-8''{quote(hub.path.name, safe='')}"
        return StreamingResponse(_read(file), media_type="application/json", headers={"Content-Disposition": name})

    async def events(self, request: Request) -> Response:
        last = request.headers.get("last-event-id") or None
        return StreamingResponse(self._hub.events(last, self._actions.told), media_type="text/event-stream")

    def _run(self, number: str) -> Run | Response:
        run = self._hub.feed.state.runs.get(_number(number))
        return _json({"error": f"there is no run {number[:20]}"}, 404) if run is None else run

    # Writing

    def _writes(self, kind: type[T], do: Callable[[T], Awaitable[Response]], *, while_asked: bool = False) -> Handler:
        """A handler for what does something: only where that is allowed, and only with a body of that kind.

        Args:
            while_asked: it ends when whoever asked is gone.
        """
        decoder = msgspec.json.Decoder(kind)

        async def handle(request: Request) -> Response:
            if not self._actions.allowed:
                return _json({"error": "nothing can be edited or run here; start `ltg web` with --allow-edit"}, 403)
            try:
                body = decoder.decode(await _body(request))
            except (ValueError, RecursionError) as error:
                return _json({"error": f"the body does not fit: {error}"}, 422)
            try:
                return await (_while_asked(request, do(body)) if while_asked else do(body))
            except LLMTaskGraphError as error:
                return _json(error_of(error), 409)

        return handle

    async def edit(self, body: EditBody) -> Response:
        return _json({"edit": await self._actions.edit(body.run, body.task, body.stage, body.text)})

    async def revert(self, body: RevertBody) -> Response:
        return _json({"edit": await self._actions.revert(body.run, body.task, body.stage)})

    async def again(self, body: AgainBody) -> Response:
        return _json({"edit": await self._actions.again(body.run, body.task)})

    async def plan_with_code(self, body: PlanBody) -> Response:
        try:
            return _json({"plan": await self._actions.plan_with_code(body.run), "problem": ""})
        except LLMTaskGraphError as error:
            return _json({"plan": None, "problem": str(error)})

    async def resume(self, body: ResumeBody) -> Response:
        return _json(await self._actions.resume(body.run, body.consent), 202)

    async def stop(self, body: StopBody) -> Response:
        return _json(self._actions.stop(), 202)


async def _while_asked(request: Request, work: Awaitable[Response]) -> Response:
    """What the work gives, which raises nothing, as long as whoever asked is there."""
    answer = Response(status_code=499)

    async def give() -> None:
        nonlocal answer
        answer = await work
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(give)
        while not await request.is_disconnected():  # noqa: ASYNC110 there is no event for that
            await anyio.sleep(_PATIENT)
        group.cancel_scope.cancel()
    return answer


def _route(path: str, method: str, handler: Handler) -> Route:
    route = Route(path, handler, methods=[method])
    route.methods = {method}  # not HEAD, too: an event stream without a body would never end
    return route


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(_TEXT_OF.get(error.status_code, error.detail) + "\n", error.status_code, error.headers)


def _number(text: str) -> int:
    """A number of an element; -1, which none has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1


async def _body(request: Request) -> bytes:
    """What a request brings."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LARGEST:
            raise HTTPException(413)
    return bytes(found)


async def _in_slices(steps: Iterator[T]) -> AsyncGenerator[T]:
    """Steps, with a chance for others now and then."""
    until = time.monotonic() + SLICE
    for step in steps:
        yield step
        if time.monotonic() > until:
            await anyio.lowlevel.checkpoint()
            until = time.monotonic() + SLICE


async def _each(blocks: list[bytes]) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block
