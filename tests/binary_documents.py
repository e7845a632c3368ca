"""Databases, books and notes in binary formats without a writer at hand, built by their specifications."""

import struct
import zlib

from agent.extract.database.jet import rc4


def dbase(columns, rows, *, language=0, encoding="gbk"):
    """A dBase III table of text columns, given as (name, width)."""
    width = 1 + sum(size for _, size in columns)
    fields = b"".join(
        name.encode(encoding).ljust(11, b"\0") + b"C" + bytes(4) + bytes([size, 0]) + bytes(14)
        for name, size in columns
    )
    head = struct.pack("<BBBBIHH", 3, 126, 1, 2, len(rows), 32 + len(fields) + 1, width) + bytes(17)
    head += bytes([language]) + bytes(2)
    body = b"".join(
        b" "
        + b"".join(value.encode(encoding).ljust(size)[:size] for value, (_, size) in zip(row, columns, strict=True))
        for row in rows
    )
    return head + fields + b"\r" + body + b"\x1a"


def palm(records, kind):
    """A Palm database of records."""
    at = 78 + 8 * len(records) + 2
    table = b""
    for number, record in enumerate(records):
        table += struct.pack(">II", at, number)
        at += len(record)
    head = b"name".ljust(32, b"\0") + bytes(28) + kind + bytes(8) + struct.pack(">H", len(records))
    return head + table + bytes(2) + b"".join(records)


def text_head(pack, records, *, sealed=0):
    return struct.pack(">HHIHHHH", pack, 0, 0, records, 4096, sealed, 0)


def mobi(texts, *, pack=1, sealed=0, author="", flags=0, more=(), huffman=()):
    """A Mobipocket book of version 6, UTF-8; ``texts`` are packed already."""
    extended = b""
    if author:
        raw = author.encode()
        entry = struct.pack(">II", 100, 8 + len(raw)) + raw
        extended = b"EXTH" + struct.pack(">II", 12 + len(entry), 1) + entry
    head = bytearray(text_head(pack, len(texts), sealed=sealed) + b"MOBI" + struct.pack(">III", 232, 2, 65001)).ljust(
        248, b"\0"
    )
    struct.pack_into(">II", head, 112, 1 + len(texts) + len(more), len(huffman))
    struct.pack_into(">H", head, 242, flags)
    return palm([bytes(head) + extended, *texts, *more, *huffman], b"BOOKMOBI")


def wpd5(body, *, sealed=0):
    """A WordPerfect 5.1 document of codes."""
    return b"\xffWPC" + struct.pack("<IBBBBHH", 16, 1, 10, 0, 1, sealed, 0) + body


def wpd6(body, packets=()):
    """A WordPerfect 6 document of codes, and packets as (kind, content)."""
    index = 16 + 14 * (len(packets) + 1)
    entries, contents = struct.pack("<BBH10x", 2, 0, len(packets) + 1), b""
    for kind, content in packets:
        entries += struct.pack("<BBHHII", 8, kind, 1, 0, len(content), index + len(contents))
        contents += content
    head = b"\xffWPC" + struct.pack("<IBBBBHH", index + len(contents), 1, 10, 2, 1, 0, 16)
    return head + entries + contents + body


def jet(name, columns, rows, *, key=0, memo=""):
    """A Jet 4 database with one table of texts; ``memo`` fills a memo column through a chain of two rows."""
    texts = [(column, 10) for column in columns] + ([("Memo", 12)] if memo else [])
    raw = memo.encode("utf-16-le")
    halves = [raw[: len(raw) // 4 * 2], raw[len(raw) // 4 * 2 :]]
    chain = [struct.pack("<I", 6 << 8 | 1) + halves[0], bytes(4) + halves[1]]
    value = struct.pack("<III", len(raw), 6 << 8, 0)
    full = [[cell.encode("utf-16-le") for cell in row] + ([value] if memo else []) for row in rows]
    catalog = [("Id", 4, 0), ("Type", 3, 4), ("Flags", 4, 6)]
    entry = struct.pack("<iHI", 4, 1, 0)
    head = bytearray(4096)
    head[:20] = b"\0\1\0\0Standard Jet DB\0"
    head[20] = 1
    clear = bytearray(128)
    struct.pack_into("<I", clear, 0x26, key)
    head[24:152] = rc4(bytes.fromhex("c7da396b"), bytes(clear))
    pages = [
        bytes(4096),
        _definition(catalog, [("Name", 10)]),
        _data(2, [_row(4, entry, [name.encode("utf-16-le")])]),
        _definition([], texts),
        _data(4, [_row(len(texts), b"", row) for row in full]),
        _data(int.from_bytes(b"LVAL", "little"), chain),
    ]
    if key:
        pages = [rc4((key ^ number).to_bytes(4, "little"), page) for number, page in enumerate(pages, 1)]
    return bytes(head) + b"".join(pages)


def _definition(fixed, variable):
    columns, names = b"", b""
    everything = [(*column, None) for column in fixed]
    everything += [(name, kind, 0, index) for index, (name, kind) in enumerate(variable)]
    for number, (name, kind, offset, index) in enumerate(everything):
        flags, size = (3, {4: 4, 3: 2}[kind]) if index is None else (2, 200)
        columns += struct.pack("<B4xHHHH2xB2x3xHH", kind, number, index or 0, number, 0, flags, offset, size)
        names += struct.pack("<H", 2 * len(name)) + name.encode("utf-16-le")
    head = bytearray(63)
    head[0:2] = b"\2\1"
    struct.pack_into("<HHH", head, 41, len(everything), len(variable), len(everything))
    return (bytes(head) + columns + names).ljust(4096, b"\0")


def _row(count, fixed, variable):
    body = struct.pack("<H", count) + fixed
    starts = []
    for value in variable:
        starts.append(len(body))
        body += value
    starts.append(len(body))
    table = b"".join(struct.pack("<H", start) for start in reversed(starts))
    return body + table + struct.pack("<H", len(variable)) + ((1 << count) - 1).to_bytes((count + 7) // 8, "little")


def _data(owner, rows):
    page = bytearray(4096)
    at = 4096
    struct.pack_into("<BBHII", page, 0, 1, 1, 0, owner, 0)
    struct.pack_into("<H", page, 12, len(rows))
    for index, row in enumerate(rows):
        at -= len(row)
        page[at : at + len(row)] = row
        struct.pack_into("<H", page, 14 + 2 * index, at)
    return bytes(page)


def attachment(data, *, kind="pdf"):
    """A file as Access keeps it in a row of attachments."""
    suffix = kind.encode("utf-16-le") + b"\0\0"
    content = struct.pack("<III", 12 + len(suffix), 1, len(kind) + 1) + suffix + data
    return struct.pack("<II", 1, len(content)) + zlib.compress(content)


def property_set(texts, points):
    """An object of OneNote: identifiers it points to, and properties that are bytes."""
    data = struct.pack("<I", 1 << 31 | len(points)) + b"".join(struct.pack("<I", point) for point in points)
    data += struct.pack("<H", len(texts) + bool(points))
    if points:
        data += struct.pack("<I", 0x24001C20)
    data += b"".join(struct.pack("<I", kind) for kind, _ in texts)
    if points:
        data += struct.pack("<I", len(points))
    return data + b"".join(struct.pack("<I", len(raw)) + raw for _, raw in texts)


_KIND = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_GUID = bytes(range(16))


class _Growing:
    """A revision store that grows at its end."""

    def __init__(self):
        self.data = bytearray(1024)
        self.data[:16] = _KIND
        self.data[48:64] = bytes.fromhex("3fdd9a101b91f549a5d01791edc8aed8")

    def put(self, data):
        place = len(self.data)
        self.data += data
        return place, len(data)

    def list(self, nodes):
        content = b"".join(nodes)
        head = 0xA4567AB1F5F7F4C4.to_bytes(8, "little") + bytes(8)
        return self.put(head + content + b"\xff" * 8 + bytes(4) + 0x8BC215C38233BA4B.to_bytes(8, "little"))


def _node(kind, body=b"", at=None, base=0):
    ref = struct.pack("<QI", *at) if at else b""
    return struct.pack("<I", kind | (4 + len(ref) + len(body)) << 10 | base << 27) + ref + body


def onenote(objects, *, files=(), sealed=False):
    """A section of one page. ``objects`` are (kind, texts, points), numbered from 1; the first is the root.

    ``files`` are (number of the object that stands for it, content).
    """
    store = _Growing()
    nodes = [_node(0x22), _node(0x24, struct.pack("<I", 7) + _GUID)]
    if sealed:
        nodes.append(_node(0x7C))

    def short(number):
        return 7 << 8 | number

    for number, (kind, texts, points) in enumerate(objects, 1):
        at = store.put(property_set(texts, [short(point) for point in points]))
        nodes.append(_node(0xA4, struct.pack("<IIBB", short(number), kind, 0, 1), at, 1))
    entries = []
    for number, (known, content) in enumerate(files):
        guid = bytes([number + 1]) * 16
        text = "<ifndf>{" + str(bytes_guid(guid)) + "}"
        raw = struct.pack("<I", len(text)) + text.encode("utf-16-le")
        nodes.append(_node(0x72, struct.pack("<IIB", short(known), 0x00080000, 1) + raw))
        at = store.put(bytes(16) + struct.pack("<QIQ", len(content), 0, 0) + content + bytes(16))
        entries.append(_node(0x94, guid, at, 1))
    nodes.append(_node(0x5A, _GUID + struct.pack("<II", 1, 1)))
    manifest = store.list([_node(0x10, b"", store.list(nodes), 2)])
    root = [_node(0x08, bytes(20), manifest, 2)]
    if entries:
        root.append(_node(0x90, b"", store.list(entries), 2))
    struct.pack_into("<QI", store.data, 172, *store.list(root))
    return bytes(store.data)


def bytes_guid(raw):
    """A GUID in its written form."""
    return f"{raw[3::-1].hex()}-{raw[5:3:-1].hex()}-{raw[7:5:-1].hex()}-{raw[8:10].hex()}-{raw[10:].hex()}"


def _long(kind, data):
    """A stream object with a header of 32 bits ([MS-FSSHTTPB] 2.2.1.5.2)."""
    return struct.pack("<I", 2 | 1 << 2 | kind << 3 | len(data) << 17) + data


def _wide(number):
    return bytes([number << 3 | 4]) + _GUID


def _compact(value):
    return struct.pack("<I", value << 4 | 8) if value else b"\0"


def packaged(text):
    """A section as OneDrive hands it out, one page with one text ([MS-ONESTORE] 2.8)."""
    objects = ((1, 0x0006000B, [], [2]), (2, 0x0006000E, [(0x1C001C22, text.encode("utf-16-le"))], []))
    declared = data = b""
    for number, kind, texts, points in objects:
        for partition, raw, wide in (
            (4, struct.pack("<I", kind), []),
            (1, property_set(texts, points), points),
        ):
            declared += _long(0x18, _wide(number) + _compact(partition) + _compact(len(raw)) + _compact(0) * 2)
            refs = _compact(len(wide)) + b"".join(map(_wide, wide)) + _compact(0)
            data += _long(0x16, refs + _compact(len(raw)) + raw)
    element = lambda number, kind: _long(0x01, _wide(number) + b"\0" + _compact(kind))  # noqa: E731
    body = element(20, 1) + _long(0x0D, _wide(10) + _wide(21) + b"\0")
    body += element(22, 3) + _long(0x0B, _wide(10))
    body += element(21, 4) + _long(0x1A, _wide(10) + b"\0") + _long(0x0A, _wide(1) + _wide(1)) + _long(0x19, _wide(23))
    body += element(23, 5) + declared + data
    head = _KIND + bytes(32) + bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7") + bytes(4)
    return head + _long(0x7A, bytes(33)) + body
