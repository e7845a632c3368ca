"""What the two engines read differently: rules are written for ``regex``, and Vectorscan looks first.

One expression that Vectorscan does not take costs all rules their fast search. So characters given by number are
written out, and what is left of the difference is named while rules are loaded.
"""

from __future__ import annotations

import re
from typing import Any

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None

_NUMBERED = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_FOREIGN = re.compile(r"(?<!\\)(?:\\\\)*(\\[uUNRLGK]|\(\?\||\(\?r\))")


def spelled(source: str) -> str:
    """An expression with characters in place of their numbers, which Vectorscan does not know in this form."""
    return _NUMBERED.sub(lambda match: match[1] + _character(match), source)


def _character(match: re.Match[str]) -> str:
    code = int(match[2] or match[3], 16)
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return match[0][len(match[1]) :]  # no character; said to be wrong where expressions are checked
    if code < 0x80:
        return f"\\x{code:02x}"  # may be a sign of the syntax
    return chr(code)


def refusal(source: str, *, caseless: bool = False, native: bool = True) -> str:
    """What Vectorscan does not take in an expression; empty when it takes all.

    Without the library only what is known to be refused is found, so that most rules meet the same answer anywhere.
    """
    if foreign := _FOREIGN.search(source):
        return foreign[1]
    if hyperscan is None or not native:
        return ""
    flags = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_PREFILTER | hyperscan.HS_FLAG_MULTILINE
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[source.encode("utf-8", "replace")],
            ids=[0],
            flags=[flags | (hyperscan.HS_FLAG_CASELESS if caseless else 0)],
        )
    except hyperscan.error as problem:
        return str(problem)
    return ""
