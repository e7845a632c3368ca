"""Validators: from a matched string to a number that holds, or to nothing. One family of numbers a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors.numbers import (
    address,
    asia,
    bank,
    bank_card,
    papers,
    phone,
    resident_id,
    tax_id,
    technical,
    us,
    uscc,
    weighted,
)
from detectors.numbers.national import NATIONAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.numbers.check import Validator

VALIDATORS: Mapping[str, Validator] = MappingProxyType(
    {
        "resident-id": resident_id.check,
        "uscc": uscc.check,
        "tax-id": tax_id.check,
        "travel-permit": papers.check_permit,
        "military-id": papers.check_military,
        "bank-card": bank_card.check,
        "mobile": phone.mobile,
        "landline": phone.landline,
        "iban": bank.check_iban,
        "bic": bank.check_bic,
        "address": address.check,
        "us-ssn": us.check_ssn,
        "us-itin": us.check_itin,
        "hk-id": asia.check_hong_kong,
        "tw-id": asia.check_taiwan,
        "sg-id": asia.check_singapore,
        "ip": technical.check_ip,
        "mac": technical.check_mac,
        "jwt": technical.check_jwt,
        "http-basic": technical.check_basic,
    }
)
"""The words a rule's ``validator:`` may say, beside those of :data:`NATIONAL` and :mod:`weighted`."""


def validator(name: str) -> Validator | None:
    """The validator of a name."""
    return VALIDATORS.get(name) or NATIONAL.get(name) or weighted.named(name)
