"""Classification marks as objects, one regime a file. The first to read a place keeps it: narrow ones stand first."""

from __future__ import annotations

from detectors.marks.australia import AUSTRALIA
from detectors.marks.canada import CANADA
from detectors.marks.china import CHINA
from detectors.marks.commercial import COMMERCIAL_MARKS
from detectors.marks.cui import CUI
from detectors.marks.eu import EU
from detectors.marks.europe import EUROPE
from detectors.marks.hongkong import HONG_KONG
from detectors.marks.issued import ISSUED
from detectors.marks.korea import KOREA
from detectors.marks.nato import NATO
from detectors.marks.newzealand import NEW_ZEALAND
from detectors.marks.russia import RUSSIA
from detectors.marks.taiwan import TAIWAN
from detectors.marks.tlp import TLP
from detectors.marks.training import TRAINING
from detectors.marks.uk import UK
from detectors.marks.us import US

REGIMES = (
    ISSUED,
    TRAINING,
    NATO,
    EU,
    AUSTRALIA,
    CANADA,
    HONG_KONG,
    UK,
    EUROPE,
    RUSSIA,
    KOREA,
    TAIWAN,
    TLP,
    COMMERCIAL_MARKS,
    NEW_ZEALAND,
    CHINA,
    CUI,
    US,
)
"""Every regime, in the order in which they read."""
