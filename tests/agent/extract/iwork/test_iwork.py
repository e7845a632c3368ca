"""Pages, Numbers and Keynote: archives of messages, and the XML before them."""

import gzip
import struct

import pytest

from tests.documents import MARK, pdf, zipped
from tests.xml_documents import field, iwa

BODY, HEADER, NOTE, BOX = 0, 1, 4, 3


def found(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def storage(kind, text):
    return field(1, kind) + field(3, text)


def reference(number):
    return field(1, number)


def test_texts_have_their_places(extract):
    document = iwa(
        (1, 10000, b""),
        (2, 2001, storage(BODY, f"one\n{MARK}\u2029x")),
        (3, 2001, storage(HEADER, "机密眉")),
        (4, 3056, field(1, "机密批")),
        (5, 5000, field(9, field(2, "机密图"))),
    )
    extraction = extract(zipped({"Index/Document.iwa": document, "preview.jpg": b"\xff\xd8\xff" + bytes(60_000)}))
    assert extraction.media_type == "application/vnd.apple.iwork"
    assert found(extraction) == ["body line 2"]
    assert found(extraction, "机密眉") == ["header line 1"]
    assert found(extraction, "机密批") == ["comment line 1"]
    assert found(extraction, "机密图") == ["property:index/document.iwa"]
    assert extraction.coverage.inspected


def test_slides_in_the_order_of_the_show(extract):
    show = field(3, field(2, reference(20)) + field(2, reference(21)))
    members = {
        "Index/Document.iwa": iwa((9, 2, show), (20, 4, field(2, reference(31))), (21, 4, field(2, reference(30)))),
        "Index/Slide-1.iwa": iwa((30, 5, b""), (40, 2001, storage(BOX, MARK))),
        "Index/Slide-2.iwa": iwa((31, 5, b""), (32, 15, field(1, reference(41))), (41, 2001, storage(NOTE, "机密注"))),
        "Index/MasterSlide-3.iwa": iwa((33, 6, b""), (42, 2001, storage(BOX, "机密版"))),
    }
    extraction = extract(zipped({"计划.key/Index.zip": zipped(members)}))
    assert found(extraction) == ["slide 2 line 1"]
    assert found(extraction, "机密注") == ["slide 1 notes line 1"]
    assert found(extraction, "机密版") == ["master line 1"]


def packed_cell(kind, flags, value):
    return bytes([5, kind]) + bytes(6) + flags.to_bytes(4, "little") + value


def decimal(number):
    return number.to_bytes(14, "little") + struct.pack("<H", 0x1820 << 1)


def test_cells_of_tables(extract):
    cells = [
        packed_cell(3, 8, (1).to_bytes(4, "little")),
        packed_cell(2, 1, decimal(13800138000)),
        packed_cell(9, 16, (5).to_bytes(4, "little")),
    ]
    offsets = struct.pack("<4H", 0, 0xFFFF, len(cells[0]), len(cells[0]) + len(cells[1]))
    row = field(1, 2) + field(6, b"".join(cells)) + field(7, offsets)
    store = (
        field(3, field(1, field(1, 0) + field(2, reference(50)))) + field(4, reference(51)) + field(17, reference(52))
    )
    members = {
        "Index/Document.iwa": iwa((1, 1, b"")),
        "Index/Tables/Table.iwa": iwa(
            (49, 6001, field(8, "名单") + field(4, store)),
            (50, 6002, field(5, row)),
            (51, 6005, field(3, field(1, 1) + field(3, MARK)) + field(3, field(1, 7) + field(3, "机密余"))),
            (52, 6005, field(3, field(1, 5) + field(9, reference(53)))),
            (53, 6218, field(1, reference(54))),
            (54, 2001, storage(5, "机密格")),
        ),
    }
    extraction = extract(zipped(members))
    assert found(extraction) == ["名单!A3"]
    assert found(extraction, "13800138000") == ["名单!C3"]
    assert found(extraction, "机密格") == ["名单!D3"]


def test_copies_of_snappy(extract):
    message = storage(BODY, "密" * 40 + MARK)
    plain = field(1, 2) + field(2, field(1, 2001) + field(3, len(message)))
    data = bytes([len(plain)]) + plain + message
    start = data.index("密".encode())
    block = bytes([len(data) & 127 | 128, len(data) >> 7])
    block += bytes([(start + 3 - 1) << 2]) + data[: start + 3]
    block += bytes([(60 - 1) << 2 | 2, 3, 0]) + bytes([(57 - 1) << 2 | 2, 3, 0])
    rest = data[start + 120 :]
    block += bytes([(len(rest) - 1) << 2]) + rest
    archive = b"\0" + len(block).to_bytes(3, "little") + block
    assert found(extract(zipped({"Index/Document.iwa": archive}))) == ["body line 1"]


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x01\0\0\0",
        b"\0\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\0\x03\0\0\x09\x05\x80",
        b"\0\x08\0\0\x10\xfe\xff\xff\xff\xff\xff\xff",
    ],
)
def test_damaged_archives_are_said_and_others_read(extract, damaged):
    members = {"Index/Document.iwa": damaged, "Index/B.iwa": iwa((2, 2001, storage(BODY, MARK)))}
    extraction = extract(zipped(members))
    assert found(extraction) == ["body line 1"]
    assert "corrupt: index/document.iwa" in extraction.coverage.reasons


def test_the_preview_where_nothing_else_says_anything(extract):
    members = {"Index/Document.iwa": iwa((1, 1, b"")), "QuickLook/Preview.pdf": pdf([MARK])}
    assert found(extract(zipped(members))) == ["QuickLook/Preview.pdf > page 1 line 1"]
    words = members | {"Index/B.iwa": iwa((2, 2001, storage(BODY, MARK)))}
    assert found(extract(zipped(words))) == ["body line 1"]


def test_sealed_documents_say_so(extract):
    assert extract(zipped({"Index/Document.iwa": b"x", ".iwpv2": b"x"})).coverage.reasons == ("encrypted",)


SPACES = 'xmlns:sf="http://developer.apple.com/namespaces/sf" xmlns:sfa="http://developer.apple.com/namespaces/sfa" xmlns:key="http://developer.apple.com/namespaces/keynote2"'
OLD = f"""<key:presentation {SPACES}><sf:stylesheet><sf:p>样式</sf:p></sf:stylesheet><key:slide-list><key:slide>
<sf:p>one</sf:p></key:slide><key:slide><sf:p>机密<sf:span>★10</sf:span>年<sf:lnbr/>x</sf:p>
<sf:tabular-model sf:name="名单"><sf:ct sfa:s="机密格"/><sf:n sf:v="13800138000"/></sf:tabular-model>
<key:notes><sf:p>机密注</sf:p></key:notes></key:slide></key:slide-list></key:presentation>"""


@pytest.mark.parametrize("name", ["index.apxl", "index.apxl.gz", "计划.key/index.apxl"])
def test_the_xml_of_2009(extract, name):
    data = gzip.compress(OLD.encode()) if name.endswith(".gz") else OLD
    extraction = extract(zipped({name: data}))
    assert extraction.media_type == "application/vnd.apple.iwork"
    assert found(extraction) == ["slide 2 line 1"]
    assert found(extraction, "机密注") == ["slide 2 notes line 1"]
    assert found(extraction, "13800138000") == ["slide 2 table line 3"]
    assert not found(extraction, "样式")
    assert extraction.coverage.inspected
