"""Words that a PDF holds beside the text of its pages, in files written here object by object."""

# ruff: noqa: E501 - an object is read best on one line

import zlib

import pytest

from agent.extract.pages.pdfpage import doubtful
from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from tests.documents import pdf

ANNOTATIONS = {
    10: "<</Subtype/FreeText/Rect[10 10 100 50]/Contents(say-free)/RC(<p>say-rich</p>)/T(say-author)/Subj(say-subject)>>",
    11: "<</Subtype/Link/Rect[0 0 1 1]/A<</S/URI/URI(http://example.com/say-link)>>>>",
    12: "<</Subtype/Popup/Rect[0 0 1 1]/Contents(say-popup)>>",
    13: "<</Subtype/Stamp/Rect[0 0 1 1]/Name/say-stamp/Contents(say-stamped)>>",
    14: "<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(say-file.txt)/EF<</F 15 0 R>>>>>>",
    16: "<</Subtype/Widget/FT/Ch/T(field)/TU(say-tip)/Opt[(say-option)(b)]/V(say-value)/DV(say-default)/Rect[0 0 9 9]>>",
    17: "<</Subtype/Text/Rect[0 0 9 9]/Contents<FEFF7B548FD4>/IRT 10 0 R>>",
    18: "<</Subtype/Widget/FT/Sig/T(sig)/V<</Type/Sig/Reason(say-reason)/Location(say-location)>>/Rect[0 0 9 9]>>",
}
WANTED = {
    "page 1": "drawn hidden-layer invisible white clipped cropped",
    "annotation": "say-free say-rich say-author say-subject say-popup say-stamp say-stamped 答返",
    "form field": "say-tip say-option say-value say-default",
    "property:links": "say-link",
    "property:names": "say-reason say-location say-layer",
    "property:say-key": "say-information",
    "property:XMP": "say-xmp",
    "property:Outline": "say-outline",
    "property:description": "say-alternate say-actual say-expansion",
    "property:page labels": "say-label-",
    "macro": "say-script",
    "say-file.txt > body": "say-attached",
}


def stream(content, extra=""):
    return f"<<{extra}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def text(x, y, words):
    return f"BT /F 12 Tf {x} {y} Td ({words}) Tj ET "


def build(content, objects=(), catalog="", page="", info=0):
    parts = {
        1: f"<</Type/Catalog/Pages 2 0 R {catalog}>>",
        2: "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources"
        f"<</Font<</F 5 0 R>>/Properties<</O 9 0 R>>>>{page}>>",
        4: stream(content.encode()),
        5: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        **dict(objects),
    }
    data, table = b"%PDF-1.7\n", b"xref\n0 1\n0000000000 65535 f \n"
    for number, part in parts.items():
        table += f"{number} 1\n{len(data):010d} 00000 n \n".encode()
        data += f"{number} 0 obj\n".encode() + (part if isinstance(part, bytes) else part.encode()) + b"\nendobj\n"
    trailer = f"trailer\n<</Size {max(parts) + 1}/Root 1 0 R{f'/Info {info} 0 R' if info else ''}>>"
    return data + table + trailer.encode() + f"\nstartxref\n{len(data)}\n%%EOF".encode()


def everything():
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>say-xmp</a></x:xmpmeta>'
    packed = [(30, "<</S/Figure/Alt(say-alternate)/ActualText(say-actual)/E(say-expansion)>>"), (31, "<</A/B>>")]
    heads = f"30 0 31 {len(packed[0][1]) + 1} "
    inside = (heads + " ".join(body for _, body in packed)).encode()
    drawn = text(50, 700, "drawn") + "/OC /O BDC " + text(50, 680, "hidden-layer") + "EMC 3 Tr "
    drawn += text(50, 660, "invisible") + "0 Tr 1 g " + text(50, 640, "white")
    drawn += "q 0 0 1 1 re W n " + text(50, 620, "clipped") + "Q " + text(50, 20, "cropped")
    return build(
        drawn,
        {
            **ANNOTATIONS,
            9: "<</Type/OCG/Name(say-layer)>>",
            15: stream(b"say-attached", "/Type/EmbeddedFile"),
            19: "<</Title(title)/say-key(say-information)>>",
            20: "<</First 21 0 R/Last 21 0 R/Count 1>>",
            21: "<</Title(say-outline)/Parent 20 0 R>>",
            22: '<</S/JavaScript/JS(app.alert\\("say-script"\\))>>',
            23: stream(zlib.compress(xmp), "/Type/Metadata/Subtype/XML/Filter/FlateDecode"),
            24: stream(zlib.compress(inside), f"/Type/ObjStm/N 2/First {len(heads)}/Filter/FlateDecode"),
        },
        "/OCProperties<</OCGs[9 0 R]/D<</OFF[9 0 R]>>>>/AcroForm<</Fields[16 0 R 18 0 R]>>/Outlines 20 0 R"
        "/Names<</JavaScript<</Names[(js)22 0 R]>>>>/Metadata 23 0 R/PageLabels<</Nums[0<</P(say-label-)>>]>>",
        f"/CropBox[0 100 600 800]/Annots[{' '.join(f'{number} 0 R' for number in ANNOTATIONS)}]",
        info=19,
    )


def test_a_pinned_file_that_is_too_large_is_said(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(everything())
    with Sandbox(Setup(Limits(max_part=8))) as sandbox:
        assert "too large: say-file.txt" in sandbox.extract(path).coverage.reasons


def test_every_place_is_read_and_named(extract):
    found = {}
    for segment in extract(everything()).segments:
        found[segment.where] = found.get(segment.where, "") + "\n" + segment.text
    missing = {
        where: [word for word in words.split() if word not in found.get(where, "")] for where, words in WANTED.items()
    }
    assert {where: words for where, words in missing.items() if words} == {}


@pytest.mark.parametrize(
    ("turn", "matrix"), [(90, "0 1 -1 0 {at} 50"), (180, "-1 0 0 -1 550 {at}"), (270, "0 -1 1 0 {back} 750")]
)
def test_a_turned_page_is_read_from_its_top(extract, turn, matrix):
    """The second line is drawn first; the top of the page as shown is at its side or its bottom."""
    places = (("second", 140), ("third", 160), ("first", 120), ("far", 400))
    drawn = " ".join(f"BT /F 12 Tf {matrix.format(at=at, back=700 - at)} Tm ({word}) Tj ET" for word, at in places)
    page = next(s for s in extract(build(drawn, page=f"/Rotate {turn}")).segments if s.page)
    assert page.text == "first\nsecond\nthird\nfar"


@pytest.mark.parametrize("keep", [0.8, 0.9, 0.97])
def test_a_file_that_lost_its_table_is_read(extract, keep):
    data = pdf(["PLAIN TEXT"], ["second"])
    extraction = extract(data[: int(len(data) * keep)])
    assert "PLAIN TEXT" in "".join(s.text for s in extraction.segments)
    assert "corrupt" in extraction.coverage.reasons


def test_packed_objects_of_a_file_that_lost_its_table(extract):
    page = "<</Type/Page/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    inside = f"30 0 {page}".encode()
    data = build(
        text(50, 700, "found"), {24: stream(zlib.compress(inside), "/Type/ObjStm/N 1/First 5/Filter/FlateDecode")}
    )
    data = data.replace(b"3 0 obj\n<</Type/Page/", b"3 0 obj\n<</Type/Gone/")
    assert any("found" in s.text for s in extract(data[: data.rindex(b"xref\n0")]).segments)


def test_garbage_behind_a_file_is_passed_over(extract):
    extraction = extract(build(text(50, 700, "found")) + bytes(2**20))
    assert any(s.text == "found" for s in extraction.segments)


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        (["关于做好保密工作的通知，请遵照执行。"], False),
        (["關於做好國家機密保護工作的通知，請遵照辦理"], False),
        (["機密文書の取り扱いに関する規程を定める"], False),
        (["plain words"], False),
        (["妎衄饜离腔恅紫岆笭猁腔囀ꭱ楱苤"], True),
        (["\ue001\ue002\ue003 \ue004"], True),
        (["\ufffd\ufffd\x01\x02 a"], True),
    ],
)
def test_a_text_layer_that_means_nothing_is_told(lines, doubt):
    assert doubtful(lines) is doubt
