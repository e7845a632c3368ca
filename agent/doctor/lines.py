"""One line of what the doctor says."""

from __future__ import annotations

from typing import Literal

from config.text import Text

State = Literal["ok", "limited", "broken"]
Line = tuple[State, Text]
