from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc

from detectors.numbers import VALIDATORS

TODAY = date(2026, 11, 1)
BIRTHDAYS = st.dates(date(1930, 1, 1), date(2020, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
REGIONS = st.sampled_from(["110101", "310104", "440305", "510107", "650102"])
IDS = st.builds(
    lambda region, born, order: region + born + f"{order:03d}", REGIONS, BIRTHDAYS, st.integers(0, 999)
).map(lambda body: body + ric.calc_check_digit(body + "0"))
CARDS = st.builds(
    lambda prefix, body: prefix + body,
    st.sampled_from(["622202", "621700", "411111", "540000"]),
    st.from_regex(r"[0-9]{9}", fullmatch=True),
).map(lambda body: body + luhn.calc_check_digit(body))
CODES = st.from_regex(r"9[123]11010[1-9][0-9A-HJ-NPQRTUWXY]{9}", fullmatch=True).map(
    lambda body: body + uscc.calc_check_digit(body)
)


def _changed(number, at, by):
    old = number[at]
    return number[:at] + str((int(old) + by) % 10) + number[at + 1 :]


@given(IDS)
@settings(deadline=None)
def test_every_valid_resident_id_is_found(findings, number):
    assume(len(set(number[:-1])) > 2)
    assert ("cn.resident-id", number) in findings(f"身份证号：{number}。")


@given(IDS, st.integers(0, 16), st.integers(1, 9))
@settings(deadline=None)
def test_no_resident_id_with_one_digit_changed_is_found(findings, number, at, by):
    wrong = _changed(number, at, by)
    assert "cn.resident-id" not in [rule for rule, _ in findings(f"身份证号：{wrong}。")]


@given(CARDS)
@settings(deadline=None)
def test_every_valid_card_is_found(findings, number):
    assume(len(set(number)) > 2)
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    assert ("finance.bank-card", number) in findings(f"卡号 {number}")
    assert ("finance.bank-card", spaced) in findings(f"银行卡：{spaced}，请查收")


@given(CARDS, st.integers(0, 15), st.integers(1, 9))
@settings(deadline=None)
def test_no_card_with_one_digit_changed_is_found(findings, number, at, by):
    assert "finance.bank-card" not in [rule for rule, _ in findings(f"卡号 {_changed(number, at, by)}")]


@given(CODES)
@settings(deadline=None)
def test_every_valid_credit_code_is_found(findings, number):
    assert ("cn.uscc", number) in findings(f"统一社会信用代码：{number}")


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("resident-id", "11010119900307013４".replace("４", "4"), True),
        ("resident-id", "990101199003070131", False),
        ("mobile", "+86 138-1234-5670", True),
        ("mobile", "0086 13812345670", True),
        ("mobile", "12012345670", False),
        ("landline", "010-66001234", True),
        ("landline", "020-1234567", False),
        ("iban", "DE89 3704 0044 0532 0130 00", True),
        ("iban", "DE88370400440532013000", False),
        ("us-ssn", "536-22-8765", True),
        ("us-ssn", "666-22-8765", False),
        ("ip", "203.0.113.77", True),
        ("ip", "127.0.0.1", False),
        ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln", True),
        ("jwt", "eyJub3BlIjoxfQ.eyJhIjoxfQ", False),
    ],
)
def test_validators(name, value, holds):
    assert (VALIDATORS[name](value, TODAY) is not None) == holds


def test_nobody_is_born_tomorrow():
    body = "110101" + (TODAY + timedelta(days=1)).strftime("%Y%m%d") + "001"
    assert VALIDATORS["resident-id"](body + ric.calc_check_digit(body + "0"), TODAY) is None


def test_an_unknown_region_lowers_the_score_but_does_not_veto():
    known, unknown = "110101", "160101"
    checks = []
    for region in (known, unknown):
        body = region + "19900307013"
        checks.append(VALIDATORS["resident-id"](body + ric.calc_check_digit(body + "0"), TODAY))
    assert checks[0].by > checks[1].by


@pytest.mark.parametrize(
    "text",
    [
        "订单号 4111111111111111",
        "0.4111111111111111",
        "x4111111111111111",
        "4111111111111111234",
        "1111111111111111",
        "1234567890123456",
        "3.14159265358979323846",
        "138123456701",
        "2026110100000000000",
        "sha256: 6222021234567890128abcdef",
    ],
)
def test_numbers_that_are_something_else(findings, text):
    assert findings(text) == []
