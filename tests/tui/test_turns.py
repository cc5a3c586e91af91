"""Messages as text: what is written is read back as exactly those messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph import BlobPart, Message, ReasoningPart, TextPart, ToolCall, ToolResult, UriPart, assistant, system, user
from ltg_tui.model.turns import BadTurns, parsed, written


def test_it_reads_as_a_chat() -> None:
    messages = [system("You judge.\nBriefly."), user("Go."), assistant("Done.")]
    assert written(messages) == "--- system\nYou judge.\nBriefly.\n--- user\nGo.\n--- assistant\nDone."


HARD = ["", " ", "---", "--- user", "\\--- user", "\\\\---", "--- part {}", "--- text", "---x", "words", "\u2028", "\r"]
LINES = st.sampled_from(HARD)
ROLES = st.sampled_from(["system", "user", "assistant", "tool"])
TEXTS = st.lists(LINES, max_size=4).map("\n".join) | st.text(max_size=12)
PARTS = st.one_of(
    TEXTS.map(TextPart),
    TEXTS.map(ReasoningPart),
    TEXTS.map(lambda uri: UriPart("image", uri)),
    st.just(BlobPart("file", "text/plain", "AAAA", "a\nb")),
    TEXTS.map(lambda name: ToolCall("1", name, {"a\n": [name]})),
    TEXTS.map(lambda text: ToolResult("1", text)),
)
MESSAGES = st.builds(Message, ROLES, st.lists(PARTS, max_size=4), st.sampled_from([None, "stop"]))


@given(st.lists(MESSAGES, max_size=4))
def test_any_messages_come_back_as_they_were(messages: list[Message]) -> None:
    text = written(messages)
    assert text is not None
    assert parsed(text) == messages


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("words", "line 1: the first line begins a turn"),
        ("--- text\nwords", "line 1: the first line begins a turn"),
        ("--- user\na\n--- usr\nb", "line 3: `--- usr` begins no turn; write system, user"),
        ("--- user hello", "line 1: the first line begins a turn"),
        ("--- user\n--- part {", "line 2: `--- part` is followed by JSON"),
        ('--- user\n--- part {"type": "no"}', "a part of the user turn is none"),
        ("--- user\n---\n", "line 2: `--- ` begins no turn"),
    ],
)
def test_what_is_no_turn_is_told_with_its_line(text: str, why: str) -> None:
    with pytest.raises(BadTurns) as found:
        parsed(text)
    assert why in str(found.value)
