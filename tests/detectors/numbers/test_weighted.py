from datetime import date

import pytest

from detectors.numbers import validator

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("name", "number", "plain"),
    [
        ("sum:1:26:A-Z", "E-AB123456V", "EAB123456V"),
        ("sum:1:26:A-Z", "e-ab999999c", "EAB999999C"),
        ("sum:1:26:a-z", "000001b", "000001B"),
        ("sum:1:10:0-9", "19 0", "190"),
        ("sum:1:2:XY", "2X", "2X"),
        ("sum:3,1:10:0-9", "1234-8", "12348"),
        ("sum:7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2:11:10X98765432", "11010519491231002X", "11010519491231002X"),
    ],
)
def test_a_right_check_character(name, number, plain):
    check = validator(name)
    assert check(number, TODAY).plain == plain
    wrong = "0" if number[-1] in "Xx9Yy" else chr(ord(number[-1]) + 1)
    assert check(number[:-1] + wrong, TODAY) is None


@pytest.mark.parametrize("number", ["A", "BA", "-", ""])
def test_a_number_without_digits_has_none(number):
    assert validator("sum:1:26:A-Z")(number, TODAY) is None


@pytest.mark.parametrize(
    "name",
    [
        *("sum", "sum:1:26", "sum:1:26:", "sum::26:A-Z", "sum:1:1:A", "sum:1:0:", "sum:1:26:A-Y", "sum:1:2:AA"),
        *("sum:1:26:A-Z:x", "sum:1,:26:A-Z", "sum:a:26:A-Z", "sum:1:2:Aa", "Sum:1:26:A-Z"),
    ],
)
def test_a_name_that_says_no_sum(name):
    assert validator(name) is None
