"""Values that stay JSON until somebody looks at one.

Most of what a large trace holds is never looked at twice. As objects it takes more memory than its file; as JSON nothing, since
the bytes of the file are there anyway. A value is decoded each time it is looked at, which takes a few microseconds; what is put
in as an object stays one.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, ValuesView
from typing import Any, Final, Generic, TypeVar

from msgspec import Raw

K = TypeVar("K")
V = TypeVar("V")


class Unread(dict[K, V], Generic[K, V]):
    """A dict in which some values are JSON that has been checked. What is read from it is not to be changed.

    Args:
        decode: JSON -> value.
    """

    __slots__ = ("_decode",)
    __hash__ = None

    def __init__(self, decode: Callable[[Raw], V]) -> None:
        super().__init__()
        self._decode = decode

    def __getitem__(self, key: K) -> V:
        found: Any = super().__getitem__(key)
        return self._decode(found) if type(found) is Raw else found

    def get(self, key: K, default: Any = None) -> Any:
        """The value of a key."""
        found = super().get(key, default)
        return self._decode(found) if type(found) is Raw else found

    def __iter__(self) -> Iterator[K]:  # said again: `dict(this)` then asks for each value, instead of taking what is inside
        return super().__iter__()

    def values(self) -> ValuesView[V]:  # type: ignore[override]
        """The values, each decoded when its turn comes."""
        return ValuesView(self)

    def items(self) -> ItemsView[K, V]:  # type: ignore[override]
        """Keys and values, each decoded when its turn comes."""
        return ItemsView(self)

    def pop(self, key: K, *default: Any) -> Any:
        """Take a value out."""
        found = super().pop(key, *default)
        return self._decode(found) if type(found) is Raw else found

    def copy(self) -> dict[K, V]:
        """All values, decoded."""
        return dict(self.items())

    def __eq__(self, other: object) -> bool:
        return self.copy() == (other.copy() if isinstance(other, Unread) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return repr(self.copy())


hold: Final[Callable[[dict[Any, Any], Any, Raw], None]] = dict.__setitem__
"""Put a value in as JSON; into an `Unread` only."""
