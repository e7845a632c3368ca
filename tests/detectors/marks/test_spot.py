"""The edges of the places in which marks stand."""

from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone
from detectors.marks import spot

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(("lines", "found"), [(spot.HEAD_LINES - 1, True), (spot.HEAD_LINES, False)])
def test_the_head_ends_after_so_many_lines(engine, lines, found):
    text = "甲\n" * lines + "秘密\n" + "乙\n" * 9
    assert (engine.inspect([Segment(text, "body")], TODAY).level is Level.CONFIDENTIAL) is found


@pytest.mark.parametrize(("characters", "found"), [(spot.HEAD_CHARACTERS, True), (spot.HEAD_CHARACTERS + 1, False)])
def test_the_head_ends_after_so_many_characters(engine, characters, found):
    text = "甲" * (characters - 1) + "\n秘密\n" + "乙\n" * 9
    assert (engine.inspect([Segment(text, "body")], TODAY).level is Level.CONFIDENTIAL) is found


@pytest.mark.parametrize(("row", "found"), [(spot.HEAD_ROWS, True), (spot.HEAD_ROWS + 1, False)])
def test_the_head_of_a_sheet_ends_after_so_many_rows(engine, row, found):
    cell = Segment("机密", f"登记表!D{row}", Zone.CELL, lines=False)
    assert bool(engine.inspect([cell], TODAY).marks) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("秘密\n甲\n乙\n丙", True),
        ("甲\n秘密\n乙\n丙", True),
        ("甲\n乙\n秘密\n丙\n丁", False),
        ("甲\n乙\n秘密\n丙", True),
        ("甲\n乙\n丙\n秘密", True),
    ],
)
def test_the_edges_of_a_page_are_two_lines(engine, text, found):
    assert bool(engine.inspect([Segment(text, "page 7", page=7)], TODAY).marks) is found


def test_a_page_of_its_own_has_no_edge_when_it_is_endless(engine):
    limit = spot.HEAD_CHARACTERS * 20
    for extra, found in ((0, True), (1, False)):
        text = "秘密\n" + "甲" * (limit - 3 + extra)
        assert bool(engine.inspect([Segment(text, "page 7", page=7)], TODAY).marks) is found
    assert engine.inspect([Segment("甲\n" * 900 + "秘密", "body")], TODAY).marks == ()


@pytest.mark.parametrize("zone", sorted(spot.PLACES))
def test_places_made_for_marks(engine, zone):
    far = Segment("正文。\n" * 900, "body")
    assert engine.inspect([far, Segment("秘密", "x", zone)], TODAY).level is Level.CONFIDENTIAL


def test_a_mark_after_more_than_forty_characters_is_spoken_of(engine):
    for number, found in ((40, True), (41, False)):
        text = "甲乙" * (number // 2) + "丙" * (number % 2)
        line = f"{text} 机密★10年"
        assert bool(engine.detect(line, TODAY).marks) is found


def test_long_lines_are_read_to_their_end(engine):
    assert engine.detect("甲" * 2000 + "\n机密★10年", TODAY).level is Level.SECRET
    cells = "\t".join(["甲"] * 900 + ["机密★10年"])
    assert engine.detect(cells, TODAY).level is Level.SECRET
