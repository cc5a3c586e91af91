"""Answers from OpenAI, or from any server that speaks its Chat Completions protocol.

The SDK is imported at the first send. One send is one HTTP request: the SDK's retries and redirects are off, since
the engine retries and records each attempt.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import anyio
from anyio import CancelScope, to_thread
from anyio.lowlevel import RunVar

from .._chat import Delta, Request, Response
from .._errors import ProviderError
from ._answer import Answer, loads
from ._faults import Malformed, Place, explain, host_of, secrets_of
from ._prices import cost
from ._stream import GRACE, follow
from ._wire import body

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

OFFICIAL = "https://api.openai.com/v1"
_NO_KEY = "no-key"
"""A local server wants no key, but the SDK wants one."""


def preload() -> None:
    """Import the SDK and the price list: about a second, so do it in a thread while there is something else to do."""
    import genai_prices  # noqa: F401
    import httpx2  # noqa: F401
    import openai  # noqa: F401


class Provider:
    """OpenAI, or a server that is compatible with it.

    One instance may be used in several event loops, one after another; call `aclose` at the end of each.

    Args:
        base_url: address of the API up to `/v1`. Default: $OPENAI_BASE_URL, else OpenAI's own.
        api_key: default: $OPENAI_API_KEY. A server named by its base URL may do without.
        max_concurrency: sends under way at once. The engine sees to it.
        idle_timeout: seconds without any content before an answer counts as dead; comments and keep-alives are no content.
            Without it this is left to the engine, which has a task's own `idle_timeout`; so are the other two.
        first_timeout: the same for the time before the first content, in which a model may think: default 5 x idle_timeout.
        timeout: seconds for a whole send.
        http_client: an `httpx2.AsyncClient` of your own. You close it.
        stream: ask for a stream. `params={"stream": False}` turns it off for a single model.
        name: what genai-prices calls whom you pay.

    Environment variables are read at the first send in an event loop.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        max_concurrency: int = 64,
        idle_timeout: float | None = None,
        first_timeout: float | None = None,
        timeout: float | None = None,
        http_client: httpx2.AsyncClient | None = None,
        stream: bool = True,
        name: str = "openai",
    ) -> None:
        self.name = name
        self.max_concurrency = max_concurrency
        self._base_url, self._api_key = base_url, api_key
        self._idle = math.inf if idle_timeout is None else idle_timeout
        self._first = 5 * self._idle if first_timeout is None else first_timeout
        self._total = math.inf if timeout is None else timeout
        self._http_client, self._stream = http_client, stream
        self._clients: RunVar[AsyncOpenAI | None] = RunVar("llmtaskgraph.providers.openai", None)

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        """Make exactly one request; see `llmtaskgraph.providers.Provider`.

        Raises:
            ProviderError: the attempt failed.
        """
        client = self._clients.get() or await self._connect(request.model)
        place = self._place(client, request.model)
        answer = Answer(on_delta)
        failure: ProviderError | None = None
        with anyio.move_on_after(self._total) as total, anyio.move_on_after(self._first) as idle:
            try:
                await self._exchange(client, request, answer, idle)
            except Exception as error:
                failure = explain(error, place, answer.partial)
                if failure is None and place.masked(told := str(error)) != told:  # of a client of your own, say
                    failure = place.error("request", f"{type(error).__name__}: {told}", partial=answer.partial)
                if failure is None:
                    raise
        if answer.finish is not None:  # what came after the finish reason cannot spoil an answer that is paid for
            return self._response(client, request, answer)
        if total.cancelled_caught or idle.cancelled_caught:
            what = f"no content for {self._idle:g} s ({self._first:g} s before the first)"
            what = f"no content within {self._first:g} s" if self._idle == math.inf else what
            what = f"no end after {self._total:g} s" if total.cancelled_caught else what
            raise place.error("timeout", what, partial=answer.partial)
        raise failure or _ended_early(answer, place)

    async def aclose(self) -> None:
        """Close the connections of the current event loop. Sending again opens new ones."""
        client = self._clients.get()
        self._clients.set(None)
        if client is not None and self._http_client is None:
            with anyio.move_on_after(GRACE, shield=True):
                await client.close()

    async def _exchange(self, client: AsyncOpenAI, request: Request, answer: Answer, idle: CancelScope) -> None:
        import httpx2

        content = body(request, stream=self._stream)
        streaming = bool(content.get("stream"))
        if not streaming:
            idle.deadline = math.inf
        # `post` rather than `chat.completions.create`: params that the SDK does not know pass, and the bytes are ours
        # to decode (see _stream.py and _sse.py).
        response: httpx2.Response = await client.post(
            "/chat/completions",
            body=content,
            cast_to=httpx2.Response,
            stream=streaming,
            stream_cls=cast(Any, None),
            options={"headers": dict(self._headers(request))},
        )
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if streaming and not kind.endswith(("json", "html")):
            await follow(response, answer, idle, self._idle)
            return
        try:
            data = await response.aread()
        finally:
            await response.aclose()
        if kind.endswith("html"):
            raise Malformed(f"a page of HTML: {data[:1000].decode(errors='replace')}")
        answer.whole(loads(data))

    def _response(self, client: AsyncOpenAI, request: Request, answer: Answer) -> Response:
        if answer.usage is None or not self._priced(str(client.base_url)):
            return answer.response(None)
        price = cost(self.name, answer.model or request.model, answer.usage, answer.tier)
        if price is None:
            price = cost(self.name, request.model, answer.usage, answer.tier)
        return answer.response(price)

    def _priced(self, base_url: str) -> bool:
        """Only OpenAI is paid OpenAI's prices."""
        host = urlsplit(base_url).hostname or ""
        return host == "api.openai.com" or host.endswith(".api.openai.com")

    def _headers(self, request: Request) -> Mapping[str, str]:
        """Further headers of one request."""
        return {}

    def _place(self, client: AsyncOpenAI, model: str) -> Place:
        key = "" if client.api_key == _NO_KEY else client.api_key
        url = str(client.base_url)
        return Place(model, host_of(url), secrets_of(key, url))

    def _new_http_client(self) -> httpx2.AsyncClient:
        import httpx2

        # The deadlines are those of `send`. No redirects: they would be further requests, to hosts nobody chose.
        return httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=30.0),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=self.max_concurrency),
            follow_redirects=False,
        )

    def _new_client(self, key: str, base_url: str) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        http_client = self._http_client or self._new_http_client()
        # Unsaid, the SDK takes retries and a timeout of its own.
        return AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0, timeout=http_client.timeout, http_client=http_client)

    async def _connect(self, model: str) -> AsyncOpenAI:
        base_url = self._base_url or os.environ.get("OPENAI_BASE_URL") or None
        key = _key(self._api_key or os.environ.get("OPENAI_API_KEY") or "", base_url, model)
        if "openai" not in sys.modules or "genai_prices" not in sys.modules:
            await to_thread.run_sync(preload)
        if (known := self._clients.get()) is not None:  # another send came first
            return known
        try:
            client = self._new_client(key, base_url or OFFICIAL)
        except Exception as error:  # proxies and certificates of the environment are read here
            what, advice = f"no HTTP client can be made: {error}", "check the base URL and the proxy and certificate variables"
            url = base_url or OFFICIAL
            raise Place(model, host_of(url), secrets_of(key, url)).error("request", what, advice=advice) from None
        self._clients.set(client)
        return client


def _key(key: str, base_url: str | None, model: str) -> str:
    """The key to send.

    Raises:
        ProviderError: there is none, or it cannot be sent, or the base URL is none.
    """
    try:
        url = urlsplit(base_url or OFFICIAL)
    except ValueError:
        url = urlsplit("")
    place = Place(model, host_of(url.netloc) or "the base URL", secrets_of(key, base_url or OFFICIAL))
    if not url.netloc or url.scheme not in ("http", "https"):
        shown = (base_url or "").rpartition("@")[2]
        raise place.error("not_found", f"{shown!r} is no address", advice="write the base URL as https://HOST/v1")
    key = key.strip()
    if not key and base_url is not None:
        return _NO_KEY
    if not key:
        advice = "export OPENAI_API_KEY=..., or OPENAI_BASE_URL=... for a compatible server, or run with --offline"
        raise place.error("authentication", "there is no key", advice=advice)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise place.error(
            "authentication", "the key holds characters that no key has", advice="copy it again into OPENAI_API_KEY"
        )
    return key


def _ended_early(answer: Answer, place: Place) -> ProviderError:
    if answer.empty:
        return place.error("malformed", "the stream held no answer (no choices)", partial=answer.partial)
    return place.error("truncated", "the stream ended before a finish reason", partial=answer.partial)
