"""Types that tests pass between tasks."""

from __future__ import annotations

import dataclasses
import enum
from typing import TypedDict

import msgspec


class Verdict(msgspec.Struct):
    score: int
    issues: list[str] = []


@dataclasses.dataclass
class Person:
    name: str
    tags: set[str] = dataclasses.field(default_factory=set)


class Place(TypedDict):
    name: str
    size: int


class Colour(enum.Enum):
    RED = "red"
