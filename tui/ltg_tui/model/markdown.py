"""Markdown as blocks of plain text with looks: nothing is opened, loaded or run, and every character stays visible text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from .flow import Block, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

LIMIT: Final = 20_000
"""Longer texts are not worth the wait."""

_INLINE: Final = {"strong": "strong", "em": "emphasis", "s": "dim", "link": "link"}


def markdown_blocks(text: str, look: str = "") -> list[Block]:
    """A text as its Markdown means it."""
    from markdown_it import MarkdownIt  # 90 ms: only for who asks for it

    return _Writer(look).write(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text))


class _Writer:
    def __init__(self, look: str) -> None:
        self.look = look
        self.blocks: list[Block] = []
        self._indent: list[str] = []
        self._item = ""  # the bullet that the next line begins with
        self._numbers: list[int | None] = []
        self._heading = False
        self._cells: list[str] | None = None
        self._rows: list[list[str]] = []

    def write(self, tokens: list[Token]) -> list[Block]:
        for token in tokens:
            self._take(token)
        return self.blocks

    def _take(self, token: Token) -> None:
        match token.type:
            case "heading_open" | "paragraph_open" | "table_open" if self._apart(token):
                self.blocks.append(Block("", self.look))
        match token.type:
            case "heading_open":
                self._heading = True
            case "heading_close":
                self._heading = False
            case "inline":
                self._inline(token)
            case "fence" | "code_block":
                self._code(token)
            case "hr":
                self._line("────────", (), "dim")
            case "html_block":
                self._line(token.content.rstrip("\n"), (), "dim")
            case "blockquote_open":
                self._indent.append("│ ")
            case "bullet_list_open" | "ordered_list_open":
                if self.blocks and not self._numbers:
                    self.blocks.append(Block("", self.look))
                self._numbers.append(int(token.attrs.get("start", 1)) if token.type[0] == "o" else None)
            case "list_item_open":
                self._begin_item()
            case "list_item_close" | "blockquote_close":
                self._indent.pop()
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "tr_open":
                self._cells = []
            case "tr_close":
                self._rows.append(self._cells or [])
                self._cells = None
            case "table_close":
                self._table()
            case _:
                pass

    def _apart(self, token: Token) -> bool:
        return bool(self.blocks) and not token.hidden and not self._item

    def _begin_item(self) -> None:
        number = self._numbers[-1]
        self._item = "• " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._indent.append(" " * len(self._item))

    def _line(self, text: str, spans: tuple[Span, ...], look: str = "") -> None:
        lead = "".join(self._indent)
        if self._item:
            lead, self._item = lead[: -len(self._item)] + self._item, ""
        moved = tuple(Span(s.start + len(lead), s.end + len(lead), s.look) for s in spans)
        self.blocks.append(Block(lead + text, look or self.look, moved, hang=len(lead)))

    def _code(self, token: Token) -> None:
        if self.blocks:
            self.blocks.append(Block("", self.look))
        for line in token.content.removesuffix("\n").split("\n"):
            self._line(f"  {line}", (), "code")

    def _inline(self, token: Token) -> None:
        text, spans, opened = "", [], []
        for each in token.children or []:
            name = each.type.removesuffix("_open").removesuffix("_close")
            if each.nesting == 1:
                opened.append((name, len(text), each))
            elif each.nesting == -1 and opened:
                name, start, begun = opened.pop()
                if name == "link":
                    address = str(begun.attrs.get("href", ""))
                    if address and address != text[start:]:
                        text += f" ({address})"
                spans.append(Span(start, len(text), _INLINE.get(name, "")))
            elif each.type in ("softbreak", "hardbreak"):
                text += " " if each.type == "softbreak" else "\n"
            elif each.type == "image":
                shown = f"[image {each.content}: {each.attrs.get('src', '')}]"
                spans.append(Span(len(text), len(text) + len(shown), "link"))
                text += shown
            else:
                if each.type == "code_inline":
                    spans.append(Span(len(text), len(text) + len(each.content), "code"))
                text += each.content
        if self._cells is not None:
            self._cells.append(text)
            return
        if self._heading:
            spans = [Span(0, len(text), "heading")]
        self._line(text, tuple(sorted(spans)))

    def _table(self) -> None:
        rows, self._rows = self._rows, []
        columns = range(max(map(len, rows), default=0))
        widths = [max(cell_len(row[at]) if at < len(row) else 0 for row in rows) for at in columns]
        for number, row in enumerate(rows):
            cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)]
            self._line(" │ ".join(cells).rstrip(), (), "heading" if number == 0 else "")
