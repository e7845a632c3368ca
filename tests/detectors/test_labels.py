from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone

GUID = "2096f6a2-d2f7-48be-b329-b73aaa526e5d"
TODAY = date(2026, 1, 1)


def _named(engine, text, zone=Zone.NAME, where="file name"):
    return engine.inspect([Segment(text, where, zone, lines=False)], TODAY)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("[机密]年度报告.docx", Level.SECRET),
        ("【秘密】方案.pdf", Level.CONFIDENTIAL),
        ("机密★10年 关于选址的请示.docx", Level.SECRET),
        ("2026预算_核心商密_v2.xlsx", Level.CONFIDENTIAL),
        ("内部-通讯录.xlsx", Level.INTERNAL),
        ("CUI_report.docx", Level.INTERNAL),
        ("TOP SECRET plan.docx", Level.TOP_SECRET),
        ("OFFICIAL-SENSITIVE minutes.docx", Level.INTERNAL),
    ],
)
def test_a_file_name_that_carries_its_level(engine, name, level):
    assert _named(engine, name).level is level


@pytest.mark.parametrize(
    "name",
    [
        "不能说的秘密.mp4",
        "保守国家秘密法.docx",
        "商业秘密保护规定.pdf",
        "机密性测试报告.docx",
        "client_secret.json",
        "secretary-minutes.docx",
        "内部控制制度.docx",
        "Confidentiality agreement.docx",
    ],
)
def test_a_file_name_that_only_speaks_of_secrets(engine, name):
    assert _named(engine, name).marks == ()


@pytest.mark.parametrize(
    ("where", "text", "level"),
    [
        ("property:Classification", "Confidential", Level.CONFIDENTIAL),
        ("property:密级", "机密", Level.SECRET),
        ("property:Keywords", "预算, 秘密★5年, 2026", Level.CONFIDENTIAL),
        (f"property:MSIP_Label_{GUID}_Name", "Highly Confidential", Level.CONFIDENTIAL),
        ("property:Classification", "Public", Level.PUBLIC),
        ("property:Title", "Confidential matters of the heart", Level.PUBLIC),
    ],
)
def test_properties(engine, where, text, level):
    assert _named(engine, text, Zone.PROPERTY, where).level is level


def test_a_label_that_is_switched_off_gives_nothing(engine):
    def label(attribute, text):
        return Segment(text, f"property:MSIP_Label_{GUID}_{attribute}", Zone.PROPERTY, lines=False)

    for word in ("Secret", "SECRET", "机密"):
        on = [label("Enabled", "true"), label("Name", word)]
        off = [label("Enabled", "false"), label("Name", word)]
        assert engine.inspect(on, TODAY).level is Level.SECRET
        assert engine.inspect(off, TODAY).level is Level.PUBLIC


def test_a_name_keeps_its_words_in_the_excerpt(engine):
    (mark,) = _named(engine, "[机密]年度报告.docx").marks
    assert (mark.text, mark.excerpt, mark.where) == ("机密", "[机密]年度报告.docx", "file name")
