"""Text as it is read, not as it is coded: full-width letters, look-alikes and invisible characters made plain.

The table is NFKC (Unicode Standard Annex #15) narrowed to what keeps one character one character, plus the traditional
forms in marks and the Cyrillic and Greek capitals that look Latin. Characters that show nothing are taken out. Chinese
punctuation stays as it is: it stands in every sentence, and leaving it alone lets most text pass untouched.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING

from detectors.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Collection

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
# Small capitals, which Unicode has no capitals for; there are none of X, and of S many write a plain s.
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "ABCDEFGHIJKLMNOPQRSTUVWYZ", strict=True))
_STRAY = {"宻": "密", "\u2044": "/", "\u2215": "/"}  # a variant form, and slashes of fractions
_SIGNS = "＊／－．＠＋＿＃＆＝％＄"  # no comma, colon or bracket: see above
_RANGES = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x1D400, 0x1D7FF))
_DASHES = "‐‑‒–—−﹣"
# zero width and direction signs, soft hyphen, fillers, variation selectors, combining marks, tags
_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\u0300-\u034e\u0350-\u036f\u20d0-\u20ff\u2800\ufff9-\ufffc"
)
_UNSEEN_FAR = "[\U0001d173-\U0001d17a\U000e0000-\U000e01ef]"  # musical format signs, tags, selectors


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for low, high in _RANGES:
        for code in range(low, high + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain != chr(code):
                table[code] = plain
    table |= {ord(sign): unicodedata.normalize("NFKC", sign) for sign in _SIGNS}
    table |= {ord(sign): "-" for sign in _DASHES}
    table |= {code: str(value) for code in range(0x80, 0x20000) if (value := unicodedata.decimal(chr(code), -1)) >= 0}
    return table | {ord(old): new for old, new in (_TRADITIONAL | _LOOKALIKES | _SMALL_CAPITALS | _STRAY).items()}


_TABLE = _table()
_BASIC = re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(_TABLE) if code < 0x10000) + "]")
_CLASSES = (
    re.compile(f"[{_UNSEEN}]"),
    re.compile(_UNSEEN_FAR),
    _BASIC,
    # wider than the table: a look for few ranges takes half the time of one for all of them
    re.compile(
        "[\U000104a0-\U00011fff\U00016a60-\U00016b59\U0001d400-\U0001d7ff\U0001e140-\U0001e959\U0001fbf0-\U0001fbf9]"
    ),
)
GATES = tuple(each.pattern for each in _CLASSES)
"""What a text must hold one of to be touched at all; most hold none, and some that do are left as they are."""
_UNSHOWN, _TAGS, _OTHER, _STYLED = range(len(GATES))
_CUT = re.compile(f"[{_UNSEEN}]|{_UNSEEN_FAR}")
_FEW = 24  # different characters that are faster to replace one by one than by a look at every character
_touched = Gate(GATES)


class Normal:
    """Plain text and the way back: ``original(n)`` is where character ``n`` of ``text`` stood."""

    __slots__ = ("_cuts", "text")

    def __init__(self, raw: str, found: Collection[int] | None = None) -> None:
        """Make a text plain; ``found`` are the numbers of those :data:`GATES` that it holds, where they are known."""
        self._cuts: list[int] = []
        self.text = raw
        if found is None:
            found = () if raw.isascii() else _touched(raw)
        if not found:
            return
        if _UNSHOWN in found or _TAGS in found:
            # cut k stands at raw position p; everything at or after p - k in the plain text is k + 1 further on
            self._cuts = [match.start() - k for k, match in enumerate(_CUT.finditer(raw))]
            self.text = _CUT.sub("", raw)
        if _STYLED in found:
            self.text = self.text.translate(_TABLE)
        elif _OTHER in found:
            self.text = _plain(self.text)

    def original(self, position: int) -> int:
        """The raw position of a plain position."""
        return position + bisect_right(self._cuts, position) if self._cuts else position

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a plain span that is not empty."""
        return self.original(start), self.original(end - 1) + 1


def _plain(text: str) -> str:
    different = set(_BASIC.findall(text))
    if len(different) > _FEW:
        return text.translate(_TABLE)
    for sign in different:
        text = text.replace(sign, _TABLE[ord(sign)])
    return text
