from hypothesis import given, settings
from hypothesis import strategies as st

from config.verdict import Segment, Zone
from detectors import block as layout
from detectors.block import blocks


def test_small_segments_share_a_block_and_keep_their_places():
    segments = [Segment(f"值{n}", f"表!A{n}", Zone.CELL, lines=False) for n in range(1, 6)]
    (block,) = blocks(segments)
    at = block.text.index("值4")
    piece, start, end = block.locate(at, at + 2)
    assert (piece.index, start, end, block.where(at)) == (3, 0, 2, "表!A4")
    assert not block.owns(at - 2, at + 1)  # across two segments


def test_lines_are_counted_in_the_segment():
    (block,) = blocks([Segment("a\nb", "header", Zone.HEADER), Segment("c\n\nd", "page 2", page=2)])
    assert block.where(block.text.index("b")) == "header line 2"
    assert block.where(block.text.index("d")) == "page 2 line 3"


@given(st.integers(0, 3), st.lists(st.integers(1, 400), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_every_character_of_a_long_text_has_one_owner(before, widths):
    text = "\n".join("x" * width for width in widths)
    size, overlap, search = layout.SIZE, layout.OVERLAP, layout.SEARCH
    try:
        layout.SIZE, layout.OVERLAP, layout.SEARCH = 300, 40, 30
        owned = []
        for block in blocks([Segment("y", "") for _ in range(before)] + [Segment(text, "body")]):
            for position in range(len(block.text)):
                if block.owns(position, position + 1):
                    piece, start, _ = block.locate(position, position + 1)
                    if piece.index == before:
                        owned.append(start)
                        assert text[start] == block.text[position]
                        assert block.line(position) == text.count("\n", 0, start) + 1
        assert owned == list(range(len(text)))
    finally:
        layout.SIZE, layout.OVERLAP, layout.SEARCH = size, overlap, search
