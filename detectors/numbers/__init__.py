"""Validators: from a matched string to a number that holds, or to nothing. One family of numbers a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors.numbers import bank_card, foreign, phone, resident_id, technical, uscc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.numbers.check import Validator

VALIDATORS: Mapping[str, Validator] = MappingProxyType(
    {
        "resident-id": resident_id.check,
        "uscc": uscc.check,
        "bank-card": bank_card.check,
        "mobile": phone.mobile,
        "landline": phone.landline,
        "iban": foreign.check_iban,
        "us-ssn": foreign.check_ssn,
        "ip": technical.check_ip,
        "jwt": technical.check_jwt,
        "http-basic": technical.check_basic,
    }
)
"""The words a rule's ``validator:`` may say."""
