"""Documents that tests read, made anew every time; none is kept in the repository."""

import io
import zipfile
import zlib

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from openpyxl.comments import Comment
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

MARK = "机密★10年"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
V = 'xmlns:v="urn:schemas-microsoft-com:vml"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
WPS = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
LABEL = "MSIP_Label_1e5d03e2-9999-4cde-9abc-0123456789ab"


def saved(document):
    """The bytes of whatever has a ``save``."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zipped(members, *, method=zipfile.ZIP_DEFLATED):
    """A zip of names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return buffer.getvalue()


def changed(package, **_parts):
    """A package with parts replaced or added, ``changed(data, **{"word/x.xml": b"x"})``; a function gets the old."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in _parts.items():
        parts[name] = content(parts[name]) if callable(content) else content
    return zipped(parts)


def word(*paragraphs, header="", footer="", properties=None):
    """A document of plain paragraphs."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    data = saved(document)
    return changed(data, **{"docProps/custom.xml": custom(properties)}) if properties else data


def custom(properties):
    """docProps/custom.xml."""
    items = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{value}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(properties.items(), 2)
    )
    return (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        f'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">{items}</Properties>'
    ).encode()


def word_everywhere(say):
    """A document that says ``say(place)`` in every place a Word document has for words."""
    document = docx.Document()
    document.add_paragraph(say("first"))
    split = document.add_paragraph()
    for character in say("split"):
        split.add_run(character)
    _append(document, f'<w:ins {W} w:author="a"><w:r><w:t>{say("inserted")}</w:t></w:r></w:ins>')
    _append(document, f'<w:del {W} w:author="a"><w:r><w:delText>{say("deleted")}</w:delText></w:r></w:del>')
    _append(document, f"<w:sdt {W}><w:sdtContent><w:r><w:t>{say('control')}</w:t></w:r></w:sdtContent></w:sdt>")
    _append(document, f'<w:hyperlink {W} w:anchor="x"><w:r><w:t>{say("link")}</w:t></w:r></w:hyperlink>')
    box = f"<w:txbxContent {W}><w:p><w:r><w:t>{say('box')}</w:t></w:r></w:p></w:txbxContent>"
    drawn = f"<mc:Choice Requires='wps'><w:drawing><wps:txbx {WPS}>{box}</wps:txbx></w:drawing></mc:Choice>"
    drawn += f"<mc:Fallback><w:pict><v:textbox {V}>{box}</v:textbox></w:pict></mc:Fallback>"
    _append(document, f"<w:r {W}><mc:AlternateContent {MC}>{drawn}</mc:AlternateContent></w:r>")
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "left", say("table")
    table.cell(1, 0).add_table(1, 1).cell(0, 0).text = say("nested")
    page = document.add_paragraph()
    page.add_run().add_break(docx.enum.text.WD_BREAK.PAGE)
    page.add_run(say("second page"))
    section = document.sections[0]
    section.header.paragraphs[0].text = say("header")
    section.footer.paragraphs[0].text = say("footer")
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = say("first header")
    watermark = f"<w:r {W}><w:pict><v:shape {V}><v:textpath string='{say('watermark')}'/></v:shape></w:pict></w:r>"
    section.first_page_header.paragraphs[0]._p.append(parse_xml(watermark))
    document.add_comment(split.runs, text=say("comment"), author="a")
    document.core_properties.title = say("title")
    notes = f"<w:{{0}}s {W}><w:{{0}} w:id='1'><w:p><w:r><w:t>{{1}}</w:t></w:r></w:p></w:{{0}}></w:{{0}}s>"
    labels = (
        '<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata">'
        f'<clbl:label id="{{x}}" siteId="{say("label")}" enabled="1"/></clbl:labelList>'
    )
    return changed(
        saved(document),
        **{
            "word/footnotes.xml": notes.format("footnote", say("footnote")).encode(),
            "word/endnotes.xml": notes.format("endnote", say("endnote")).encode(),
            "docMetadata/LabelInfo.xml": labels.encode(),
            "docProps/custom.xml": custom({f"{LABEL}_Name": say("msip"), "Company": say("custom")}),
            "word/diagrams/data1.xml": _drawing(say("diagram")),
            "word/charts/chart1.xml": _drawing(say("chart")),
            "word/embeddings/inner.docx": word(say("embedded")),
        },
    )


def _append(document, xml):
    document.add_paragraph()._p.append(parse_xml(xml))


def _drawing(text):
    return f'<a:p xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:r><a:t>{text}</a:t></a:r></a:p>'.encode()


def excel(rows, *, title="Sheet1", header="", hidden=None):
    """A workbook of one sheet, and one hidden sheet where given."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if header:
        sheet.oddHeader.center.text = header
    if hidden:
        inner = book.create_sheet("藏")
        inner.sheet_state = "veryHidden"
        for row in hidden:
            inner.append(row)
    return saved(book)


def excel_everywhere(say):
    """A workbook that says ``say(place)`` in every place a workbook has for words."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    sheet["B7"] = say("cell")
    sheet["B7"].comment = Comment(say("comment"), "a")
    sheet["C9"] = f'="{say("formula")}"&"x"'
    sheet["AB12"] = 6222021234567890
    sheet.oddHeader.center.text = say("header")
    sheet.evenFooter.left.text = say("footer")
    sheet.row_dimensions[7].hidden = True
    book.create_sheet("Away").sheet_state = "veryHidden"
    book["Away"]["A1"] = say("hidden")
    book.create_sheet(say("name")[:20])
    book.properties.subject = say("subject")
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    shape = f'<xdr:wsDr xmlns:xdr="{drawing}">{_drawing(say("box")).decode()}</xdr:wsDr>'
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId9" Target="../drawings/drawing9.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"/></Relationships>'
    )
    return changed(
        saved(book),
        **{"xl/drawings/drawing9.xml": shape.encode(), "xl/worksheets/_rels/sheet2.xml.rels": links.encode()},
    )


def slides(*texts, notes=""):
    """A presentation, a text box a slide."""
    show = pptx.Presentation()
    for text in texts:
        slide = show.slides.add_slide(show.slide_layouts[6])
        slide.shapes.add_textbox(0, 0, 5_000_000, 500_000).text_frame.text = text
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    return saved(show)


def slides_everywhere(say):
    """A presentation that says ``say(place)`` in every place a presentation has for words."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = say("title")
    table = slide.shapes.add_table(1, 2, 0, 2_000_000, 5_000_000, 500_000).table
    table.cell(0, 0).text, table.cell(0, 1).text = "left", say("table")
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 100, 100).text_frame.text = say("group")
    slide.notes_slide.notes_text_frame.text = say("notes")
    hidden = show.slides.add_slide(show.slide_layouts[6])
    hidden._element.set("show", "0")
    hidden.shapes.add_textbox(0, 0, 100, 100).text_frame.text = say("hidden")
    chart = CategoryChartData()
    chart.categories = [say("category")]
    chart.add_series(say("series"), (1,))
    hidden.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 100, 100, chart)
    box = show.slide_master.shapes._spTree
    box.append(parse_xml(_shape(say("master"))))
    show.core_properties.author = say("author")
    return saved(show)


def _shape(text):
    return (
        '<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<p:nvSpPr><p:cNvPr id="99" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def pdf(*pages, encrypt=None, title="", draw=None):
    """A PDF; a page is a list of lines, drawn from top to bottom. ``draw(canvas)`` draws more on the last page."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=encrypt)
    if title:
        canvas.setTitle(title)
    for number, lines in enumerate(pages, 1):
        canvas.setFont("STSong-Light", 12)
        for index, line in enumerate(lines):
            canvas.drawString(70, 770 - 20 * index, line)
        if draw and number == len(pages):
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def png(width, height):
    """A white picture."""
    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    size = width.to_bytes(4) + height.to_bytes(4)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + b"\x08\0\0\0\0")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def sealed_office():
    """An OLE file with the streams of an office file under a password ([MS-OFFCRYPTO] 2.3.2)."""
    return ole({"EncryptionInfo": b"\x04\0\x04\0" + bytes(60), "EncryptedPackage": bytes(4096)})


def ole(streams):
    """A compound file ([MS-CFB]) of streams in its root, each stored in whole sectors of 512 bytes."""
    sectors, entries = [], []
    for name, stream in streams.items():
        content = stream.ljust(4096, b"\0")  # below that a stream would go to the mini stream
        content = content.ljust(-(-len(content) // 512) * 512, b"\0")
        entries.append((name, len(sectors), len(content)))
        sectors += [content[at : at + 512] for at in range(0, len(content), 512)]
    chain = []
    for _, start, size in entries:
        count = size // 512
        chain += [*range(start + 1, start + count), 0xFFFFFFFE]
    directory_at = len(sectors)
    directory = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    for index, (name, start, size) in enumerate(entries, 1):
        directory += _entry(name, 2, start, size, right=index + 1 if index < len(entries) else 0xFFFFFFFF)
    directory += bytes(-len(directory) % 512)
    sectors += [directory[at : at + 512] for at in range(0, len(directory), 512)]
    chain += [*range(directory_at + 1, len(sectors)), 0xFFFFFFFE]
    table_at = len(sectors)
    tables = -(-(len(chain) + 1) // 128)
    chain += [0xFFFFFFFD] * tables
    table = b"".join(link.to_bytes(4, "little") for link in chain).ljust(512 * tables, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(10)
    head += tables.to_bytes(4, "little") + directory_at.to_bytes(4, "little") + bytes(4) + (4096).to_bytes(4, "little")
    head += b"\xfe\xff\xff\xff" + bytes(4) + b"\xfe\xff\xff\xff" + bytes(4)
    head += b"".join((table_at + index).to_bytes(4, "little") for index in range(tables))
    return head.ljust(512, b"\xff") + b"".join(sectors) + table


def _entry(name, kind, start, size, right=0xFFFFFFFF, child=0xFFFFFFFF):
    raw = name.encode("utf-16-le")
    links = b"".join(link.to_bytes(4, "little") for link in (0xFFFFFFFF, right, child))
    head = raw.ljust(64, b"\0") + (len(raw) + 2).to_bytes(2, "little") + bytes([kind, 1]) + links
    return head + bytes(36) + start.to_bytes(4, "little") + size.to_bytes(8, "little")
