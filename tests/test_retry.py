"""Which failures are retried, and after how long."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph._errors import Fault, ProviderError
from llmtaskgraph._retry import MAX_RETRY_AFTER, RetryPolicy, delay, delay_any

policies = st.builds(RetryPolicy, retries=st.integers(0, 10_000), base=st.floats(0, 100), cap=st.floats(0, 1_000))
dice = st.floats(0, 1, exclude_max=True)


def failure(fault: Fault = "server", retry_after: float | None = None) -> ProviderError:
    return ProviderError("it failed", fault=fault, retry_after=retry_after)


@given(policies, st.integers(1, 20_000), dice)
def test_waits_are_never_negative_nor_longer_than_the_cap(policy: RetryPolicy, attempt: int, roll: float) -> None:
    wait = delay(policy, attempt, failure(), lambda: roll)
    if attempt > policy.retries:
        assert wait is None
    else:
        assert wait is not None
        assert 0 <= wait <= min(policy.cap, policy.base * 2.0 ** min(attempt - 1, 64))


@given(policies, st.integers(1, 100), dice, st.floats(0, MAX_RETRY_AFTER))
def test_retry_after_is_a_lower_bound(policy: RetryPolicy, attempt: int, roll: float, asked: float) -> None:
    wait = delay(policy, attempt, failure("rate_limit", asked), lambda: roll)
    assert (wait is None) == (attempt > policy.retries)
    assert wait is None or asked <= wait <= asked + policy.cap


@pytest.mark.parametrize("asked", [MAX_RETRY_AFTER + 1, math.inf, math.nan])
def test_a_retry_after_that_is_too_long_is_not_waited_for(asked: float) -> None:
    assert delay(RetryPolicy(), 1, failure("rate_limit", asked), lambda: 0.5) is None


def test_a_negative_retry_after_counts_as_none() -> None:
    assert delay(RetryPolicy(), 1, failure("rate_limit", -3), lambda: 0) == 0


def test_the_wait_doubles_up_to_the_cap() -> None:
    policy = RetryPolicy(retries=20, base=0.5, cap=60)
    waits = [delay(policy, attempt, failure(), lambda: 1.0) for attempt in range(1, 10)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize("fault", get_args(Fault))
def test_only_faults_that_may_pass_are_retried(fault: Fault) -> None:
    retried = delay(RetryPolicy(), 1, failure(fault), lambda: 0.5) is not None
    assert retried == (fault not in {"quota", "authentication", "not_found", "request"})


def test_an_exception_of_a_function_is_retried_only_where_its_author_asked() -> None:
    assert delay(RetryPolicy(), 1, ValueError("no"), lambda: 0.5) is None
    assert delay_any(RetryPolicy(), 1, ValueError("no"), lambda: 0.5) == 0.25
    assert delay_any(RetryPolicy(retries=0), 1, ValueError("no"), lambda: 0.5) is None


def test_the_default_is_four_further_attempts() -> None:
    waits = [delay(RetryPolicy(), attempt, failure(), lambda: 0.5) for attempt in range(1, 7)]
    assert [wait is not None for wait in waits] == [True, True, True, True, False, False]
