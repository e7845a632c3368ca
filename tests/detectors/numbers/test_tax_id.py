from datetime import date

import pytest

from detectors.numbers import tax_id, uscc

TODAY = date(2026, 11, 1)
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def organisation(body):
    left = 11 - sum(w * SIGNS.index(s) for w, s in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(left, str(left))


def registration(body):
    rest = 10
    for digit in body:
        rest = ((int(digit) + rest) % 10 or 10) * 2 % 11
    return body + str((11 - rest) % 10)


def credit(body):
    total = sum(CREDIT.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return body + CREDIT[-total % 31]


@pytest.mark.parametrize("body", ["10000123", "00000000", "MA001234", "ZZZZZZZZ", "20000000", "D2143569"])
def test_the_check_character_of_an_organisation(body):
    right = organisation(body)
    assert [last for last in SIGNS if tax_id.organisation_code(body + last)] == [right[-1]]


def test_every_remainder_of_an_organisation_occurs():
    assert {organisation(f"{n:08d}")[-1] for n in range(60)} == set("0123456789X")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("110108" + organisation("10000123"), True),
        ("160108" + organisation("10000123"), False),
        ("110108" + organisation("1000012A"), True),
        (registration("11010800000001"), True),
        (registration("16010800000001"), False),
        ("110108000000017", False),
        ("11010119900307013401", True),
        ("11010119900307013501", False),
        ("110101199003070134X1", False),
        ("11010190030701301", True),
        ("11010190130701301", False),
        ("110101199003070134", False),
        ("1101081000012", False),
    ],
)
def test_old_numbers(text, valid):
    assert (tax_id.check(text, TODAY) is not None) == valid


def test_they_need_a_word(findings):
    number = "110108" + organisation("10000123")
    assert findings(f"纳税人识别号：{number}") == [("cn.tax-id", number)]
    assert findings(f"编号 {number}") == []
    assert findings(f"IMEI {number}") == []


@pytest.mark.parametrize("body", ["91350100M000100Y4", "91110105MA01234X9", "12100000400000123"])
def test_the_check_character_of_a_credit_code(body):
    right = credit(body)
    assert [last for last in CREDIT if uscc.check(body + last, TODAY)] == [right[-1]]


def test_kinds_and_organisations_move_the_score():
    usual = uscc.check(credit("91110105" + organisation("MA012349")), TODAY)
    last = "1" if organisation("MA012349")[-1] != "1" else "2"
    plain = uscc.check(credit("91110105MA012349" + last), TODAY)
    odd = uscc.check(credit("98110105" + organisation("MA012349")), TODAY)
    assert usual.by > plain.by > odd.by


@pytest.mark.parametrize(("length", "valid"), [(17, False), (18, True), (19, False)])
def test_lengths_of_credit_codes(length, valid):
    assert (uscc.check((credit("91350100M000100Y4") + "3")[:length], TODAY) is not None) == valid


def test_a_tax_number_of_today_is_a_credit_code(findings):
    code = credit("91350100M000100Y4")
    assert findings(f"纳税人识别号：{code.lower()}") == [("cn.uscc", code.lower())]
