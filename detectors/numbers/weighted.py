"""Check characters of an organisation's own numbers: the weighted sum of the digits, by its remainder.

``sum:WEIGHTS:MODULUS:SIGNS`` names one: ``sum:1:26:A-Z`` adds up the digits and takes the letter of the remainder;
``sum:7,9,10,5,8,4,2:11:0-9X`` weighs them from the left, the weights beginning again where there are more digits. The
check character is the last letter or digit; letters before it are not counted.
"""

from __future__ import annotations

import re
from itertools import cycle
from typing import TYPE_CHECKING

from config.text import Text
from detectors.numbers.check import Check, compact

if TYPE_CHECKING:
    from datetime import date

    from detectors.numbers.check import Validator

FORM = "sum:WEIGHTS:MODULUS:SIGNS"
_NAME = re.compile(r"sum:(?P<weights>\d{1,3}(?:,\d{1,3})*):(?P<modulus>\d{1,2}):(?P<signs>[0-9A-Za-z-]+)", re.ASCII)
_RANGE = re.compile(r"(.)-(.)")
_RIGHT = Text("its check character is right", "校验位正确")
BY = 0.2  # a number made up passes once in so many times as there are signs


def named(name: str) -> Validator | None:
    """The validator of such a name; none where it is malformed, or has not one sign for each remainder."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    weights = [int(weight) for weight in match["weights"].split(",")]
    modulus = int(match["modulus"])
    signs = _RANGE.sub(_between, match["signs"]).upper()
    if modulus < 2 or len(signs) != modulus or len(set(signs)) != modulus:
        return None

    def check(text: str, _today: date) -> Check | None:
        number = compact(text)
        digits = [int(sign) for sign in number[:-1] if sign in "0123456789"]
        total = sum(weight * digit for weight, digit in zip(cycle(weights), digits, strict=False))
        return Check(number, BY, _RIGHT) if digits and number[-1] == signs[total % modulus] else None

    return check


def _between(match: re.Match[str]) -> str:
    return "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1)))
