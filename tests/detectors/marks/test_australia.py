from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment, Zone

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "level", "caveats"),
    [
        ("Subject: minutes of Monday [SEC=OFFICIAL:Sensitive]", Level.INTERNAL, ()),
        ("[SEC=PROTECTED, CAVEAT=RI:AUSTEO]", Level.CONFIDENTIAL, ("CAVEAT=RI:AUSTEO",)),
        ("[SEC=SECRET]", Level.SECRET, ()),
        ("[SEC=TOP-SECRET, ACCESS=Legal-Privilege]", Level.TOP_SECRET, ("ACCESS=Legal-Privilege",)),
        ("[DLM=For-Official-Use-Only]", Level.INTERNAL, ()),
        ("OFFICIAL: Sensitive", Level.INTERNAL, ()),
        ("Sensitive: Legal", Level.INTERNAL, ("Legal",)),
        ("OFFICIAL: Sensitive//Personal privacy", Level.INTERNAL, ("Personal privacy",)),
        ("PROTECTED//CABINET", Level.CONFIDENTIAL, ("CABINET",)),
        ("SECRET//AUSTEO", Level.SECRET, ("AUSTEO",)),
        ("TOP SECRET//SI//AUSTEO", Level.TOP_SECRET, ("SI", "AUSTEO")),
    ],
)
def test_reads_a_mark(mark, text, level, caveats):
    found = mark(text)
    assert (found.regime, found.level, found.caveats, found.outcome) == ("au", level, caveats, Outcome.FOREIGN)


def test_the_header_of_a_mail(engine):
    header = "X-Protective-Marking: VER=2018.6, NS=gov.au, SEC=PROTECTED, CAVEAT=RI:AUSTEO, ORIGIN=a@example.gov.au"
    (mark,) = engine.inspect([Segment(header, "property:headers", Zone.PROPERTY, lines=False)], TODAY).marks
    assert (mark.regime, mark.level) == ("au", Level.CONFIDENTIAL)


@pytest.mark.parametrize(
    ("day", "outcome"), [("2025-12-31", Outcome.EXPIRED), ("2026-01-01", Outcome.FOREIGN), ("soon", Outcome.FOREIGN)]
)
def test_an_expiry_of_its_own(engine, day, outcome):
    (mark,) = engine.detect(f"[SEC=PROTECTED, EXPIRES={day}]", TODAY).marks
    assert mark.outcome is outcome
    assert mark.expires == (None if day == "soon" else day)


def test_what_is_spoken_of_does_not_expire(engine):
    found = engine.detect("`[SEC=PROTECTED, EXPIRES=2020-01-01]`", TODAY)
    assert [mention.outcome for mention in found.mentions] == [Outcome.EXAMPLE]


@pytest.mark.parametrize("zone", [Zone.HEADER, Zone.FOOTER, Zone.WATERMARK, Zone.TEXTBOX])
def test_a_lone_word_counts_only_where_marks_are_placed(engine, zone):
    assert engine.inspect([Segment("PROTECTED", zone.value, zone)], TODAY).level is Level.CONFIDENTIAL
    assert engine.inspect([Segment("PROTECTED", "body")], TODAY).marks == ()
    paged = "PROTECTED\nThe report\nof the year\nPROTECTED"
    assert engine.inspect([Segment(paged, "page 2", page=2)], TODAY).level is Level.CONFIDENTIAL
