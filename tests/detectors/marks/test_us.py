from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment, Zone


@pytest.mark.parametrize(
    ("text", "level", "caveats"),
    [
        ("TOP SECRET//SI//NOFORN", Level.TOP_SECRET, ("SI", "NOFORN")),
        ("SECRET//REL TO USA, AUS, CAN", Level.SECRET, ("REL TO USA, AUS, CAN",)),
        ("SECRET", Level.SECRET, ()),
        ("TOP SECRET DINAR", Level.TOP_SECRET, ("DINAR",)),
        ("1. (C/NF) The embassy said so.", Level.CONFIDENTIAL, ("NF",)),
        ("(TS) The station reported.\n(U) End of message.", Level.TOP_SECRET, ()),
        ("CONFIDENTIAL-MODIFIED HANDLING", Level.CONFIDENTIAL, ("MODIFIED HANDLING",)),
        ("SECRET-RESTRICTED DATA", Level.SECRET, ("RESTRICTED DATA",)),
        ("CONFIDENTIAL//FORMERLY RESTRICTED DATA", Level.CONFIDENTIAL, ("FORMERLY RESTRICTED DATA",)),
        ("TOP SECRET UMBRA", Level.TOP_SECRET, ("UMBRA",)),
        ("SECRET NODIS", Level.SECRET, ("NODIS",)),
        ("C O N F I D E N T I A L ROME 012345", Level.CONFIDENTIAL, ()),
        ("S E C R E T SECTION 01 OF 02 ROME 001234", Level.SECRET, ()),
        ("DRAFT SECRET", Level.SECRET, ()),
        ("SECRET (when filled in)", Level.SECRET, ()),
        ("S E C R E T", Level.SECRET, ()),
        ("T O P  S E C R E T", Level.TOP_SECRET, ()),
        ("S-E-C-R-E-T", Level.SECRET, ()),
        ("CONFIDENTIAL//NOFORN", Level.CONFIDENTIAL, ("NOFORN",)),
        ("SECRET/NOFORN", Level.SECRET, ("NOFORN",)),
        ("CONFIDENTIAL NOFORN NOCONTRACT", Level.CONFIDENTIAL, ("NOFORN NOCONTRACT",)),
        ("SECRET - NO FOREIGN DISSEM", Level.SECRET, ("NO FOREIGN DISSEM",)),
        ("~ SECRET", Level.SECRET, ()),
        ("SECRET   Page 3 of 9", Level.SECRET, ()),
        ("SECRET 031532Z MAR 71 STAFF", Level.SECRET, ()),
        ("SEGRET", Level.SECRET, ()),
        ("Top Secret//SI", Level.TOP_SECRET, ("SI",)),
        ("ＳＥＣＲＥＴ", Level.SECRET, ()),
        ("SЕСRЕТ", Level.SECRET, ()),
    ],
)
def test_reads_a_banner(mark, text, level, caveats):
    found = mark(text)
    assert (found.regime, found.level, found.caveats, found.outcome) == ("us", level, caveats, Outcome.FOREIGN)


@pytest.mark.parametrize(
    "text",
    [
        "SECRET SERVICE",
        "SECRET ARMY ORGANIZATION",
        "THE SECRETARY OF STATE",
        "Store the client_secret in a vault.",
        "kind: Secret",
        "The files were marked SECRET and TOP SECRET.",
        "This document is not SECRET.",
        "Top Secret clearance required",
        "UNCLASSIFIED CONFIDENTIAL SECRET",
        "SECRET/CONFIDENTIAL (delete as appropriate)",
        "UNCLASSIFIED | | CONFIDENTIAL || SECRET |",
        "This e-mail is confidential and may be privileged.",
        "CONFIDENTIALITY NOTICE: this message",
        "(C) 2024 Example Corp.",
        "(s) stands for the plural",
        "DECLASSIFIED SECRET",
        "UNCLASSIFIED",
        "API_SECRET=",
    ],
)
def test_words_forms_and_sentences_are_none(marks, text):
    assert marks(text) == ()


def test_a_ticked_form_counts(mark):
    assert mark("☐ UNCLASSIFIED ☐ CONFIDENTIAL ☒ SECRET").level is Level.SECRET


def test_a_field_counts(mark):
    assert mark("Classification: SECRET").outcome is Outcome.FIELD_FILLED


def test_a_portion_mark_with_a_control_stands_for_itself(mark):
    found = mark("1. (S//NF) The convoy left at dawn.")
    assert (found.level, found.caveats) == (Level.SECRET, ("NF",))


def test_one_list_letter_is_no_portion_but_two_levels_are(marks):
    assert marks("(C) Choose a supplier.\n(D) Sign.") == ()
    assert {mark.level for mark in marks("1. (S) The convoy left.\n2. (C) It came back.")} == {
        Level.SECRET,
        Level.CONFIDENTIAL,
    }


def test_declassification_dates_and_stamps_take_effect(engine):
    page = "SECRET\nReport\nClassified By: 7\nDerived From: Multiple Sources\nDeclassify On: {}\n"
    kept = engine.inspect([Segment(page.format("20481231"), "page 1", page=1)], date(2026, 1, 1))
    assert (kept.marks[0].expires, kept.level) == ("2048-12-31", Level.SECRET)
    over = engine.inspect([Segment(page.format("20101231"), "page 1", page=1)], date(2026, 1, 1))
    assert (over.marks[0].outcome, over.level) == (Outcome.EXPIRED, Level.PUBLIC)
    lifted = engine.inspect([Segment("DECLASSIFIED by E.O. 13526\nSECRET\nReport", "page 1", page=1)], date(2026, 1, 1))
    assert (lifted.marks, lifted.level) == ((), Level.PUBLIC)


def test_headers_of_every_page_are_one_mark(engine):
    pages = [Segment("SECRET//NOFORN", "header", Zone.HEADER) for _ in range(40)]
    assert len(engine.inspect(pages, date(2026, 1, 1)).marks) == 1


@pytest.mark.parametrize("text", ["Classification: SECRET", "CLASSIFICATION SECRET"])
def test_reads_a_field(mark, text):
    found = mark(text)
    assert (found.level, found.outcome) == (Level.SECRET, Outcome.FIELD_FILLED)


def _inspected(engine, *segments):
    return [(mark.text, mark.outcome) for mark in engine.inspect(segments, date(2026, 1, 1)).marks]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SEGRET 12", True),
        ("12 SEGRET 3456", True),
        ("12 SEGRET 345678901", False),
        ("THE SEGRET PAPERS", False),
        ("SEGRET" + " " * 3 + "." * 40, False),
    ],
)
def test_a_damaged_word_has_little_beside_it(marks, text, found):
    assert bool(marks(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("COPY 12 OF 9 SECRET", True),
        ("12345678901 SECRET", True),
        ("1234567890123 SECRET", False),
        ("SECRET  page 12 of 14", True),
        ("SECRET  page 123 of 1400", False),
        ("SECRET OFFICE OF THE CHIEF", False),
    ],
)
def test_a_lone_level_has_a_page_number_beside_it_and_no_more(marks, text, found):
    assert bool(marks(text)) is found


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("NOTE 7 SECRET//NOFORN", Outcome.FOREIGN),
        ("NOTE OF THE STAFF OF THE FIRST DIVISION 7 SECRET//NOFORN", Outcome.MENTION),
        ("Subject: SECRET//NOFORN - the convoy", Outcome.FOREIGN),
        ("Subject: SECRET//NOFORN the convoy", Outcome.MENTION),
        ("a page of SECRET//NOFORN", Outcome.FOREIGN),
        ("marked SECRET//NOFORN", Outcome.MENTION),
    ],
)
def test_what_stands_beside_a_banner_with_controls(engine, text, outcome):
    found = engine.detect(text, date(2026, 1, 1))
    assert [each.outcome for each in (*found.marks, *found.mentions)] == [outcome]


@pytest.mark.parametrize(("label", "outcomes"), [("Classification", [("SECRET", Outcome.FIELD_FILLED)]), ("Title", [])])
def test_the_cell_beside_the_name_of_the_field_is_the_field(engine, label, outcomes):
    cells = (("Sheet!A9", label), ("Sheet!B9", "SECRET"))
    assert _inspected(engine, *(Segment(text, at, Zone.CELL, lines=False) for at, text in cells)) == outcomes


def test_a_line_below_the_name_of_the_field_is_a_banner(engine):
    assert _inspected(engine, Segment("Classification\nSECRET", "body")) == [("SECRET", Outcome.FOREIGN)]


@pytest.mark.parametrize(("at", "found"), [("Sheet!B2", True), ("Sheet!B9", False)])
def test_a_lone_word_in_a_cell_counts_in_the_head_of_a_sheet(engine, at, found):
    assert bool(_inspected(engine, Segment("SECRET", at, Zone.CELL, lines=False))) is found


@pytest.mark.parametrize(
    ("head", "row", "found"),
    [
        ("Classification Title", "SECRET Report on the convoy", True),
        ("Classification Title", "SECRET " + "Report on the convoy " * 4, False),
        ("Classification", "SECRET Report on the convoy", False),
        ("Classification " + "Title of the paper " * 5, "SECRET Report on the convoy", False),
        ("Number Title", "SECRET Report on the convoy", False),
    ],
)
def test_a_row_under_the_head_of_a_table_without_a_grid(engine, head, row, found):
    outcomes = [outcome for _, outcome in _inspected(engine, Segment(f"{head}\n{row}", "body"))]
    assert outcomes == ([Outcome.FIELD_FILLED] if found else [])


@pytest.mark.parametrize(
    ("text", "caveats"),
    [
        ("//DEU SECRET", ("FGI DEU",)),
        ("//JOINT SECRET CAN DEU USA", ("JOINT CAN DEU USA",)),
        ("//DEU SECRET//NOFORN", ("NOFORN", "FGI DEU")),
    ],
)
def test_marks_of_other_countries(mark, text, caveats):
    assert mark(text).caveats == caveats


@pytest.mark.parametrize(
    ("text", "sure"),
    [("SECRET 121530Z JUN 63", 0.85), ("SECRET 1215302 CITE STATION", 0.85), ("SECRET 121530Z from the station", None)],
)
def test_the_line_of_a_telegram(marks, text, sure):
    assert [mark.confidence for mark in marks(text)] == ([sure] if sure else [])


@pytest.mark.parametrize(
    ("line", "outcomes"),
    [
        ("[x] SECRET [ ] CONFIDENTIAL", [Outcome.FIELD_FILLED]),
        ("[x] UNCLASSIFIED [ ] SECRET", []),
        ("[x] SECRET [x] CONFIDENTIAL", [Outcome.FIELD_BLANK]),
        ("[ ] SECRET [ ] CONFIDENTIAL", [Outcome.FIELD_BLANK]),
        ("SECRET CONFIDENTIAL INTERNAL", [Outcome.FIELD_BLANK]),
        ("OFFICIAL RESTRICTED", []),
    ],
)
def test_the_boxes_of_a_form(engine, line, outcomes):
    found = engine.detect(line, date(2026, 1, 1))
    assert [each.outcome for each in (*found.marks, *found.mentions) if each.regime == "us"] == outcomes


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("(C) Choose a supplier.", 0),
        ("(C) Choose a supplier.\n(C) Sign.", 0),
        ("SECRET\n(C) Choose a supplier.", 2),
        ("SEGRET\n(C) Choose a supplier.", 2),
        ("(S//NF) The convoy left.\n(C) It came back.", 2),
        ("NATO SECRET\n(C) Choose a supplier.", 1),
        ("机密★10年\n(C) Choose a supplier.", 1),
    ],
)
def test_a_letter_in_brackets_needs_the_company_of_its_own_regime(marks, text, count):
    assert len(marks(text)) == count


def test_a_stamp_of_one_regime_leaves_the_others(engine):
    page = Segment("DECLASSIFIED by E.O. 13526\nSECRET\n机密★10年\nReport", "page 1", page=1)
    assert _inspected(engine, page) == [("机密★10年", Outcome.VALID)]


@pytest.mark.parametrize(("day", "over"), [("20251231", True), ("20260101", False), ("20260102", False)])
def test_a_mark_holds_on_the_day_it_ends(engine, day, over):
    found = engine.inspect([Segment(f"SECRET\nReport\nDeclassify On: {day}", "page 1", page=1)], date(2026, 1, 1))
    assert [mark.outcome is Outcome.EXPIRED for mark in found.marks] == [over]


def test_a_release_by_the_agency_cancels_the_old_mark(engine):
    found = engine.detect("Approved For Release 2003/08/05 : CIA-RDP79T00975A0001\n\nSECRET", date(2026, 1, 1))
    assert [mark.outcome for mark in found.mentions] == [Outcome.CANCELLED]
    assert found.marks == ()


@pytest.mark.parametrize("line", ["Approved for release by the editor", "Approved For Release: pending review"])
def test_other_releases_cancel_nothing(marks, line):
    assert len(marks(f"{line}\n\nSECRET")) == 1


def test_a_cover_sheet_carries_its_level(mark):
    assert mark("SECRET COVER SHEET\nSTANDARD FORM 704").level == Level.SECRET
