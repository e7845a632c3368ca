from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment, Zone

TODAY = date(2026, 1, 1)
HIGH, LOW = Level.CONFIDENTIAL, Level.INTERNAL


def _in(engine, zone, text, where=""):
    return [mark.level for mark in engine.inspect([Segment(text, where or str(zone), zone)], TODAY).marks]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("COMPANY PROPRIETARY", HIGH),
        ("Privileged & Confidential", HIGH),
        ("ATTORNEY-CLIENT PRIVILEGED AND CONFIDENTIAL", HIGH),
        ("CONFIDENTIAL TREATMENT REQUESTED BY ACME BIOSCIENCES, INC.", HIGH),
        ("Confidential Draft", HIGH),
        ("Draft - Confidential", HIGH),
        ("Restricted Distribution", LOW),
        ("Not for distribution - internal only", LOW),
        ("Proprietary & Confidential | 12", HIGH),
        ("Acme Corp. Confidential and Proprietary                Page 4", HIGH),
        ("Classification: Internal", LOW),
        ("Document classification: Restricted", LOW),
        ("Data Classification: Highly Confidential", HIGH),
        ("Sensitivity: Internal Use Only", LOW),
        ("Classification: Secret", Level.SECRET),
        ("C2 - Internal", LOW),
        ("Classification: C3 Confidential", HIGH),
        ("Information class: Internal", LOW),
        ("Confidential – Not for circulation", HIGH),
        ("Highly restricted", LOW),
        ("Strettamente riservato e confidenziale", HIGH),
        ("This document is confidential and proprietary to Acme Ltd. It must not be copied.", HIGH),
        ("VERTRAULICH", HIGH),
        ("Streng vertraulich – Nur für den internen Gebrauch", HIGH),
        ("Nur für internen Gebrauch", LOW),
        ("Confidentiel", HIGH),
        ("Usage interne uniquement", LOW),
        ("Documento confidencial", HIGH),
        ("USO INTERNO", LOW),
        ("Vertrouwelijk", HIGH),
        ("社外秘", LOW),
    ],
)
def test_reads_a_notice(mark, text, level):
    found = mark(text + "\n\nMinutes of the board")
    assert (found.regime, found.level, found.outcome) == ("commercial", level, Outcome.COMMERCIAL)


@pytest.mark.parametrize(
    "text",
    [
        "Classification: Public",
        "Classification: ________",
        "classification: internal",
        "Classification: Internal, Confidential or Restricted",
        "Sensitivity: 0.82",
        "This document is not confidential.",
        "This e-mail is confidential and intended for the addressee only.",
        "Non-Confidential Draft",
        "Proprietary software vendors",
        "Die Angaben sind vertraulich.",
        "vertraulich",
        "Usage interne du bâtiment",
        "Confidential\n( ) Yes  ( ) No",
        "Confidential\n☐ Yes ☐ No",
        "Public\nInternal\nConfidential\nStrictly Confidential",
        "A1 - Internal",
        "Internal",
        "This presentation is confidential in nature only during the quiet period.",
        "Classification: Mammalia",
        "Confidentiality: High",
        "C1 - Internal combustion engines",
        "Restricted | Internal | Public",
        "Privileged & Confidential: what the labels mean",
        "USO INTERNO ED ESTERNO",
    ],
)
def test_ordinary_words_are_none(marks, text):
    assert marks(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Internal",
        "ACME INTERNAL",
        "Confidential Information – Acme GmbH",
        "ACME – Company Internal",
        "intern | Muster GmbH | Seite 3",
        "Acme Bank Internal Use",
    ],
)
def test_counts_where_marks_are_placed(engine, marks, text):
    assert len(_in(engine, Zone.HEADER, text)) == 1
    assert marks(text + "\n\nMinutes") == ()


@pytest.mark.parametrize(
    "text",
    [
        "not internal",
        "Journal of Confidential Enquiries",
        "Internal Medicine",
        "intern",
        "Department of Internal Affairs",
    ],
)
def test_a_header_may_hold_any_words(engine, text):
    assert _in(engine, Zone.HEADER, text) == []


def test_sentences_and_single_words_in_a_sheet_are_values(engine):
    assert _in(engine, Zone.CELL, "This document is confidential.") == []
    assert _in(engine, Zone.CELL, "Vertraulich") == []
    assert _in(engine, Zone.CELL, "Streng vertraulich", "Sheet1!A1") == [HIGH]


def test_the_words_of_a_country_stay_its_own(mark):
    assert mark("CONFIDENTIAL DRAFT").regime == "us"
    assert mark("Classification: SECRET").regime == "us"


@pytest.mark.parametrize(
    ("subject", "levels"),
    [
        ("CONFIDENTIAL: Q3 restructuring plan", [HIGH]),
        ("[Confidential] Salary bands", [HIGH]),
        ("Re: [INTERNAL ONLY] outage", [LOW]),
        ("回复：【内部】关于调整的通知", [LOW]),
        ("【机密】关于报送计划的函", [Level.SECRET]),
        ("OFFICIAL-SENSITIVE: Draft letter", [LOW]),
        ("VS-NfD: Lagebericht", [LOW]),
        ("SECRET - exercise plan", [Level.SECRET]),
        ("Internal: canteen menu", []),
        ("Secret Santa: who is in?", []),
        ("Signing the confidentiality agreement - reminder", []),
        ("a, b; STRICTLY CONFIDENTIAL", [HIGH]),
        ("[EXTERNAL] [CONFIDENTIAL] draft", [HIGH]),
        ("Minutes", []),
    ],
)
def test_a_subject_begins_with_its_mark(engine, subject, levels):
    assert _in(engine, Zone.PROPERTY, subject, "property:Subject") == levels


def test_the_place_of_a_mark_in_a_subject(engine):
    subject = "Re: [Confidential] Salary bands"
    (mark,) = engine.inspect([Segment(subject, "property:Subject", Zone.PROPERTY)], TODAY).marks
    assert subject[mark.start : mark.end] == "Confidential"


@pytest.mark.parametrize(
    ("subject", "level"),
    [
        ("Subject: [Confidential] Q3 numbers", HIGH),
        ("Subject: CONFIDENTIAL: Q3 numbers", HIGH),
        ("Subject: STRICTLY CONFIDENTIAL - restructuring", HIGH),
        ("Subject: RE: Internal use only: pricing", LOW),
        ("Betreff: Vertraulich: Angebot", HIGH),
        ("主题：【内部资料】薪酬方案", LOW),
        ("主题: [机密] 并购项目进展", Level.SECRET),
    ],
)
def test_the_line_of_a_subject(mark, subject, level):
    assert mark(f"From: ann@acme.example\n{subject}\n\nsee below").level == level


@pytest.mark.parametrize(
    "line",
    [
        "Subject: Confidentiality agreement - signature",
        "Subject: secret santa: who is in?",
        "Subject: Numbers",
        "主题：关于签署保密协议的通知：请查收",
        "主题: 机密 并购项目",
    ],
)
def test_the_line_of_another_subject(marks, line):
    assert marks(f"{line}\n\nHi") == ()


@pytest.mark.parametrize(
    ("row", "level"),
    [
        ("Classification\tInternal", LOW),
        ("Document classification | Confidential", HIGH),
        ("密级\t内部", LOW),
    ],
)
def test_a_field_in_the_cell_to_its_left(mark, row, level):
    assert mark(f"Title\tAccess Control\n{row}\nVersion\t1.4").level == level


@pytest.mark.parametrize(
    "table",
    [
        "Classification\tMeaning\nInternal\tstaff only\nConfidential\tnamed people",
        "Title\tClassification\nAlpha\tInternal\nBeta\tConfidential",
    ],
)
def test_a_table_of_levels_is_none(marks, table):
    assert marks(table) == ()


@pytest.mark.parametrize("text", ["Confidential/Proprietary", "PRIVATE AND CONFIDENTIAL - ADDRESSEE ONLY"])
def test_two_parts_of_a_notice(mark, text):
    assert mark(f"{text}\nSupplier agreement").level == HIGH
