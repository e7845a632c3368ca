import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import mask


def test_the_middle_is_hidden():
    assert mask.masked("110101199003070134") == "1101**********0134"
    assert mask.masked("abc") == "***"


def test_numbers_and_mailboxes_around_a_hit_are_hidden_too():
    text = "张三 13912345678 li.lei@a.cn 110101199003070134 6222 0212 3456"
    start = text.index("1101")
    shown = mask.excerpt(text, start, start + 18)
    assert shown == "*** ******@a.cn 1101**********0134 **** **** ****"


def test_a_mark_is_shown_whole():
    assert mask.surroundings("份号 000123 机密★10年", 10, 16) == "份号 ****** 机密★10年"


@given(st.text(st.sampled_from("ab 甲1234567890-"), max_size=30), st.integers(6, 40), st.text(max_size=30))
def test_a_value_is_never_shown(before, length, after):
    value = "7" * (length // 2) + "9" * (length - length // 2)
    text = before + value + after
    assert value not in mask.excerpt(text, len(before), len(before) + len(value))


def test_a_digest_needs_the_key():
    assert mask.digest(b"a", "r", "1") == mask.digest(b"a", "r", "1")
    assert len({mask.digest(b"a", "r", "1"), mask.digest(b"b", "r", "1"), mask.digest(b"a", "s", "1")}) == 3
    assert len(mask.digest(b"a", "r", "1")) == 32


PARTS = ("Qw3", "hunter", "abcd", "AbC", "fGh", "Zho", "9uo", "horse")


@pytest.mark.parametrize(
    "text",
    [
        "手机 [13912345678] 密码：Qw3rty!88",
        "key=hunter2 [13912345678]",
        "[机密★10年] token: abcdefgh",
        "AbCd3fGhIjK [13912345678]",
        "[13912345678] 四五六七八九十 Zhong9uoBank2024x",
        "pin: correcthorsebattery [13912345678]",
    ],
)
def test_what_may_be_a_secret_beside_a_hit_is_hidden(text):
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")
    for shown in (mask.excerpt(plain, start, end), mask.surroundings(plain, start, end)):
        assert not [part for part in PARTS if part in shown.replace(plain[start:end], "")]
