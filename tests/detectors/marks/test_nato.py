from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("NATO SECRET", Level.SECRET),
        ("//NATO SECRET//ATOMAL", Level.SECRET),
        ("COSMIC TOP SECRET//BOHEMIA", Level.TOP_SECRET),
        ("COSMIC TOP SECRET ATOMAL", Level.TOP_SECRET),
        ("NATO RESTRICTED", Level.INTERNAL),
        ("NATO  RESTRICTED", Level.INTERNAL),
        ("Classification: NATO SECRET", Level.SECRET),
        ("NATO/PfP CONFIDENTIAL", Level.CONFIDENTIAL),
        ("KFOR SECRET", Level.SECRET),
        ("NATO CONFIDENTIAL", Level.CONFIDENTIAL),
        ("3. (NS) The exercise began on Monday morning.", Level.SECRET),
    ],
)
def test_reads_a_mark(mark, text, level):
    found = mark(text)
    assert (found.regime, found.level) == ("nato", level)


@pytest.mark.parametrize("text", ["NATO Secretary General", "NATO UNCLASSIFIED", "the words NATO SECRET in a sentence"])
def test_words_are_none(marks, text):
    assert marks(text) == ()


def test_a_paper_made_public_keeps_a_mark_that_raises_nothing(engine):
    page = "DECLASSIFIED/DÉCLASSIFIÉ - PUBLIC DISCLOSED/MISE EN LECTURE PUBLIQUE\nNATO SECRET\nNote by the chairman"
    found = engine.inspect([Segment(page, "page 1", page=1)], date(2026, 1, 1))
    assert (found.level, found.marks) == (Level.PUBLIC, ())
    assert found.mentions[0].outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("ANNEX B: NATO SECRET", Outcome.FOREIGN),
        ("NATO SECRET" + " ANNEX" * 13, Outcome.FOREIGN),
        ("NATO SECRET" + " ANNEX" * 14, Outcome.MENTION),
    ],
)
def test_a_few_words_in_capitals_may_stand_beside_a_mark(engine, line, outcome):
    found = engine.detect(line, date(2026, 1, 1))
    assert [each.outcome for each in (*found.marks, *found.mentions)] == [outcome]


def test_the_french_word_after_the_english_name(mark):
    assert mark("NATO CONFIDENTIEL\nCOMITE MILITAIRE").level == Level.CONFIDENTIAL
