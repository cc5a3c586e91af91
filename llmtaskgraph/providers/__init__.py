"""Providers: adapters from our `Request` to our `Response`, each importing its SDK only when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from .._chat import Delta, Request, Response


@runtime_checkable
class Provider(Protocol):
    """Anything that can answer a request. Bring your own with `app.provider("mine", MyProvider())`.

    An instance may set `max_concurrency` (int): how many sends may be under way at once; 64 without it.
    """

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        """Make exactly one attempt.

        Args:
            request: what to send.
            on_delta: call it with each piece of text as it arrives, and with an empty one for content that is no text (the
                arguments of a tool call): the seconds of `idle_timeout` count from the last call. Comments and keep-alives
                are no content. It returns at once, and may be left uncalled; then only `timeout` holds.

        Raises:
            ProviderError: the attempt failed. Anything else counts as a failure that is not retried.
        """
        ...
