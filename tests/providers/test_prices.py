"""What a call cost: known, or unknown, and never a wrong 0."""

from __future__ import annotations

import socket

import pytest

from llmtaskgraph._chat import Usage
from llmtaskgraph.providers._prices import cost


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("prices asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_known_model_has_a_price_that_counts_cached_tokens_at_theirs() -> None:
    full = cost("openai", "gpt-5-mini", Usage(1000, 100))
    cached = cost("openai", "gpt-5-mini", Usage(1000, 100, cached_input_tokens=500))
    assert full is not None
    assert cached is not None
    assert 0 < cached < full


def test_a_dated_model_is_known_by_its_family() -> None:
    assert cost("openai", "gpt-4o-2024-08-06", Usage(1000, 100))


def test_a_cheaper_tier_is_cheaper() -> None:
    full, flex = (cost("openai", "gpt-5-mini", Usage(1000, 100), tier) for tier in ("default", "flex"))
    assert full is not None
    assert flex is not None
    assert flex < full


@pytest.mark.parametrize("model", ["no-such-model", "", "offline"])
def test_an_unknown_model_is_unpriced(model: str) -> None:
    assert cost("openai", model, Usage(1000, 100)) is None


def test_an_unknown_provider_is_unpriced() -> None:
    assert cost("nobody", "gpt-5-mini", Usage(1000, 100)) is None


@pytest.mark.parametrize("usage", [Usage(), Usage(1000, None), Usage(None, 100), Usage(10, 1, cached_input_tokens=99)])
def test_unknown_or_impossible_usage_is_unpriced(usage: Usage) -> None:
    assert cost("openai", "gpt-5-mini", usage) is None
