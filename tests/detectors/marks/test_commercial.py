from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment, Zone

TODAY = date(2026, 1, 1)
FAR = Segment("正文。\n" * 900, "body")  # what stands after it is not at the head of the document


@pytest.mark.parametrize(
    ("text", "level", "outcome", "term"),
    [
        ("甲乙集团 核心商密▲5年", Level.CONFIDENTIAL, Outcome.COMMERCIAL, "5年"),
        ("普通商密★３年", Level.INTERNAL, Outcome.COMMERCIAL, "3年"),
        ("商 业 秘 密 ★ 1 0 年", Level.INTERNAL, Outcome.COMMERCIAL, "10年"),
        ("核心商密", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("商业秘密 - 机密 - 保密期限5年", Level.INTERNAL, Outcome.COMMERCIAL, "5年"),
        ("密级：普通商密", Level.INTERNAL, Outcome.COMMERCIAL, None),
        ("密级:核心商业秘密", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("普通商业秘密★3年", Level.INTERNAL, Outcome.COMMERCIAL, "3年"),
        ("工作秘密★3年", Level.INTERNAL, Outcome.WORK_SECRET, "3年"),
        ("内部资料　注意保密", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("【内部事项 注意保管】", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("仅供内部使用，严禁外传", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("公司机密 请勿外传", Level.INTERNAL, Outcome.COMMERCIAL, None),
        ("公司绝密", Level.INTERNAL, Outcome.COMMERCIAL, None),
        ("工作秘密 内部文件 不得外传", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("【商业机密】某项目报价方案", Level.INTERNAL, Outcome.COMMERCIAL, None),
        ("商密等级：■核心商密 □普通商密", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("内部发行", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("密级：内部", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("内部★3年", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("保密资料 严禁外传", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("本资料仅供内部使用，严禁外传。", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("内部使用★不得外传", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("【内部资料 严禁外传】经营分析", Level.INTERNAL, Outcome.WORK_SECRET, None),
        ("Acme GmbH – STRICTLY CONFIDENTIAL", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("STRICTLY CONFIDENTIAL", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("Acme Inc. Proprietary and Confidential", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("© 2024 Acme Ltd. Confidential", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("Acme Corp. Confidential", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("Acme Confidential and Proprietary", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("ACME CONFIDENTIAL - Internal Use Only", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("Confidential", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("Confidential – Do not distribute", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("Internal Use Only - Do Not Distribute", Level.INTERNAL, Outcome.COMMERCIAL, None),
        ("COMMERCIAL-IN-CONFIDENCE", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("TRADE SECRET", Level.INTERNAL, Outcome.COMMERCIAL, None),
        ("For internal use only", Level.INTERNAL, Outcome.COMMERCIAL, None),
    ],
)
def test_reads_a_mark(mark, text, level, outcome, term):
    found = mark(text)
    assert (found.level, found.outcome, found.term) == (level, outcome, term)


def test_says_that_the_star_is_reserved(mark):
    assert "★仅用于国家秘密" in mark("普通商密★3年").reason.zh
    assert "★仅用于国家秘密" not in mark("普通商密▲3年").reason.zh
    assert "★仅用于国家秘密" not in mark("工作秘密★3年").reason.zh


@pytest.mark.parametrize(
    "text",
    [
        "双方应当对商业秘密承担保密义务。",
        "侵犯商业秘密的，依照本法处罚",
        "商业秘密保护管理办法",
        "核心商密、普通商密两级",
        "宗教内部资料性出版物管理办法",
        "单位内部使用的车辆",
        "公司内部文件管理规定",
        "商密等级：□核心商密 □普通商密",
        "【内部资料管理办法】解读与问答",
        "商密等级：■核心商密 ■普通商密",
        "【商业秘密】侵犯商业秘密案例",
        "商业机密请勿外传是基本要求",
        "保密文件应当登记",
        "泄露工作秘密的，依法给予处分。",
        "This is for internal use only by our staff.",
    ],
)
def test_prose_is_none(marks, text):
    assert marks(text) == ()


def _outcomes(engine, *segments):
    return [mark.outcome for mark in engine.inspect([FAR, *segments], TODAY).marks]


@pytest.mark.parametrize(
    ("label", "row", "text", "outcomes"),
    [
        ("密级", 20, "商业秘密", [Outcome.COMMERCIAL]),
        ("备注", 20, "商业秘密", []),
        ("备注", 2, "商业秘密", [Outcome.COMMERCIAL]),
        ("备注", 20, "商业秘密★5年", [Outcome.COMMERCIAL]),
        ("备注", 20, "内部资料", []),
        ("备注", 2, "内部资料", [Outcome.WORK_SECRET]),
        ("备注", 2, "内部资料 注意保存", [Outcome.WORK_SECRET]),
        ("密级", 20, "内部资料 注意保存", [Outcome.WORK_SECRET]),
        ("密级", 20, "内部资料", [Outcome.WORK_SECRET]),
    ],
)
def test_a_cell_counts_in_the_head_of_a_sheet_or_beside_its_label(engine, label, row, text, outcomes):
    cells = ((f"册!A{row}", label), (f"册!B{row}", text))
    assert _outcomes(engine, *(Segment(said, at, Zone.CELL, lines=False) for at, said in cells)) == outcomes


@pytest.mark.parametrize(
    ("line", "outcomes"),
    [
        ("密级\t内部资料", [Outcome.WORK_SECRET]),
        ("备注\t内部资料", []),
        ("密级\n内部资料", []),  # a heading of the text, and the next line
        ("密级\t商业秘密", [Outcome.COMMERCIAL]),
    ],
)
def test_tabs_part_cells_in_a_text(engine, line, outcomes):
    prose = "各单位要认真执行。\n" * 40
    assert _outcomes(engine, Segment(f"{prose}{line}\n{prose}", "body")) == outcomes


@pytest.mark.parametrize(
    ("row", "outcomes"),
    [
        ("密级\t商业秘密", [Outcome.COMMERCIAL]),
        ("标题\t商业秘密", []),
        ("密级：某某公司核心商密", [Outcome.COMMERCIAL]),
        ("密级：某某公司商业秘密", []),
    ],
)
def test_a_row_of_a_table_counts_beside_its_label(engine, row, outcomes):
    assert _outcomes(engine, Segment(row + "\n甲\t乙\n丙\t丁", "table 1", Zone.TABLE)) == outcomes


def test_the_middle_of_a_text_is_no_place_for_a_notice(engine):
    assert _outcomes(engine, Segment("甲\n内部资料 注意保存\n乙", "body")) == []
    assert _outcomes(engine, Segment("内部资料 注意保存", "header", Zone.HEADER)) == [Outcome.WORK_SECRET]
    assert _outcomes(engine, Segment("甲\n密级：内部资料\n乙", "body")) == [Outcome.WORK_SECRET]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("密级：内部资料", True),
        ("密级：内部公开", False),
        ("内部公开", True),
        ("某某公司商业秘密★5年", True),
        ("某某公司商业秘密—5年", True),
        ("保守商业秘密★5年", True),  # the sign says that it is a mark
        ("保守商业秘密—5年", False),
        ("核心商密★5年 供内部参考", True),
        ("核心商密★5年 供某某部门内部使用参考资料一", False),
        ("核心商密" + " " * 20 + "★5年", True),
        ("核心商密" + " " * 120 + "★5年", False),
    ],
)
def test_what_stands_beside_the_words(marks, text, found):
    assert bool(marks(text)) is found


@pytest.mark.parametrize(("text", "sure"), [("内部资料", 0.7), ("内部资料　注意保密", 0.9)])
def test_how_sure_a_notice_is(mark, text, sure):
    assert mark(text).confidence == sure


def _levels(engine, zone, text, where=""):
    found = engine.inspect([Segment(text, where or str(zone), zone)], TODAY).marks
    return [(mark.level, mark.outcome) for mark in found]


@pytest.mark.parametrize(
    ("text", "level", "outcome"),
    [
        ("公司机密，未经许可不得扩散", Level.INTERNAL, Outcome.COMMERCIAL),
        ("商业秘密·核心", Level.CONFIDENTIAL, Outcome.COMMERCIAL),
        ("商密AA级", Level.INTERNAL, Outcome.COMMERCIAL),
        ("密级：商密", Level.INTERNAL, Outcome.COMMERCIAL),
        ("商业机密 请勿外传        第 5 页", Level.INTERNAL, Outcome.COMMERCIAL),
        ("版权所有 侵权必究　内部资料 严禁外传", Level.INTERNAL, Outcome.WORK_SECRET),
        ("内部公开 甲乙版权所有 第3页，共21页", Level.INTERNAL, Outcome.WORK_SECRET),
        ("第2页 共9页 内部资料", Level.INTERNAL, Outcome.WORK_SECRET),
        ("甲乙技术 机密 未经授权禁止扩散", Level.INTERNAL, Outcome.COMMERCIAL),
        ("【保密】", Level.INTERNAL, Outcome.COMMERCIAL),
    ],
)
def test_on_the_edge_of_a_page_other_words_stand_beside_it(engine, text, level, outcome):
    assert _levels(engine, Zone.FOOTER, text) == [(level, outcome)]


@pytest.mark.parametrize(
    ("zone", "text", "where"),
    [
        (Zone.FOOTER, "甲乙版权所有 第3页，共21页", ""),
        (Zone.FOOTER, "保密工作简报 第3页", ""),
        (Zone.FOOTER, "密级：商密算法", ""),
        (Zone.FOOTER, "甲乙技术 机密计算白皮书", ""),
        (Zone.BODY, "商密产品目录", ""),
        (Zone.BODY, "商密", ""),
        (Zone.BODY, "保密\n产品路线图", ""),
        (Zone.NAME, "保密-承诺书.docx", "file name"),
        (Zone.BODY, "甲乙技术 机密 未经授权禁止扩散的要求", ""),
    ],
)
def test_other_words_on_the_edge_of_a_page(engine, zone, text, where):
    assert _levels(engine, zone, text, where) == []


def test_the_company_named_keeps_a_level_commercial_and_an_office_does_not(engine):
    assert _levels(engine, Zone.HEADER, "甲乙股份 机密 严禁复制") == [(Level.INTERNAL, Outcome.COMMERCIAL)]
    assert _levels(engine, Zone.HEADER, "某某局 机密 严禁复制") == []


def test_a_whole_notice_counts_anywhere_in_a_sheet(engine):
    cell = Segment("内部资料，严禁外传", "册!B20", Zone.CELL, lines=False)
    assert _outcomes(engine, cell) == [Outcome.WORK_SECRET]


@pytest.mark.parametrize(
    "text", ["华腾集团机密，未经授权不得复制    12", "Copyright © 华腾科技  内部资料 请勿外传", "保密级别：内部"]
)
def test_rights_before_it_and_a_number_behind_it(engine, text):
    assert len(_levels(engine, Zone.FOOTER, text)) == 1


@pytest.mark.parametrize(
    "text", ["公司内部资料，严禁外泄", "本文档为甲乙公司内部资料，未经许可不得外传", "内部资料，未经允许禁止转发"]
)
def test_a_paper_says_that_it_is_for_the_company(mark, text):
    assert mark(text + "\n培训教材").outcome == Outcome.WORK_SECRET
