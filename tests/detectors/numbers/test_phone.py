from datetime import date

import pytest

from detectors.numbers import phone

TODAY = date(2026, 11, 1)
GIVEN = {  # MIIT, June 2023: second digit to the third digits given out whole
    "3": "0123456789",
    "4": "56789",
    "5": "012356789",
    "6": "2567",
    "7": "01235678",
    "8": "0123456789",
    "9": "012356789",
}


def mobile(text):
    return phone.mobile(text, TODAY)


@pytest.mark.parametrize("second", "0123456789")
@pytest.mark.parametrize("third", "0123456789")
def test_every_prefix(second, third):
    check = mobile(f"1{second}{third}5{'1234567'}")
    if third in GIVEN.get(second, ""):
        assert check.by == 0.0
    elif second + third == "74":
        assert check.by < -0.2
    else:
        assert check is None


@pytest.mark.parametrize(
    ("prefix", "given"),
    [("1740", True), ("1741", True), ("1742", False), ("1748", False), ("1749", True), ("1619", True)],
)
def test_prefixes_of_satellites(prefix, given):
    assert (mobile(prefix + "1234567").by == 0.0) == given


@pytest.mark.parametrize("text", ["1618", "1610"])
def test_other_prefixes_beside_the_satellites(text):
    assert mobile(text + "1234567") is None


@pytest.mark.parametrize(("length", "valid"), [(10, False), (11, True), (12, False)])
def test_lengths(length, valid):
    assert (mobile("138123456789"[:length]) is not None) == valid


@pytest.mark.parametrize("prefix", ["92", "98"])
def test_prefixes_set_aside_need_a_word(findings, prefix):
    number = prefix + "138389438"
    assert mobile(number).by == -0.3
    assert mobile("+86" + number).by > mobile(number).by
    assert findings(f"手机：{number}") == [("cn.mobile", number)]
    assert findings(f"数量 {number}") == []


@pytest.mark.parametrize("prefix", ["90", "91", "93", "97", "99"])
def test_other_prefixes_with_nine(prefix):
    assert mobile(prefix + "138389438") is None


@pytest.mark.parametrize(
    "text",
    [
        *("13812345670", "138 1234 5670", "138-1234-5670", "138.1234.5670", "1381 234 5670", "+8613812345670"),
        *("+86 138 1234 5670", "+86-13812345670", "0086 13812345670", "0086-138-1234-5670", "(+86)13812345670"),
        *("(86) 138-1234-5670", "86-13812345670"),
    ],
)
def test_ways_to_write_one_number(findings, text):
    assert mobile(text).plain == "13812345670"
    assert findings(f"手机 {text}，") == [("cn.mobile", text)]


@pytest.mark.parametrize(
    "text",
    [
        "+008613812345670",
        "013812345670",
        "x13812345670",
        "13812345670x",
        "138123456701",
        "1.13812345670",
        "v=113812345670",
    ],
)
def test_something_longer_or_wrong(findings, text):
    assert findings(f"手机 {text}") == []


def test_a_country_code_is_worth_more_than_groups_and_groups_more_than_none():
    assert mobile("+8613812345670").by > mobile("138 1234 5670").by > mobile("13812345670").by


def test_full_width_digits(findings):
    assert findings("电话：１３８１２３４５６７０") == [("cn.mobile", "１３８１２３４５６７０")]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        *(("0310-2234567", True), ("0319-2234567", True), ("0320-2234567", False), ("0309-2234567", False)),
        *(("0999-2234567", True), ("0990-2234567", True), ("0335-8234567", True), ("0943-8234567", True)),
        *(("0912-2234567", True), ("0944-2234567", False), ("0855-22345678", True)),
    ],
)
def test_area_codes(text, known):
    assert (phone.landline(text, TODAY).by == 0.0) == known


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(("010-22345678", True), ("010-2234567", False), ("020-82345678", True), ("029-82345678", True)),
        *(("026-82345678", False), ("010-12345678", False), ("010-92345678", False), ("0755-123456", False)),
        *(("0755-2234567", True), ("0755-822345678", False)),
    ],
)
def test_fixed_lines(text, valid):
    assert (phone.landline(text, TODAY) is not None) == valid
