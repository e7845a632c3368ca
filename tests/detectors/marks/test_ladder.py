import pytest

from config.verdict import Outcome
from tests.detectors.conftest import TODAY


@pytest.mark.parametrize(
    "text",
    [
        "密级从高到低依次为：\n绝密\n机密\n秘密\n内部\n公开",
        "- 绝密\n- 机密\n- 秘密",
        "级别\t说明\n绝密\t最高\n机密\t较高\n秘密\t一般",
        "秘密级\n机密级\n绝密级",
        "绝密★30年\n\n机密★20年\n\n秘密★10年",
        "绝密-30年\n机密-20年\n秘密-10年",
        "Public\nInternal\nConfidential\nRestricted",
        "Levels\nTOP SECRET\nSECRET\nCONFIDENTIAL\nUNCLASSIFIED",
    ],
)
def test_levels_in_order_below_each_other_are_a_list(marks, text):
    assert not [mark for mark in marks(text) if mark.outcome.is_mark]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("机密★10年\n绝密★长期\n秘密★5年", 3),  # a register is in no order
        ("机密★10年\n机密★10年\n机密★10年", 3),
        ("绝密★长期\n机密★10年", 2),
        ("绝密★长期\n机密★10年\n某某方案\n秘密★5年", 3),
        ("TOP SECRET\n\nPlan\n\nSECRET\n\nAnnex\n\nCONFIDENTIAL", 3),
    ],
)
def test_other_neighbours_are_none(marks, text, count):
    assert sum(mark.outcome.is_mark for mark in marks(text)) == count


def test_a_list_is_shown_as_an_example(engine):
    found = engine.detect("绝密\n机密\n秘密", TODAY).mentions
    assert {each.outcome for each in found} == {Outcome.EXAMPLE}
    assert "列出" in found[0].reason.zh
