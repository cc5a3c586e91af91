"""What a run does to its state does not count; every kind of callable is followed."""

from __future__ import annotations

import textwrap
from functools import partial

import pytest
from fingerprinted import FILES, Make, of

from llmtaskgraph._fingerprint import Declaration, fingerprint

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

    def declared(found: object, text: str = "task judge") -> Declaration | None:
        return Declaration(text, "code", behind="fn") if type(found).__name__ == "Task" else None

    one, other = (in_folder({"app.py": textwrap.dedent(t)}) for t in (text, text.replace("return x\n", "return x + 1\n", 1)))
    assert fingerprint(one.f) != fingerprint(other.f)
    assert fingerprint(one.f, declared) == fingerprint(other.f, declared)
    assert fingerprint(one.f, declared) != fingerprint(one.f, lambda found: declared(found, "task other"))


@pytest.mark.parametrize("statement", ['{}.k = "1"', 'setattr({}, "k", "1")'])
@pytest.mark.parametrize("made", ["class C: pass", "class C:\n    def m(self): pass", "def C(): pass"])
def test_attributes_that_are_set_at_module_level_count(in_folder: Make, made: str, statement: str) -> None:
    text = f"{made}\n{statement.format('C')}\ndef f(x): return x + C.k\n"
    assert of(in_folder, text) == of(in_folder, text)
    assert of(in_folder, text) != of(in_folder, text.replace('"1"', '"2"'))
    assert of(in_folder, text) == of(in_folder, f"{text}\nclass D: pass\nD.k = 1\n")
