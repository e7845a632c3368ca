"""Payment card numbers (ISO/IEC 7812): the Luhn digit, and the ranges the card schemes and the banks issue from.

One random number in ten has a correct Luhn digit, and the ranges of the schemes take a third of all beginnings. A bare
run of digits is therefore a card only with a word beside it, written in groups, or in a range of a Chinese bank.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from config.text import Text
from detectors.numbers.check import Check, compact

# first and last prefix (compared on as many digits), lengths, scheme
RANGES: tuple[tuple[str, str, tuple[int, ...], str], ...] = (
    ("62", "62", (16, 17, 18, 19), "UnionPay"),
    ("81", "81", (16, 17, 18, 19), "UnionPay"),
    ("4", "4", (13, 16, 19), "Visa"),
    ("51", "55", (16,), "Mastercard"),
    ("2221", "2720", (16,), "Mastercard"),
    ("2200", "2204", (16, 17, 18, 19), "Mir"),
    ("9792", "9792", (16,), "Troy"),
    ("34", "34", (15,), "American Express"),
    ("37", "37", (15,), "American Express"),
    ("3528", "3589", (16, 17, 18, 19), "JCB"),
    ("2131", "2131", (15,), "JCB"),
    ("1800", "1800", (15,), "JCB"),
    ("6011", "6011", (16, 17, 18, 19), "Discover"),
    ("644", "649", (16, 17, 18, 19), "Discover"),
    ("65", "65", (16, 17, 18, 19), "Discover"),
    ("300", "305", (14,), "Diners Club"),
    ("36", "36", (14,), "Diners Club"),
    ("38", "39", (14,), "Diners Club"),
    ("50", "50", (12, 13, 14, 15, 16, 17, 18, 19), "Maestro"),
    ("56", "58", (12, 13, 14, 15, 16, 17, 18, 19), "Maestro"),
    ("60", "69", (12, 13, 14, 15, 16, 17, 18, 19), "Maestro"),
    ("9", "9", (16, 17, 18, 19), "domestic Chinese"),
)
SHORT = 15  # shorter numbers, and schemes with a one-digit prefix, are met by chance too often
# first and last six digits of cards of the large Chinese banks, in order: what each publishes for its own cards
BANKS: tuple[tuple[int, int, str], ...] = (
    (601382, 601382, "中国银行"),
    (620058, 620058, "工商银行"),
    (620518, 620518, "光大银行"),
    (621069, 621069, "交通银行"),
    (621096, 621098, "邮储银行"),
    (621225, 621226, "工商银行"),
    (621284, 621284, "建设银行"),
    (621286, 621286, "招商银行"),
    (621436, 621436, "交通银行"),
    (621462, 621462, "广发银行"),
    (621467, 621467, "建设银行"),
    (621483, 621486, "招商银行"),
    (621489, 621492, "光大银行"),
    (621558, 621559, "工商银行"),
    (621598, 621598, "建设银行"),
    (621626, 621626, "平安银行"),
    (621660, 621669, "中国银行"),
    (621691, 621691, "民生银行"),
    (621700, 621700, "建设银行"),
    (621722, 621723, "工商银行"),
    (621756, 621759, "中国银行"),
    (621767, 621773, "中信银行"),
    (621785, 621790, "中国银行"),
    (621792, 621796, "浦发银行"),
    (621797, 621799, "邮储银行"),
    (622150, 622151, "邮储银行"),
    (622155, 622158, "平安银行"),
    (622188, 622188, "邮储银行"),
    (622199, 622199, "邮储银行"),
    (622200, 622208, "工商银行"),
    (622258, 622262, "交通银行"),
    (622280, 622280, "建设银行"),
    (622298, 622298, "平安银行"),
    (622516, 622523, "浦发银行"),
    (622568, 622568, "广发银行"),
    (622575, 622582, "招商银行"),
    (622588, 622588, "招商银行"),
    (622598, 622598, "招商银行"),
    (622609, 622609, "招商银行"),
    (622615, 622622, "民生银行"),
    (622630, 622633, "华夏银行"),
    (622660, 622673, "光大银行"),
    (622690, 622692, "中信银行"),
    (622696, 622698, "中信银行"),
    (622700, 622700, "建设银行"),
    (622821, 622849, "农业银行"),
    (622901, 622902, "兴业银行"),
    (622908, 622909, "兴业银行"),
    (622986, 622989, "平安银行"),
    (623020, 623023, "华夏银行"),
    (623052, 623052, "农业银行"),
    (623058, 623058, "平安银行"),
    (623208, 623208, "中国银行"),
    (623668, 623668, "建设银行"),
)
_FIRST = [low for low, _, _ in BANKS]
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # twice a digit, its own digits added


def check(text: str, _today: date) -> Check | None:
    """The Luhn digit must hold and the length must be one a card can have."""
    number = compact(text)
    if not 12 <= len(number) <= 19 or not number.isdigit() or not luhn(number):
        return None
    scheme = _scheme(number)
    if not scheme:
        return Check(number, -0.25, Text("the Luhn check digit is correct", "Luhn 校验码正确"))
    bank = _bank(number)
    en = f"{len(number)} digits in a range of {scheme} cards with a correct Luhn check digit"
    zh = f"{len(number)}位数字，属 {scheme} 卡段，Luhn 校验码正确"
    if not bank and (len(number) < SHORT or scheme in {"Maestro", "domestic Chinese"}):
        return Check(number, -0.15, Text(en, zh))
    by = 0.05
    if bank:
        by, en, zh = by + 0.1, f"{en}, issued by {bank}", f"{zh}，{bank}发卡"
    if len(number) != len(text):
        by, en, zh = by + 0.1, f"{en}, written in groups", f"{zh}，分组书写"
    return Check(number, by, Text(en, zh))


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit (ISO/IEC 7812-1 annex B)."""
    digits = [ord(sign) - 48 for sign in reversed(number)]
    return (sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])) % 10 == 0


def _scheme(number: str) -> str:
    for low, high, lengths, scheme in RANGES:
        if len(number) in lengths and low <= number[: len(low)] <= high:
            return scheme
    return ""


def _bank(number: str) -> str:
    prefix = int(number[:6])
    at = bisect_right(_FIRST, prefix) - 1
    return BANKS[at][2] if at >= 0 and prefix <= BANKS[at][1] else ""
