"""Office files of 1997 to 2003, and other formats without a writer at hand, built by their specifications."""

import struct

from tests.documents import ole, zipped


def doc(body, *, header="", footnote="", sealed=False):
    """A Word 97 file of three stories in one piece of UTF-16 ([MS-DOC] 2.5)."""
    text = body + footnote + header
    main = bytearray(2048)
    struct.pack_into("<HH", main, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", main, 10, 0x0200 | (0x0100 if sealed else 0))
    struct.pack_into("<8i", main, 0x4C, len(body), len(footnote), len(header), 0, 0, 0, 0, 0)
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, len(main), 0)
    table = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", main, 0x1A2, 0, len(table))
    return ole({"WordDocument": bytes(main) + text.encode("utf-16-le"), "1Table": table})


def word97(text, counts, *, characters=(), paragraphs=(), blocks=None, data=b"", more=None):
    """A Word 97 file with properties of characters and paragraphs ([MS-DOC] 2.4.6).

    Args:
        text: all stories.
        counts: how many characters each story has.
        characters: first and last position and changes of runs, in order.
        paragraphs: the same for paragraphs, whose style is 0.
        blocks: structures of the table stream by their number in the list of structures (2.5.6); a pair of them is
            the structure and what stands behind it uncounted.
        data: the data stream.
        more: other streams and storages.
    """
    main = bytearray(2048) + text.encode("utf-16-le")
    struct.pack_into("<HH", main, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", main, 10, 0x0200)
    struct.pack_into("<8i", main, 0x4C, *counts, *[0] * (8 - len(counts)))
    main += bytes(-len(main) % 512)
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, 2048, 0)
    blocks = {33: b"\x02" + struct.pack("<I", len(pieces)) + pieces, **(blocks or {})}
    for index, runs, width in ((12, characters, 1), (13, paragraphs, 13)):
        if runs:
            blocks[index] = struct.pack("<III", 2048, 2048 + 2 * len(text), len(main) // 512)
            main += _formatted(runs, width)
    table = b""
    for index, block in blocks.items():
        block, behind = block if isinstance(block, tuple) else (block, b"")
        struct.pack_into("<II", main, 0x9A + 8 * index, len(table), len(block))
        table += block + behind
    return stored({"WordDocument": bytes(main), "1Table": table, "Data": data, **(more or {})})


def _formatted(runs, width):
    """A page of 512 bytes: where runs begin, where their changes are, the changes from the end."""
    page = bytearray(512)
    bounds = [2048 + 2 * runs[0][0], *(2048 + 2 * end for _, end, _ in runs)]
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    at = 510
    for index, (_, _, changes) in enumerate(runs):
        listed = bytes([len(changes)]) + changes
        if width == 13:
            listed = b"\0" + bytes([(len(changes) + 3) // 2]) + b"\0\0" + changes
        at -= len(listed) + len(listed) % 2
        page[at : at + len(listed)] = listed
        page[4 * len(bounds) + width * index] = at // 2
    page[511] = len(runs)
    return bytes(page)


def word_6(text, page, *, language=0x0804, magic=0xA5DC, version=0x65):
    """The stream of a Word 2, 6 or 95 document: one run of bytes behind the block."""
    raw = text.encode(page)
    main = bytearray(1024)
    struct.pack_into("<HHHHHH", main, 0, magic, version, 0, language, 0, 0)
    struct.pack_into("<II", main, 0x18, len(main), len(main) + len(raw))
    struct.pack_into("<i", main, 0x34, len(raw))
    return bytes(main) + raw


def stored(tree):
    """A compound file ([MS-CFB]) of streams and, as inner dictionaries, storages; streams have whole sectors."""
    nodes = [("Root Entry", tree)]
    children = []
    for _, content in nodes:
        first = len(nodes)
        if isinstance(content, dict):
            nodes += list(content.items())
        children.append((first, len(nodes)))
    sectors, chain, entries, after = [], [], [], {}
    for first, end in children:
        after.update({index: index + 1 for index in range(first, end - 1)})
    for index, (name, content) in enumerate(nodes):
        first, end = children[index]
        kind, start, size, child = (1 if index else 5), 0xFFFFFFFE, 0, first if end > first else 0xFFFFFFFF
        if not isinstance(content, dict):
            content = content.ljust(4096, b"\0")
            content = content.ljust(-(-len(content) // 512) * 512, b"\0")
            kind, start, size, child = 2, len(chain), len(content), 0xFFFFFFFF
            chain += [*range(start + 1, start + size // 512), 0xFFFFFFFE]
            sectors.append(content)
        raw = name.encode("utf-16-le")
        entry = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        entry += struct.pack("<III", 0xFFFFFFFF, after.get(index, 0xFFFFFFFF), child)
        entries.append(entry + bytes(36) + struct.pack("<IQ", start, size))
    directory = b"".join(entries)
    directory += bytes(-len(directory) % 512)
    at = len(chain)
    chain += [*range(at + 1, at + len(directory) // 512), 0xFFFFFFFE]
    tables = next(n for n in range(1, 110) if n * 128 >= len(chain) + n)
    first = len(chain)
    chain += [0xFFFFFFFD] * tables
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512 * tables, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H10x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIII", tables, at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack(f"<{tables}I", *range(first, first + tables))
    return head.ljust(512, b"\xff") + b"".join(sectors) + directory + table


def record(kind, data=b""):
    """A record of a workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def wide(text):
    """A string of Excel 97 behind the 16-bit number of its characters."""
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def workbook(*records, sheet=()):
    """The stream of an Excel 97 workbook: records of its own, and those of one sheet."""
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    bound = struct.pack("<HBB", 0, 2, 1) + "数据".encode("utf-16-le")
    place = len(start) + sum(map(len, records)) + 4 + 4 + len(bound) + 4
    start += b"".join(records) + record(0x85, struct.pack("<I", place) + bound) + record(10)
    return start + record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + b"".join(sheet) + record(10)


def atom(kind, content=b"", *, container=False, instance=0):
    """A record of a presentation."""
    return _atom(kind, content, container=container, instance=instance)


def saved_ppt(objects, *, document=1, slides=(), notes=(), outline=None, former=b"", extra=b"", token=0xE391C05F):
    """A presentation with a directory of its objects, as PowerPoint saves it ([MS-PPT] 2.3).

    Args:
        objects: records by persistent number; the document is made here.
        document: its persistent number.
        slides: persistent numbers of the slides in order; each is named by 100 more.
        notes: those of the pages of notes.
        outline: text that the outline keeps, by persistent number of the slide.
        former: records of a save before.
        extra: more records in the document.
        token: what the current user says of the file.
    """
    lists = b""
    for instance, numbers in ((0, slides), (2, notes)):
        said = b""
        for number in numbers:
            said += _atom(1011, struct.pack("<IIIII", number, 0, 0, 100 + number, 0))
            if instance == 0 and (outline or {}).get(number):
                said += _atom(4000, outline[number].encode("utf-16-le"))
        lists += _atom(4080, said, container=True, instance=instance) if numbers else b""
    stream, places = former, {}
    for number, content in {document: _atom(1000, lists + extra, container=True), **objects}.items():
        places[number] = len(stream)
        stream += content
    directory = len(stream)
    packed = b"".join(struct.pack("<II", 1 << 20 | number, place) for number, place in places.items())
    stream += _atom(6002, packed)
    edit = len(stream)
    stream += _atom(4085, struct.pack("<IIIIIIHH", 0, 0, 0, directory, document, 99, 1, 0))
    user = struct.pack("<HHIIII", 0, 4086, 20, 20, token, edit) + bytes(8)
    return stored({"PowerPoint Document": stream, "Current User": user})


def _atom(kind, content, *, container=False, instance=0):
    return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(content)) + content


def ppt(outline, box, notes):
    """A PowerPoint 97 file: one slide by its outline and its own text box, notes ([MS-PPT] 2.3)."""
    said = _atom(1011, bytes(20)) + _atom(4000, outline.encode("utf-16-le"))
    slide = _atom(1006, _atom(4000, box.encode("utf-16-le")), container=True)
    note = _atom(1008, _atom(4000, notes.encode("utf-16-le")), container=True)
    return ole({"PowerPoint Document": _atom(4080, said, container=True) + slide + note})


def biff(*, header="", box="", sealed=False):
    """The stream of an Excel 97 workbook with one sheet ([MS-XLS] 2.1.4)."""

    def record(kind, data=b""):
        return struct.pack("<HH", kind, len(data)) + data

    def wide(text):
        return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")

    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    start += record(0x2F, bytes(6)) if sealed else b""
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0))
    sheet += record(0x14, wide(f"&C&12{header}")) if header else b""
    if box:
        sheet += record(0x1B6, struct.pack("<HHHHHHHI", 0, 0, 0, 0, 0, len(box), 8, 0))
        sheet += record(0x3C, b"\x01" + box.encode("utf-16-le")) + record(0x3C, bytes(8))
    return start + record(10) + sheet + record(10)


def property_set(properties):
    """A property set of user-defined names ([MS-OLEPS] 2), in the second section of its stream."""
    names, values, places = struct.pack("<I", len(properties)), b"", []
    for number, (name, value) in enumerate(properties.items(), 2):
        raw = name.encode() + b"\0"
        names += struct.pack("<II", number, len(raw)) + raw
        text = value.encode() + b"\0"
        places.append((number, len(values)))
        values += (struct.pack("<II", 0x1E, len(text)) + text).ljust(-(-(8 + len(text)) // 4) * 4, b"\0")
    page = struct.pack("<IhH", 2, -535, 0)  # 65001, UTF-8, as a signed number
    names = names.ljust(-(-len(names) // 4) * 4, b"\0")
    head = 8 + 8 * (len(places) + 2)
    table = struct.pack("<IIII", 0, head, 1, head + len(names))
    table += b"".join(struct.pack("<II", number, head + len(names) + 8 + at) for number, at in places)
    content = table + names + page + values
    section = struct.pack("<II", 8 + len(content), len(places) + 2) + content
    empty = struct.pack("<II", 8, 0)
    start = 28 + 2 * 20
    head = b"\xfe\xff\0\0" + bytes(20) + struct.pack("<I", 2)
    head += bytes(16) + struct.pack("<I", start) + bytes(16) + struct.pack("<I", start + len(empty))
    return head + empty + section


_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    f'xmlns:{short}="{_OFFICE}{name}:1.0"'
    for short, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
    }.items()
)


def odf(kind, body, *, styles="", meta="", extra=None):
    """An OpenDocument file of one kind with the given body."""
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document {_SPACES}><office:body>{body}</office:body></office:document>",
        "styles.xml": f"<office:document-styles {_SPACES}>{styles}</office:document-styles>",
        "meta.xml": f"<office:document-meta {_SPACES}>{meta}</office:document-meta>",
        "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        **(extra or {}),
    }
    return zipped(parts)


def ofd(*words, template=()):
    """An OFD page of words given as (text, left, top) in millimetres (GB/T 33190-2016, 7 and 11)."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'

    def layer(words):
        objects = "".join(
            f'<ofd:TextObject ID="{number}" Boundary="{left} {top} 100 5" Size="5">'
            f'<ofd:TextCode X="0" Y="5">{text}</ofd:TextCode></ofd:TextObject>'
            for number, (text, left, top) in enumerate(words, 10)
        )
        return f'<ofd:Content><ofd:Layer ID="9">{objects}</ofd:Layer></ofd:Content>'

    body = "<ofd:DocInfo><ofd:Title>标题</ofd:Title></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    used = '<ofd:Template TemplateID="2"/>'
    pages = '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
    common = '<ofd:CommonData><ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>'
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody>{body}</ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {space}>{common}{pages}</ofd:Document>",
            "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}>{used}{layer(words)}</ofd:Page>",
            "Doc_0/Tpls/Tpl_0/Content.xml": f"<ofd:Page {space}>{layer(template)}</ofd:Page>",
        }
    )
