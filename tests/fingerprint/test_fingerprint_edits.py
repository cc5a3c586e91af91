"""Edits of a program, one at a time: what changes what the code does counts, and nothing else."""

from __future__ import annotations

import pytest
from fingerprinted import FILES, Make

from llmtaskgraph._fingerprint import fingerprint

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


def edited(file: str, old: str, new: str) -> dict[str, str]:
    assert old == 'if __name__ == "x"' or old in FILES[file], f"nothing to edit: {old}"
    return FILES | {file: FILES[file].replace(old, new, 1)}


@pytest.mark.parametrize(("file", "old", "new"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_what_does_not_change_what_the_code_does_is_the_same(in_folder: Make, file: str, old: str, new: str) -> None:
    assert fingerprint(in_folder(FILES).task) == fingerprint(in_folder(edited(file, old, new)).task)


@pytest.mark.parametrize(("file", "old", "new"), [case[1:] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_what_changes_what_the_code_does_differs(in_folder: Make, file: str, old: str, new: str) -> None:
    assert fingerprint(in_folder(FILES).task) != fingerprint(in_folder(edited(file, old, new)).task)


def test_the_digest_is_32_hexadecimal_digits(in_folder: Make) -> None:
    assert len(bytes.fromhex(fingerprint(in_folder(FILES).task))) == 16
