"""Text as it is read, not as it is coded: full-width letters, look-alikes and invisible characters made plain.

The table is NFKC (Unicode Standard Annex #15) narrowed to what keeps one character one character, plus the traditional
forms in marks and the Cyrillic and Greek capitals that look Latin. Characters that show nothing are taken out. Chinese
punctuation stays as it is: it stands in every sentence, and leaving it alone lets most text pass untouched.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None

_TRADITIONAL = dict(
    zip(
        "機絕絶祕極對業務內級長個啟啓試結資項會議開報單專時間發佈與檔類別等車號碼證國電話銀賬戶",
        "机绝绝秘极对业务内级长个启启试结资项会议开报单专时间发布与档类别等车号码证国电话银账户",
        strict=True,
    )
)
_LOOKALIKES = dict(
    zip(
        "АВЕКМНОРСТХЅІЈаеорсхуіјѕ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABEKMHOPCTXSIJaeopcxyijs" + "ABEZHIKMNOPTYXo",
        strict=True,
    )
)
_SIGNS = "＊／－．＠＋＿＃＆＝％＄"  # no comma, colon or bracket: see above
_RANGES = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x1D400, 0x1D7FF))
_DASHES = "‐‑‒–—−﹣"
# zero width and direction signs, soft hyphen, fillers, variation selectors, combining marks, tags
_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\u0300-\u034e\u0350-\u036f\u20d0-\u20ff"
)


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for low, high in _RANGES:
        for code in range(low, high + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain != chr(code):
                table[code] = plain
    table |= {ord(sign): unicodedata.normalize("NFKC", sign) for sign in _SIGNS}
    table |= {ord(sign): "-" for sign in _DASHES}
    return table | {ord(old): new for old, new in (_TRADITIONAL | _LOOKALIKES).items()}


_TABLE = _table()
_UNSHOWN = re.compile(f"[{_UNSEEN}]|[\U000e0000-\U000e01ef]")
_TOUCHED = "[" + _UNSEEN + "".join(re.escape(chr(code)) for code in sorted(_TABLE) if code < 0x10000) + "]"
_BASIC = re.compile(_TOUCHED)
_BEYOND = re.compile("[\U0001d400-\U0001d7ff\U000e0000-\U000e01ef]")
_FEW = 24  # different characters that are faster to replace one by one than by a look at every character


class _Touched:
    """Whether a text holds anything to be touched: most hold nothing, and are passed on at three gigabytes a second."""

    def __init__(self) -> None:
        self._scan = self._native()

    def __call__(self, raw: str) -> bool:
        if raw.isascii():
            return False
        return self._scan(raw) if self._scan else bool(_BASIC.search(raw) or _BEYOND.search(raw))

    def _native(self) -> Callable[[str], bool] | None:
        if hyperscan is None:
            return None
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        flags = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH
        try:
            database.compile(
                expressions=[re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", _TOUCHED).encode(), _BEYOND.pattern.encode()],
                ids=[0, 1],
                flags=[flags, flags],
            )
            scratch = hyperscan.Scratch(database)
        except hyperscan.error:
            return None

        def scan(raw: str) -> bool:
            found: list[object] = []
            data = raw.encode("utf-8", "replace")
            database.scan(data, match_event_handler=lambda *report: found.append(report), scratch=scratch)
            return bool(found)

        return scan


touched = _Touched()


class Normal:
    """Plain text and the way back: ``original(n)`` is where character ``n`` of ``text`` stood."""

    __slots__ = ("_cuts", "text")

    def __init__(self, raw: str) -> None:
        self._cuts: list[int] = []
        if not touched(raw):
            self.text = raw
            return
        # cut k stands at raw position p; everything at or after p - k in the plain text is k + 1 further on
        self._cuts = [match.start() - k for k, match in enumerate(_UNSHOWN.finditer(raw))]
        self.text = _plain(_UNSHOWN.sub("", raw) if self._cuts else raw)

    def original(self, position: int) -> int:
        """The raw position of a plain position."""
        return position + bisect_right(self._cuts, position) if self._cuts else position

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a plain span that is not empty."""
        return self.original(start), self.original(end - 1) + 1


def _plain(text: str) -> str:
    different = set(_BASIC.findall(text))
    if len(different) > _FEW or _BEYOND.search(text):
        return text.translate(_TABLE)
    for sign in different:
        text = text.replace(sign, _TABLE[ord(sign)])
    return text
