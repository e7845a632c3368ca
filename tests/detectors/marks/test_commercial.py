import pytest

from config.levels import Level
from config.verdict import Outcome


@pytest.mark.parametrize(
    ("text", "level", "outcome", "term"),
    [
        ("甲乙集团 核心商密▲5年", Level.CONFIDENTIAL, Outcome.COMMERCIAL, "5年"),
        ("普通商密★３年", Level.INTERNAL, Outcome.COMMERCIAL, "3年"),
        ("商 业 秘 密 ★ 1 0 年", Level.INTERNAL, Outcome.COMMERCIAL, "10年"),
        ("核心商密", Level.CONFIDENTIAL, Outcome.COMMERCIAL, None),
        ("商业秘密 - 机密 - 保密期限5年", Level.INTERNAL, Outcome.COMMERCIAL, "5年"),
        ("密级：普通商密", Level.INTERNAL, Outcome.COMMERCIAL, None),
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
