"""Numbers of accounts and banks: IBAN (ISO 13616) and BIC (ISO 9362)."""

from __future__ import annotations

import re
from datetime import date

from stdnum import iban
from stdnum.exceptions import InvalidComponent, ValidationError
from stdnum.iso7064 import mod_97_10

from config.text import Text
from detectors.numbers.check import Check, compact
from detectors.numbers.countries import COUNTRIES

# Countries that write IBAN without standing in the registry, and their lengths (SWIFT IBAN registry, release 99, lists
# the others; these are published by their central banks). After the check digits all are digits but for the letters
# that may begin the part of the bank in CFA countries.
UNREGISTERED = {
    "AO": 25,
    "BF": 28,
    "BJ": 28,
    "CF": 27,
    "CG": 27,
    "CI": 28,
    "CM": 27,
    "CV": 25,
    "DZ": 26,
    "GA": 27,
    "GQ": 27,
    "GW": 25,
    "IR": 26,
    "KM": 27,
    "MA": 28,
    "MG": 27,
    "ML": 28,
    "MZ": 25,
    "NE": 28,
    "SN": 28,
    "TD": 27,
    "TG": 28,
}
_BODY = re.compile(r"[A-Z]{2}\d{2}(?:[A-Z]{2})?\d+")
BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9][A-NP-Z0-9](?:XXX|[A-WYZ0-9][A-Z0-9]{2})?")
# Countries in which banks are met often enough that eight letters beside "SWIFT" are rather a bank than a word
_FREQUENT = "AE AU BE BR CA CH CN DE DK ES FR GB HK IN JP KR LU MO MY NL NO NZ PH PL RU SE SG TH TR TW US VN ZA"
FREQUENT = frozenset(_FREQUENT.split())


def check_iban(text: str, _today: date) -> Check | None:
    """Country, length, form and the two check digits (ISO 13616; ISO 7064 MOD 97-10)."""
    number = compact(text)
    try:
        iban.validate(number, check_country=False)
    except InvalidComponent:
        if not _unregistered(number):
            return None
    except ValidationError:
        return None
    return Check(
        number,
        0.3,
        Text("the country, the length and both check digits are correct", "国家代码、长度和两位校验码均正确"),
    )


def _unregistered(number: str) -> bool:
    return (
        UNREGISTERED.get(number[:2]) == len(number)
        and _BODY.fullmatch(number) is not None
        and mod_97_10.is_valid(number[4:] + number[:4])
    )


def check_bic(text: str, _today: date) -> Check | None:
    """Bank, country, place and branch. There is no check digit, so a word must stand by."""
    match = BIC.fullmatch(text)
    if not match or match[1] not in COUNTRIES:
        return None
    spoken = text.isalpha() and match[1] not in FREQUENT  # as INSTITUT or MESSAGES are
    return Check(
        text[:8] if text.endswith("XXX") else text,
        -0.2 if spoken else 0.0,
        Text("four letters of a bank, a country and a place", "由银行、国家和地区代码组成"),
    )
