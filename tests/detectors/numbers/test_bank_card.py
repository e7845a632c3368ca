"""Payment cards: the Luhn digit is computed here by doubling, not by the code under test."""

from datetime import date

import pytest

from detectors.numbers import bank_card

TODAY = date(2026, 11, 1)


def card(prefix, length):
    body = (prefix + "0123456789013579246")[: length - 1]
    total = 0
    for at, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def by(number):
    check = bank_card.check(number, TODAY)
    return None if check is None else check.by


def test_every_other_last_digit_is_refused():
    right = card("622202", 19)
    assert [last for last in "0123456789" if by(right[:-1] + last) is not None] == [right[-1]]


@pytest.mark.parametrize(("length", "valid"), [(11, False), (12, True), (13, True), (19, True), (20, False)])
def test_lengths(length, valid):
    assert (by(card("60", length)) is not None) == valid


@pytest.mark.parametrize(
    ("first", "last", "length", "scheme"),
    [(low, high, length, scheme) for low, high, lengths, scheme in bank_card.RANGES for length in lengths],
)
def test_the_ends_of_every_range(first, last, length, scheme):
    for prefix in (first, last):
        said = bank_card.check(card(prefix, length), TODAY).reason.en
        assert scheme in said or "cards" in said


@pytest.mark.parametrize("prefix", ["2205", "2220", "2721", "3527", "3590", "59", "7", "1799", "306", "80", "82", "33"])
def test_beyond_the_ranges_only_the_digit_speaks(prefix):
    assert by(card(prefix, 16)) == -0.25


@pytest.mark.parametrize(("prefix", "length"), [("4", 15), ("51", 15), ("34", 16), ("62", 15), ("36", 16)])
def test_a_range_counts_at_its_own_lengths(prefix, length):
    said = bank_card.check(card(prefix, length), TODAY)
    assert said is None or said.by < 0


def test_short_and_vague_numbers_need_more():
    assert by(card("36", 14)) == by(card("60", 15)) == by(card("9", 16)) == -0.15
    assert by(card("34", 15)) == 0.05


@pytest.mark.parametrize(("low", "high", "bank"), bank_card.BANKS)
def test_the_ends_of_the_ranges_of_banks(low, high, bank):
    for prefix in (low, high):
        assert bank in bank_card.check(card(str(prefix), 19), TODAY).reason.zh


@pytest.mark.parametrize("prefix", ["622198", "622209", "622820", "622850", "622999", "620057"])
def test_beside_the_ranges_of_banks(prefix):
    assert "发卡" not in bank_card.check(card(prefix, 19), TODAY).reason.zh


def test_the_ranges_of_banks_are_in_order_and_apart():
    ends = [end for low, high, _ in bank_card.BANKS for end in (low, high)]
    assert ends == sorted(ends)
    assert all(high < low for (_, high, _), (low, _, _) in zip(bank_card.BANKS, bank_card.BANKS[1:], strict=False))


def test_bare_digits_need_a_word_or_a_bank_or_groups(findings):
    bare, bank = card("411111", 16), card("622202", 19)
    spaced = " ".join(bare[at : at + 4] for at in range(0, 16, 4))
    assert findings(f"req={bare} done") == []
    assert findings(f"x {spaced} y") == [("finance.bank-card", spaced)]
    assert findings(f"n {bank} y") == [("finance.bank-card", bank)]
    assert findings(f"卡号 {bare}") == [("finance.bank-card", bare)]
    assert findings(f"申请退款至{bare}。") == [("finance.bank-card", bare)]
    assert findings(f"发票号 {bare}") == []


@pytest.mark.parametrize("sign", ["\n", "\t", " ", ".", "-"])
def test_broken_behind_its_word(findings, sign):
    number = card("622848", 19)
    broken = number[:7] + sign + number[7:]
    assert findings(f"卡号\t{broken}\t") == [("finance.bank-card", broken)]
