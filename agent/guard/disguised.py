"""Texts whose bytes were exchanged with a short key (XOR): no cipher, but nothing that can be read either."""

from __future__ import annotations

import codecs
from collections import Counter

_NO_TEXT = bytes([*range(9), 11, 12, *range(14, 32), 127])
_KEYS = [bytes(byte ^ key for byte in range(256)) for key in range(256)]
_KEPT = [bytes(set(range(256)) - set(_NO_TEXT.translate(table))) for table in _KEYS]
_FREQUENT = b" etaoinshrdluETAOINSHRDLU\n"
_USUAL = set("的一是不了在有人这中大为上个我以要他时来用们到作地于出就分对成会可主发年同工本议请单部各日期号，。、；：")
_CELLS = set("0123456789,;.:-+/ \t\r\n\"'")
_FIGURES = b"0123456789 \t\r\n,.;:-+"
_LEAST = 64  # bytes
_LONGEST_KEY = 32
_COLUMN = 24  # bytes, at least, that one byte of the key must have been used for
_REGULAR = 0.045  # chance that two bytes of a column are the same: texts have 0.06 and more, random bytes 0.004


def is_text(head: bytes) -> bool:
    """Whether the beginning of a file, itself no text that reads, becomes one when a key is taken off.

    Keys of 32 bytes at most; words of English or Chinese, and tables, are told.
    """
    if len(head) < _LEAST or len(set(head)) < 12 or _is_natural(head) or _reads(head):
        return False
    most = len(head) // 100
    keys = [key for key in range(1, 256) if len(head.translate(None, _KEPT[key])) <= most]
    counts = Counter(head)
    high = sum(count for byte, count in counts.items() if byte > 127)
    for key in keys:
        lines = counts[10 ^ key]
        if lines > len(head) / 300 or counts[32 ^ key] + lines > 0.1 * len(head):  # words or rows, if any
            if _reads(head.translate(_KEYS[key])):
                return True
        elif (high if key < 128 else len(head) - high) > 0.3 * len(head) and _reads(head[:1024].translate(_KEYS[key])):
            return True  # Chinese needs no blanks
    return _with_long_key(head)


def _is_natural(head: bytes) -> bool:
    """Whether bytes are as those of programs, settings, notes: blanks, and the letters that words are made of.

    Or always the same: what every key turns into something.
    """
    if max(Counter(head).values()) > 0.4 * len(head):
        return True
    if len(head.translate(None, _FIGURES)) < 0.1 * len(head):  # columns of figures; letters under no key become that
        return True
    if head.count(b" ") > 0.08 * len(head) and head.count(b"\n") > len(head) / 300:
        return True
    blanks = sum(map(head.count, b" \n\t"))
    return blanks > 0.06 * len(head) and sum(map(head.count, _FREQUENT)) > 0.35 * len(head) and not head.count(0)


def _reads(text: bytes) -> bool:
    """Whether bytes read as words, as Chinese, or as the rows of a table."""
    for coding in ("utf-8", "gb18030"):
        try:
            signs = codecs.getincrementaldecoder(coding)().decode(text)
        except UnicodeDecodeError:
            continue
        narrow = sum(sign.isascii() and (sign.isprintable() or sign in "\r\n\t") for sign in signs)
        wide = sum("一" <= sign <= "鿿" or sign in "，。、；：（）《》“”　★" for sign in signs)
        if narrow + wide < 0.98 * len(signs):
            continue
        if wide > 0.3 * len(signs):
            return sum(map(_USUAL.__contains__, signs)) > 0.1 * wide
        words = 0.1 * len(text) < text.count(b" ") + text.count(b"\n") < 0.35 * len(text)
        if words and sum(map(text.count, _FREQUENT)) >= 0.5 * len(text):
            return True
        lines = text.count(b"\n")
        cells = sum(sign in _CELLS or (sign.isascii() and sign.isalpha()) for sign in signs)
        if len(signs) / 200 <= lines <= len(signs) / 5 and cells >= 0.95 * len(signs):
            return True
    return False


def _with_long_key(head: bytes) -> bool:
    least = max(_REGULAR, 1.15 * _regularity(head))  # what is as regular without a key has none
    for length in range(2, min(_LONGEST_KEY, len(head) // _COLUMN) + 1):
        columns = [head[start::length] for start in range(length)]
        if sum(map(_regularity, columns)) < least * length:
            continue
        plain = bytearray(len(head))
        for start, column in enumerate(columns):
            plain[start::length] = column.translate(_KEYS[_best_key(column)])
        # some columns have guessed wrong; most bytes read all the same
        if sum(map(plain.count, _FREQUENT)) >= 0.5 * len(plain) and _unfit(bytes(plain)) <= len(plain) // 20:
            return True
    return False


def _regularity(column: bytes) -> float:
    return sum(count * (count - 1) for count in Counter(column).values()) / (len(column) * (len(column) - 1))


def _best_key(column: bytes) -> int:
    """The key that makes the most of a column's bytes such as texts have."""

    def common(key: int) -> int:
        plain = column.translate(_KEYS[key])
        return len(plain) - len(plain.translate(None, _FREQUENT)) - 2 * _unfit(plain)

    return max(range(256), key=common)


def _unfit(plain: bytes) -> int:
    return len(plain.translate(None, _KEPT[0]))
