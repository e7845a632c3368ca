"""The time as the wire and the database keep it: UTC in milliseconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LATEST = 253_402_128_000_000  # late in the year 9999: what a calendar can still show in every zone


def now() -> int:
    """This moment."""
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> datetime:
    """A time as a date with its zone; one out of all reach becomes the nearest that can be shown."""
    return datetime.fromtimestamp(min(max(milliseconds, 0), LATEST) / 1000, UTC)
