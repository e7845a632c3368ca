from datetime import date

import pytest

from config.levels import Level
from config.rules import Aggregation
from config.verdict import Finding, Mark, Outcome, Segment, Zone
from detectors.aggregation import notes

TODAY = date(2026, 1, 1)
LIMITS = Aggregation(documents=3, records=5)


def _mark(where, level=Level.SECRET, zone=Zone.BODY, outcome=Outcome.VALID, text="机密★10年"):
    return Mark(regime="cn", level=level, outcome=outcome, text=text, original="机密", where=where, zone=zone)


def _count(marks, limits=LIMITS):
    return len(notes(marks, (), limits))


def test_members_of_an_archive_are_documents():
    members = [_mark(f"a.zip > {number}.docx > page 1 line 1") for number in range(3)]
    assert _count(members) == 1
    assert _count(members[:2]) == 0
    (note,) = notes(members, (), LIMITS)
    assert "3 marked documents" in note.en
    assert "第四十三条" in note.zh


def test_a_header_on_every_page_is_one_document_and_gaps_part_several():
    assert _count([_mark(f"page {number} line 1") for number in range(1, 40)]) == 0
    assert _count([_mark(f"page {number} line 1") for number in (1, 5, 9)]) == 1
    assert _count([_mark(f"page {number} line 1") for number in (1, 2, 5, 6)]) == 0
    assert _count([_mark("page 1 line 1"), _mark("page 1 line 9"), _mark("page 1 line 12")]) == 0


def test_low_expired_and_hidden_marks_do_not_count():
    assert _count([_mark(f"{n}.docx > body line 1", Level.INTERNAL) for n in range(3)]) == 0
    assert _count([_mark(f"{n}.docx > body line 1", Level.CONFIDENTIAL) for n in range(3)]) == 1
    assert _count([_mark(f"{n}.docx > body line 1", outcome=Outcome.EXPIRED) for n in range(3)]) == 0
    assert _count([_mark(f"{n}.docx > property:X", zone=Zone.PROPERTY) for n in range(3)]) == 0
    assert _count([_mark(f"{n}.docx > file name", zone=Zone.NAME) for n in range(3)]) == 1


@pytest.mark.parametrize(("counts", "found"), [((5,), 1), ((4,), 0), ((2, 3), 1), ((2, 2), 0)])
def test_many_sensitive_values(counts, found):
    findings = [
        Finding(rule=f"x.{number}", level=Level.CONFIDENTIAL, confidence=1, where="", excerpt="", count=count)
        for number, count in enumerate(counts)
    ]
    assert len(notes([], findings, LIMITS)) == found
    low = [Finding(rule="x.y", level=Level.INTERNAL, confidence=1, where="", excerpt="", count=99)]
    assert notes([], low, LIMITS) == ()


def test_the_engine_says_it_and_raises_nothing(engine):
    members = [Segment("秘密★10年\n某某文件", f"a.zip > {n}.docx > page 1", page=1) for n in range(10)]
    found = engine.inspect(members, TODAY)
    assert (len(found.notes), found.level) == (1, Level.CONFIDENTIAL)
    assert engine.inspect(members[:9], TODAY).notes == ()
