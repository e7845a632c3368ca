"""Office documents in one XML file: the flat package, and the formats of 2003."""

import base64
import io
import zipfile

import pytest

from tests.documents import MARK, excel, png, slides, word

PKG = 'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"'
KINDS = {
    "word/document.xml": "wordprocessingml.document",
    "xl/workbook.xml": "spreadsheetml.sheet",
    "ppt/presentation.xml": "presentationml.presentation",
}


def found(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def flat(package):
    parts = ""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            kind = (
                f"application/vnd.openxmlformats-officedocument.{KINDS[name]}.main+xml"
                if name in KINDS
                else "application/xml"
            )
            if name.endswith((".xml", ".rels")):
                text = data.decode().partition("?>")[2] if data.startswith(b"<?xml") else data.decode()
                content = f"<pkg:xmlData>{text}</pkg:xmlData>"
            else:
                content = f"<pkg:binaryData>{base64.b64encode(data).decode()}</pkg:binaryData>"
            if name != "[Content_Types].xml":
                parts += f'<pkg:part pkg:name="/{name}" pkg:contentType="{kind}">{content}</pkg:part>'
    return f'<?xml version="1.0"?><pkg:package {PKG}>{parts}</pkg:package>'.encode()


@pytest.mark.parametrize(
    ("package", "place"),
    [
        (word("one", MARK), "page 1 line 2"),
        (excel([["x"], ["y", MARK]]), "Sheet1!B2"),
        (slides("one", MARK), "slide 2 line 1"),
    ],
)
def test_flat_packages(extract, package, place):
    extraction = extract(flat(package))
    assert extraction.media_type == "application/vnd.ms-opc.flat+xml"
    assert found(extraction) == [place]


W = (
    'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:aml="http://schemas.microsoft.com/aml/2001/core" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
)
SS = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" '
)


def run(text):
    return f"<w:r><w:t>{text}</w:t></w:r>"


def test_word_2003(extract):
    data = base64.b64encode(png(500, 500)).decode()
    mark = "".join(map(run, MARK))
    note = f"<w:r><w:footnote><w:p>{run('机密脚')}</w:p></w:footnote></w:r>"
    comment = (
        f"<aml:annotation w:type='Word.Comment'><aml:content><w:p>{run('机密批')}</w:p></aml:content></aml:annotation>"
    )
    deleted = "<aml:content><w:r><w:delText>机密删</w:delText></w:r></aml:content>"
    deleted = f"<aml:annotation w:type='Word.Deletion'>{deleted}</aml:annotation>"
    box = (
        f"<w:r><w:pict><v:textbox><w:txbxContent><w:p>{run('机密框')}</w:p></w:txbxContent></v:textbox></w:pict></w:r>"
    )
    art = "<w:r><w:pict><v:shape><v:textpath string='机密印'/></v:shape></w:pict></w:r>"
    picture = f"<w:r><w:pict><w:binData w:name='wordml://1.png'>{data}</w:binData></w:pict></w:r>"
    section = f"<w:sectPr><w:hdr w:type='odd'><w:p>{run('机密眉')}</w:p></w:hdr></w:sectPr>"
    about = "<o:DocumentProperties><o:Title>机密题</o:Title></o:DocumentProperties>"
    about += "<o:CustomDocumentProperties><o:密_x0020_级>机密级</o:密_x0020_级></o:CustomDocumentProperties>"
    body = f"<w:p>{run('one')}{note}{run('后')}</w:p><w:p>{mark}{comment}{deleted}{box}{art}{picture}</w:p>{section}"
    extraction = extract(
        f'<?xml version="1.0"?><w:wordDocument {W}>{about}<w:body>{body}</w:body></w:wordDocument>'.encode()
    )
    assert extraction.media_type == "application/vnd.ms-wordml"
    places = {
        MARK: "page 1 line 2",
        "one后": "page 1 line 1",
        "机密脚": "footnote line 1",
        "机密批": "comment line 1",
        "机密删": "page 1 deleted line 1",
        "机密框": "page 1 text box line 1",
        "机密印": "page 1 watermark line 1",
        "机密眉": "header line 1",
        "机密题": "property:Title",
        "机密级": "property:密 级",
    }
    assert {text: found(extraction, text) for text in places} == {text: [place] for text, place in places.items()}
    assert extraction.coverage.reasons == ("ocr off: 1.png",)


def test_excel_2003(extract):
    comment = "<Comment><Data>机密批</Data></Comment>"
    cells = f"<Cell ss:Index='3'><Data ss:Type='String'>机密<B>★10年</B></Data>{comment}</Cell>"
    rows = f"<Row ss:Index='7'>{cells}<Cell><Data ss:Type='Number'>1</Data></Cell></Row>"
    rows += "<Row ss:Index='99999999'><Cell ss:Index='99999999'><Data>z</Data></Cell></Row>"
    around = "<x:WorksheetOptions><x:PageSetup><x:Header x:Data='&amp;C机密眉'/></x:PageSetup></x:WorksheetOptions>"
    sheet = f"<Worksheet ss:Name='藏'><Table>{rows}</Table>{around}</Worksheet>"
    extraction = extract(f'<?xml version="1.0"?><Workbook {SS}>{sheet}</Workbook>'.encode())
    assert extraction.media_type == "application/vnd.ms-spreadsheetml"
    assert found(extraction) == ["藏!C7"]
    assert found(extraction, "机密批") == ["藏!C7"]
    assert found(extraction, "机密眉") == ["sheet 1 header line 1"]
    assert [segment.text for segment in extraction.segments if segment.where == "sheet name"] == ["藏"]


@pytest.mark.parametrize("part", [0.4, 0.9])
def test_a_document_cut_off_is_never_clean(extract, part):
    data = flat(word(MARK, *["text"] * 50))
    assert not extract(data[: int(len(data) * part)]).coverage.inspected
