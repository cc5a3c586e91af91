"""What went wrong with a send, as a `ProviderError`: whose fault, in one line, without the key."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct

from .._errors import Fault, ProviderError
from .._values import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 300
_USER_INFO = re.compile(r"""(?<=//)[^\s/?#'"<>]*@|[^\s/?#'"<>:@]*:[^\s/?#'"<>:@]+@""")
"""User and password in a URL, also in one without its scheme."""

_ADVICE: dict[Fault, str] = {
    "connection": "check the network and the base URL",
    "timeout": "try again, or raise the timeout of the provider",
    "rate_limit": "wait, or lower max_concurrency",
    "server": "try again later",
    "truncated": "try again",
    "malformed": "does the base URL lead to an OpenAI-compatible server?",
    "quota": "add credit to the account, or check its limits",
    "authentication": "check the key (export OPENAI_API_KEY=...)",
    "not_found": "check the name of the model and the base URL",
    "request": "change the prompt or the params",
}

_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_CODES: dict[str, Fault] = {
    **dict.fromkeys(_QUOTA, "quota"),
    "rate_limit_exceeded": "rate_limit",
    "rate_limit_error": "rate_limit",
    "tokens": "rate_limit",
    "requests": "rate_limit",
    "invalid_api_key": "authentication",
    "authentication_error": "authentication",
    "permission_error": "authentication",
    "model_not_found": "not_found",
    "not_found_error": "not_found",
    "context_length_exceeded": "request",
    "content_policy_violation": "request",
    "invalid_request_error": "request",
    "invalid_prompt": "request",
}


class Malformed(Exception):
    """An answer that is not of the protocol; says how."""


class StreamedError(Exception):
    """An error object in place of an answer, under a status of 200."""

    def __init__(self, error: Any) -> None:
        self.error = error
        super().__init__("an error in the stream")


def secrets_of(key: str, url: str) -> tuple[str, ...]:
    """What must not be told: the key, and the user and password in a URL, however they are written. The longest is first."""
    info = url.rpartition("@")[0].rpartition("//")[2]
    found = {key, key.strip(), info, info.partition(":")[2]}
    found |= {unquote(one) for one in found}
    return tuple(sorted((one for one in found if len(one) > 3), key=len, reverse=True))  # shorter ones are words of a test


def host_of(url: str) -> str:
    """Host and port of a URL, also of one that is none."""
    return re.split(r"[/?#]", url.rpartition("@")[2].rpartition("//")[2])[0]


class Place(Struct, frozen=True):
    """Who was asked, for messages; the secrets, so that they can be kept out of them; and what to do, where that is special."""

    model: str
    host: str
    secrets: tuple[str, ...] = ()
    remedies: dict[Fault, str] = {}

    def error(
        self,
        fault: Fault,
        what: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        partial: str = "",
        advice: str | None = None,
    ) -> ProviderError:
        """The error for `what`, with the model, the host and what to do."""
        message = (
            f"{self.model} at {self._line(self.host)}: {self._line(what)}; {advice or self.remedies.get(fault) or _ADVICE[fault]}"
        )
        return ProviderError(message, fault=fault, status=status, retry_after=retry_after, partial=partial)

    def masked(self, text: str) -> str:
        """The text without the secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def _line(self, text: str) -> str:
        """One line of printable text, cut to a sane length. The secrets go first, before a cut could leave half of one."""
        text = _USER_INFO.sub("", self.masked(text[: 200 * _LONGEST]))
        text = " ".join("".join(c if c.isprintable() else " " for c in clean_text(text[: 20 * _LONGEST])).split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def explain(error: Exception, place: Place, partial: str) -> ProviderError | None:
    """The `ProviderError` for a failed exchange, or None for an exception that is nobody's fault but this side's.

    An OSError is among those: the SDK wraps those of the network, so a bare one comes from who takes the pieces.

    Args:
        error: what the SDK, the HTTP client or the decoder raised.
        place: who was asked.
        partial: the text that had arrived.
    """
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        return _status(error, place, partial)
    if isinstance(error, StreamedError):
        return _streamed(error.error, place, partial)
    if isinstance(error, Malformed):
        return place.error("malformed", f"not an answer of the protocol: {error}", partial=partial)
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
    if isinstance(cause, (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError)):
        return place.error("request", f"the request cannot be sent: {cause}", advice="check the base URL and the key")
    if isinstance(error, openai.APITimeoutError) or isinstance(cause, httpx2.TimeoutException):
        return place.error("timeout", "no answer in time", partial=partial)
    if isinstance(cause, httpx2.DecodingError):
        return place.error("malformed", f"the body cannot be decompressed: {cause}", partial=partial)
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError, httpx2.StreamError)):
        return _broken(str(cause) or type(cause).__name__, place, partial)
    if isinstance(error, openai.OpenAIError):
        return place.error("malformed", str(error), partial=partial)
    return None


def _broken(what: str, place: Place, partial: str) -> ProviderError:
    if partial:
        return place.error("truncated", f"the connection broke in the middle of the answer: {what}", partial=partial)
    return place.error("connection", f"no connection, or it broke before an answer: {what}")


def _status(error: Any, place: Place, partial: str) -> ProviderError:
    status: int = error.status_code
    detail, codes = _detail(error.body)
    if 300 <= status < 400:
        target = error.response.headers.get("location", "elsewhere")
        return place.error("request", f"HTTP {status}: redirected to {target}", status=status, advice="set that as the base URL")
    return place.error(
        _fault(status, codes),
        f"HTTP {status}: {detail or error.response.reason_phrase}",
        status=status,
        retry_after=retry_after(error.response.headers, time.time()),
        partial=partial,
    )


def _fault(status: int, codes: list[str]) -> Fault:
    if status == 402 or (status in (403, 429) and _QUOTA.intersection(codes)):
        return "quota"
    if status in (401, 403):
        return "authentication"
    if status == 404:
        return "not_found"
    if status == 429:
        return "rate_limit"
    return "server" if status in (408, 409, 425) or status >= 500 else "request"


def _streamed(error: Any, place: Place, partial: str) -> ProviderError:
    detail, codes = _detail(error)
    known = [_CODES[code] for code in codes if code in _CODES]
    statuses = [int(code) for code in codes if code.isascii() and code.isdigit() and len(code) == 3]
    fault = known[0] if known else _fault(statuses[0], codes) if statuses and statuses[0] >= 400 else "server"
    return place.error(fault, f"an error in place of an answer: {detail or 'without a message'}", partial=partial)


def _detail(body: Any) -> tuple[str, list[str]]:
    """The message of an error body, whatever its shape, and its code and type: the code says more, so it is first."""
    if isinstance(body, dict) and isinstance(body.get("error"), (dict, str)):
        body = body["error"]
    if not isinstance(body, dict):
        return ("" if body is None else str(body)), []
    codes = [str(body[key]) for key in ("code", "type") if isinstance(body.get(key), (str, int))]
    message = body.get("message") or body.get("detail") or ""
    return (message if isinstance(message, str) else str(message)), codes


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, or `retry-after` as seconds or an HTTP date."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / scale
        except ValueError:
            continue
        if seconds >= 0:  # false for NaN too
            return seconds
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
