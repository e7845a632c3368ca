"""Compound files with storages in storages ([MS-CFB]), for formats that keep their streams in folders."""

from tests.documents import _entry

_NONE = 0xFFFFFFFF


def storage(streams, clsid=bytes(16)):
    """A compound file of streams named by their paths, such as ``BodyText/Section0``; each is filled up to 4 KiB."""
    tree = {}
    for path, content in streams.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = content
    sectors, chain, entries = [], [], [None]
    first = _level(tree, sectors, chain, entries)
    entries[0] = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=first)
    directory = b"".join(entries)
    directory = directory[:80] + clsid + directory[96:]
    directory_at = _append(directory, sectors, chain)
    table_at, tables = len(sectors), -(-(len(chain) + 1) // 127)
    chain += [0xFFFFFFFD] * tables
    table = b"".join(link.to_bytes(4, "little") for link in chain).ljust(512 * tables, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(10)
    head += tables.to_bytes(4, "little") + directory_at.to_bytes(4, "little") + bytes(4) + (4096).to_bytes(4, "little")
    head += b"\xfe\xff\xff\xff" + bytes(4) + b"\xfe\xff\xff\xff" + bytes(4)
    head += b"".join((table_at + index).to_bytes(4, "little") for index in range(tables))
    return head.ljust(512, b"\xff") + b"".join(sectors) + table


def _append(content, sectors, chain):
    start = len(sectors)
    content = content.ljust(-(-len(content) // 512) * 512, b"\0")
    sectors += [content[at : at + 512] for at in range(0, len(content), 512)]
    chain += [*range(start + 1, len(sectors)), 0xFFFFFFFE]
    return start


def _level(tree, sectors, chain, entries):
    """Entries of one storage, each the right neighbour of the one before; the number of the first."""
    numbers = []
    for _ in tree:
        numbers.append(len(entries))
        entries.append(None)
    for index, (name, content) in enumerate(tree.items()):
        right = numbers[index + 1] if index + 1 < len(numbers) else _NONE
        if isinstance(content, dict):
            below = _level(content, sectors, chain, entries)
            entries[numbers[index]] = _entry(name, 1, 0, 0, right=right, child=below)
        else:
            filled = content.ljust(4096, b"\0")
            entries[numbers[index]] = _entry(name, 2, _append(filled, sectors, chain), len(filled), right=right)
    return numbers[0] if numbers else _NONE
