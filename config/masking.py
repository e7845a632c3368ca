"""Hiding what a collector has no business to know, while people still recognise what is meant."""

from __future__ import annotations

import re
from pathlib import PurePath

_DIGITS = re.compile(r"\d{5,}")
_SEEN = 4  # characters of a name that stay readable at its start
_END = 2


def mask_name(name: str) -> str:
    """A file name with the middle of a long stem and of long numbers hidden: ``关于印发…方案.docx``.

    The suffix stays, and so do short names: they say too little to give anything away, and people must find the file.
    """
    path = PurePath(name)
    stem = _DIGITS.sub(lambda match: match.group()[:2] + "*" * (len(match.group()) - 4) + match.group()[-2:], path.stem)
    if len(stem) > _SEEN + _END + 2:
        stem = f"{stem[:_SEEN]}…{stem[-_END:]}"
    return stem + path.suffix
