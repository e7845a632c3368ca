"""Numbers and marks over cells and lines; tables of ordinary numbers hold none."""

import random

import pytest

from config.verdict import Segment, Zone
from detectors.numbers import VALIDATORS
from detectors.split import CHECKED, splits
from tests.detectors.conftest import TODAY

ID = "110101199003070134"


@pytest.fixture
def found(engine):
    def of(text):
        segment = Segment(text, "表!A1", Zone.CELL, lines=False)
        found = engine.inspect([segment], TODAY)
        return [(each.rule, text[each.start : each.end]) for each in found.findings] + [
            (mark.regime, text[mark.start : mark.end]) for mark in found.marks
        ]

    return of


@pytest.mark.parametrize(
    "row",
    [
        "1101\t0119\t9003\t0701\t34",
        "110101\t19900307\t0134",
        "\t".join(ID),
        "11010119900307013\t4",
        "1\t10101199003070134",
    ],
)
def test_a_number_over_the_cells_of_a_row(found, row):
    assert found(f"序号\t证件\n1\t{row}\t男\n") == [("cn.resident-id", row)]


def test_a_card_number_in_fours(found):
    assert found("银行卡号\n6222\t0212\t3456\t7890\t128\n") == [("finance.bank-card", "6222\t0212\t3456\t7890\t128")]


@pytest.mark.parametrize("cells", [("1101", "0119", "9003", "0701", "34"), tuple(ID), ("110101199", "003070134")])
@pytest.mark.parametrize("beside", ["\t男", ""])
def test_a_number_down_a_column(found, cells, beside):
    text = "".join(f"{cell}{beside}\n" for cell in cells)
    assert [rule for rule, _ in found(text)] == ["cn.resident-id"]


@pytest.mark.parametrize("cells", ["机密★", ("机", "密", "★", "10年"), ("机", "密", "★", "1", "0", "年")])
def test_a_mark_down_a_column(found, cells):
    text = "".join(f"{cell}\t{number}\n" for number, cell in enumerate(cells, 1))
    marks = [regime for regime, _ in found(text)]
    assert marks == (["cn"] if len(cells) > 3 else [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n    "])
def test_a_number_over_the_end_of_a_line(found, end):
    assert found(f"身份证号：1101{end}01199003070134。") == [("cn.resident-id", f"1101{end}01199003070134")]


@pytest.mark.parametrize("sign", [" ", ".", "-", "·", "\u00a0", "\u2009", "，", "_"])
def test_a_number_sign_by_sign(found, sign):
    text = f"身份证号：{sign.join(ID)}。"
    assert found(text) == [("cn.resident-id", sign.join(ID))]
    assert found(f"身份证号：{sign.join(ID[:-1])}{sign}5。") == []
    assert found(f"身份证号：9{sign}{sign.join(ID)}。") == []


@pytest.mark.parametrize(
    "text",
    [
        "1101\t0119\t9003\t0701\t35",  # the check digit is wrong
        "a1101\t0119\t9003\t0701\t34",
        "1101\t0119\t9003\t0701\t345",
        "0.1101\n01199003070134",
        "2020\t2021\t2022\t2023\n4000\t4500\t5200\t6000\n",
    ],
)
def test_what_only_looks_so(found, text):
    assert found(text) == []


def test_tables_of_numbers_hold_none(found):
    chance = random.Random(7)
    rows = ["\t".join(str(chance.randrange(10 ** chance.randrange(1, 9))) for _ in range(12)) for _ in range(3_000)]
    assert found("\n".join(rows)) == []


def test_parts_lead_back(found):
    text = "证件\t1101\t0119\t9003\t0701\t34"
    (split,) = splits(text, text.encode("ascii", "replace"))
    assert split.text == ID
    assert [split.text[low:high] == text[start:end] for low, high, start, end in split.parts] == [True] * 5


def test_what_counts_is_checked():
    assert set(VALIDATORS) >= CHECKED
