"""Server-sent events from bytes, however they are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph.providers._sse import SSEDecoder


def decode(*chunks: bytes) -> list[bytes]:
    decoder = SSEDecoder()
    return [data for chunk in chunks for data in decoder.feed(chunk)] + decoder.finish()


lines = st.sampled_from([b"data: a", b"data:b", b"data", b": note", b"event: x", b"id: 1", b"", b"", b"data: \xff"])
ends = st.sampled_from([b"\n", b"\r\n"])


@given(st.lists(lines), ends, st.lists(st.integers(1, 9), min_size=1))
def test_how_the_bytes_are_cut_makes_no_difference(parts: list[bytes], end: bytes, sizes: list[int]) -> None:
    text = b"".join(part + end for part in parts)
    chunks, at = [], 0
    while at < len(text):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(text[at : at + size])
        at += size
    assert decode(*chunks) == decode(text)


@given(st.lists(lines))
def test_every_kind_of_line_end_means_the_same(parts: list[bytes]) -> None:
    assert len({tuple(decode(b"".join(part + end for part in parts))) for end in (b"\n", b"\r\n", b"\r")}) == 1


def test_comments_and_other_fields_are_dropped_and_lines_of_data_joined() -> None:
    assert decode(b": hi\n\nevent: x\ndata: a\ndata: b\n\n: bye\n\n") == [b"a\nb"]


def test_an_event_without_its_blank_line_comes_at_the_end() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: a") == []
    assert decoder.finish() == [b"a"]
    assert decoder.finish() == []


def test_a_long_line_in_many_chunks_costs_in_proportion_to_its_length() -> None:
    decoder = SSEDecoder()
    for _ in range(20_000):
        assert decoder.feed(b"data: " * 100) == []
    [data] = decoder.feed(b"\n\n")
    assert len(data) == 20_000 * 600 - 6
