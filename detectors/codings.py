r"""Forms in which text hides in text: runs of signs that stand for bytes, and escapes that stand for characters.

Runs are base64, base64url, base32 (RFC 4648) and hexadecimal digits, parted or not, wrapped over lines; what they hold
may be packed. Escapes are ``\u673a``, ``\x41``, ``\346``, ``U+673A``, ``&#26426;``, ``%E6``, ``%u673A``, ``=E6`` (RFC
8259, RFC 3986, RFC 2045) and UTF-7 (RFC 2152), alone or mixed with plain letters.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterator

import msgspec

from detectors import textual

LONGEST = 2**23  # characters of one run
_SHORT = 20  # hexadecimal digits: what is shorter holds no mark and no number
_HEAD = 64  # characters that are judged before a whole run is decoded
_GAP = 48  # characters of plain text between escapes that belong together
TOKEN = 2_000  # signs of a run that is broken by an escape here and there
_SIGNS = re.compile(r"[A-Za-z0-9+/_=\-]*")
_AROUND = 64  # characters of plain text kept on either side of escapes
_HEX = re.compile(r"(?:0[xX])?(?:[0-9A-Fa-f]{2})+")
_BASE32 = re.compile(r"[A-Z2-7]+|[a-z2-7]+")
_BASE32_HEAD = re.compile(rb"[A-Z2-7]+|(?=[a-z]{0,47}[2-7])[a-z2-7]+|[a-z]{48,}")  # else it is a word
_FOLD = re.compile(r"[=\s>]+")
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_URLSAFE = str.maketrans("-_", "+/")
_TELLING = re.compile("[0-9A-Za-z\u0080-\U0010ffff]")
_OPENING = ("%", "\\", "&", "#", "=", "+")  # before a letter, the beginning of another escape
_HAN = re.compile("[\u2605\u2606\u3000-\u303f\u4e00-\u9fa5\uff01-\uff5e]+")


class Budget(msgspec.Struct):
    """Bytes that may still be unpacked for one file, and the codings of which something was left out."""

    left: int
    cut: dict[str, None] = msgspec.field(default_factory=dict)


class Escaped(msgspec.Struct, frozen=True):
    """A stretch with its escapes undone; a part says that ``low`` to ``high`` of it stood at ``start`` to ``end``."""

    text: str
    parts: tuple[tuple[int, int, int, int], ...]


Decode = Callable[[str, Budget], tuple[str, str] | None]
"""From signs to the coding and the text they hold, if they do."""


def possible(head: bytes) -> bool:
    """Whether a run that begins so may hold text: a cheap test that nearly all names and digests fail."""
    head = head[:_HEAD]
    if not head.translate(None, _HEX_DIGITS):
        return len(head) >= _SHORT and textual.promising(bytes.fromhex(head[: len(head) // 2 * 2].decode()))
    if head.islower() or head.isupper():  # a name; bytes in base64 have letters of both cases
        return head.isalnum() and (head[:2] == b"0x" or _BASE32_HEAD.fullmatch(head) is not None)
    at = head.rfind(b"/") + 1  # the last part of a path may be one, too
    return head[:2] in (b"0x", b"0X") or _possible(head) or (at > 0 and _possible(head[at:]))


def _possible(head: bytes) -> bool:
    return textual.promising(binascii.a2b_base64(head[: len(head) // 4 * 4].translate(_STANDARD)))


def run(signs: str, budget: Budget) -> tuple[str, str] | None:
    """The coding and the text of a run of signs, when it holds one."""
    body = _FOLD.sub("", signs)
    if len(body) >= _SHORT and _HEX.fullmatch(body):
        return _told("hex", bytes.fromhex(body[2:] if body[1] in "xX" else body), budget)
    if _BASE32.fullmatch(body) and (found := _base32(body.upper(), budget)):
        return found
    body = body.translate(_URLSAFE)
    found = _base64(body, budget)
    if found is None and 0 < (at := body.rfind("/", 0, _HEAD)) < len(body) - 16:  # the last part of a path
        found = _base64(body[at + 1 :], budget)
    return found


def pairs(signs: str, budget: Budget) -> tuple[str, str] | None:
    """The text of parted pairs of hexadecimal digits, when they hold one."""
    return _told("hex", bytes.fromhex("".join(_PAIR.findall(signs))), budget)


_PAIR = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{2})")


def _base32(body: str, budget: Budget) -> tuple[str, str] | None:
    try:
        return _told("base32", base64.b32decode(body + "=" * (-len(body) % 8)), budget)
    except binascii.Error:
        return None


def _base64(body: str, budget: Budget) -> tuple[str, str] | None:
    head = binascii.a2b_base64(body[: min(len(body), _HEAD) // 4 * 4])
    if not textual.promising(head):
        return None
    if len(body) % 4 == 1:
        body = body[:-1]
    return _told("base64", binascii.a2b_base64(body + "=" * (-len(body) % 4)), budget)


def _told(coding: str, data: bytes, budget: Budget) -> tuple[str, str] | None:
    """Bytes as text, unpacked if need be."""
    unpacked = textual.unpack(data, budget.left)
    if unpacked is None:
        found = textual.text(data)
        return (coding, found) if found else None
    data, cut = unpacked
    budget.left -= len(data)
    if cut:
        budget.cut[coding] = None
    found = textual.text(data)
    return (f"{coding} packed", found) if found else None


_Undo = Callable[[str], str | None]
_Escape = tuple[int, int, str]  # start, end, and what it says


def _utf16(signs: str) -> str | None:
    return bytes.fromhex(re.sub(r"[\\%uU+ ,]", "", signs)).decode("utf-16-be", "replace")


def _braced(signs: str) -> str | None:
    return _points(int(code, 16) for code in re.findall(r"[0-9a-fA-F]+(?=\})", signs))


def _referred(signs: str) -> str | None:
    codes = (code.strip(";") for code in signs.split("&#")[1:])
    return _points(int(code[1:], 16) if code[0] in "xX" else int(code) for code in codes)


def _points(codes: Iterator[int]) -> str:
    return "".join(chr(code) if 8 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes)


def _hexed(signs: str) -> str | None:
    return _bytes(bytes.fromhex(re.sub(r"\\x|[%=\s]", "", signs)))


def _octal(signs: str) -> str | None:
    return _bytes(bytes(int(code, 8) & 255 for code in signs.split("\\")[1:]))


def _bytes(data: bytes) -> str | None:
    if found := textual.text(data):
        return found
    for name in ("utf-8", "gb18030", "big5"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _utf7(signs: str) -> str | None:
    body = signs[1:].rstrip("-")
    body = body[: len(body) // 8 * 8 + (0, 0, 0, 3, 3, 3, 6, 6)[len(body) % 8]]
    found = binascii.a2b_base64(body + "=" * (-len(body) % 4)).decode("utf-16-be", "replace")
    return found if _HAN.fullmatch(found) else None


_REFERENCE = r"&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});?"
_POINT = r"U\+[0-9A-Fa-f]{4}[ ,]{0,2}"
_SOFT = r"=[ \t]{0,8}\r?\n"  # a line that goes on below
_CODED: tuple[tuple[str, tuple[tuple[re.Pattern[str], _Undo], ...]], ...] = tuple(
    (sign, tuple((re.compile(pattern), undo) for pattern, undo in patterns))
    for sign, patterns in (
        (
            "\\",
            (
                (r"\\u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*", _utf16),
                (r"\\u\{[0-9a-fA-F]{1,6}\}(?:\\u\{[0-9a-fA-F]{1,6}\})*", _braced),
                (r"\\x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*", _hexed),
                (r"\\[0-3][0-7]{2}(?:\\[0-3][0-7]{2})*", _octal),
            ),
        ),
        ("&#", ((rf"{_REFERENCE}(?:{_REFERENCE})*", _referred),)),
        (
            "%",
            (
                (r"%u[0-9a-fA-F]{4}(?:%u[0-9a-fA-F]{4})*", _utf16),
                (r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*", _hexed),
            ),
        ),
        (
            "=",
            (
                (rf"=[0-9A-F]{{2}}(?:{_SOFT})?(?:=[0-9A-F]{{2}}(?:{_SOFT})?)+", _hexed),
                (r"=3D(?=3?[0-9A-F]{2})", _hexed),
                (rf"{_SOFT}(?=\S)", _hexed),
            ),
        ),
        ("U+", ((rf"{_POINT}(?:{_POINT})*", _utf16),)),
        ("+", ((r"\+[A-Za-z0-9+/]{3,400}-?", _utf7),)),
    )
)
"""What must stand in a text, then the patterns of escapes and what undoes each (nothing: it is none).

What a pattern begins with stands in it plainly: a search for that is a hundred times as fast as one for a class.
"""


GATES = (
    r"\\[ux0-3]",
    r"&#",
    r"%[u0-9A-Fa-f]",
    r"=[0-9A-F]{2}|=\r?\n",
    r"U\+",
    r"\+[A-Za-z0-9+/]{3}",
)
"""For each entry of the table above, a pattern without which there is none of its escapes."""


def escapes(
    text: str, owner: Callable[[int], object] | None = None, kinds: Collection[int] = range(len(GATES))
) -> Iterator[Escaped]:
    """Stretches of a text with their escapes undone, where these say something that the text does not.

    ``owner`` says what a position belongs to, where a stretch must not go from one to another; ``kinds`` are the
    entries of the table that need be looked for.
    """
    held: list[_Escape] = []
    telling = False
    for start, end, plain in _single(text, kinds):
        if owner and owner(start) is not owner(end):
            continue
        if held and (_parted(text, held[-1][1], start) or (owner and owner(held[-1][0]) is not owner(start))):
            if telling:
                yield _undone(text, held)
            held, telling = [], False
        held.append((start, end, plain))
        telling = telling or _tells(text, plain, end)
    if telling:
        yield _undone(text, held)


def _single(text: str, kinds: Collection[int]) -> list[_Escape]:
    """The escapes of a text in order, one of those that overlap."""
    found: list[_Escape] = []
    for kind in sorted(kinds):
        sign, patterns = _CODED[kind]
        for pattern, undo in patterns if sign in text else ():
            for match in pattern.finditer(text):
                plain = undo(match[0])
                if plain is not None:
                    found.append((*match.span(), plain))
    found.sort(key=lambda each: (each[0], -each[1]))
    out: list[_Escape] = []
    for each in found:
        if not out or each[0] >= out[-1][1]:
            out.append(each)
    return out


def _parted(text: str, start: int, end: int) -> bool:
    """Whether there is much between two escapes, and not just signs of a run."""
    return end - start > _GAP and not (end - start < TOKEN and _SIGNS.fullmatch(text, start, end))


def _tells(text: str, plain: str, end: int) -> bool:
    """Whether an escape says something: a letter, a joint of two lines, where a number begins, or another escape."""
    if not plain or _TELLING.search(plain):
        return True
    after = text[end : end + 1]
    return after.isdigit() or (plain.endswith(_OPENING) and (after.isalnum() or after == "#"))


def _run_end(text: str) -> int:
    found = _SIGNS.match(text)
    return found.end() if found else 0


def _undone(text: str, held: list[_Escape]) -> Escaped:
    at = held[0][0]
    at = min(max(at - _AROUND, 0), at - _run_end(text[max(at - TOKEN, 0) : at][::-1]))
    pieces: list[str] = []
    parts: list[tuple[int, int, int, int]] = []
    length = 0
    for start, end, plain in held:
        pieces += (text[at:start], plain)
        length += start - at
        parts.append((length, length + len(plain), start, end))
        length += len(plain)
        at = end
    pieces.append(text[at : max(at + _AROUND, at + _run_end(text[at : at + TOKEN]))])
    return Escaped("".join(pieces), tuple(parts))
