import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("核心商密★5年\n报价", {"commercial.star"}),
        ("核心商密▲5年\n报价", set()),
        ("普通商密★\n报价", {"commercial.star"}),
        ("商业秘密 - 机密 - 保密期限5年\n报价", {"commercial.level-word"}),
        ("公司机密\n报价", {"commercial.level-word"}),
        ("商业秘密\n报价", set()),
        ("STRICTLY CONFIDENTIAL\nOffer", set()),
    ],
)
def test_commercial_secrets(broken, text, found):
    assert broken("commercial", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("工作秘密 秘密1年\n通知", True),
        ("工作秘密★1年\n通知", True),
        ("工作秘密\n通知", False),
        ("工作秘密\n秘密★1年\n通知", True),
        ("内部资料 注意保存\n机密★5年\n通知", True),
        ("秘密★1年\n通知", False),
        (
            "本办法所称工作秘密，是指机关、单位在履行职能过程中产生或者获取的不属于国家秘密但泄露后会造成影响的事项，一般保存1年\n通知",
            False,
        ),
    ],
)
def test_work_secrets_carry_no_level(broken, text, found):
    assert ("work.level-word" in broken("work", text)) is found


def test_what_to_write(advice):
    assert advice("核心商密★5年\n报价")["commercial.star"].instead.zh == "核心商密▲5年"
    assert "第六十四条" in advice("工作秘密★1年\n通知")["commercial.star"].basis.zh
    assert "第十五条" in advice("核心商密★5年\n报价")["commercial.star"].basis.zh
