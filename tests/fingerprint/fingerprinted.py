"""Programs whose fingerprints are taken, and how they are loaded."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from llmtaskgraph._fingerprint import fingerprint

Make = Callable[[dict[str, str]], ModuleType]

APP = '''\
"""A program."""
import contextlib
import dataclasses
import enum
import functools
import json
import logging
import re
import string
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import msgspec

import helpers
import prompts as p
from helpers import clean, imported_list, SHOUT
from helpers import Template

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
TEXT = Path(__file__).with_name("text.txt").read_text()
LOADED = json.loads((HERE / "data.json").read_text())
MIXED = {"static": "no", "text": (HERE / "text.txt").read_text()}
INTRO = "Be brief."
LIMIT: int = 10
WAIT = timedelta(seconds=5)
PATTERN = re.compile(r"\\d+", re.I)
WORDS = ["one", "two"]
TEXTS = [INTRO, "Thanks."]
NESTED = {"a": {"b": [1, 2]}}
SHARED = ("x", ["y"])
CALLS = []
SEEN: set[str] = set()
BY_KIND = defaultdict(list)
COUNT = 0
TOPICS = {}
TOPICS["maths"] = "numbers"
TOPICS.update(art="pictures")
HANDLERS = {}
TABLE = {"plain": lambda text: text.strip(), "loud": lambda text: text.upper()}
FORMAT = string.Template("Judge $text")
READ_ONLY = MappingProxyType({"k": 1})


def handler(name):
    def register(function):
        HANDLERS[name] = function
        return function
    return register


@handler("first")
def handle_first(text):
    return text + "1"


def unrelated():
    return 1


def retried(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for _ in range(times):
                return function(*args)
        return wrapper
    return decorate


@retried(3)
def decorated(text):
    return text + "d"


@functools.lru_cache(maxsize=8)
def cached(text):
    return text + "c"


@contextlib.contextmanager
def managed():
    yield "managed"


class Memo:
    def __init__(self, function):
        self.function = function
        self.hits = 0

    def __call__(self, text):
        self.hits += 1
        return self.function(text)


@Memo
def remembered(text):
    return text + "r"


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Base:
    suffix = "!"

    def shout(self, text):
        return text.upper() + self.suffix


class Judge(Base):
    """Judges."""

    total = 0
    source = INTRO + "?"

    @property
    def mood(self):
        return "good"

    @staticmethod
    def strict(text):
        return len(text) > 3

    @functools.cached_property
    def slow(self):
        return 7

    def judge(self, text):
        Judge.total += 1
        return super().shout(text)


class Verdict(msgspec.Struct, frozen=True):
    score: int
    note: str = "none"

    def good(self) -> bool:
        return self.score > 5


@dataclasses.dataclass
class Config:
    temperature: float = 0.5
    names: list[str] = dataclasses.field(default_factory=list)


CONFIG = Config(temperature=0.7)
BEST = Verdict(9)
JUDGE = Judge()
SHORT = functools.partial(clean, width=20)
BOUND = JUDGE.judge


def odd(n):
    return n != 0 and even(n - 1)


def even(n):
    return n == 0 or odd(n - 1)


def with_doc():
    """A description that is sent to a model."""


async def wait(text):
    return text + "async"


def bump():
    global COUNT
    COUNT += 1


def adder(number):
    made = []

    def add(x):
        made.append(x)
        return x + number
    return add


add_two = adder(2)


def matched(value):
    match value:
        case {"kind": "a", **rest} if rest:
            return 1
        case [first, *_]:
            return first
        case _:
            return None


def lazily(text):
    import lazy.deep
    from lazy import light as lit
    return lazy.deep.think(lit.turn(text))


def key_default(items, key=lambda item: item[0], limit=LIMIT):
    return sorted(items, key=key)[:limit]


def task(text: str, verdict: "Verdict", other: Colour = Colour.RED, *, size: int = 3) -> str:
    """Does it all."""
    # a comment
    bump()
    CALLS.append(text); SEEN.add(text); BY_KIND[text].append(1)
    logger.info("called")
    parts = [clean(word) for word in WORDS if (n := len(word)) > 1]
    shown = f"{text!r:>{size}} {INTRO} {COUNT}"
    def inner(x):
        """Inside."""
        return x * LIMIT
    async def waits():
        return await wait(text)
    if PATTERN.match(text) and WAIT and BEST and READ_ONLY:
        return helpers.fix(text) + p.build(text) + TEXT + LOADED["k"] + MIXED["text"] + TOPICS["maths"]
    with managed() as held:
        pass
    return (
        odd(3), decorated(text), cached(text), held, remembered(text), add_two(inner(1)), matched(parts), lazily(shown),
        JUDGE.judge(text), SHORT(text), BOUND(text), key_default(parts), HANDLERS["first"](text), TABLE["plain"](text),
        TEXTS, NESTED, SHARED, CONFIG, FORMAT, with_doc.__doc__, imported_list, SHOUT, Template("a"), Colour.BLUE, waits,
    )
'''

HELPERS = """\
import re
from string import Template

import deeper

WIDTH = 80
SHOUT = False
COUNTER = 0
imported_list = ["i"]


def clean(text, width=WIDTH):
    return deeper.trim(text)[:width]


def fix(text):
    global COUNTER
    COUNTER += 1
    return re.sub("a", "b", text)


def unused(text):
    return text
"""

FILES = {
    "app.py": APP,
    "helpers.py": HELPERS,
    "deeper.py": "def trim(text):\n    return text.strip()\n",
    "prompts.py": 'PROMPT = "Judge: {}"\n\n\ndef build(text):\n    return PROMPT.format(text)\n',
    "lazy/__init__.py": "",
    "lazy/deep.py": "from . import far\n\ndef think(text):\n    return far.away(text)\n",
    "lazy/far.py": "def away(text):\n    return text\n",
    "lazy/light.py": "def turn(text):\n    return text\n",
    "text.txt": "Once upon a time",
    "data.json": '{"k": "v"}',
}

NAMES = {"app", "helpers", "deeper", "prompts", "lazy", "lazy.deep", "lazy.far", "lazy.light", "state", "pkg", "pkg.app"}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def load(folder: Path, name: str = "app") -> ModuleType:
    """Import a module of a project in a folder, with nothing left of another project."""
    for known in NAMES:
        sys.modules.pop(known, None)
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def of(make: Make, text: str, name: str = "f") -> str:
    """The fingerprint of a function of a one-file program."""
    return fingerprint(getattr(make({"app.py": textwrap.dedent(text)}), name))


RUN = """
import sys, importlib, importlib.util, runpy
from llmtaskgraph._fingerprint import fingerprint
"""


def fresh(folder: Path, code: str, python: str = sys.executable) -> list[str]:
    """Lines printed by a new process that runs in a folder."""
    done = subprocess.run([python, "-c", RUN + textwrap.dedent(code)], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
