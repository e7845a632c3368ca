"""What one document of a file says of its marks holds for it alone; and from when a term counts."""

from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment

TODAY = date(2026, 1, 1)


def test_a_stamp_on_one_member_says_nothing_of_the_others(engine):
    members = [
        Segment("机密★10年\n此件已解密\n某某局文件", "a.zip > 1.docx > page 1", page=1),
        Segment("绝密★10年\n某某局文件", "a.zip > 2.docx > page 1", page=1),
        Segment("DECLASSIFIED\nSECRET\nReport", "a.zip > 3.docx > page 1", page=1),
        Segment("TOP SECRET\nReport", "a.zip > 4.docx > page 1", page=1),
    ]
    found = engine.inspect(members, TODAY)
    assert [mark.where for mark in found.marks] == ["a.zip > 2.docx > page 1 line 1", "a.zip > 4.docx > page 1 line 1"]
    assert {mention.outcome for mention in found.mentions} == {Outcome.CANCELLED}
    assert found.level is Level.TOP_SECRET


def test_each_member_counts_from_its_own_date(engine):
    members = [
        Segment("秘密★1年\n某某局文件\n2020年3月5日", "a.zip > 1.docx > page 1", page=1),
        Segment("秘密★1年\n某某局文件\n2025年12月31日", "a.zip > 2.docx > page 1", page=1),
    ]
    found = engine.inspect(members, TODAY)
    assert [(mark.dated, mark.outcome) for mark in found.marks] == [
        ("2020-03-05", Outcome.EXPIRED),
        ("2025-12-31", Outcome.VALID),
    ]


def test_a_letter_in_brackets_is_weighed_by_its_own_document(engine):
    members = [
        Segment("SECRET//NOFORN\nPlan", "a.zip > 1.docx > page 1", page=1),
        Segment("(C) Choose a supplier.", "a.zip > 2.docx > page 1", page=1),
    ]
    assert [mark.where for mark in engine.inspect(members, TODAY).marks] == ["a.zip > 1.docx > page 1 line 1"]


@pytest.mark.parametrize(
    "line",
    [
        "2023年5月1日",
        "二〇二三年五月一日",
        "二○二三年五月一日",
        "二 〇 二 三 年 五 月 一 日",
        "２０２３年５月１日",
        "某某办公室　　2023年5月1日印发",
        "2023年5月1日印发",
        "（2023年5月1日）",
        "2023-05-01",
        "2023.5.1",
        "日期：2023/5/1",
        "印发日期\t2023年5月1日",
        " " * 90 + "2023年5月1日",  # moved to the right
        "2023年5月1日" + "\u3000" * 90,
    ],
)
def test_dates_of_issue(engine, line):
    (mark,) = engine.detect(f"机密★10年\n某某文件\n{line}", TODAY).marks
    assert (mark.dated, mark.expires) == ("2023-05-01", "2033-05-01")


@pytest.mark.parametrize(
    "line", ["会议于2023年5月1日召开", "2023-13-01", "2023年2月30日", "x" * 76 + "2023年5月1日印发"]
)
def test_other_dates(engine, line):
    (mark,) = engine.detect(f"机密★10年\n某某文件\n{line}", TODAY).marks
    assert (mark.dated, mark.expires) == (None, None)
    assert "未找到成文日期" in mark.reason.zh


@pytest.mark.parametrize(("blanks", "found"), [(80 - 16, True), (81 - 16, False)])
def test_the_imprint_fits_a_line(engine, blanks, found):
    line = "某某办公室" + " " * blanks + "2023年5月1日印发"
    assert (engine.detect(f"机密★10年\n某某文件\n{line}", TODAY).marks[0].dated is not None) is found


def test_the_latest_date_that_is_not_in_the_future(engine):
    dates = "2023年5月1日\n2024年5月1日\n2022年5月1日\n2026年1月2日"
    assert engine.detect(f"机密★10年\n{dates}", TODAY).marks[0].dated == "2024-05-01"
    assert engine.detect("机密★10年\n2026年1月1日", TODAY).marks[0].dated == "2026-01-01"


def test_a_term_is_over_on_the_day_after_its_last(engine):
    text = "秘密★1年\n某某文件\n2025年1月1日"
    assert engine.detect(text, date(2026, 1, 1)).marks[0].outcome is Outcome.VALID
    assert engine.detect(text, date(2026, 1, 2)).marks[0].outcome is Outcome.EXPIRED


def test_a_term_without_end_asks_for_no_date(engine):
    assert "未找到" not in engine.detect("机密★长期", TODAY).marks[0].reason.zh
    assert engine.detect("机密★长期\n2020年6月7日", TODAY).marks[0].expires is None


def test_an_exam_paper_does_not_expire_into_nothing(engine):
    assert engine.detect("绝密★启用前\n2020年6月7日", TODAY).marks[0].outcome is Outcome.EXAM


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("原机密★10年，现降为秘密★5年", Level.CONFIDENTIAL),
        ("机密★10年（原绝密★20年）", Level.SECRET),
        ("密级变更：机密★10年→秘密★5年", Level.CONFIDENTIAL),
        ("原密级 机密★10年\n现密级 秘密★5年", Level.CONFIDENTIAL),
        ("原密级：机密★10年", Level.PUBLIC),
        ("机密★10年（已解除）", Level.PUBLIC),
        ("机密★10年  作废", Level.PUBLIC),
    ],
)
def test_a_changed_mark_beside_the_new_one(engine, text, level):
    found = engine.detect(text, TODAY)
    assert found.level is level
    assert Outcome.CANCELLED in {mention.outcome for mention in found.mentions}


@pytest.mark.parametrize(
    ("stamp", "lifted"),
    [
        ("解密章", True),
        ("（2025年12月31日解密）", True),
        ("（2026年1月1日解密）", True),
        ("（2026年1月2日解密）", False),
        ("此件已于2025年解密", True),
        ("此件于2026年解密", False),
        ("2025年12月起解密", True),
        ("2026年1月起解密", False),
        ("保密期限届满，自行解密", True),
        ("解密 2025年1月1日", True),
        ("解密条件另行通知", False),
    ],
)
def test_a_stamp_with_its_day(engine, stamp, lifted):
    assert (engine.detect(f"机密★10年\n{stamp}\n某某文件", TODAY).level is Level.PUBLIC) is lifted
