"""The ways to look at a text: what each shows, and that none lets a character act or hide."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph import BlobPart, UriPart
from ltg_tui.model import chat, values
from ltg_tui.model.detail import PaneText
from ltg_tui.model.flow import Block, Flow
from ltg_tui.model.markdown import LIMIT, markdown_blocks
from ltg_tui.model.picture import described
from ltg_tui.model.views import NoView, next_view, viewed

from .test_safe import acts
from .traces import HOSTILE, raw, say

WRITTEN = "# Title\n\nSome **bold** and `code`.\n\n- one\n- two\n\n> said\n\n| a | b |\n|---|---|\n| long | 2 |\n"


def shown(blocks: list[Block], width: int = 60) -> str:
    flow = Flow(blocks, width)
    flow.settle(0, 100_000)
    return "\n".join("".join(piece.text for piece in flow.row(n)).rstrip() for n in range(flow.height))


def written(text: str) -> PaneText:
    return PaneText("response", [Block(text)], prose=True, plain=text, record=lambda: raw(say(text)))


def test_markdown_is_shown_as_it_is_meant() -> None:
    text = shown(viewed(written(WRITTEN), "markdown"))
    assert text == "Title\n\nSome bold and code.\n\n• one\n• two\n\n│ said\n\na    │ b\nlong │ 2"
    looks = {span.look for block in markdown_blocks(WRITTEN) for span in block.spans}
    assert looks == {"heading", "strong", "code"}


def test_a_link_and_an_image_show_where_they_lead_and_do_nothing() -> None:
    text = shown(markdown_blocks("[click](https://evil.example/?q=1) ![x](http://a/b.png) <b>html</b>"), 90)
    assert text == "click (https://evil.example/?q=1) [image x: http://a/b.png] <b>html</b>"


@given(st.text(alphabet="#*_`[]()>-|\n 1.ab<\\!~\t\x1b\u202e", max_size=200))
def test_any_text_can_be_looked_at_as_markdown(text: str) -> None:
    assert acts(shown(markdown_blocks(text)), "\n") == []


def test_markdown_of_a_long_text_is_refused_with_the_reason() -> None:
    with pytest.raises(NoView, match="too many"):
        viewed(written("x" * (LIMIT + 1)), "markdown")


def test_json_of_a_text_that_is_json_is_that_json_else_the_record() -> None:
    assert '"score": 4' in shown(viewed(written('{"score": 4}'), "json"))
    assert '"role": "assistant"' in shown(viewed(written("plain"), "json"))
    assert '"content": "{not json"' in shown(viewed(written("{not json"), "json"))


def test_deep_or_broken_json_is_shown_all_the_same() -> None:
    for text in ("[" * 100_000, '{"a": ' * 3000 + "1" + "}" * 3000, "[" * 500 + "]" * 500):
        assert shown(viewed(written(text), "json"))
        assert values.outline(text.encode())


def test_raw_makes_every_character_visible() -> None:
    text = "a\tb\r\nc\x1b[31m\x85\u200b\u200d\u202e\u00a0\u0301\ufeff\ufe0f\U000e0041\u2028e\x00\u115f\ud800"
    assert shown([Block(text, syntax="raw")], 200) == (
        "a␉b␍␊\nc␛[31m⟨U+0085⟩⟨U+200B⟩⟨U+200D⟩⟨U+202E⟩⟨U+00A0⟩⟨U+0301⟩⟨U+FEFF⟩⟨U+FE0F⟩⟨U+E0041⟩⟨U+2028⟩e␀⟨U+115F⟩⟨U+D800⟩"
    )


@given(st.text(max_size=120))
def test_raw_shows_only_what_can_be_seen_and_loses_nothing(text: str) -> None:
    found = shown([Block(text, syntax="raw")], 400)
    assert acts(found, "\n") == []
    assert all(c == "\n" or c == " " or c.isprintable() for c in found)
    assert found.count("␊\n") + 1 == len(found.split("\n"))


def test_views_that_do_not_apply_are_skipped_with_the_reason() -> None:
    error = PaneText("error", [Block("it failed")])
    view, skipped = next_view(error, "text")
    assert view == "text"
    assert [why.partition(":")[0] for why in skipped] == ["no markdown", "no JSON", "no raw"]
    assert next_view(written("x"), "text") == ("markdown", [])
    assert next_view(written("x"), "raw") == ("text", [])


def test_a_chat_is_shown_by_roles_with_calls_results_and_images() -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1024, 768) + bytes(240_000)
    image = {"type": "blob", "modality": "image", "mime_type": "image/png", "content": base64.b64encode(png).decode()}
    call = {"type": "tool_call", "id": "c1", "name": "look_up", "arguments": {"word": "kettle"}}
    thought = {"type": "reasoning", "content": "Look it up."}
    result = {"type": "tool_call_response", "id": "c1", "response": {"found": ["a pot"] * 20}}
    prompt = [
        say("You judge.", "system"),
        {"role": "user", "parts": [{"type": "text", "content": "What?"}, image]},
        {"role": "assistant", "parts": [thought, call]},
        {"role": "tool", "parts": [result]},
    ]
    text = shown(chat.prompt_blocks(raw(prompt)), 80)
    assert (
        "── system\nYou judge.\n\n── user\nWhat?\n▣ image 1024x768 png 240 kB\n\n── assistant\n── reasoning\nLook it up." in text
    )
    assert '→ look_up {"word":"kettle"}\n\n── tool\n← look_up\n{\n  "found": [\n    "a pot",' in text


def test_a_response_that_was_cut_short_says_so() -> None:
    text = shown(chat.response_blocks(raw({**say("half"), "finish_reason": "length"})))
    assert text == "half\n\nstopped: length"


@pytest.mark.parametrize("value", [[], {}, None, 7, "text", [{"role": "alien", "parts": 3}], {"parts": [{"type": "text"}]}])
def test_a_prompt_or_response_of_another_shape_is_shown_as_json(value: object) -> None:
    assert shown(chat.prompt_blocks(raw(value)))
    assert shown(chat.response_blocks(raw(value)))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (BlobPart("image", "image/gif", base64.b64encode(b"GIF89a" + struct.pack("<HH", 3, 5)).decode()), "image 3x5 gif 10 B"),
        (
            BlobPart(
                "image", "image/jpeg", base64.b64encode(b"\xff\xd8\xff\xe0\0\4..\xff\xc0\0\x11\x08\0\7\0\x09" + bytes(9)).decode()
            ),
            "image 9x7 jpeg 26 B",
        ),
        (BlobPart("image", "image/png", "not base64 at all!"), "image png 13 B"),
        (BlobPart("image", "image/png", ""), "image png 0 B"),
        (BlobPart("file", "application/pdf", "A" * 2_000_000, "report.pdf"), "file report.pdf pdf 1.5 MB"),
        (UriPart("image", "https://example.org/cat.png"), "image https://example.org/cat.png"),
        (UriPart("image", "data:image/png;base64," + "A" * 9000), "... (9.0k letters)"),
    ],
)
def test_images_and_files_are_told_in_words(part: BlobPart | UriPart, words: str) -> None:
    assert described(part).endswith(words)


def test_a_schema_is_told_on_a_line() -> None:
    verdict = {"type": "object", "properties": {"score": {"type": "integer"}, "why": {"type": ["string", "null"]}}}
    schema = {"$ref": "#/$defs/V", "$defs": {"V": verdict}}
    assert values.outline(raw(schema)) == "{score: integer, why: string | null}"
    assert values.outline(raw({"$ref": "#/$defs/V", "$defs": {"V": {"$ref": "#/$defs/V"}}})) == "V"
    assert values.outline(raw({"enum": ["a", "b"]})) == '"a" | "b"'


def test_hostile_text_is_harmless_in_every_view() -> None:
    for view in ("text", "markdown", "json", "raw"):
        assert acts(shown(viewed(written(HOSTILE * 3), view)), "\n") == []
