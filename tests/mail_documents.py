"""Messages of Outlook and signed mail, built by their specifications."""

import struct

from tests.documents import _entry


def storage(tree):
    """A compound file ([MS-CFB]) of streams and, as dictionaries, storages; every stream fills whole sectors."""
    sectors, chain, entries = [], [], []

    def stream(content):
        content = content.ljust(4096, b"\0")  # below that a stream would go to the mini stream
        content = content.ljust(-(-len(content) // 512) * 512, b"\0")
        start = len(sectors)
        sectors.extend(content[at : at + 512] for at in range(0, len(content), 512))
        chain.extend([*range(start + 1, len(sectors)), 0xFFFFFFFE])
        return start, len(content)

    def place(inside):
        """Entries of one storage, chained to the right; the number of the first."""
        numbers = range(len(entries), len(entries) + len(inside))
        entries.extend(None for _ in inside)
        for number, (name, content) in zip(numbers, inside.items(), strict=True):
            right = number + 1 if number + 1 in numbers else 0xFFFFFFFF
            if isinstance(content, dict):
                child = place(content) if content else 0xFFFFFFFF
                entries[number] = _entry(name, 1, 0, 0, right=right, child=child)
            else:
                entries[number] = _entry(name, 2, *stream(content), right=right)
        return numbers[0]

    entries.append(b"")
    entries[0] = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=place(tree))
    directory_at = len(sectors)
    directory = b"".join(entries)
    directory += bytes(-len(directory) % 512)
    sectors += [directory[at : at + 512] for at in range(0, len(directory), 512)]
    chain += [*range(directory_at + 1, len(sectors)), 0xFFFFFFFE]
    table_at = len(sectors)
    tables = -(-(len(chain) + 1) // 127)
    chain += [0xFFFFFFFD] * tables
    table = b"".join(link.to_bytes(4, "little") for link in chain).ljust(512 * tables, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(10)
    head += struct.pack("<IIII", tables, directory_at, 0, 4096)
    head += b"\xfe\xff\xff\xff" + bytes(4) + b"\xfe\xff\xff\xff" + bytes(4)
    head += b"".join((table_at + index).to_bytes(4, "little") for index in range(tables))
    return head.ljust(512, b"\xff") + b"".join(sectors) + table


def msg(strings, *, blobs=None, numbers=None, named=None, inside=None):
    """An Outlook message ([MS-OXMSG] 2): properties by tag, those of ``named`` by name, storages in ``inside``."""
    tree = {"__properties_version1.0": bytes(32) + _numbers(numbers or {}), **streams(strings, blobs or {})}
    if named:
        entries = words = b""
        for index, (name, value) in enumerate(named.items()):
            raw = name.encode("utf-16-le")
            entries += struct.pack("<IHH", len(words), 5, index)
            words += struct.pack("<I", len(raw)) + raw + bytes(-len(raw) % 4)
            tree |= streams({0x8000 + index: value}, {})
        tree["__nameid_version1.0"] = {"__substg1.0_00030102": entries, "__substg1.0_00040102": words}
    return tree | (inside or {})


def streams(strings, blobs):
    """Strings, as text in UTF-16 or as bytes in a code page, and binary properties."""
    tree = {}
    for tag, value in strings.items():
        raw, kind = (value, "001E") if isinstance(value, bytes) else (value.encode("utf-16-le"), "001F")
        tree[f"__substg1.0_{tag:04X}{kind}"] = raw
    return tree | {f"__substg1.0_{tag:04X}0102": value for tag, value in blobs.items()}


def _numbers(numbers):
    return b"".join(struct.pack("<HHIQ", 3, tag, 0, value) for tag, value in numbers.items())


def tnef(*attributes):
    """A TNEF stream of pairs of attribute and content ([MS-OXTNEF] 2.1)."""
    data = struct.pack("<IH", 0x223E9F78, 1)
    for kind, content in attributes:
        level = 2 if kind in (0x69005, 0x69002, 0x18010, 0x6800F) else 1
        data += struct.pack("<BII", level, kind, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)
    return data


def properties(*values):
    """MAPI properties in TNEF: (kind, tag or name, value)."""
    data = struct.pack("<I", len(values))
    for kind, tag, value in values:
        data += struct.pack("<HH", kind, tag if isinstance(tag, int) else 0x8000)
        if isinstance(tag, str):
            raw = tag.encode("utf-16-le") + b"\0\0"
            data += bytes(16) + struct.pack("<II", 1, len(raw)) + raw + bytes(-len(raw) % 4)
        if isinstance(value, int):
            data += struct.pack("<I", value)
        else:
            raw = value.encode("utf-16-le") + b"\0\0" if isinstance(value, str) else value
            data += struct.pack("<II", 1, len(raw)) + raw + bytes(-len(raw) % 4)
    return data


def der(tag, *content):
    """One value of DER."""
    inside = b"".join(content)
    if len(inside) < 128:
        return bytes([tag, len(inside)]) + inside
    size = len(inside).to_bytes((len(inside).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + inside


def ber(tag, *content):
    """One constructed value whose end is marked."""
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def oid(last):
    """An identifier of PKCS #7."""
    return der(6, bytes.fromhex("2a864886f70d0107") + bytes([last]))


def signed(octets, *, make=der):
    """SignedData (RFC 5652 5.1) around octets that are a value already, without any signature."""
    content = make(0x30, oid(1), make(0xA0, octets) if octets else b"")
    return make(0x30, oid(2), make(0xA0, make(0x30, der(2, b"\1"), make(0x31), content, der(0x31))))
