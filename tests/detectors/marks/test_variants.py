"""How marks are met in the wild: spacing, stars, damage by OCR, order, fields, terms and conditions."""

import pytest

from config.levels import Level
from config.verdict import Outcome

TOP, SECRET, CONFIDENTIAL, INTERNAL = Level.TOP_SECRET, Level.SECRET, Level.CONFIDENTIAL, Level.INTERNAL
VALID, BAD, CONDITION, EXAM = Outcome.VALID, Outcome.MALFORMED, Outcome.CONDITION, Outcome.EXAM
FILLED, FOREIGN, COMMERCIAL, WORK = Outcome.FIELD_FILLED, Outcome.FOREIGN, Outcome.COMMERCIAL, Outcome.WORK_SECRET

SPACED = [
    "000001\n机密★10年\n特急\n某某文件",
    "机密 ★ 10 年",
    "机密　★　10年",
    "机　密★１０年",
    "機密★10年",
    "机\n密\n★\n1\n0\n年\n某某文件",
    "机密★\n10年",
    "机密\n★\n10年",
    "机\n密\n★10年",
    "机密\t★\t10年",
    "机密\u200b★\u200b10年",
    "机\u00ad密★10年",
    "(机密★10年)",
    "〔机密★10年〕",
    "机密★10年.",
    "附件：机密★10年",
    "国家秘密 机密★10年",
    "机密★10年 第 3 页 共 9 页",
    "机密★10年 份号：000012",
    "机密★10年    特急",
    "机密★10年   某发〔2026〕1号",
]
STARS = "☆✩✪⭐✭✰✱✲✳✶✷✸✹✻⋆﹡※*＊●·•◆"
READ_AS_STAR = "太大夫女火犬木文kxX×"
TERMS = [
    ("绝密★长期", TOP, VALID, "长期"),
    ("絕密★長期", TOP, VALID, "长期"),
    ("绝密·永久", TOP, VALID, "永久"),
    ("绝密★(30年)", TOP, VALID, "30年"),
    ("绝 密 ★ 3 0 年", TOP, VALID, "30年"),
    ("秘密★6个月", CONFIDENTIAL, VALID, "6个月"),
    ("秘密★3月", CONFIDENTIAL, VALID, "3个月"),
    ("秘密★180天", CONFIDENTIAL, VALID, "180天"),
    ("秘密★六个月", CONFIDENTIAL, BAD, "6个月"),
    ("机密★二十年", SECRET, BAD, "20年"),
    ("秘密★2031年6月30日", CONFIDENTIAL, VALID, "2031年6月30日"),
    ("秘密★2031年6月30日前", CONFIDENTIAL, VALID, "2031年6月30日"),
    ("秘密★至2031年6月", CONFIDENTIAL, VALID, "2031年6月"),
    ("秘密★2031-06-30", CONFIDENTIAL, VALID, "2031-06-30"),
    ("秘密★2031.6.30", CONFIDENTIAL, VALID, "2031.6.30"),
    ("机密★1O年", SECRET, VALID, "10年"),
    ("机密★l0年", SECRET, VALID, "10年"),
    ("机密10年", SECRET, BAD, "10年"),
    ("机密  10 年", SECRET, BAD, "10年"),
    ("★机密 10年", SECRET, BAD, "10年"),
    ("★机密★10年", SECRET, BAD, "10年"),
    ("机密10年★", SECRET, VALID, "10年"),
    ("10年★机密", SECRET, BAD, "10年"),
    ("秘密★11年", CONFIDENTIAL, BAD, "11年"),
    ("秘密★10年", CONFIDENTIAL, VALID, "10年"),
    ("机密★21年", SECRET, BAD, "21年"),
    ("机密★20年", SECRET, VALID, "20年"),
    ("绝密★31年", TOP, BAD, "31年"),
    ("绝密★30年", TOP, VALID, "30年"),
    ("机密★", SECRET, VALID, None),
    ("机密★10 午", SECRET, BAD, None),
    ("机密·特急", SECRET, VALID, None),
    ("【机密】", SECRET, VALID, None),
]
CONDITIONS = [
    ("机密★会议开始前", CONDITION, "会议开始前"),
    ("机密★公布前", CONDITION, "公布前"),
    ("机密★项目验收前", CONDITION, "项目验收前"),
    ("机密★方案公布之前", CONDITION, "方案公布之前"),
    ("绝密★启用前", EXAM, "启用前"),
    ("绝密★考试结束前", EXAM, "考试结束前"),
    ("绝密★ 启用前 试卷类型A", EXAM, "启用前"),
    ("机密★启封并使用完毕前", EXAM, "启封并使用完毕前"),
]
FIELDS = [
    "密级：机密★3年 紧急程度：加急",
    "密级：机密",
    "密　级：机　密",
    "密级 机密",
    "密级:机密 期限:10年",
    "密级及保密期限：机密★10年",
    "【密级】机密",
    "【密级：机密】",
    "涉密等级：机密",
    "密级：机密级",
    "密级：机密（10年）",
    "文件密级：☑机密 □秘密 □绝密",
    "密级：□绝密 ■机密 □秘密",
    "密级：绝密□ 机密■ 秘密□",
    "密级：绝密( ) 机密(√) 秘密( )",
    "密级：[ ]绝密 [x]机密 [ ]秘密",
    "此件密级为机密★10年",
]
OTHERS = [
    ("核心商密▲5年", CONFIDENTIAL, COMMERCIAL),
    ("普通商密▲3年", INTERNAL, COMMERCIAL),
    ("某某集团 核心商密 长期", CONFIDENTIAL, COMMERCIAL),
    ("核 心 商 密 ▲ 5 年", CONFIDENTIAL, COMMERCIAL),
    ("核心商业秘密", CONFIDENTIAL, COMMERCIAL),
    ("普通商业秘密", INTERNAL, COMMERCIAL),
    ("商业秘密 - 机密 - 保密期限5年", INTERNAL, COMMERCIAL),
    ("密级：核心商密", CONFIDENTIAL, COMMERCIAL),
    ("商密：核心商密", CONFIDENTIAL, COMMERCIAL),
    ("普通商密（3年）", INTERNAL, COMMERCIAL),
    ("工作秘密★1年", INTERNAL, WORK),
    ("内部事项 注意保管", INTERNAL, WORK),
    ("內部資料 注意保存", INTERNAL, WORK),
    ("内部文件 严禁外传", INTERNAL, WORK),
    ("内部 ★", INTERNAL, WORK),
    ("仅供内部参考", INTERNAL, WORK),
    ("内参", INTERNAL, WORK),
    ("STRICTLY CONFIDENTIAL", CONFIDENTIAL, COMMERCIAL),
    ("HIGHLY CONFIDENTIAL - ATTORNEYS' EYES ONLY", CONFIDENTIAL, COMMERCIAL),
    ("TOP SECRET // SI // NOFORN", TOP, FOREIGN),
    ("TOPSECRET//SI//NOFORN", TOP, FOREIGN),
    ("T-O-P S-E-C-R-E-T", TOP, FOREIGN),
    ("TOP SEGRET", TOP, FOREIGN),
    ("SEORET", SECRET, FOREIGN),
    ("“SECRET", SECRET, FOREIGN),
    ("*** SECRET ***", SECRET, FOREIGN),
    ("=== SECRET ===", SECRET, FOREIGN),
    ("SECRET/KAPOK", SECRET, FOREIGN),
    ("SECRET/NO FOREIGN DISSEM", SECRET, FOREIGN),
    ("//DEU SECRET", SECRET, FOREIGN),
    ("//JOINT SECRET CAN DEU USA", SECRET, FOREIGN),
    ("//NATO SECRET//ATOMAL", SECRET, FOREIGN),
    ("Subject: SECRET//NOFORN - convoy", SECRET, FOREIGN),
    ("Overall Classification: SECRET//NOFORN", SECRET, FILLED),
    ("(S) Alpha left.\n(U) Beta.\n(TS) Gamma.", TOP, FOREIGN),
    ("UNCLASSIFIED//LAW ENFORCEMENT SENSITIVE", INTERNAL, FOREIGN),
    ("SENSITIVE SECURITY INFORMATION", INTERNAL, FOREIGN),
    ("SBU", INTERNAL, FOREIGN),
    ("CUI//SP-CTI//DIST B", INTERNAL, FOREIGN),
    ("CUI//SP-EXPT/SP-PROPIN//REL TO USA, GBR", INTERNAL, FOREIGN),
    ("Controlled by: Navy\nCUI Category: CTI\nPOC: x", INTERNAL, FOREIGN),
    ("DISTRIBUTION STATEMENT D. Distribution authorized to the DoD only", INTERNAL, FOREIGN),
    ("NATO/EAPC RESTRICTED", INTERNAL, FOREIGN),
    ("NATO CONFIDENTIAL - RELEASABLE TO UKR", CONFIDENTIAL, FOREIGN),
    ("COSMIC TRÈS SECRET", TOP, FOREIGN),
    ("CONFIDENTIEL OTAN", CONFIDENTIAL, FOREIGN),
    ("OTAN DIFFUSION RESTREINTE", INTERNAL, FOREIGN),
    ("R-UE/EU-R", INTERNAL, FOREIGN),
    ("C-UE/EU-C", CONFIDENTIAL, FOREIGN),
    ("S-UE/EU-S", SECRET, FOREIGN),
    ("TS-UE/EU-TS", TOP, FOREIGN),
    ("GEHEIM - amtlich geheimgehalten", SECRET, FOREIGN),
    ("VS-NUR FUER DEN DIENSTGEBRAUCH", INTERNAL, FOREIGN),
    ("VS – Nur für den Dienstgebrauch", INTERNAL, FOREIGN),
    ("VERSCHLUSSSACHE - NUR FÜR DEN DIENSTGEBRAUCH", INTERNAL, FOREIGN),
    ("TRÈS SECRET SPÉCIAL FRANCE", TOP, FOREIGN),
    ("SECRET SPÉCIAL FRANCE", SECRET, FOREIGN),
    ("SPÉCIAL FRANCE", INTERNAL, FOREIGN),
    ("OFFICIAL-SENSITIVE: RECIPIENTS ONLY", INTERNAL, FOREIGN),
    ("OFFICIAL - SENSITIVE - COMMERCIAL", INTERNAL, FOREIGN),
    ("Official-Sensitive: Personal", INTERNAL, FOREIGN),
    ("SECRET - UK EYES ONLY", SECRET, FOREIGN),
    ("TOP SECRET AUS/CAN/GBR EYES ONLY", TOP, FOREIGN),
    ("PROTECT – COMMERCIAL", INTERNAL, FOREIGN),
]


@pytest.mark.parametrize("text", SPACED)
def test_a_mark_however_it_is_spaced(mark, text):
    found = mark(text)
    assert (found.regime, found.level, found.term) == ("cn", SECRET, "10年")
    assert found.outcome is VALID


@pytest.mark.parametrize("star", STARS)
def test_whatever_stands_for_the_star(mark, star):
    found = mark(f"机密{star}10年")
    assert (found.level, found.term, found.outcome) == (SECRET, "10年", VALID)


@pytest.mark.parametrize("letter", READ_AS_STAR)
def test_what_a_reader_of_scans_makes_of_the_star(mark, letter):
    found = mark(f"机密{letter}10年")
    assert (found.level, found.term) == (SECRET, "10年")
    assert letter in found.reason.zh


@pytest.mark.parametrize(("text", "level", "outcome", "term"), TERMS)
def test_terms(mark, text, level, outcome, term):
    found = mark(text)
    assert (found.level, found.outcome, found.term) == (level, outcome, term)


@pytest.mark.parametrize(("text", "outcome", "condition"), CONDITIONS)
def test_conditions(mark, text, outcome, condition):
    found = mark(text)
    assert (found.outcome, found.condition, found.term) == (outcome, condition, None)


@pytest.mark.parametrize("text", FIELDS)
def test_fields(mark, text):
    found = mark(text)
    assert (found.level, found.outcome) == (SECRET, FILLED)


@pytest.mark.parametrize(("text", "level", "outcome"), OTHERS)
def test_other_regimes(marks, text, level, outcome):
    found = marks(text)
    assert max(mark.level for mark in found) is level
    assert outcome in {mark.outcome for mark in found}
