"""WordPerfect 5.x and 6 to X: text, headers, footers, notes, boxes, document summary.

"WordPerfect Document File Format", WordPerfect SDK 5.1 and 6.0; where text begins inside the groups of headers and
notes and inside text packets is not in it, and follows what files show.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.reading import NotReadError, Reading
from agent.extract.text import wpcharacters
from config.verdict import Reason, Segment, Zone

Place = tuple[str, Zone]
_BODY: Place = ("body", Zone.BODY)
_DELETED: Place = ("deleted", Zone.BODY)
_BOX: Place = ("text box", Zone.TEXTBOX)
_HEADER: Place = ("header", Zone.HEADER)
_FOOTER: Place = ("footer", Zone.FOOTER)
_WATERMARK: Place = ("watermark", Zone.WATERMARK)
_FOOTNOTE: Place = ("footnote", Zone.NOTE)
_ENDNOTE: Place = ("endnote", Zone.NOTE)
_DEEPEST = 8
# WordPerfect 5: single bytes that are white space or a hyphen; bytes of the functions C0 to C7.
_SIGNS_5 = {0x0A: "\n", 0x0B: " ", 0x0C: "\n", 0x0D: " ", 0x8C: "\n", 0x99: "\n", 0xA0: " "}
_SIGNS_5 |= dict.fromkeys((0xA9, 0xAA, 0xAB), "-")
_SIZES_5 = (4, 9, 11, 3, 3, 5, 6, 7)
# WordPerfect 6: the same, and bytes of the functions F0 to FE.
_SIGNS_6 = {0x80: " ", 0x81: " ", 0x84: "-", 0x87: "\n", 0xC6: "\t", **dict.fromkeys((0xCD, 0xCE, 0xCF), " ")}
_SIGNS_6 |= dict.fromkeys((*range(0xB4, 0xC6), *range(0xC7, 0xCD)), "\n")
_SIZES_6 = (4, 5, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 8, 8)
_RUN_5, _RUN_6 = re.compile(rb"[\x20-\x7e]+"), re.compile(rb"[\x21-\x7e]+")
_TEXT_PACKET, _SUMMARY_PACKET = 0x08, 0x12


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The body first, then each other place.

    Raises:
        NotReadError: sealed, larger than a part may be, or of a kind without a reader.
    """
    data = reading.hold(file, reading.limits.max_part)
    if len(data) < 16:
        raise NotReadError(Reason.CORRUPT)
    start, product, kind, major, _, sealed = struct.unpack_from("<IBBBBH", data, 4)
    if sealed:
        raise NotReadError(Reason.ENCRYPTED)
    if (product, kind) != (1, 10):  # macros, dictionaries, printer files
        raise NotReadError(Reason.UNSUPPORTED)
    if not 16 <= start <= len(data):
        reading.miss(Reason.CORRUPT)
        start = 16
    words = _Words(data, reading)
    if major == 0:
        words.five(start, len(data), _BODY, 0)
    else:
        words.packets()
        words.six(start, len(data), _BODY, 0)
        words.rest()
    for (where, zone), text in words.found.items():
        lines = [line.strip() for line in "".join(text).split("\n") if line.strip()]
        if lines:
            yield Segment("\n".join(lines), where, zone, lines=zone is not Zone.PROPERTY)


class _Words:
    """A pass over the codes of one file."""

    def __init__(self, data: bytes, reading: Reading) -> None:
        self._data, self._reading = data, reading
        self.found: dict[Place, list[str]] = {_BODY: []}
        self._packets: dict[int, tuple[int, bytes]] = {}  # number to kind and content
        self._read: set[int] = set()

    def _say(self, place: Place, text: str) -> None:
        if text == wpcharacters.UNKNOWN:
            self._reading.miss(Reason.UNSUPPORTED, "characters")
        self.found.setdefault(place, []).append(text)

    def five(self, at: int, end: int, place: Place, depth: int) -> None:
        """A run of WordPerfect 5 codes. A damaged one costs its own bytes."""
        data = self._data
        begun = at
        while at < end:
            byte = data[at]
            if at - begun > 65_536:
                self._reading.tick()
                begun = at
            size = 1
            if run := _RUN_5.match(data, at, end):
                self._say(place, run.group().decode("ascii"))
                size = len(run.group())
            elif byte in _SIGNS_5:
                self._say(place, _SIGNS_5[byte])
            elif byte == 0xC0 and at + 3 < end:
                self._say(place, wpcharacters.character(data[at + 2], data[at + 1]))
                size = 4
            elif 0xC0 <= byte < 0xC8:
                self._say(place, "\t" if byte in (0xC1, 0xC2) else "")
                size = _SIZES_5[byte - 0xC0]
            elif byte >= 0xD0 and at + 4 <= end:
                size = 4 + int.from_bytes(data[at + 2 : at + 4], "little")
                if at + size > end or data[at + size - 1] != byte:
                    size = 1
                else:
                    self._group_five(at, size, place, depth)
            at += size

    def _group_five(self, at: int, size: int, place: Place, depth: int) -> None:
        kind, sub = self._data[at : at + 2]
        end = at + size - 4
        if depth >= _DEEPEST:
            self._reading.miss(Reason.TOO_DEEP)
        elif kind == 0xD5:
            self.five(at + 22, end, _HEADER if sub < 2 else _FOOTER, depth + 1)
        elif kind == 0xD6 and sub == 0:
            self.five(at + 17 + 2 * self._data[at + 7] + 2, end, _FOOTNOTE, depth + 1)
        elif kind == 0xD6:
            self.five(at + 11, end, _ENDNOTE, depth + 1)
        elif kind in (0xDC, 0xDD):  # a cell or a row of a table begins
            self._say(place, "\t" if kind == 0xDC and sub == 0 else "\n")
        for other in (_HEADER, _FOOTER, _FOOTNOTE, _ENDNOTE):
            if kind in (0xD5, 0xD6) and other in self.found:
                self._say(other, "\n")

    def packets(self) -> None:
        """Index the packets of WordPerfect 6 in front of the text; say the document summary."""
        data = self._data
        index = int.from_bytes(data[14:16], "little")
        count = int.from_bytes(data[index + 2 : index + 4], "little")
        for number in range(1, count):
            entry = data[index + 14 * number :][:14]
            if len(entry) < 14:
                self._reading.miss(Reason.CORRUPT, "index")
                return
            kind, size, at = struct.unpack("<xBxxxxII", entry)
            if kind in (_TEXT_PACKET, _SUMMARY_PACKET):
                self._reading.unpack(min(size, len(data)), "packet")
                self._packets[number] = (kind, data[at : at + size])
        for kind, content in self._packets.values():
            if kind == _SUMMARY_PACKET:
                self._summary(content)

    def _summary(self, content: bytes) -> None:
        """Groups of a label and its value, both in WordPerfect's characters."""
        at = 0
        while at + 6 <= len(content):
            size = int.from_bytes(content[at : at + 2], "little")
            if size < 6:
                break
            words = content[at + 6 : at + size]
            pairs = zip(words[::2], words[1::2], strict=False)
            label, *values = "".join(
                wpcharacters.character(charset, code) if code or charset else "\0" for code, charset in pairs
            ).split("\0")
            if value := " ".join(value for value in values if value.strip()):
                self._say((f"property:{label.replace('<', '').strip('>: ') or 'summary'}", Zone.PROPERTY), value + "\n")
            at += size

    def rest(self) -> None:
        """Packets of text that nothing in the text asked for, as boxes do through packets of their own."""
        for number in self._packets:
            self._packet(number, _BOX, 0)

    def _packet(self, number: int, place: Place, depth: int) -> None:
        kind, content = self._packets.get(number, (0, b""))
        if kind != _TEXT_PACKET or number in self._read:
            return
        self._read.add(number)
        blocks = int.from_bytes(content[:2], "little")
        start = 6 + 4 * blocks
        outer, self._data = self._data, content[start:]
        self.six(0, len(self._data), place, depth + 1)
        self._data = outer
        self._say(place, "\n")

    def six(self, at: int, end: int, place: Place, depth: int) -> None:
        """A run of WordPerfect 6 codes. A damaged one costs its own bytes."""
        data = self._data
        outer = place
        begun = at
        while at < end:
            byte = data[at]
            if at - begun > 65_536:
                self._reading.tick()
                begun = at
            size = 1
            if run := _RUN_6.match(data, at, end):
                self._say(place, run.group().decode("ascii"))
                size = len(run.group())
            elif 1 <= byte <= 0x20:
                self._say(place, wpcharacters.FIRST[byte - 1])
            elif byte in _SIGNS_6:
                self._say(place, _SIGNS_6[byte])
            elif 0xD0 <= byte < 0xF0 and at + 4 <= end:
                size = int.from_bytes(data[at + 2 : at + 4], "little")
                if size < 8 or at + size > end or data[at + size - 1] != byte:
                    size = 1
                else:
                    self._group_six(data[at : at + size], place, depth)
            elif 0xF0 <= byte < 0xFF:
                size = _SIZES_6[byte - 0xF0]
                whole = at + size <= end and data[at + size - 1] == byte
                place = self._fixed_six(data[at : at + size], place, outer) if whole else place
                size = size if whole else 1
            at += size

    def _fixed_six(self, code: bytes, place: Place, outer: Place) -> Place:
        """A code of fixed length; the place where the text after it belongs."""
        if code[0] == 0xF0:
            self._say(place, wpcharacters.character(code[2], code[1]))
        elif code[0] == 0xF1:  # text taken back, kept to be brought again
            return _DELETED if code[1] == 0 else outer if code[1] == 1 else place
        return place

    def _group_six(self, group: bytes, place: Place, depth: int) -> None:
        kind, sub = group[:2]
        if kind == 0xD0:
            soft = sub in (1, 2, 3, 0x14, 0x15, 0x16)
            self._say(place, " " if soft else "\t" if sub == 0x0A else "\n" if sub else "")
        elif kind == 0xE0:
            self._say(place, "\t")
        if not group[4] & 0x80:
            return
        if depth >= _DEEPEST:
            self._reading.miss(Reason.TOO_DEEP)
            return
        if kind == 0xD6:
            place = (_HEADER, _FOOTER, _WATERMARK)[min(sub // 2, 2)]
        elif kind == 0xD7:
            place = _FOOTNOTE if sub < 2 else _ENDNOTE
        else:
            place = _BOX
        for index in range(min(group[5], (len(group) - 6) // 2)):
            self._packet(int.from_bytes(group[6 + 2 * index : 8 + 2 * index], "little"), place, depth)
