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
