"""Fingerprints: what the code does counts, wherever it stands; what it looks like and what a run does to it do not."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtaskgraph._fingerprint import fingerprint

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

SAME = [
    ("a comment is edited", "app.py", "# a comment", "# another comment\n    # of two lines"),
    ("a docstring is edited", "app.py", '"""Does it all."""', '"""Does it all, and more."""'),
    ("a docstring is removed", "app.py", '    """Does it all."""\n', ""),
    ("the docstring of an inner function is edited", "app.py", '"""Inside."""', '"""Within."""'),
    ("the docstring of a class is edited", "app.py", '"""Judges."""', '"""Is a judge."""'),
    ("the docstring of a module is edited", "app.py", '"""A program."""', '"""The program."""'),
    ("lines move", "app.py", "import contextlib\n", "\n\n\n\nimport contextlib\n"),
    ("quotes change", "app.py", 'TOPICS["maths"]', "TOPICS['maths']"),
    ("quotes of an f-string change", "app.py", 'f"{text!r:>{size}} {INTRO} {COUNT}"', "f'{text!r:>{size}} {INTRO} {COUNT}'"),
    ("an f-string is cut in two", "app.py", '{INTRO} {COUNT}"', '{INTRO} " f"{COUNT}"'),
    ("the layout changes", "app.py", "parts = [clean(word) for word", "parts = [\n        clean(\n word) for word"),
    ("parentheses are added", "app.py", "return x * LIMIT", "return (x * (LIMIT))"),
    ("a number is written otherwise", "app.py", "LIMIT: int = 10", "LIMIT: int = 0x_a"),
    ("a constant is computed otherwise", "app.py", 'INTRO = "Be brief."', 'INTRO = "Be " + "brief."'),
    ("the annotation of a constant changes", "app.py", "LIMIT: int = 10", "LIMIT = 10"),
    ("a list is laid out otherwise", "app.py", 'WORDS = ["one", "two"]', "WORDS: list[str] = [\n    'one',  # 1\n    'two',\n]"),
    ("a return annotation changes", "app.py", "size: int = 3) -> str:", "size: int = 3) -> object:"),
    ("an unrelated function changes", "app.py", "return 1\n", "return 2\n"),
    ("an unrelated function is added", "app.py", "def unrelated", "def more():\n    return clean\n\n\ndef unrelated"),
    ("an unused helper changes", "helpers.py", "def unused(text):\n    return text", "def unused(text):\n    return 1"),
    ("functions change places", "app.py", "def unrelated():\n    return 1\n\n\ndef retried", "def retried"),
    ("the log is filled at import", "app.py", 'if __name__ == "x"', ""),
    ("the start of a counter changes", "app.py", "COUNT = 0", "COUNT = 5"),
    ("the start of a counter in a helper changes", "helpers.py", "COUNTER = 0", "COUNTER = 7"),
    ("an import is unused", "app.py", "import re\n", "import re\nimport random\n"),
    ("the main part changes", "app.py", "\ndef bump", '\nif __name__ == "__main__":\n    CALLS.append(INTRO)\n\ndef bump'),
    ("loaded data is loaded otherwise", "app.py", '"data.json").read_text()', '"data.json").read_bytes()'),
    ("the file of data is laid out otherwise", "data.json", '{"k": "v"}', '{ "k" : "v" }'),
    ("the logger is named", "app.py", "logging.getLogger(__name__)", 'logging.getLogger("mine")'),
]

DIFFERENT = [
    ("the body changes", "app.py", "x * LIMIT", "x + LIMIT"),
    ("a string in an f-string changes", "app.py", "{size}} {INTRO}", "{size}}, {INTRO}"),
    ("a conversion in an f-string changes", "app.py", "{text!r:", "{text!s:"),
    ("a walrus changes", "app.py", "(n := len(word)) > 1", "(n := len(word)) > 2"),
    ("a pattern of a match changes", "app.py", '{"kind": "a", **rest}', '{"kind": "b", **rest}'),
    ("a guard is dropped", "app.py", " if rest:", ":"),
    ("a helper changes", "helpers.py", "[:width]", "[1:width]"),
    ("a helper's helper changes", "deeper.py", "strip()", "lstrip()"),
    ("a helper reached as an attribute changes", "helpers.py", 're.sub("a"', 're.sub("c"'),
    ("a helper reached through an alias changes", "prompts.py", "PROMPT.format", "PROMPT.strip().format"),
    ("a prompt in another module changes", "prompts.py", "Judge:", "Judge well:"),
    ("a constant changes", "app.py", "Be brief.", "Be very brief."),
    ("a constant changes its type", "app.py", "LIMIT: int = 10", "LIMIT: int = 10.0"),
    ("a constant imported by name changes", "helpers.py", "SHOUT = False", "SHOUT = True"),
    ("a list imported by name changes", "helpers.py", '["i"]', '["j"]'),
    ("a constant in a default changes", "helpers.py", "WIDTH = 80", "WIDTH = 79"),
    ("a duration changes", "app.py", "seconds=5", "seconds=6"),
    ("a pattern changes", "app.py", 'compile(r"', 'compile(r"x'),
    ("the flags of a pattern change", "app.py", ", re.I)", ")"),
    ("a default changes", "app.py", "size: int = 3", "size: int = 4"),
    ("an enum default changes", "app.py", "other: Colour = Colour.RED", "other: Colour = Colour.BLUE"),
    ("a default that is a lambda changes", "app.py", "item[0]", "item[1]"),
    ("the type of a parameter changes", "app.py", "task(text: str,", "task(text: bytes,"),
    ("a list changes", "app.py", '"one", "two"', '"one", "three"'),
    ("a nested dict changes", "app.py", "[1, 2]", "[1, 3]"),
    ("a list in a tuple changes", "app.py", '("x", ["y"])', '("x", ["z"])'),
    ("a list of names changes", "app.py", '"Thanks."', '"Thank you."'),
    ("an entry that is set later changes", "app.py", '= "numbers"', '= "figures"'),
    ("an entry in an update changes", "app.py", "pictures", "paintings"),
    ("a lambda in a table changes", "app.py", "text.strip(),", "text.rstrip(),"),
    ("a function registered at import changes", "app.py", 'text + "1"', 'text + "2"'),
    ("a template object changes", "app.py", "Judge $text", "Rate $text"),
    ("a read-only mapping changes", "app.py", '{"k": 1}', '{"k": 2}'),
    ("the text of a file read at import changes", "text.txt", "Once", "Twice"),
    ("loaded data changes", "data.json", '"v"', '"w"'),
    ("a decorated function changes", "app.py", 'text + "d"', 'text + "e"'),
    ("the decorator of a helper changes", "app.py", "return function(*args)\n", "return function(*args) or 1\n"),
    ("an argument of the decorator changes", "app.py", "@retried(3)", "@retried(4)"),
    ("the decorator is taken away", "app.py", "@retried(3)\n", ""),
    ("a cached function changes", "app.py", 'text + "c"', 'text + "C"'),
    ("a context manager changes", "app.py", 'yield "managed"', 'yield "m"'),
    ("a context manager is none any more", "app.py", "@contextlib.contextmanager\n", ""),
    ("a function in a decorating object changes", "app.py", 'text + "r"', 'text + "R"'),
    ("the class of a decorating object changes", "app.py", "return self.function(text)", "return self.function(text) + text"),
    ("a member of an enum changes", "app.py", '"blue"', '"navy"'),
    ("a method changes", "app.py", "super().shout(text)", "super().shout(text + text)"),
    ("a method of a base class changes", "app.py", "text.upper() + self.suffix", "text.lower() + self.suffix"),
    ("an attribute of a base class changes", "app.py", 'suffix = "!"', 'suffix = "?"'),
    ("a property changes", "app.py", '"good"', '"bad"'),
    ("a static method changes", "app.py", "len(text) > 3", "len(text) > 4"),
    ("a cached property changes", "app.py", "return 7", "return 8"),
    ("a field is added to a Struct", "app.py", 'note: str = "none"', 'note: str = "none"\n    more: int = 0'),
    ("the default of a Struct changes", "app.py", '"none"', '"nothing"'),
    ("a method of a Struct changes", "app.py", "self.score > 5", "self.score > 6"),
    ("the default of a dataclass changes", "app.py", "temperature: float = 0.5", "temperature: float = 0.6"),
    ("an instance is made otherwise", "app.py", "temperature=0.7", "temperature=0.8"),
    ("a frozen instance is made otherwise", "app.py", "Verdict(9)", "Verdict(8)"),
    ("an argument of a partial changes", "app.py", "width=20", "width=21"),
    ("a recursive function changes", "app.py", "n != 0 and", "n > 0 and"),
    ("the other of two recursive functions changes", "app.py", "n == 0 or", "n < 1 or"),
    ("a docstring that is read changes", "app.py", "sent to a model", "sent to some model"),
    ("an async helper changes", "app.py", 'text + "async"', 'text + "later"'),
    ("an async helper is not async any more", "app.py", "async def wait(", "def wait("),
    ("a value in a closure changes", "app.py", "adder(2)", "adder(3)"),
    ("a closure changes", "app.py", "x + number", "x - number"),
    ("a module imported in the body changes", "lazy/deep.py", "far.away(text)", "far.away(text) + '.'"),
    ("a module imported by that one changes", "lazy/far.py", "return text", "return text * 2"),
    ("a name imported in the body changes", "lazy/light.py", "return text", "return text * 2"),
    ("names are exchanged", "app.py", "odd(3), decorated(text)", "even(3), decorated(text)"),
    ("two constants change their roles", "app.py", '("x", ["y"])', '("y", ["x"])'),
]


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


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], ModuleType]]:
    """Writes files, each time to a new folder, and imports `app` from there."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made = 0

    def make(files: dict[str, str]) -> ModuleType:
        nonlocal made
        made += 1
        folder = write(tmp_path / str(made), files)
        monkeypatch.syspath_prepend(folder)
        return load(folder)

    yield make
    for known in NAMES:
        sys.modules.pop(known, None)


Make = Callable[[dict[str, str]], ModuleType]


def of(make: Make, text: str, name: str = "f") -> str:
    """The fingerprint of a function of a one-file program."""
    return fingerprint(getattr(make({"app.py": textwrap.dedent(text)}), name))


def edited(file: str, old: str, new: str) -> dict[str, str]:
    assert old == 'if __name__ == "x"' or old in FILES[file], f"nothing to edit: {old}"
    return FILES | {file: FILES[file].replace(old, new, 1)}


@pytest.mark.parametrize(("file", "old", "new"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_what_does_not_change_what_the_code_does_is_the_same(in_folder: Make, file: str, old: str, new: str) -> None:
    assert fingerprint(in_folder(FILES).task) == fingerprint(in_folder(edited(file, old, new)).task)


@pytest.mark.parametrize(("file", "old", "new"), [case[1:] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_what_changes_what_the_code_does_differs(in_folder: Make, file: str, old: str, new: str) -> None:
    assert fingerprint(in_folder(FILES).task) != fingerprint(in_folder(edited(file, old, new)).task)


RUN = """
import sys, importlib, importlib.util, runpy
from llmtaskgraph._fingerprint import fingerprint
"""


def fresh(folder: Path, code: str, python: str = sys.executable) -> list[str]:
    """Lines printed by a new process that runs in a folder."""
    done = subprocess.run([python, "-c", RUN + textwrap.dedent(code)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_digest_is_32_hexadecimal_digits(in_folder: Make) -> None:
    assert len(bytes.fromhex(fingerprint(in_folder(FILES).task))) == 16


# The state of a run


def test_a_run_that_changes_its_state_changes_nothing(in_folder: Make) -> None:
    app = in_folder(FILES)
    before = fingerprint(app.task)
    for _ in range(3):
        app.task("a", app.Verdict(3))
        app.remembered("x")
        app.add_two(5)
    app.CONFIG.temperature = 2.0
    app.CONFIG.names.append("more")
    app.WORDS.append("three")
    app.LOADED["k"] = "changed"
    assert app.CALLS
    assert app.COUNT
    assert fingerprint(app.task) == before


def test_state_that_changed_before_the_first_look_changes_nothing(in_folder: Make) -> None:
    text = """
        CALLS = []
        CACHE = dict()
        KNOWN: set[str] = set()
        total = 0
        class Meter:
            def __init__(self): self.count = 0
            def hit(self): self.count += 1
        METER = Meter()
        def f(x):
            global total
            total += 1
            CALLS.append(x); CACHE[x] = 1; KNOWN.add(x); METER.hit()
            return x
    """
    before = of(in_folder, text)
    app = in_folder({"app.py": textwrap.dedent(text)})
    app.f("x")
    assert fingerprint(app.f) == before


def test_a_counter_of_another_function_or_module_is_state(in_folder: Make) -> None:
    files = {
        "state.py": "COUNT = 0\nLAST = None\ndef up():\n    global COUNT\n    COUNT += 1\n",
        "app.py": "import state\ndef note(x):\n    state.LAST = x\n"
        "def f():\n    return state.COUNT, state.LAST, state.up, note\n",
    }
    before = fingerprint(in_folder(files).f)
    app = in_folder(files)
    app.state.up()
    app.note("a")
    assert fingerprint(app.f) == before


def test_a_nonlocal_counter_is_state_for_its_neighbours_too(in_folder: Make) -> None:
    text = """
        def make():
            count = 0
            def up():
                nonlocal count
                count += 1
            def f():
                return count, up
            return f, up
        f, up = make()
    """
    before = of(in_folder, text)
    app = in_folder({"app.py": textwrap.dedent(text)})
    app.up()
    assert fingerprint(app.f) == before


# Kinds of callables


CALLABLES = """
    import functools
    def helper(x, k=0): return x
    class Judge:
        limit = helper
        def __init__(self, tone): self.tone = tone; self.calls = 0
        def __call__(self, x): self.calls += 1; return helper(x)
        def method(self, x): return self.tone
        @classmethod
        def of(cls, x): return cls(x)
        @staticmethod
        def plain(x): return helper(x)
    judge = Judge("kind")
    bound = judge.method
    partial = functools.partial(helper, k=1)
    made = Judge.of
    plain = Judge.plain
    both = functools.partial(judge.method, 2)
    lam = lambda x: helper(x)
    async def later(x): return helper(x)
    def gen(x): yield helper(x)
    @functools.singledispatch
    def dispatch(x): return 1
    @dispatch.register
    def _(x: int): return helper(x)
"""
ALL = ["Judge", "judge", "bound", "partial", "made", "plain", "both", "lam", "later", "gen", "dispatch"]


@pytest.mark.parametrize("name", ALL)
def test_every_kind_of_callable_sees_its_helper(in_folder: Make, name: str) -> None:
    before = of(in_folder, CALLABLES, name)
    assert of(in_folder, "\n\n" + CALLABLES.replace("def helper", "# moved\n    def helper"), name) == before
    changed = of(in_folder, CALLABLES.replace("k=0): return x", "k=0): return x + 1"), name)
    assert changed != before


@pytest.mark.parametrize("name", ["judge", "bound", "both"])
def test_what_an_instance_was_made_with_counts_but_not_its_counters(in_folder: Make, name: str) -> None:
    app = in_folder({"app.py": textwrap.dedent(CALLABLES)})
    before = fingerprint(getattr(app, name))
    app.judge("x")
    assert fingerprint(getattr(app, name)) == before
    assert of(in_folder, CALLABLES.replace('"kind"', '"harsh"'), name) != before


def test_a_partial_differs_by_its_arguments(in_folder: Make) -> None:
    clean = in_folder(FILES).clean
    assert fingerprint(partial(clean, width=1)) == fingerprint(partial(clean, width=1)) != fingerprint(partial(clean, width=2))


def test_closures_of_one_factory_differ_by_their_values(in_folder: Make) -> None:
    app = in_folder(FILES)
    assert fingerprint(app.adder(1)) == fingerprint(app.adder(1)) != fingerprint(app.adder(2))
    assert fingerprint(app.adder(1)) != fingerprint(app.adder(True))


def test_lambdas_on_one_line_are_told_apart(in_folder: Make) -> None:
    app = in_folder({"app.py": "a, b = lambda x: x + 1, lambda x: x + 2\nc = lambda x: x + 1\n"})
    assert fingerprint(app.a) == fingerprint(app.c) != fingerprint(app.b)


def test_decorators_that_return_the_function_do_not_count(in_folder: Make) -> None:
    text = "def mark(*args):\n    return lambda f: f\n@mark('a')\ndef f(): return 1\n"
    assert of(in_folder, text) == of(in_folder, text.replace("'a'", "'b'")) == of(in_folder, text.replace("@mark('a')\n", ""))


def test_equal_names_from_two_modules_are_told_apart(in_folder: Make) -> None:
    one, other = "K = 1\ndef fix(x): return x * K\n", "K = 2\ndef fix(x): return x * K\n"
    app = "import helpers, prompts\ndef f(x): return helpers.fix(x) + 2 * prompts.fix(x)\n"
    before = fingerprint(in_folder({"helpers.py": one, "prompts.py": other, "app.py": app}).f)
    assert fingerprint(in_folder({"helpers.py": other, "prompts.py": one, "app.py": app}).f) != before


def test_a_name_that_is_bound_to_another_function_differs(in_folder: Make) -> None:
    text = "def one(): return 1\ndef two(): return 2\na, b = one, two\ndef f(): return a() + 2 * b()\n"
    assert of(in_folder, text) != of(in_folder, text.replace("a, b = one, two", "a, b = two, one"))


def test_a_missing_name_that_comes_to_be_differs(in_folder: Make) -> None:
    app = in_folder({"app.py": "def f(): return later()\n"})
    before = fingerprint(app.f)
    app.later = app.f
    assert fingerprint(app.f) != before


def test_a_module_that_is_passed_around_counts_whole(in_folder: Make) -> None:
    app = "import helpers\ndef f(name): return getattr(helpers, name)\n"
    files = {"helpers.py": "A = 1\ndef b(): return 1\n", "app.py": app}
    before = fingerprint(in_folder(files).f)
    assert fingerprint(in_folder(files | {"helpers.py": "A = 1\ndef b(): return 2\n"}).f) != before


# Registered objects


def test_a_declared_object_is_not_entered(in_folder: Make) -> None:
    text = """
        class Task:
            def __init__(self, fn): self.fn = fn
        @Task
        def judge(x): return x
        def f(x): return judge(x)
    """

    def declared(found: object) -> str | None:
        return "task judge" if type(found).__name__ == "Task" else None

    one, other = (in_folder({"app.py": textwrap.dedent(t)}) for t in (text, text.replace("return x\n", "return x + 1\n", 1)))
    assert fingerprint(one.f) != fingerprint(other.f)
    assert fingerprint(one.f, declared) == fingerprint(other.f, declared)
    assert fingerprint(one.f, declared) != fingerprint(one.f, lambda found: declared(found) and "task other")


# Libraries


def test_a_library_counts_by_name_only(tmp_path: Path) -> None:
    found = []
    for n, (body, name) in enumerate([("return 1", "fix"), ("return 2", "fix"), ("return 1", "mend")]):
        folder = write(tmp_path / str(n), {"lib/site-packages/other.py": f"VERSION = {n}\ndef {name}(x):\n    {body}\n"})
        text = f"import other\nfrom other import VERSION, {name} as fix\n"
        write(folder, {"app.py": text + "def f(x): return fix(x)\ndef g(): return VERSION, other.VERSION\n"})
        code = "sys.path.append('lib/site-packages'); import app; print(fingerprint(app.f), fingerprint(app.g))"
        found.append(fresh(folder, code))
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]


# Where and how the program was loaded


def as_main(folder: Path, text: str, name: str) -> list[str]:
    """The fingerprint of a function in a program that is run as a script."""
    look = f"    from llmtaskgraph._fingerprint import fingerprint\n    print(fingerprint({name}))\n"
    (folder / "app.py").write_text(f"{text}\nif __name__ == '__main__':\n{look}")
    done = subprocess.run([sys.executable, "app.py"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_one_file_under_three_names_is_the_same(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"pkg/__init__.py": "", "pkg/app.py": APP, "pkg/text.txt": FILES["text.txt"]})
    write(tmp_path, {"pkg/data.json": FILES["data.json"]})
    plain = fresh(tmp_path, "import app; print(fingerprint(app.task))")
    packed = fresh(tmp_path, "import pkg.app; print(fingerprint(pkg.app.task))")
    by_path = """
        spec = importlib.util.spec_from_file_location("anything", "app.py")
        app = importlib.util.module_from_spec(spec); {register}spec.loader.exec_module(app); print(fingerprint(app.task))
    """
    registered = fresh(tmp_path, textwrap.dedent(by_path).format(register="sys.modules['anything'] = app; "))
    assert plain == packed == registered == as_main(tmp_path, APP, "task")


def test_a_file_loaded_by_path_alone_is_the_same(tmp_path: Path) -> None:
    text = APP.replace("@dataclasses.dataclass\n", "").replace("Config(temperature=0.7)", "Config()")
    write(tmp_path, FILES | {"app.py": text})
    code = """
        spec = importlib.util.spec_from_file_location("anything", "app.py")
        app = importlib.util.module_from_spec(spec); spec.loader.exec_module(app); print(fingerprint(app.task))
    """
    assert fresh(tmp_path, "import app; print(fingerprint(app.task))") == fresh(tmp_path, code)


def test_a_file_that_is_both_the_main_program_and_imported_is_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"helpers.py": "def help(x):\n    import app\n    return app.g(x)\n"})
    text = "import helpers\ndef g(x): return x and f(x)\ndef f(x): return helpers.help(x)\n"
    main = as_main(tmp_path, f"{text}if __name__ == '__main__':\n    import app\n", "f")
    assert main == fresh(tmp_path, "import app; print(fingerprint(app.f))")


def test_an_import_inside_a_function_counts_the_same_before_and_after_it_ran(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    code = """
        import app
        first = fingerprint(app.lazily); app.lazily("x"); print(first, fingerprint(app.lazily))
    """
    before, after = fresh(tmp_path, code)
    assert before == after


def test_a_module_imported_elsewhere_is_entered_by_name_inside_a_function(tmp_path: Path) -> None:
    files = {"helpers.py": HELPERS, "deeper.py": FILES["deeper.py"]}
    write(tmp_path, files | {"app.py": "import helpers\ndef f(x):\n    from helpers import clean as c\n    return c(x)\n"})
    code = "import app; print(fingerprint(app.f))"
    before = fresh(tmp_path, code)
    write(tmp_path, {"helpers.py": HELPERS.replace("def unused", "def never")})
    assert fresh(tmp_path, code) == before
    write(tmp_path, {"helpers.py": HELPERS.replace("[:width]", "[1:width]")})
    assert fresh(tmp_path, code) != before


@pytest.mark.parametrize("flags", [["-O"], ["-OO"], ["-X", "dev"]])
def test_flags_of_the_interpreter_do_not_count(tmp_path: Path, flags: list[str]) -> None:
    write(tmp_path, {"app.py": 'def f(x):\n    "doc"\n    assert x\n    return x\n'})
    code = RUN + "import app; print(fingerprint(app.f))"
    found = subprocess.run([sys.executable, *flags, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert found.split() == fresh(tmp_path, "import app; print(fingerprint(app.f))")


KINDS = r"""
from __future__ import annotations
import asyncio, collections, itertools, operator, os, threading, typing as t, datetime as dt
from typing import NamedTuple, TypedDict, Protocol, Optional, Literal, Annotated
from dataclasses import dataclass, field, KW_ONLY
from enum import StrEnum, IntFlag, auto
from pathlib import Path
from zoneinfo import ZoneInfo
import msgspec
class P(NamedTuple):
    x: int
    y: Optional[P] = None
class TD(TypedDict, total=False):
    a: int
class Pr(Protocol):
    def go(self) -> int: ...
@dataclass(slots=True)
class S:
    a: int = 1
    _: KW_ONLY
    b: list[int] = field(default_factory=lambda: [1, 2])
class K(StrEnum):
    A = auto()
    B = "b" + "c"
class F(IntFlag):
    R = 1
    W = 2
Both = F.R | F.W
Kinds = Literal["a", "b"]
Items = list[P]
Opt = Optional[TD]
Ann = Annotated[int, msgspec.Meta(ge=1)]
Pt = collections.namedtuple("Pt", "a b")
T = t.TypeVar("T")
class G(t.Generic[T]):
    def m(self, x: T) -> T: return x
lock = threading.Lock()
TZ = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2024, 1, 1, tzinfo=TZ)
get = operator.itemgetter("a")
fmt = "Judge {}".format
join = ", ".join
ROOT = Path(__file__).resolve().parent
DATA = ROOT / "data"
NESTED = {"k": (K.A, P(1), Pt(1, 2)), K.B: F.R}
try:
    import nothere
except ImportError:
    nothere = None
if os.environ.get("NO_SUCH_SETTING"):
    MODE = "x"
else:
    MODE = "y"
sem = asyncio.Semaphore(3)
count = itertools.count()
def f(p: P, td: TD, pr: Pr, s: S, *a: Items, **k: Opt) -> int:
    global_ = [K.A, Both, Kinds, Ann, Pt, G, lock, TZ, NOW, get, fmt, join, DATA, NESTED, nothere, MODE, sem, count]
    try:
        [x for x in range(3) if (lambda q: q + len(MODE))(x)]
    except* ValueError as e:
        raise
    class Inner:
        "doc"
        z = MODE
        def m(self): return super().m() + NESTED
    with open("x") as a, open("y") as b:
        pass
    return f"{p!r:>{len(MODE)}} {td=} {'nested' + f'{s}'}" + "\N{BULLET}é\x00"
"""


GOLDEN = {
    "task": "77db5953",
    "clean": "a957521c",
    "lazily": "84616d12",
    "matched": "e44736c2",
    "add_two": "dfed0503",
    "Judge": "db45bc26",
    "Config": "02d8cdc7",
    "Colour": "b225a8d2",
    "Verdict": "a53a66af",
    "wait": "7740e8cf",
    "decorated": "9383835b",
    "managed": "b1b8a572",
    "cached": "47804237",
}
GOLDEN_KINDS = "3438b3d8"


def test_every_version_of_python_gives_the_same_and_so_does_every_version_of_this_package(in_folder: Make) -> None:
    """Where this fails on purpose, all that was recorded before will run again once: say so in the changelog."""
    app = in_folder(FILES)
    assert {name: fingerprint(getattr(app, name))[:8] for name in GOLDEN} == GOLDEN
    assert of(in_folder, KINDS)[:8] == GOLDEN_KINDS


# Files that change while the program runs


def test_a_reloaded_module_shows_its_new_source(tmp_path: Path, in_folder: Make) -> None:
    app = in_folder({"app.py": "def f(): return 1\n"})
    before = fingerprint(app.f)
    Path(str(app.__file__)).write_text("def f():   return 2\n")
    importlib.reload(app)
    after = fingerprint(app.f)
    assert before != after == of(in_folder, "def f(): return 2\n")


def test_a_reloaded_helper_is_seen(in_folder: Make) -> None:
    app = in_folder({"app.py": "import helpers\ndef f(): return helpers.g()\n", "helpers.py": "def g(): return 1\n"})
    before = fingerprint(app.f)
    Path(str(app.helpers.__file__)).write_text("def g():  return 2\n")
    importlib.reload(app.helpers)
    assert fingerprint(app.f) != before


def test_a_file_edited_after_it_was_loaded_is_not_taken_for_the_code(in_folder: Make) -> None:
    app = in_folder({"app.py": "def f():\n    return 1\ndef g():\n    return 5\n"})
    Path(str(app.__file__)).write_text("def f():\n    return 2  # new\ndef g():\n    return 5\n")
    edited_f, edited_g = fingerprint(app.f), fingerprint(app.g)
    importlib.reload(app)
    assert fingerprint(app.f) != edited_f
    assert fingerprint(app.g) == edited_g


def test_lines_that_move_in_a_file_after_it_was_loaded_change_nothing(in_folder: Make) -> None:
    text = 'def f():\n    "doc"\n    class C:\n        "doc"\n        def m(self): return 1\n    return C\ndef g(): return 1\n'
    app = in_folder({"app.py": text})
    before = fingerprint(app.f), fingerprint(app.g)
    Path(str(app.__file__)).write_text("def first(): return 0\n\n\n" + text.replace('"doc"', '"other doc"'))
    assert (fingerprint(app.f), fingerprint(app.g)) == before


def test_a_function_without_a_source_goes_by_its_code() -> None:
    def made(text: str, **names: object) -> Any:
        space: dict[str, Any] = {"__name__": "shell", **names}
        exec(textwrap.dedent(text), space)
        return space["f"]

    text = "def f(x):\n    return [LIMIT + y for y in x]\n"
    same = "\n\n\ndef f(x):\n    'doc'\n    return [  LIMIT + y for y in x]\n"
    assert fingerprint(made(text, LIMIT=1)) == fingerprint(made(same, LIMIT=1))
    assert fingerprint(made(text, LIMIT=1)) != fingerprint(made(text, LIMIT=2))
    assert fingerprint(made(text, LIMIT=1)) != fingerprint(made(text.replace("+", "-"), LIMIT=1))
    helped = "def g(): return {n}\ndef f(x):\n    class A:\n        def m(self): return g()\n    return A\n"
    assert fingerprint(made("\n" + helped.format(n=1))) == fingerprint(made(helped.format(n=1)))
    assert fingerprint(made(helped.format(n=1))) != fingerprint(made(helped.format(n=2)))


def test_variables_and_classes_stay_what_they_were_when_only_their_file_changes(in_folder: Make) -> None:
    text = "WORDS = ['a']\nTEXTS = [WORDS]\nclass C:\n    x = 1\ndef f(): return WORDS, TEXTS, C\n"
    app = in_folder({"app.py": text})
    before = fingerprint(app.f)
    Path(str(app.__file__)).write_text(text.replace("['a']", "['bb']").replace("x = 1", "x = 22"))
    assert fingerprint(app.f) == before
    importlib.reload(app)
    assert fingerprint(app.f) != before


# Nothing of the program runs


def test_nothing_of_the_program_is_run(tmp_path: Path) -> None:
    text = """
        FIRED = []
        class Trap:
            def __getattribute__(self, name): raise SystemExit(name)
            def __getattr__(self, name): raise SystemExit(name)
            def __eq__(self, other): raise SystemExit("eq")
            def __hash__(self): raise SystemExit("hash")
            def __repr__(self): raise SystemExit("repr")
            def __bool__(self): raise SystemExit("bool")
            def __iter__(self): raise SystemExit("iter")
            def __len__(self): raise SystemExit("len")
            def __call__(self): return 1
        class Words(list):
            __iter__ = __len__ = __getitem__ = Trap.__iter__
        class Name(str):
            __str__ = __hash__ = __eq__ = Trap.__repr__
        class Meta(type):
            def __getattribute__(self, name): raise SystemExit(name)
            __eq__ = __hash__ = Trap.__eq__
        class Odd(metaclass=Meta):
            pass
        trap, words, name, made = Trap(), Words("ab"), Name("x"), Odd()
        LIST = [trap]
        def __getattr__(name): raise SystemExit(name)
        KEPT = {"a": (trap, made), "b": [words, name]}
        def f(x=trap, y=words, z=name, odd=Odd): return trap, words, name, LIST, Odd, missing, KEPT, made
        def make(inner):
            def closure(): return inner
            return closure
        closure = make(trap)
    """
    write(tmp_path, {"app.py": re.sub(r"raise SystemExit\((.*?)\)", r"FIRED.append(\1); return None", textwrap.dedent(text))})
    code = """
        import app
        found, app.FIRED[:] = vars(app), []
        for name in ("f", "closure", "trap", "Trap", "Odd", "made"): fingerprint(found[name])
        print(*app.FIRED)
    """
    assert fresh(tmp_path, code) == []


@pytest.mark.parametrize("strange", [3, None, len, str.upper, [].append, type, object(), sys, "".join, property(), print])
def test_strange_objects_have_a_fingerprint(strange: Any) -> None:
    assert fingerprint(strange) == fingerprint(strange)


def test_a_source_that_cannot_be_read_is_no_error(in_folder: Make) -> None:
    app = in_folder({"app.py": "def f(): return 1\n"})
    for text in ("def f(: return", "\x00", "\udcff"):
        Path(str(app.__file__)).write_bytes(text.encode("utf-8", "surrogateescape"))
        assert len(fingerprint(app.f)) == 32


def test_a_deep_expression_is_no_error(in_folder: Make) -> None:
    assert len(of(in_folder, f"def f(x): return {' + '.join(['x'] * 900)}\n")) == 32


def test_sets_are_the_same_in_every_process(tmp_path: Path) -> None:
    text = 'KINDS = frozenset({"a", "b", "c", ("d", 1)})\nLOADED = set("abcdef".split("c") + list("xyz"))\n'
    write(tmp_path, {"app.py": text + "def f(x): return x in KINDS or x in LOADED or x in {'p', 'q', 'r'}\n"})
    assert len({tuple(fresh(tmp_path, "import app; print(fingerprint(app.f))")) for _ in range(4)}) == 1


# Layout, at random


LINES = APP.splitlines()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["", "# note", "# far", "\f", "   "])), max_size=12))
def test_comments_and_blank_lines_anywhere_change_nothing(in_folder: Make, added: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for place, line in sorted(added, reverse=True):
        lines.insert(place, line)
    text = "\n".join(lines) + "\n"
    assert fingerprint(in_folder(FILES | {"app.py": text}).task) == fingerprint(in_folder(FILES).task)


def test_two_hundred_functions_are_quick(in_folder: Make) -> None:
    body = "    text = clean(LIMITS[0]) + json.dumps([x for x in text if x])\n" * 6
    functions = [f"def f{i}(text, n={i}):\n{body}    return f{max(i - 9, i // 20 * 20)}, text\n" for i in range(200)]
    app = in_folder({"app.py": "import json\nLIMITS = [1, 2, 3]\ndef clean(x): return x\n" + "\n".join(functions)})
    started = time.perf_counter()
    assert len({fingerprint(getattr(app, f"f{i}")) for i in range(200)}) == 200
    assert time.perf_counter() - started < 5
