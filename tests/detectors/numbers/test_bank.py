from datetime import date

import pytest
from stdnum import numdb

from detectors.numbers import bank
from detectors.numbers.countries import COUNTRIES

TODAY = date(2026, 11, 1)


def iban(country, body):
    value = int("".join(str(int(sign, 36)) for sign in body + country + "00"))
    return f"{country}{98 - value % 97:02d}{body}"


def holds(text):
    return bank.check_iban(text, TODAY) is not None


@pytest.mark.parametrize(
    ("country", "body"),
    [
        *(
            ("DE", "370400440532013000"),
            ("GB", "WEST12345698765432"),
            ("NO", "86011117947"),
            ("FR", "20041010050500013M02606"),
        ),
        *(("CH", "00762011623852957"), ("MT", "MALT011000012345MTLCAST001S"), ("BR", "00360305000010009795493C1")),
        *(("SA", "80000000608010167519"), ("AE", "0331234567890123456"), ("TR", "0006100519786457841326")),
    ],
)
def test_countries_of_the_registry(country, body):
    number = iban(country, body)
    assert holds(number)
    assert holds(number.lower())
    assert holds(" ".join(number[at : at + 4] for at in range(0, len(number), 4)))
    assert not holds(number[:-1])
    assert not holds(number + "0")
    assert not holds(number[:2] + f"{(int(number[2:4]) + 1) % 100:02d}" + number[4:])


@pytest.mark.parametrize(("country", "length"), bank.UNREGISTERED.items())
def test_countries_beside_the_registry(country, length):
    body = ("1234567890" * 3)[: length - 4]
    assert holds(iban(country, body))
    assert not holds(iban(country, body[:-1]))
    assert not holds(iban(country, body + "0"))
    assert not holds(iban(country, body)[:-1] + str((int(body[-1]) + 1) % 10))
    assert not holds(iban(country, body[:-1] + "X"))


def test_no_country_stands_twice():
    assert not [name for name in bank.UNREGISTERED if numdb.get("iban").info(name + "00")[0][1]]


def test_letters_may_begin_the_bank_in_cfa_countries():
    assert holds(iban("SN", "SN" + "1" * 22))


@pytest.mark.parametrize("country", ["US", "CN", "XX", "JP"])
def test_countries_without_iban(country):
    assert not holds(iban(country, "370400440532013000"))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(("DEUTDEFF", True), ("DEUTDEFF500", True), ("DEUTDEFFXXX", True), ("ICBKCNBJ", True), ("BKCHCNBJ300", True)),
        *(("DEUTQQFF", False), ("DEUTDEF", False), ("DEUTDEFF5", False), ("DEUTDEFF5000", False), ("DEU1DEFF", False)),
        *(("DEUTDEFO", False), ("DEUTDEFFX00", False), ("deutdeff", False)),
    ],
)
def test_banks(text, valid):
    assert (bank.check_bic(text, TODAY) is not None) == valid


def test_words_of_eight_letters_count_less():
    assert bank.check_bic("MESSAGES", TODAY).by < bank.check_bic("ICBKCNBJ", TODAY).by == 0.0
    assert bank.check_bic("BKNZNZ22", TODAY).by == bank.check_bic("MESSAG22", TODAY).by


def test_the_head_office_is_the_bank():
    assert bank.check_bic("DEUTDEFFXXX", TODAY).plain == "DEUTDEFF"


def test_frequent_countries_are_countries():
    assert bank.FREQUENT < COUNTRIES
    assert set(bank.UNREGISTERED) < COUNTRIES
    assert all(len(code) == 2 for code in COUNTRIES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SWIFT Code: ICBKCNBJ", ["finance.swift-bic"]),
        ("银行识别代码：BKCHCNBJ300", ["finance.swift-bic"]),
        ("户名\tSWIFT\n某某\tICBKCNBJ\n", ["finance.swift-bic"]),
        ("SWIFT MESSAGES", []),
        ("ICBKCNBJ", []),
        ("THE SWIFT DOCUMENT", []),
    ],
)
def test_a_bank_needs_its_word(findings, text, found):
    assert [rule for rule, _ in findings(text)] == found
