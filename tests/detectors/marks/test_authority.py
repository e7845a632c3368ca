from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment
from detectors.marks import authority

PAGE = "SECRET\nReport\nClassified By: 7\nDerived From: Multiple Sources\n{}\n"


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("Declassify On: 20481231", date(2048, 12, 31)),
        ("DECLASSIFY ON: 2048-12-31", date(2048, 12, 31)),
        ("Declassify On: 31 December 2048", date(2048, 12, 31)),
        ("Declassify On: December 31, 2048", date(2048, 12, 31)),
        ("E.O. 13526: DECL: 12/31/2048", date(2048, 12, 31)),
        ("Declassify On: 25X1, 20481231", date(2048, 12, 31)),
        ("Declassify On: MR", None),
        ("Declassify On: Upon completion of the test", None),
        ("Declassify On: 20481331", None),
        ("Declassify On: 31 Foo 2048", None),
    ],
)
def test_reads_an_instruction(line, until):
    assert authority.read(line).until == until


@pytest.mark.parametrize("line", ["Declassify On: ", "Declassify On: ____", "We declassify on Mondays", "DECLARED: 1"])
def test_reads_none(line):
    assert authority.read(line) is None


def test_exemptions():
    assert all(authority.exempt(text) for text in ("25X1", "25X9-x", "50X1-HUM", "75X", "X1", "OADR", "MR"))
    assert not any(authority.exempt(text) for text in ("25Y1", "20481231", "MRS Smith"))


def test_the_latest_instruction_decides_and_one_without_a_date_keeps_it_closed():
    one, two = authority.read("Declassify On: 20301231"), authority.read("Declassify On: 25X1, 20401231")
    assert authority.latest([one, two]) == (date(2040, 12, 31), "25X1, 20401231")
    assert authority.latest([one]) == (date(2030, 12, 31), "")
    assert authority.latest([one, authority.read("Declassify On: OADR")]) == (None, "OADR")
    assert authority.latest([]) == (None, "")


@pytest.mark.parametrize(
    ("line", "expires", "condition", "outcome"),
    [
        ("Declassify On: 20251231", "2025-12-31", None, Outcome.EXPIRED),
        ("Declassify On: 20260101", "2026-01-01", None, Outcome.FOREIGN),
        ("Declassify On: 25X1, 20591231", "2059-12-31", "25X1, 20591231", Outcome.FOREIGN),
        ("Declassify On: Completion of the test", None, "Completion of the test", Outcome.FOREIGN),
    ],
)
def test_it_takes_effect_on_the_mark(engine, line, expires, condition, outcome):
    (mark,) = engine.inspect([Segment(PAGE.format(line), "page 1", page=1)], date(2026, 1, 1)).marks
    assert (mark.expires, mark.condition, mark.outcome) == (expires, condition, outcome)


def test_it_speaks_for_its_own_document_only(engine):
    members = [
        Segment(PAGE.format("Declassify On: 20101231"), "a.zip > 1.docx > page 1", page=1),
        Segment("SECRET\nPlan", "a.zip > 2.docx > page 1", page=1),
    ]
    found = engine.inspect(members, date(2026, 1, 1))
    assert {mark.where: mark.outcome for mark in found.marks} == {
        "a.zip > 1.docx > page 1 line 1": Outcome.EXPIRED,
        "a.zip > 2.docx > page 1 line 1": Outcome.FOREIGN,
    }
    assert found.level is Level.SECRET
