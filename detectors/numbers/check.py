"""What a validator answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from config.text import Text


class Check(msgspec.Struct, frozen=True):
    """A number that holds: its plain form, what that adds to the score, and why in words."""

    plain: str
    by: float
    reason: Text


Validator = Callable[[str, date], Check | None]
"""From the matched text and today's date to a check, or None where the number cannot be one."""


def compact(text: str) -> str:
    """The number without its spaces, hyphens and dots."""
    return text.upper() if text.isalnum() else "".join(sign for sign in text if sign.isalnum()).upper()
