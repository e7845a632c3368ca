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
