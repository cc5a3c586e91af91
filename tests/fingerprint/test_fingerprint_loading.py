"""Where a program lies, how it is imported, which Python runs it and what becomes of its files does not count."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from fingerprinted import APP, FILES, HELPERS, RUN, Make, fresh, of, write

from llmtaskgraph._fingerprint import fingerprint

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
    done = subprocess.run([sys.executable, "app.py"], cwd=folder, capture_output=True, text=True, timeout=300)
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
    "task": "565dd84d",
    "clean": "a957521c",
    "lazily": "84616d12",
    "matched": "e44736c2",
    "add_two": "960d10b0",
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
