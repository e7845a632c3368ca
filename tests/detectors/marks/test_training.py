from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment
from detectors.marks import drill

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "机密★10年（培训样张）",
        "机密★10年 培训样张",
        "【示例】机密★10年",
        "绝密★长期（测试）",
        "机密★10年（仅供教学使用）",
        "SECRET (FOR TRAINING PURPOSES ONLY)",
        "TOP SECRET//SI//NOFORN - FOR TRAINING USE ONLY",
        "SECRET - TRAINING",
        "OFFICIAL-SENSITIVE (EXAMPLE)",
        "NATO SECRET - EXERCISE ONLY",
        "SAMPLE: SECRET//NOFORN",
    ],
)
def test_a_mark_that_says_it_is_for_training(engine, text):
    found = engine.detect(text, TODAY)
    assert (found.marks, found.level) == ((), Level.PUBLIC)
    assert [mention.outcome for mention in found.mentions] == [Outcome.TRAINING]
    assert "训" in found.mentions[0].reason.zh


@pytest.mark.parametrize(
    "text",
    [
        "机密★10年　　　　培训样张 / TRAINING SAMPLE",
        "机密★10年\n培训样张 / TRAINING SAMPLE\n关于选址的通知",
        "SECRET\nTRAINING SAMPLE\nReport",
        "机密★10年\n关于开展保密培训的通知",
        "机密★10年\n本教材仅供培训使用",
        "NATO SECRET EXERCISE",
    ],
)
def test_a_document_that_is_a_sample_or_about_training_is_still_marked(engine, text):
    assert engine.detect(text, TODAY).level is Level.SECRET


@pytest.mark.parametrize(
    "notice",
    [
        "本文所有密级标志仅供培训使用。",
        "文中密级标志均为示例",
        "\u3000\u3000文中密级标志仅供演示",
        "文中密级标志仅供演示\u3000\u3000",
        "CLASSIFIED FOR TRAINING ONLY",
        "UNCLASSIFIED - classification markings for training purposes only",
        "Markings are for exercise use only",
    ],
)
def test_a_notice_about_the_marks_turns_them_into_samples(engine, notice):
    for text in (f"{notice}\n机密★10年\nSECRET//NOFORN", f"机密★10年\nSECRET//NOFORN\n{notice}"):
        found = engine.detect(text, TODAY)
        assert (found.marks, found.level) == ((), Level.PUBLIC)
        assert {mention.outcome for mention in found.mentions} == {Outcome.TRAINING}


def test_a_notice_counts_where_marks_stand_and_for_its_own_document(engine):
    notice = "CLASSIFIED FOR TRAINING ONLY"
    far = "SECRET//NOFORN\n" + "The text.\n" * 40 + notice + "\n" + "The text.\n" * 40
    assert engine.detect(far, TODAY).level is Level.SECRET
    members = [
        Segment(f"{notice}\nSECRET", "a.docx > page 1", page=1),
        Segment("机密★10年", "b.docx > page 1", page=1),
    ]
    found = engine.inspect(members, TODAY)
    assert [(mark.regime, mark.where) for mark in found.marks] == [("cn", "b.docx > page 1 line 1")]


def test_a_long_line_is_no_notice(engine):
    notice = "CLASSIFIED FOR TRAINING ONLY"
    assert engine.detect(notice + " " * 4 + "x" * (160 - 32) + "\nSECRET", TODAY).level is Level.PUBLIC
    assert engine.detect(notice + " " * 4 + "x" * (161 - 32) + "\nSECRET", TODAY).level is Level.SECRET


def test_what_stands_beside_a_mark():
    assert drill.is_drill("（培训样张）")
    assert drill.is_drill(" - FOR TRAINING ONLY")
    assert not drill.is_drill("")
    assert not drill.is_drill("  ")
    assert not drill.is_drill("培训中心文件")
    assert not drill.is_drill("   培训样张")  # three spaces: a place of its own
    assert drill.is_drill("  培训样张")
    assert drill.without("（样例）", "x") == ("", "x", True)
    assert drill.without("x", "（样例）") == ("x", "", True)
    assert drill.without("x", "y") == ("x", "y", False)
    assert drill.is_word("FOR TRAINING ONLY")
    assert not drill.is_word("NOFORN")
    assert drill.is_word("TRAINING" + " " * 52)
    assert not drill.is_word("TRAINING" + " " * 53)
    assert drill.is_drill("测试" + "-" * 58)
    assert not drill.is_drill("测试" + "-" * 59)
