"""What is sent to the terminal: less than is painted, and the terminal shows the same."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from ltg_tui.widgets.painter import Painter

WIDTH, HEIGHT = 14, 3
SIZE = (WIDTH, HEIGHT)
Cell = tuple[str, Style | None]


class Terminal:
    """Cells, as a terminal keeps them."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = [[("?", None)] * WIDTH for _ in range(HEIGHT)]

    def put(self, y: int, x: int, strip: Strip) -> None:
        for text, style, _ in strip:
            for letter in text:
                width = cell_len(letter)
                if width == 0:
                    self.rows[y][x - 1] = (self.rows[y][x - 1][0] + letter, style)
                for n in range(width):
                    self.rows[y][x + n] = (letter if n == 0 else "", style)
                x += width


def piece(parts: list[tuple[str, bool]], width: int) -> Strip:
    strip = Strip([Segment(text, Style(bold=bold, meta={"@": len(text)})) for text, bold in parts if text])
    return strip.adjust_cell_length(width, Style())


parts = st.lists(st.tuples(st.text("ab 日é", max_size=6), st.booleans()), max_size=4)
painted = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.integers(1, WIDTH), parts), max_size=12)


@settings(max_examples=400)
@example([(0, 0, 2, [("日", False)]), (0, 0, 1, [(" ", False)])], 12)
@example([(0, 0, 3, [("日a", False)]), (0, 0, 1, [(" ", False)]), (0, 1, 1, [(" ", False)])], 12)
@given(painted, st.integers(0, 12))
def test_the_terminal_shows_what_was_painted(steps: list[tuple[int, int, int, list[tuple[str, bool]]]], again: int) -> None:
    painter, direct, less = Painter(), Terminal(), Terminal()
    blank = Strip.blank(WIDTH, Style())
    for y in range(HEIGHT):
        direct.put(y, 0, blank)
    send(painter, less, LayoutUpdate([[blank]] * HEIGHT, Region(0, 0, *SIZE)))
    for number, (y, x, width, text) in enumerate(steps):
        strip = piece(text, min(width, WIDTH - x))
        end = x + strip.cell_length
        direct.put(y, x, strip)
        send(painter, less, ChopsUpdate([{x: strip} if n == y else {} for n in range(HEIGHT)], [(y, x, end)], [[end]] * HEIGHT))
        if number == again:
            painter.forget()
    assert [[seen(cell) for cell in row] for row in less.rows] == [[seen(cell) for cell in row] for row in direct.rows]


def seen(cell: Cell) -> tuple[str, bool]:
    return cell[0], bool(cell[1] and cell[1].bold)


def send(painter: Painter, terminal: Terminal, update: CompositorUpdate) -> int:
    """What is left of an update, on a terminal. Returns how many cells were sent."""
    less = painter.less(update, SIZE)
    if less is None:
        return 0
    assert less.render_segments(Console())
    for y, x, strip in less._found:  # type: ignore[attr-defined]
        terminal.put(y, x, strip)
    return sum(strip.cell_length for _, _, strip in less._found)  # type: ignore[attr-defined]


def row_update(text: str) -> LayoutUpdate:
    return LayoutUpdate([[Strip([Segment(set_cell_size(text, WIDTH), Style())])]], Region(0, 0, WIDTH, 1))


def test_what_is_there_already_is_not_sent() -> None:
    painter, terminal = Painter(), Terminal()
    assert send(painter, terminal, row_update("a row")) == WIDTH
    assert send(painter, terminal, row_update("a row")) == 0


def test_text_that_arrives_is_sent_alone() -> None:
    painter, terminal = Painter(), Terminal()
    send(painter, terminal, row_update("It was"))
    assert send(painter, terminal, row_update("It was a br")) == len("a br")


def test_another_size_or_another_program_on_the_terminal_makes_all_be_sent() -> None:
    painter, terminal = Painter(), Terminal()
    send(painter, terminal, row_update("a row"))
    painter.forget()
    assert send(painter, terminal, row_update("a row")) == WIDTH
    assert painter.less(row_update("a row"), (WIDTH + 1, HEIGHT)) is not None
