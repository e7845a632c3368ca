"""Places of office files that are easily passed over: a sentence of its own in each, and each demanded."""

# ruff: noqa: E501 - a piece of XML is read best on one line

import io
import struct
import zipfile

import pytest

from agent.extract.ooxml import binary
from agent.extract.ooxml.macros import _unpack, modules
from config.verdict import Zone
from tests.documents import MARK, MC, WPS, V, W, changed, excel, ole, slides, word

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'


def say(place):
    return f"机密★《{place}》"


def places(extraction, wanted):
    """Where each sentence was found, for the places asked for."""
    return {
        place: next((s.where for s in extraction.segments if say(place) in s.text.replace("\t", "")), None)
        for place in wanted
    }


def document(body, **parts):
    return changed(
        word("x"),
        **{"word/document.xml": f"<w:document {W} {V} {MC} {WPS} {A}><w:body>{body}</w:body></w:document>".encode()},
        **parts,
    )


def run(text, look=""):
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(inner):
    return f"<w:p>{inner}</w:p>"


def text_of(extraction, where="page 1"):
    return [s.text for s in extraction.segments if s.where == where]


def test_readings_hyphens_symbols_and_moved_words_do_not_part_a_mark(extract):
    ruby = f"<w:r><w:ruby><w:rt>{run('ji')}</w:rt><w:rubyBase>{run('机')}</w:rubyBase></w:ruby></w:r>"
    gone = f'<w:moveFrom w:author="a">{run("moved")}</w:moveFrom>'
    star = '<w:r><w:sym w:font="Wingdings" w:char="F0AB"/></w:r>'
    drawn = '<w:r><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\uf0ab</w:t></w:r>'
    pieces = (
        ruby + run("密") + "<w:r><w:softHyphen/></w:r>" + gone + star + run("10") + "<w:r><w:t>&#x5E74;</w:t></w:r>"
    )
    hidden = run("机") + run("between", "<w:vanish/>") + run("密", '<w:vanish w:val="0"/>') + drawn + run("10年")
    extraction = extract(document(paragraph(pieces) + paragraph(hidden)))
    assert text_of(extraction) == [f"{MARK}\n{MARK}"]
    assert text_of(extraction, "page 1 reading") == ["ji"]
    assert text_of(extraction, "page 1 deleted") == ["moved"]
    assert text_of(extraction, "page 1 hidden") == ["between"]


def test_a_drop_down_shows_its_choice(extract):
    entries = "".join(f'<w:listEntry w:val="{level}"/>' for level in ("秘密", "机密", "绝密"))
    field = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>{entries}</w:ddList></w:ffData></w:fldChar></w:r>'
    assert text_of(extract(document(paragraph(field + run("★10年"))))) == [MARK]


def test_boxes_within_boxes(extract):
    def box(inner):
        return f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"

    inner = box(paragraph(run(say("inner"))))
    extraction = extract(document(paragraph(box(paragraph(run(say("outer")) + inner)) + run("body"))))
    assert places(extraction, ("outer", "inner")) == dict.fromkeys(("outer", "inner"), "page 1 text box")


def test_how_a_section_begins_stands_at_its_own_end(extract):
    kinds = ("nextPage", "continuous", "nextPage")
    body = "".join(
        f'<w:p><w:pPr><w:sectPr><w:type w:val="{kind}"/></w:sectPr></w:pPr>{run(kind + str(index))}</w:p>'
        for index, kind in enumerate(kinds)
    )
    extraction = extract(document(body + paragraph(run("last")) + '<w:sectPr><w:type w:val="continuous"/></w:sectPr>'))
    assert [s.text for s in extraction.segments if s.page] == ["nextPage0\ncontinuous1", "nextPage2\nlast"]


WORD_PLACES = {
    "variable": "property:document variables",
    "query": "property:document variables",
    "person": "property:people",
    "author": "property:people",
    "alias": "property:control",
    "choice": "property:control",
    "help": "property:control",
    "bookmark": "property:bookmark",
    "tip": "property:description",
    "caption": "property:description",
    "alt": "property:description",
    "name": "property:description",
    "code": "property:field codes",
    "prompt": "property:field codes",
    "list label": "property:list labels",
    "xml attribute": "property:custom XML",
    "xml text": "property:custom XML",
    "diagram": "text box",
    "html": "word/afchunk1.htm > body",
    "target": "property:links",
    "core": "property:Title",
    "control": "property:controls",
}


def test_every_hidden_place_of_a_document(extract):
    split = say("diagram")
    parts = {
        "word/settings.xml": f'<w:settings {W}><w:docVars><w:docVar w:name="a" w:val="{say("variable")}"/></w:docVars>'
        f'<w:mailMerge><w:query w:val="{say("query")}"/></w:mailMerge></w:settings>',
        "word/people.xml": f'<w15:people xmlns:w15="x"><w15:person w15:author="{say("person")}"/></w15:people>',
        "word/numbering.xml": f'<w:numbering {W}><w:lvl><w:lvlText w:val="%1{say("list label")}"/></w:lvl></w:numbering>',
        "customXml/item1.xml": f'<a level="{say("xml attribute")}"><b>{say("xml text")}</b></a>',
        "word/diagrams/data1.xml": f"<d {A}><a:p><a:r><a:t>{split[:3]}</a:t></a:r><a:r><a:t>{split[3:]}</a:t></a:r></a:p></d>",
        "word/afchunk1.htm": f"<html><p>{say('html')}</p></html>",
        "word/_rels/document.xml.rels": f'<Relationships><Relationship Id="r9" Type="{R}/subDocument" TargetMode="External" Target="file:///{say("target")}"/></Relationships>',
        "package/core.psmdcp": f'<c xmlns:dc="x"><dc:title>{say("core")}</dc:title></c>',
        "word/activeX/activeX1.xml": f'<ax:ocx xmlns:ax="x"><ax:ocxPr ax:name="Caption" ax:value="{say("control")}"/></ax:ocx>',
    }
    pic = f'<pic:cNvPr xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" name="{say("name")}.jpg" descr="{say("alt")}"/>'
    body = (
        f'<w:ins w:author="{say("author")}">{run("x")}</w:ins>'
        f'<w:sdt><w:sdtPr><w:alias w:val="{say("alias")}"/><w:dropDownList><w:listItem w:displayText="{say("choice")}" w:value="1"/></w:dropDownList></w:sdtPr></w:sdt>'
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:helpText w:val="{say("help")}"/></w:ffData></w:fldChar></w:r>'
        f'<w:bookmarkStart w:name="{say("bookmark")}"/><w:bookmarkStart w:name="_GoBack"/>'
        f'<w:hyperlink w:tooltip="{say("tip")}">{run("x")}</w:hyperlink>{pic}'
        f"<w:r><w:instrText>MACROBUTTON x {say('code')[:4]}</w:instrText></w:r><w:r><w:instrText>{say('code')[4:]}</w:instrText></w:r>"
        f'<w:fldSimple w:instr="FILLIN {say("prompt")}"/>'
    )
    table = f'<w:tbl><w:tblPr><w:tblCaption w:val="{say("caption")}"/></w:tblPr></w:tbl>'
    extraction = extract(document(paragraph(body) + table, **{name: part.encode() for name, part in parts.items()}))
    assert places(extraction, WORD_PLACES) == WORD_PLACES
    assert "_GoBack" not in "".join(s.text for s in extraction.segments)
    assert extraction.coverage.inspected


def test_the_strict_kind_of_slides_is_read(extract):
    data = slides(MARK)
    source = zipfile.ZipFile(io.BytesIO(data)).read("ppt/slides/slide1.xml")
    for kind in (b"drawingml", b"presentationml"):
        source = source.replace(
            b"http://schemas.openxmlformats.org/%s/2006/main" % kind, b"http://purl.oclc.org/ooxml/%s/main" % kind
        )
    assert text_of(extract(changed(data, **{"ppt/slides/slide1.xml": source})), "slide 1") == [MARK]


EXCEL_PLACES = {
    "constant": "Sheet1!A2",
    "condition": "Sheet1!A1",
    "tip": "Sheet1!B1",
    "validation": "Sheet1!C1",
    "format": "property:number format",
    "defined": "property:names",
    "cache": "property:pivot table",
    "record": "property:pivot table",
    "column": "property:table",
    "slicer": "property:slicer",
    "connection": "property:connections",
    "external": "property:external link",
    "person": "property:people",
    "chart sheet": "sheet 2 header",
    "vml": "sheet 1 text box",
}


def test_every_hidden_place_of_a_workbook(extract):
    def sheet(old):
        cells = f'<row r="2"><c r="A2"><f>IF(B1,"{say("constant")}","x")</f><v>7</v></c></row>'
        tail = (
            f'<conditionalFormatting><cfRule type="containsText" text="{say("condition")}"/></conditionalFormatting>'
            f'<dataValidations><dataValidation sqref="C1:C9" prompt="{say("validation")}"/></dataValidations>'
            f'<hyperlinks><hyperlink ref="B1" tooltip="{say("tip")}"/></hyperlinks>'
        )
        return old.replace(b"</sheetData>", f"{cells}</sheetData>{tail}".encode())

    def styles(old):
        code = f"0.00&quot;{say('format')}&quot;"
        return old.replace(
            b"<fonts",
            f'<numFmts><numFmt numFmtId="200" formatCode="{code}"/><numFmt numFmtId="201" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><fonts'.encode(),
            1,
        )

    links = '<Relationships><Relationship Id="r1" Type="x/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/></Relationships>'
    parts = {
        "xl/pivotCache/pivotCacheDefinition1.xml": f'<c {S}><sharedItems><s v="{say("cache")}"/></sharedItems></c>',
        "xl/pivotCache/pivotCacheRecords1.xml": f'<r {S}><r><s v="{say("record")}"/><n v="1"/></r></r>',
        "xl/tables/table1.xml": f'<t {S}><tableColumn id="1" name="{say("column")}"/></t>',
        "xl/slicers/slicer1.xml": f'<s><slicer caption="{say("slicer")}"/></s>',
        "xl/connections.xml": f'<c {S}><connection><dbPr command="{say("connection")}"/></connection></c>',
        "xl/externalLinks/externalLink1.xml": f"<e {S}><cell r='A1'><v>{say('external')}</v></cell></e>",
        "xl/persons/person.xml": f'<p><person displayName="{say("person")}"/></p>',
        "xl/chartsheets/sheet9.xml": f"<chartsheet {S}><headerFooter><oddHeader>&amp;C{say('chart sheet')}</oddHeader></headerFooter></chartsheet>",
        "xl/worksheets/_rels/sheet1.xml.rels": links,
        "xl/drawings/vmlDrawing1.vml": f"<xml {V} xmlns:x='x'><v:shape><v:textbox><div>{say('vml')[:3]}<b>{say('vml')[3:]}</b></div></v:textbox><x:Anchor>1, 2, 3</x:Anchor></v:shape></xml>",
    }
    data = changed(
        excel([["x"]]),
        **{name: part.encode() for name, part in parts.items()},
        **{
            "xl/worksheets/sheet1.xml": sheet,
            "xl/styles.xml": styles,
            "xl/workbook.xml": lambda old: old.replace(b"<definedNames/>", b"").replace(
                b"</sheets>",
                f'</sheets><definedNames><definedName name="{say("defined")}">Sheet1!A1</definedName></definedNames>'.encode(),
            ),
        },
    )
    extraction = extract(data)
    assert places(extraction, EXCEL_PLACES) == EXCEL_PLACES
    assert "1, 2, 3" not in "".join(s.text for s in extraction.segments)
    assert not any(
        "年" in s.text for s in extraction.segments if s.where == "property:number format" and "机密" not in s.text
    )


def test_readings_of_cells_stand_apart(extract):
    shared = f'<sst {S} count="1" uniqueCount="1"><si><r><t>机</t></r><r><t>密★10年</t></r><rPh sb="0" eb="1"><t>きみつ</t></rPh></si></sst>'
    sheet = f'<worksheet {S}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>'
    data = changed(
        excel([["x"]]), **{"xl/sharedStrings.xml": shared.encode(), "xl/worksheets/sheet1.xml": sheet.encode()}
    )
    extraction = extract(data)
    assert text_of(extraction, "Sheet1!A1") == [MARK]
    assert text_of(extraction, "property:reading") == ["きみつ"]


def record(kind, content):
    head = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 127 else bytes([kind])
    return head + bytes([len(content) & 0x7F | 0x80, len(content) >> 7]) + content


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def test_binary_sheets_headers_comments_and_strings():
    printed = b"\0\0" + wide(f"&C{MARK}") + struct.pack("<I", 0xFFFFFFFF) * 4 + wide("&Lfoot")
    part = record(0, b"cells") + b"\x92\x01\x00" + record(479, printed) + record(64, bytes(8) + wide("prompt"))
    found = list(binary.around(part, "S", "sheet 1"))
    assert [(s.where, s.text, s.zone) for s in found] == [
        ("sheet 1 header", MARK, Zone.HEADER),
        ("sheet 1 footer", "foot", Zone.FOOTER),
        ("S!A1", "prompt", Zone.NOTE),
    ]
    comment = record(635, struct.pack("<IIIII", 0, 6, 6, 1, 1) + bytes(16)) + record(637, b"\0" + wide(MARK) + bytes(9))
    assert [(s.where, s.text) for s in binary.comments(comment, "S")] == [("S!B7", MARK)]
    assert binary.sheets(record(156, bytes(8) + wide("rId1") + wide("密"))) == [("rId1", "密")]
    for cut in range(len(part)):
        list(binary.around(part[:cut], "S", "x"))


SLIDE_PLACES = {
    "tag": "property:tags",
    "section": "property:presentation",
    "custom show": "property:presentation",
    "author": "property:people",
    "prompt": "master",
    "modern": "slide 1 comment",
    "tip": "property:description",
    "media": "property:description",
}


def test_every_hidden_place_of_a_presentation(extract):
    relation = "http://schemas.microsoft.com/office/2018/10/relationships/comments"
    shape = f'<p:pic {P}><p:nvPicPr><p:cNvPr id="9" name="{say("media")}.mp4"><a:hlinkClick {A} tooltip="{say("tip")}"/></p:cNvPr></p:nvPicPr></p:pic>'
    data = changed(
        slides("text"),
        **{
            "ppt/tags/tag1.xml": f'<p:tagLst {P}><p:tag name="LEVEL" val="{say("tag")}"/></p:tagLst>'.encode(),
            "ppt/commentAuthors.xml": f'<p:cmAuthorLst {P}><p:cmAuthor name="{say("author")}"/></p:cmAuthorLst>'.encode(),
            "ppt/comments/modern1.xml": f"<c {A}><a:p><a:r><a:t>{say('modern')[:3]}</a:t></a:r><a:r><a:t>{say('modern')[3:]}</a:t></a:r></a:p></c>".encode(),
            "ppt/slides/_rels/slide1.xml.rels": lambda old: old.replace(
                b"</Relationships>",
                f'<Relationship Id="r9" Type="{relation}" Target="../comments/modern1.xml"/></Relationships>'.encode(),
            ),
            "ppt/slides/slide1.xml": lambda old: old.replace(b"</p:spTree>", shape.encode() + b"</p:spTree>"),
            "ppt/presentation.xml": lambda old: old.replace(
                b"</p:presentation>",
                f'<p:custShowLst><p:custShow name="{say("custom show")}"/></p:custShowLst><p14:section xmlns:p14="x" name="{say("section")}"/></p:presentation>'.encode(),
            ),
            "ppt/slideLayouts/slideLayout3.xml": lambda old: old.replace(
                b"<a:t>Click to edit Master title style", f"<a:t>{say('prompt')}".encode()
            ),
        },
    )
    extraction = extract(data)
    assert places(extraction, SLIDE_PLACES) == SLIDE_PLACES


def container(text):
    """A compressed container of literal tokens only, and a copy token where the text allows one."""
    result = bytearray(b"\1")
    for at in range(0, len(text), 3000):
        piece = text[at : at + 3000]
        tokens = b"".join(b"\0" + piece[i : i + 8] for i in range(0, len(piece), 8))
        result += struct.pack("<H", 0xB000 | len(tokens) - 1) + tokens
    return bytes(result)


def macros(source):
    name = "Module1".encode("utf-16-le")
    listed = (
        struct.pack("<HIIH", 9, 4, 1, 1) + struct.pack("<HI", 0x32, len(name)) + name + struct.pack("<HII", 0x31, 4, 5)
    )
    return container(listed), b"cache" + container(source)


@pytest.mark.parametrize("cut", [0, 1])
def test_the_words_of_macros(cut):
    listed, module = macros(f'Attribute VB_Name = "x"\r\nSub A()\r\n\' {MARK}\r\nEnd Sub\r\n'.encode("gbk"))

    class Storage:
        def __init__(self):
            self.streams = {("VBA", "dir"): listed, ("VBA", "Module1"): module[: len(module) - cut]}

        def listdir(self):
            return [list(path) for path in self.streams]

        def exists(self, path):
            return tuple(path) in self.streams

        def openstream(self, path):
            return io.BytesIO(self.streams[tuple(path)])

    class Reading:
        def unpack(self, *_):
            pass

    (segment,) = modules(Storage(), Reading(), "vbaProject.bin")
    assert segment.where == "macro Module1"
    assert f"' {MARK}" in segment.text
    assert "Attribute" not in segment.text
    copied = b"\1" + struct.pack("<H", 0xB000 | 4) + b"\x08abc" + struct.pack("<H", 2 << 12 | 3)
    assert _unpack(copied, Reading(), "") == b"abcabcabc"


def test_a_damaged_store_of_macros_is_said(extract):
    assert extract(changed(word("x"), **{"word/vbaProject.bin": b"nothing"})).coverage.reasons == (
        "corrupt: word/vbaProject.bin",
    )
    assert extract(changed(word("x"), **{"word/vbaProject.bin": ole({"x": b"y"})})).coverage.reasons == (
        "unsupported: word/vbaProject.bin",
    )


def test_a_far_cell_before_the_others_is_not_held(extract):
    """The rectangle in use is judged by every cell, not by the last: rows may stand in any order."""

    def far(sheet):
        last = f'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>{MARK}</t></is></c></row>'
        return sheet.replace(b"<sheetData>", b"<sheetData>" + last.encode())

    data = changed(excel([["first", "x" * 50]] * 300), **{"xl/worksheets/sheet1.xml": far})
    extraction = extract(data)
    assert text_of(extraction, "Sheet1!XFD1048576")
    assert extraction.coverage.inspected
