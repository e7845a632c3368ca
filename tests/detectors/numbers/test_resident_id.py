"""Resident identity numbers: the check digit is computed here, by the weights of GB 11643-1999 themselves."""

from datetime import date

import pytest

from detectors.numbers import resident_id

TODAY = date(2026, 11, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(region="110101", born="19900307", order="013"):
    body = region + born + order
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def holds(text):
    return resident_id.check(text, TODAY) is not None


def test_every_other_check_character_is_refused():
    right = number()
    assert [last for last in "0123456789X" if holds(right[:17] + last)] == [right[17]]


@pytest.mark.parametrize(
    ("born", "valid"),
    [
        ("19900101", True),
        ("19900131", True),
        ("19901231", True),
        ("19900001", False),
        ("19901301", False),
        ("19900100", False),
        ("19900132", False),
        ("19900229", False),
        ("19920229", True),
        ("20000229", True),
        ("19000229", False),
        ("20261101", True),  # today
        ("20261102", False),  # tomorrow
        ("19061102", True),  # 120 tomorrow
        ("19061101", False),  # 120 today
        ("19061201", True),
        ("19061001", False),
        ("18991231", False),
    ],
)
def test_the_date_of_birth(born, valid):
    assert holds(number(born=born)) == valid


@pytest.mark.parametrize("length", [14, 16, 17, 19])
def test_other_lengths(length):
    assert not holds((number() + "0")[:length])


def test_a_letter_stands_only_at_the_end():
    ten = next(whole for order in range(100) if (whole := number(order=f"{order:03d}")).endswith("X"))
    assert holds(ten)
    assert holds(ten.lower())
    assert not holds("O" + ten[1:])


@pytest.mark.parametrize(
    "region", ["11", "15", "21", "23", "31", "37", "41", "46", "50", "54", "61", "65", "71", "81", "83"]
)
def test_the_ends_of_the_provinces(region):
    assert region in resident_id.REGIONS


@pytest.mark.parametrize(
    "region", ["10", "16", "20", "24", "30", "38", "40", "47", "49", "55", "60", "66", "70", "72", "80", "84"]
)
def test_beyond_the_ends_of_the_provinces(region):
    assert region not in resident_id.REGIONS


def test_the_region_is_a_score():
    known, county, province = (resident_id.check(number(region), TODAY) for region in ("110101", "110199", "160101"))
    assert known.by > county.by > 0 > province.by


def test_permanent_residents_from_abroad():
    region = number("931156")
    assert resident_id.check(region, TODAY).by > resident_id.check(number("916156"), TODAY).by


def test_digits_put_together_from_lines_or_cells_count_less():
    whole = number()
    for sign in "\n\t":
        assert resident_id.check(whole[:6] + sign + whole[6:], TODAY).by < resident_id.check(whole, TODAY).by
    assert resident_id.check(whole[:6] + " " + whole[6:], TODAY).by == resident_id.check(whole, TODAY).by


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("110101900307013", True),
        ("110101901307013", False),
        ("160101900307013", False),
        ("110101900230013", False),
        ("11010190030701X", False),
        ("110101060101013", False),  # 120 years
        ("110101070101013", True),
    ],
)
def test_fifteen_digits(text, valid):
    assert holds(text) == valid


def test_fifteen_digits_prove_little():
    assert resident_id.check("110101900307013", TODAY).by < 0


@pytest.mark.parametrize("form", ["{}", "身份证 {}", "公民身份号码：{}", "证件号码\t{}", "ID card: {}", "[{}]"])
def test_found_in_text(findings, form):
    assert findings(form.format(number())) == [("cn.resident-id", number())]


@pytest.mark.parametrize("at", range(1, 18))
@pytest.mark.parametrize("sign", ["\n", "\t", " ", ".", "-"])
def test_broken_anywhere_behind_its_word(findings, at, sign):
    whole = number(order="017")
    broken = whole[:at] + sign + whole[at:]
    assert findings(f"身份证号\t{broken}\t男") == [("cn.resident-id", broken)]


def test_one_digit_a_box(findings):
    whole = "\t".join(number())
    assert findings(f"身份证号码\t{whole}\n") == [("cn.resident-id", whole)]


def test_a_number_that_the_end_of_a_line_parts_proves_itself_without_a_word(findings):
    whole = number()
    assert findings(f"编号\t{whole[:9]}\n{whole[9:]}") == [("cn.resident-id", f"{whole[:9]}\n{whole[9:]}")]
    wrong = number()[:-1] + ("1" if number()[-1] != "1" else "2")
    assert findings(f"编号\t{wrong[:9]}\n{wrong[9:]}") == []
