"""What looks like a mark and is none, family by family."""

import pytest

from config.levels import Level
from config.verdict import Outcome

NONE = [
    # titles, lyrics, adverts
    "秘密 - 某歌手",
    "♪ 秘密 秘密 藏在心里的秘密 ♪",
    "《秘密》",
    "《绝密》",
    "★★★绝密配方★★★ 限时优惠",
    "★秘密花园★ 优惠券",
    "机密★独家★",
    "绝密档案 第一集",
    "绝密飞行",
    "TOP SECRET AMERICA",
    "SECRET SANTA",
    "VICTORIA'S SECRET",
    "SECRET SERVICE",
    "STRENG GEHEIM: Der neue Roman",
    "绝密543",
    "秘密★访客",
    "绝密★启用前是什么意思？",
    "如：机密★10年",
    "机密文件",
    "机密满10年",
    "计算机密码10年",
    "L.A. CONFIDENTIAL",
    "TOP SECRET!",
    "SECRET?",
    "IS IT SECRET",
    "NO SECRET",
    "IN CONFIDENCE-BUILDING",
    "LIMITE : 10",
    "OFFICIAL-SENSITIVE | internal | needs care",
    "(S) small sizes\n(U) unisex",
    "IT'S A SECRET",
    "SECRET=",
    "CONFIDENTIAL: NO",
    "LES",
    "SSI",
    "UK RESTRICTED LISTS",
    "Non-Confidential",
    "Kitchen Confidential",
    "Trade secrets",
    "机宓",
    "样例\n绝密★30年\n特急",
    "机密★10年（已于2020年1月解密）",
    "【已解密】绝密★30年",
    "数据分级\n公开\n内部\n敏感\n机密",
    "严守工作秘密",
    "核心商密：\n普通商密：",
    # programs, schemata, settings
    "-- 密级\nsecret_level VARCHAR(10) COMMENT '密级:秘密,机密,绝密'",
    "`密级` varchar(20) COMMENT '密级：机密'",
    "kind: Secret\nmetadata:\n  name: db\ntype: Opaque",
    "SECRET_KEY=abc",
    "SECRET = 'x'",
    "class Level(Enum):\n    SECRET = 1\n    CONFIDENTIAL = 2",
    'SECRET: "abc"',
    '    "TOP SECRET",\n    "SECRET",\n    "CONFIDENTIAL",',
    "    CUI,\n    US,",
    "from models import (\n    PROTECT,\n)",
    "`密级：机密` 的写法",
    '        title = "密级：机密"',
    "0] Tj (TS) [6.0 0 5.5] Tj\n0] Tj (C) [6.0 0] Tj",
    # disclaimers and clearances
    "This e-mail is CONFIDENTIAL and intended only for the addressee.",
    "CONFIDENTIALITY NOTICE",
    "Active TOP SECRET clearance required",
    "TS/SCI with polygraph required",
    "Must hold SECRET or TOP SECRET clearance",
    "TOP SECRET CLEARANCE",
    # quizzes and teaching tables
    "1. 国家秘密的密级分为（ ）A.绝密 B.机密 C.秘密 D.内部",
    "标志形式应当是（ ）。A.秘密★10年 B.★秘密10年",
    "非密★ 秘密★★ 机密★★★",
    "非密★/秘密★★/机密★★★",
    "密级★保密期限",
    # forms
    "档案密级:公开/内部/秘密/机密/绝密",
    "密级：_____",
    "密级:公开",
    "密级:外部公开",
    "密级:内部参考",
    "UNCLASSIFIED ☐ INTERNAL ☐ CONFIDENTIAL ☐ SECRET ☐",
    "UNCLASSIFIED  INTERNAL ONLY  CONFIDENTIAL  SECRET",
    # negations and other words
    "本文件不涉及国家秘密",
    "Unclassified When Classified Enclosure Removed",
    "按绝密级保护要求建设",
    "机密性、完整性、可用性",
    "密级:天机·核心",
    "OFFICIAL",
    "OFFICIAL REPORT",
    "PROTECTED",
    "PROTECTED AREA",
    "SENSITIVE",
    "SENSITIVE SKIN",
    "RESTRICTED AREA",
    "NATO SECRETARY GENERAL",
    "EU SECRETARIAT",
    "UK SECRETARY OF STATE",
    "NATO UNCLASSIFIED",
    "[SEC=OFFICIAL]",
    "[SEC=UNOFFICIAL]",
    "DISTRIBUTION STATEMENT A. Approved for public release",
    "DISTRIBUTION STATEMENT D applies to such papers.",
    "VS-NfD ist die niedrigste Stufe.",
    # speaking of marks
    "The banner reads SECRET//NOFORN in this example.",
    "COSMIC TOP SECRET is the highest level.",
    "识别密级标志（机密★10年、SECRET//NOFORN、CUI 等）和敏感号码",
    "“SECRET”",
    "`TOP SECRET//SI`",
    "“机密★10年”",
    "Exam papers carry (绝密★启用前) on the first of their pages.",
]


@pytest.mark.parametrize("text", NONE)
def test_is_no_mark(engine, text):
    from datetime import date

    found = engine.detect(text, date(2026, 1, 1))
    assert [(mark.regime, mark.text) for mark in found.marks] == []
    assert found.level is Level.PUBLIC


def test_three_small_latin_words_make_a_sentence_and_two_do_not(engine, mark):
    from datetime import date

    assert mark("one two 机密★10年").outcome is Outcome.VALID
    found = engine.detect("one two six 机密★10年", date(2026, 1, 1))
    assert (found.marks, found.mentions[0].outcome) == ((), Outcome.MENTION)


def test_a_bilingual_head_is_no_sentence(mark):
    assert mark("机密★10年  Ministry of Foreign Affairs and Trade").outcome is Outcome.VALID
    assert mark("Ministry of Foreign Affairs  机密★10年").outcome is Outcome.VALID


def test_nato_papers_that_were_made_public_keep_their_mark(engine):
    from datetime import date

    found = engine.detect("DECLASSIFIED - PUBLIC DISCLOSED\nNATO SECRET\nReport", date(2026, 1, 1))
    assert [(mention.regime, mention.outcome) for mention in found.mentions] == [("nato", Outcome.CANCELLED)]


@pytest.mark.parametrize(
    "text",
    ['"编号","密级","备注"\n"5","机密★10年","末行"', '"机密★10年","甲"', '"甲","机密★10年"', '"甲"|"机密★10年"|"乙"'],
)
def test_a_quoted_field_of_a_record_is_a_mark(mark, text):
    assert (mark(text).level, mark(text).text) == (Level.SECRET, "机密★10年")


@pytest.mark.parametrize("text", ['["机密★10年", "乙"]', '("机密★10年", 1)', 'x = "机密★10年"', '"机密★10年", "乙"'])
def test_a_string_in_a_program_is_none(marks, text):
    assert marks(text) == ()
