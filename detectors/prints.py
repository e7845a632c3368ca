"""The index of fingerprints: which shingle stands in which registered document. It holds no text.

A shingle is kept as 48 bits: its CRC-32, by which it is looked up, and 16 bits of BLAKE2b under the index's own key.
Who holds an index can tell whether a passage that they have already is registered; nothing can be read out of it.
Documents are known by an id and, where the officer wished it, by a label; titles and file names are not in it.

What stands in ``MANY`` or more unrelated documents (letterheads, templates, quoted law) or in a text registered as
public is kept apart and never counts. Documents of which one holds half of the other are versions, not unrelated.

The payload, little endian, every part beginning at a multiple of eight bytes:

    head      uint32 length, then :class:`Head` as msgpack, which gives the size of every other part
    gate      bits, a power of two of them: what is not set here stands in no document; two bits a shingle
    keys      uint32, the CRC-32 of each shingle that counts, ascending
    numbers   uint32 beside them, the shingle's number; shingles are numbered through all documents
    checks    uint16 beside them, the keyed bits
    idle      the same three for shingles that do not count; those of public texts have the number ``PUBLIC``
    firsts    uint32, the number of each document's first shingle, and one past the last
    counting  uint32, how many of its shingles count
    levels    byte, the rank of its level
    names     msgpack, id and label of each
"""

from __future__ import annotations

import mmap
import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

import msgspec

from config.errors import SignatureError
from config.levels import Level
from config.text import Text
from detectors.shingles import strands

MAGIC = b"SMFP0001"
MANY = 4  # unrelated documents, from which on a shingle is boilerplate
PUBLIC = 2**32 - 1
REPEATED = 4  # times that a shingle counts in one document
_RELATED = 0.5  # of the shingles of one document stand in the other
_SPARSE = 16  # bits of the gate a shingle at least; two are set for each
_MIX = 0x9E3779B1  # 2³² over the golden ratio: spreads the second bit
_LEVELS: tuple[Level, ...] = tuple(Level)
Words = Sequence[int]  # an array of 32 or 16 bits, or a view of a mapped one


class Head(msgspec.Struct, frozen=True):
    """What the parts are."""

    key: bytes
    documents: int
    counting: int  # shingles
    idle: int
    gate: int  # the binary logarithm of its bits


class Print(msgspec.Struct, frozen=True):
    """One document: its shingles in order, each as CRC-32 << 16 | keyed bits."""

    id: str
    level: Level
    shingles: Sequence[int]
    label: str = ""


class Index:
    """A payload, read in place; what is looked up costs, what lies there does not."""

    def __init__(self, data: bytes | mmap.mmap, begin: int = 0) -> None:
        """Raises SignatureError for what is no index of this version, or is cut off."""
        view = memoryview(data)[begin:]
        if sys.byteorder != "little":
            raise _unusable("needs a processor that is little endian", "仅支持小端处理器")
        try:
            if bytes(view[:8]) != MAGIC:
                raise _unusable("is of another version", "版本不符")
            (length,) = struct.unpack_from("<I", view, 8)
            self.head = head = msgspec.msgpack.decode(view[12 : 12 + length], type=Head)
            at = _aligned(12 + length)
            parts = []
            sizes = _sizes(head)
            for size, form in sizes:
                parts.append(view[at : at + size].cast(form))  # type: ignore[call-overload]
                if len(parts[-1]) * parts[-1].itemsize != size:
                    raise _unusable("is cut off", "内容不完整")
                at = _aligned(at + size)
            self._names = view[at:]
        except (struct.error, msgspec.DecodeError, ValueError, TypeError):
            raise _unusable("is damaged", "内容已损坏") from None
        self.gate, self._keys, self._numbers, self._checks, *rest = parts
        self._idle = tuple(rest[:3])
        self._firsts, self.counting, self._levels = rest[3:]
        self.mask, self._shift = (1 << head.gate) - 1, 32 - head.gate

    @classmethod
    def empty(cls, key: bytes) -> Index:
        """An index of nothing."""
        return cls(pack(key, (), frozenset()))

    @classmethod
    def open(cls, path: Path, begin: int) -> Index:
        """An index in a file, mapped: processes share its pages. Where a mapped file cannot be replaced, it is read.

        Raises:
            SignatureError: it is no index.
            OSError: it cannot be read.
        """
        if sys.platform == "win32":
            return cls(path.read_bytes(), begin)
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), begin)

    def known(self, found: Sequence[bytes]) -> list[bytes]:
        """Those of the shingles that stand in a registered document, and very few others: the next look decides."""
        gate, mask, shift = self.gate, self.mask, self._shift
        keys = list(map(crc32, found))
        first = [key for key in keys if gate[(key & mask) >> 3] >> (key & 7) & 1]
        if not first:
            return []
        spread = [(key, (key * _MIX & 0xFFFFFFFF) >> shift) for key in first]
        both = {key for key, second in spread if gate[second >> 3] >> (second & 7) & 1}
        return [shingle for shingle, key in zip(found, keys, strict=True) if key in both] if both else []

    def numbers(self, shingle: bytes) -> list[int]:
        """Where a shingle stands: its numbers, none when it does not count."""
        key = crc32(shingle)
        keys, at = self._keys, bisect_left(self._keys, key)
        if at == len(keys) or keys[at] != key:
            return []
        check, out = keyed(self.head.key, shingle) & 0xFFFF, []
        while at < len(keys) and keys[at] == key:
            if self._checks[at] == check:
                out.append(self._numbers[at])
            at += 1
        return out

    def document(self, number: int) -> int:
        """The document in which the shingle of that number stands."""
        return bisect_right(self._firsts, number) - 1

    def level(self, document: int) -> Level:
        """The level it was registered with."""
        return _LEVELS[int(self._levels[document])]

    def names(self) -> list[tuple[str, str]]:
        """Id and label of every document."""
        return msgspec.msgpack.decode(self._names, type=list[tuple[str, str]]) if self.head.documents else []

    def prints(self) -> list[Print]:
        """The documents as they were registered, for a new index with more or fewer of them."""
        everything = array("Q", bytes(8 * self._firsts[-1]))
        idle = self._idle
        for keys, numbers, checks in ((self._keys, self._numbers, self._checks), idle):
            for key, number, check in zip(keys, numbers, checks, strict=True):
                if number != PUBLIC:
                    everything[number] = key << 16 | check
        return [
            Print(name, self.level(at), everything[self._firsts[at] : self._firsts[at + 1]], label)
            for at, (name, label) in enumerate(self.names())
        ]

    def public(self) -> frozenset[int]:
        """The shingles of the texts that never count."""
        return frozenset(key << 16 | check for key, number, check in zip(*self._idle, strict=True) if number == PUBLIC)


def keyed(key: bytes, shingle: bytes) -> int:
    """A shingle as 48 bits."""
    return crc32(shingle) << 16 | int.from_bytes(blake2b(shingle, digest_size=2, key=key).digest(), "little")


def fingerprint(key: bytes, texts: Iterable[str]) -> array[int]:
    """The shingles of a document, from its plain text piece by piece."""
    return array(
        "Q", [keyed(key, shingle) for text in texts for strand in strands(text) for shingle in strand.shingles]
    )


def pack(key: bytes, prints: Sequence[Print], public: frozenset[int]) -> bytes:
    """The payload of an index of these documents."""
    firsts = array("I", [0])
    for one in prints:
        firsts.append(firsts[-1] + len(one.shingles))
    entries = [value << 32 | firsts[at] + n for at, one in enumerate(prints) for n, value in enumerate(one.shingles)]
    entries.sort()
    boilerplate = _boilerplate(entries, prints, firsts) | public
    counting, idle = _split(entries, boilerplate, firsts)
    idle += [value << 32 | PUBLIC for value in sorted(public)]
    left = array("I", bytes(4 * len(prints)))
    for entry in counting:
        left[bisect_right(firsts, entry & PUBLIC) - 1] += 1
    bits = max(13, (_SPARSE * len(counting)).bit_length())
    gate = bytearray(1 << bits - 3)
    mask, shift = (1 << bits) - 1, 32 - bits
    for entry in counting:
        low = entry >> 48 & mask
        high = ((entry >> 48) * _MIX & 0xFFFFFFFF) >> shift
        gate[low >> 3] |= 1 << (low & 7)
        gate[high >> 3] |= 1 << (high & 7)
    head = msgspec.msgpack.encode(Head(key, len(prints), len(counting), len(idle), bits))
    parts: list[bytes] = [MAGIC + struct.pack("<I", len(head)) + head, bytes(gate)]
    for some in (counting, idle):
        parts.append(array("I", [entry >> 48 for entry in some]).tobytes())
        parts.append(array("I", [entry & PUBLIC for entry in some]).tobytes())
        parts.append(array("H", [entry >> 32 & 0xFFFF for entry in some]).tobytes())
    parts += [firsts.tobytes(), left.tobytes(), bytes(one.level.rank for one in prints)]
    parts.append(msgspec.msgpack.encode([(one.id, one.label) for one in prints]))
    return b"".join(part + bytes(-len(part) % 8) for part in parts[:-1]) + parts[-1]


def _split(entries: list[int], boilerplate: frozenset[int], firsts: array[int]) -> tuple[list[int], list[int]]:
    """The shingles that count, and those that do not: boilerplate, and what one document repeats time and again."""
    counting: list[int] = []
    idle: list[int] = []
    last, times = (-1, -1), 0
    for entry in entries:
        value = entry >> 32
        here = (value, bisect_right(firsts, entry & PUBLIC) - 1)
        times = times + 1 if here == last else 1
        last = here
        (idle if times > REPEATED or value in boilerplate else counting).append(entry)
    return counting, idle


def _boilerplate(entries: list[int], prints: Sequence[Print], firsts: array[int]) -> frozenset[int]:
    """What stands in many unrelated documents."""
    shared: list[tuple[int, list[int]]] = []  # each shingle of several documents, and those
    common: dict[tuple[int, int], int] = {}  # how many shingles a document has in common with an earlier one
    at = 0
    while at < len(entries) - 1:
        value = entries[at] >> 32
        if entries[at + 1] >> 32 != value:
            at += 1
            continue
        among: dict[int, None] = {}
        while at < len(entries) and entries[at] >> 32 == value:
            among[bisect_right(firsts, entries[at] & PUBLIC) - 1] = None
            at += 1
        if len(among) > 1:
            documents = list(among)
            shared.append((value, documents))
            for later in documents[1:]:
                pair = (documents[0], later)
                common[pair] = common.get(pair, 0) + 1
    family = list(range(len(prints)))
    for (earlier, later), count in sorted(common.items()):
        if count >= _RELATED * min(len(prints[earlier].shingles), len(prints[later].shingles)):
            family[later] = family[earlier]
    return frozenset(
        value
        for value, documents in shared
        if len(documents) >= MANY and len({family[document] for document in documents}) >= MANY
    )


def _sizes(head: Head) -> list[tuple[int, str]]:
    """Bytes and form of each part between head and names."""
    three = [[(4 * count, "I"), (4 * count, "I"), (2 * count, "H")] for count in (head.counting, head.idle)]
    last = [(4 * (head.documents + 1), "I"), (4 * head.documents, "I"), (head.documents, "B")]
    return [(1 << head.gate - 3, "B"), *three[0], *three[1], *last]


def _aligned(at: int) -> int:
    return at + -at % 8


def _unusable(en: str, zh: str) -> SignatureError:
    return SignatureError(
        Text(f"the index of fingerprints {en}", f"文件指纹索引{zh}"),
        Text(
            "fetch it again, or build it anew with `shoumi fingerprint add`",
            "请重新获取，或用 `shoumi fingerprint add` 重建",
        ),
    )
