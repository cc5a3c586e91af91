"""Nothing of the program is run, nothing is an error, and it is quick."""

from __future__ import annotations

import re
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from fingerprinted import APP, FILES, Make, fresh, of, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtaskgraph._fingerprint import fingerprint

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
    started = time.process_time()
    assert len({fingerprint(getattr(app, f"f{i}")) for i in range(200)}) == 200
    assert time.process_time() - started < 5
