"""Which failures are worth another attempt, and how long to wait for it. Pure: the caller sleeps, and brings the dice.

Waiting is exponential with full jitter: many tasks that failed together must not come back together. What a server
asks for in `Retry-After` is a lower bound; the jitter goes on top, for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ._errors import ProviderError

MAX_RETRY_AFTER = 600.0
"""A server that asks to wait for longer than this many seconds is not waited for: the task fails and says so."""


class RetryPolicy(Struct, frozen=True):
    """How often, and how patiently, a failed attempt is made again.

    Attributes:
        retries: further attempts after the first; 0 is none.
        base: seconds; the first wait is a random part of it, and each further one of twice as much.
        cap: seconds; no wait of our own choosing is longer.
    """

    retries: int = 4
    base: float = 0.5
    cap: float = 60.0


def delay(policy: RetryPolicy, attempt: int, error: BaseException, random: Callable[[], float]) -> float | None:
    """How long to wait after a send that failed.

    Args:
        policy: the limits.
        attempt: the number of the attempt that failed, counted from 1.
        error: what it raised. Only a `ProviderError` that is `retryable` is retried.
        random: gives numbers in [0, 1).

    Returns:
        Seconds to wait before attempt + 1, or None if there must be no further attempt.
    """
    if not isinstance(error, ProviderError) or not error.retryable:
        return None
    return delay_any(policy, attempt, error, random)


def delay_any(policy: RetryPolicy, attempt: int, error: BaseException, random: Callable[[], float]) -> float | None:
    """As `delay`, for functions whose author asked for retries: every exception is worth another attempt."""
    if attempt > policy.retries:
        return None
    # The exponent is bounded so that no number of attempts overflows a float.
    backoff = random() * min(policy.cap, policy.base * 2.0 ** min(attempt - 1, 64))
    asked = error.retry_after if isinstance(error, ProviderError) else None
    if asked is None:
        return backoff
    # Written so that NaN is not waited for either.
    return max(asked, 0.0) + backoff if asked <= MAX_RETRY_AFTER else None
