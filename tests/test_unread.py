"""A dict of JSON that nobody has looked at yet behaves like a dict of the values."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw

from llmtaskgraph._unread import Unread, hold


@pytest.fixture
def unread() -> Unread[str, list[int]]:
    made: Unread[str, list[int]] = Unread(msgspec.json.Decoder(list[int]).decode)
    hold(made, "a", Raw(b"[1]"))
    made["b"] = [2]
    return made


def test_a_value_is_decoded_however_one_asks_for_it(unread: Unread[str, list[int]]) -> None:
    assert unread["a"] == unread.get("a") == [1]
    assert list(unread.values()) == [[1], [2]]
    assert list(unread.items()) == [("a", [1]), ("b", [2])]
    assert dict(unread) == {**unread} == unread.copy() == {"a": [1], "b": [2]}
    assert unread.pop("a") == [1]
    assert dict(unread) == {"b": [2]}


def test_a_key_that_is_not_there_is_told_like_by_a_dict(unread: Unread[str, list[int]]) -> None:
    assert unread.get("c") is None
    assert unread.get("c", 7) == unread.pop("c", 7) == 7
    assert "c" not in unread
    with pytest.raises(KeyError):
        unread["c"]
    with pytest.raises(KeyError):
        unread.pop("c")


def test_two_are_equal_when_their_values_are(unread: Unread[str, list[int]]) -> None:
    assert unread == {"a": [1], "b": [2]}
    values = {"a": [1], "b": [2]}
    assert values == unread
    assert unread != {"a": [1]}
    assert repr(unread) == "{'a': [1], 'b': [2]}"


def test_what_was_put_in_stays_the_same_object(unread: Unread[str, list[int]]) -> None:
    assert unread["b"] is unread["b"]
