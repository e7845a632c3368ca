from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone


@pytest.mark.parametrize(
    "text",
    [
        "IN-CONFIDENCE",
        "IN CONFIDENCE",
        "STAFF IN-CONFIDENCE",
        "CABINET-IN-CONFIDENCE",
        "RESTRICTED//NZEO",
        "BUDGET IN CONFIDENCE",
    ],
)
def test_reads_a_mark(mark, text):
    found = mark(text)
    assert (found.regime, found.level) == ("nz", Level.INTERNAL)


def test_sensitive_only_where_marks_are_placed(engine):
    header = [Segment("SENSITIVE", "header", Zone.HEADER)]
    assert [mark.regime for mark in engine.inspect(header, date(2026, 1, 1)).marks] == ["nz"]
    assert engine.inspect([Segment("SENSITIVE", "body")], date(2026, 1, 1)).marks == ()


def test_the_commercial_form_is_the_companys(mark):
    assert mark("COMMERCIAL IN CONFIDENCE").regime == "commercial"
