from datetime import date

import pytest

from detectors.numbers import asia

TODAY = date(2026, 11, 1)


def only_last(check, body, signs):
    return [last for last in signs if check(body + last, TODAY)]


@pytest.mark.parametrize(
    ("body", "last"),
    # 36·9 for the blank before one letter, the letter by its place from 10, then 7 … 2; with the check 0 mod 11
    [("A123456", "3"), ("G123456", "A"), ("AB987654", "3"), ("Z683365", "A"), ("L555555", "0")],
)
def test_hong_kong(body, last):
    assert only_last(asia.check_hong_kong, body, "0123456789A") == [last]


@pytest.mark.parametrize("text", ["A12345(3)", "A1234567(3)", "ABC123456(3)", "1123456(3)", "A123456B"])
def test_no_hong_kong_card(text):
    assert asia.check_hong_kong(text, TODAY) is None


def test_brackets_prove_more():
    assert asia.check_hong_kong("A123456(3)", TODAY).by > asia.check_hong_kong("A1234563", TODAY).by
    assert asia.check_hong_kong("A123456（3）", TODAY).plain == "A1234563"


@pytest.mark.parametrize(
    ("body", "last"),
    [("A12345678", "9"), ("B10000000", "2"), ("O10000000", "4"), ("I20000000", "5"), ("A80000001", "4")],
)
def test_taiwan(body, last):
    assert only_last(asia.check_taiwan, body, "0123456789") == [last]


@pytest.mark.parametrize("text", ["A323456789", "A0123456789", "A12345678", "1123456789"])
def test_no_taiwan_number(text):
    assert asia.check_taiwan(text, TODAY) is None


@pytest.mark.parametrize(
    ("body", "last"),
    [("S0000001", "I"), ("S1234567", "D"), ("T1234567", "J"), ("F1234567", "N"), ("G1234567", "X"), ("M1234567", "K")],
)
def test_singapore(body, last):
    assert only_last(asia.check_singapore, body, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == [last]


@pytest.mark.parametrize("text", ["A1234567D", "S123456D", "S12345678D", "S12345670"])
def test_no_singapore_number(text):
    assert asia.check_singapore(text, TODAY) is None
