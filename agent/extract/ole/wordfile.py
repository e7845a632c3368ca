"""The block at the beginning of a Word document, which says where everything else is ([MS-DOC] 2.5), and the text.

Word 2, 6 and 95 have the same block with fewer and shorter fields (Microsoft Word 6.0 Binary File Format, FIB).
"""

from __future__ import annotations

import struct
from bisect import bisect_right

from agent.extract.ole import codepage
from agent.extract.reading import NotReadError
from config.verdict import Reason

_WORD_97, _WORD_6, _WORD_2 = 0xA5EC, (0xA5DC, 0xA697, 0xA698, 0xA699), 0xA5DB  # the second also of East Asia
_FIRST_97 = 0x6A  # versions of Word 97 and of what came before it under the same number
_COMPLEX, _ENCRYPTED, SECOND_TABLE, _EXTENDED = 0x0004, 0x0100, 0x0200, 0x1000
_PAIRS_97, _PAIRS_95 = 0x9A, 0x58  # where the places of all other structures are listed
_STORIES = 8
_PIECES = 33  # the piece table in that list
_MOST = 4  # characters for each byte of the file; pieces share bytes only after copying within fast saves


class Fib:
    """The File Information Block at ``at``.

    Raises:
        struct.error: there is none.
        NotReadError: of a version without a reader.
    """

    def __init__(self, main: bytes, at: int = 0) -> None:
        self.main, self.table, self.at = main, main, at
        magic, self.version, self.language, self.next, self.flags = struct.unpack_from("<HH2xHHH", main, at)
        if magic not in (_WORD_97, *_WORD_6, _WORD_2):
            raise NotReadError(Reason.UNSUPPORTED)
        self.is_97 = magic == _WORD_97 and self.version >= _FIRST_97
        self._is_2 = magic == _WORD_2
        self.begin, self.end = struct.unpack_from("<II", main, at + 0x18)
        self.counts: tuple[int, ...] = struct.unpack_from("<8i", main, at + (0x4C if self.is_97 else 0x34))
        if self._is_2:
            self.counts = (*self.counts[:5], 0, 0, 0)

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & _ENCRYPTED)

    @property
    def glossary_at(self) -> int:
        """Where the block of the AutoText entries of a template is, or 0."""
        at = self.next * 512
        return at if self.at < at < len(self.main) - 0x1AA else 0

    def block(self, index: int) -> bytes:
        """The structure with a number in the list of structures (2.5.6), empty when there is none."""
        return self.block_and_rest(index)[0]

    def block_and_rest(self, index: int) -> tuple[bytes, int]:
        """The same, and where it ends in the table stream."""
        if self._is_2:
            start, size = struct.unpack_from("<IH", self.main, self.at + _PAIRS_95 + 6 * index)
        else:
            place = self.at + (_PAIRS_97 if self.is_97 else _PAIRS_95) + 8 * index
            if place + 8 > len(self.main):
                return b"", 0
            start, size = struct.unpack_from("<II", self.main, place)
        return self.table[start : start + size], start + size

    def text(self) -> Text:
        """All characters in the order of the document."""
        if self.is_97 or self.flags & _COMPLEX:
            return _in_pieces(self)
        raw = self.main[self.begin : max(self.begin, self.end)]
        total = sum(max(0, count) for count in self.counts)
        if self.flags & _EXTENDED and len(raw) >= 2 * total > 0:
            return Text(raw.decode("utf-16-le", "replace"), [(0, self.begin, 2)])
        return Text(_bytes(raw, self), [(0, self.begin, 1)])


class Text:
    """The characters of a document and the pieces of the file that they stand in: first character, offset, width."""

    def __init__(self, characters: str, pieces: list[tuple[int, int, int]]) -> None:
        self.characters = characters
        self.pieces = pieces
        self._starts = [start for start, _, _ in pieces]

    def offset(self, position: int) -> int:
        """Where in the file a character stands."""
        if not self.pieces:
            return 0
        start, offset, width = self.pieces[max(0, bisect_right(self._starts, position) - 1)]
        return offset + (position - start) * width

    def ranges(self, runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Runs of offsets, sorted and apart, as runs of characters; the third value of a run stays with it."""
        found = []
        starts = [begin for begin, _, _ in runs]
        for index, (start, offset, width) in enumerate(self.pieces):
            stop = self._starts[index + 1] if index + 1 < len(self.pieces) else len(self.characters)
            last = offset + (stop - start) * width
            at = max(0, bisect_right(starts, offset) - 1)
            while at < len(runs) and runs[at][0] < last:
                begin, end, value = runs[at]
                low, high = max(begin, offset), min(end, last)
                if low < high:
                    found.append((start + (low - offset) // width, start + -(-(high - offset) // width), value))
                at += 1
        return found


def _in_pieces(fib: Fib) -> Text:
    """Pieces are UTF-16, or bytes where marked so (2.8.35, 2.9.177); before Word 97 all are bytes.

    Raises:
        ValueError: there is no piece table, or one that names more text than the file can hold.
    """
    clx, main = fib.block(_PIECES), fib.main
    at = 0
    while at + 3 <= len(clx) and clx[at] == 1:  # formatting that pieces refer to
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at + 5 > len(clx) or clx[at] != 2:
        raise ValueError("no piece table")
    size = min(struct.unpack_from("<I", clx, at + 1)[0], len(clx) - at - 5)
    at += 5
    count = max(0, (size - 4) // 12)
    bounds = struct.unpack_from(f"<{count + 1}I", clx, at)
    parts: list[str] = []
    pieces: list[tuple[int, int, int]] = []
    position = 0
    for index in range(count):
        place = struct.unpack_from("<I", clx, at + 4 * (count + 1) + 8 * index + 2)[0]
        length = max(0, bounds[index + 1] - bounds[index])
        width, begin = 2, place
        if not fib.is_97:
            width = 1
        elif place & 0x40000000:
            width, begin = 1, (place & 0x3FFFFFFF) // 2
        raw = main[begin : begin + width * length]
        part = raw.decode("utf-16-le", "replace") if width == 2 else _bytes(raw, fib)
        part = part[:length].ljust(min(length, len(main)), "\0")  # what is missing keeps its place
        pieces.append((position, begin, width))
        parts.append(part)
        position += len(part)
        if position > _MOST * len(main):
            raise ValueError("pieces name more text than there is")
    return Text("".join(parts), pieces)


def _bytes(raw: bytes, fib: Fib) -> str:
    """Text of one byte a character: Windows-1252 since Word 97; the writer's code page, and a unit a byte, before."""
    if fib.is_97:
        return raw.decode("cp1252", "replace")
    return codepage.spread(raw, codepage.of_language(fib.language))
