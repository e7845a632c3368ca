from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone


@pytest.mark.parametrize(
    ("text", "original"),
    [
        ("CUI", "CUI"),
        ("(U//LES) Description of the suspect.", "U//LES"),
        ("UNCLASSIFIED//REL TO USA, FVEY", "UNCLASSIFIED//REL TO USA, FVEY"),
        ("UNCLASSIFIED//FOR OFFICIAL USE ONLY//LES", "FOUO"),
        ("CUI (when filled in)", "CUI"),
        ("CUI//PRVCY//Page 1 of 3", "CUI"),
        ("[CUI] Agenda for Tuesday", "CUI"),
        ("UNCLASSIFIED//CUI", "UNCLASSIFIED//CUI"),
        ("OFFICIAL USE ONLY", "FOUO"),
        ("CONTROLLED UNCLASSIFIED INFORMATION", "CUI"),
        ("SBU", "SBU"),
        ("CUI//SP-PRVCY/PROCURE//NOFORN", "CUI"),
        ("CONTROLLED//LEI", "CUI"),
        ("UNCLASSIFIED//FOUO", "FOUO"),
        ("FOR OFFICIAL USE ONLY", "FOUO"),
        ("LIMITED OFFICIAL USE", "LIMITED OFFICIAL USE"),
        ("UNCLASSIFIED//FOR OFFICIAL USE ONLY", "FOUO"),
        ("UNCLASSIFIED//LES", "UNCLASSIFIED//LES"),
        ("CONTROLLED", "CUI"),
        ("2. (U//FOUO) The budget was agreed.", "FOUO"),
        ("(CUI) The budget was agreed.", "CUI"),
    ],
)
def test_reads_a_mark(mark, text, original):
    found = mark(text)
    assert (found.regime, found.level, found.original) == ("cui", Level.INTERNAL, original)


@pytest.mark.parametrize("text", ["The CUI programme began in 2016.", "ACCESS CONTROLLED BY CARD", "UNCLASSIFIED"])
def test_words_are_none(marks, text):
    assert marks(text) == ()


@pytest.mark.parametrize(
    ("text", "middle", "cell"),
    [
        ("CONTROLLED", False, False),
        ("SBU", False, False),
        ("CUI", True, True),
        ("CONTROLLED//LEI", True, True),
        ("FOUO", True, True),
        ("UNCLASSIFIED//SBU", True, True),
    ],
)
def test_ordinary_words_count_where_marks_stand(engine, text, middle, cell):
    far = Segment("Text.\n" * 900 + text + "\nText.\nText.", "body")
    assert bool(engine.inspect([far], date(2026, 1, 1)).marks) is middle
    head = Segment(text, "Sheet!B2", Zone.CELL, lines=False)
    assert bool(engine.inspect([head], date(2026, 1, 1)).marks) is cell


@pytest.mark.parametrize(("text", "sure"), [("CUI//SP-PRVCY", 0.95), ("CUI", 0.8), ("UNCLASSIFIED//FOUO", 0.9)])
def test_how_sure_a_mark_is(mark, text, sure):
    assert mark(text).confidence == sure


@pytest.mark.parametrize("text", ["CUI CATEGORY: CTI", "CUI Category(ies): PRVCY"])
def test_the_block_of_the_office_that_designates(mark, text):
    assert mark(f"Controlled by: Air Systems Command\n{text}\nDistribution: FEDCON").regime == "cui"
