"""The two ways in which Palm books pack text: PalmDOC's LZ77, and Mobipocket's Huffman code over a dictionary.

https://wiki.mobileread.com/wiki/PalmDOC, /MOBI
"""

from __future__ import annotations

import struct

from agent.extract.reading import Reading

_LARGEST = 2**16  # bytes of one record; real ones are 4096
_DEEPEST = 32  # phrases within phrases
_DICTIONARY = 2**26  # bytes of all phrases written out


def palmdoc(data: bytes) -> bytes:
    """One record; it can hardly grow more than fivefold.

    Raises:
        ValueError: damaged.
    """
    out = bytearray()
    at = 0
    while at < len(data):
        byte = data[at]
        at += 1
        if 1 <= byte <= 8:
            out += data[at : at + byte]
            at += byte
        elif byte < 0x80:
            out.append(byte)
        elif byte >= 0xC0:
            out += bytes((0x20, byte ^ 0x80))
        elif at < len(data):
            pair = byte << 8 | data[at]
            at += 1
            back, length = (pair & 0x3FFF) >> 3, (pair & 7) + 3
            if not 0 < back <= len(out):
                raise ValueError("a reference before the beginning")
            for _ in range(length):  # it may reach into what it writes
                out.append(out[-back])
    return bytes(out)


class Huffman:
    """The code and the dictionary of a book.

    Raises:
        ValueError: damaged.
        struct.error: damaged.
    """

    def __init__(self, records: list[bytes], reading: Reading) -> None:
        if not records or not records[0].startswith(b"HUFF"):
            raise ValueError("no code")
        self._reading = reading
        code = records[0]
        short, long = struct.unpack_from(">II", code, 8)
        self._short = [
            (entry & 0x1F, bool(entry & 0x80), ((entry >> 8) + 1 << 32 - (entry & 0x1F)) - 1)
            for entry in struct.unpack_from(">256I", code, short)
        ]
        bounds = struct.unpack_from(">64I", code, long)
        self._least = [0] + [value << 31 - index for index, value in enumerate(bounds[::2])]
        self._most = [0] + [(value + 1 << 31 - index) - 1 for index, value in enumerate(bounds[1::2])]
        self._phrases: list[tuple[bytes, bool]] = []  # and whether it stands as it is
        self._written = 0
        for record in records[1:]:
            self._load(record)

    def _load(self, record: bytes) -> None:
        if not record.startswith(b"CDIC"):
            raise ValueError("no dictionary")
        phrases, bits = struct.unpack_from(">II", record, 8)
        count = min(1 << min(bits, 16), phrases - len(self._phrases), (len(record) - 16) // 2)
        for at in struct.unpack_from(f">{max(0, count)}H", record, 16):
            size = int.from_bytes(record[16 + at : 18 + at])
            self._phrases.append((record[18 + at : 18 + at + (size & 0x7FFF)], bool(size & 0x8000)))

    def unpack(self, data: bytes) -> bytes:
        """One record.

        Raises:
            ValueError: damaged, or it grows beyond any honest record.
        """
        return self._unpack(data, 0)

    def _unpack(self, data: bytes, depth: int) -> bytes:
        if depth > _DEEPEST:
            raise ValueError("phrases in phrases without end")
        out = bytearray()
        left = 8 * len(data)
        at = 0
        while left > 0:
            code = int.from_bytes(data[at >> 3 : (at >> 3) + 5].ljust(5, b"\0")) >> 8 - (at & 7) & 0xFFFFFFFF
            length, final, most = self._short[code >> 24]
            if not final:
                while 0 < length < 32 and code < self._least[length]:
                    length += 1
                most = self._most[length]
            if not length:
                raise ValueError("no such code")
            at += length
            left -= length
            if left < 0:
                break
            index = most - code >> 32 - length
            if not 0 <= index < len(self._phrases):
                raise ValueError("no such phrase")
            out += self._phrase(index, depth)
            if len(out) > _LARGEST:
                raise ValueError("a record without end")
        return bytes(out)

    def _phrase(self, index: int, depth: int) -> bytes:
        phrase, plain = self._phrases[index]
        if plain:
            return phrase
        self._reading.tick()
        self._phrases[index] = (b"", True)  # one that names itself ends
        phrase = self._unpack(phrase, depth + 1)
        self._written += len(phrase)
        if self._written > _DICTIONARY:
            raise ValueError("a dictionary without end")
        self._phrases[index] = (phrase, True)
        return phrase
