"""Documents of packed or plain XML that tests read, beside those of Office."""

import zlib

from tests.documents import zipped

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
ODF = " ".join(
    [
        *(
            f'xmlns:{short}="{_ODF}{name}:1.0"'
            for short, name in {
                "office": "office",
                "text": "text",
                "table": "table",
                "draw": "drawing",
                "style": "style",
                "form": "form",
                "meta": "meta",
                "presentation": "presentation",
                "svg": "svg-compatible",
                "chart": "chart",
                "script": "script",
            }.items()
        ),
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
        'xmlns:math="http://www.w3.org/1998/Math/MathML"',
        'xmlns:xlink="http://www.w3.org/1999/xlink"',
    ]
)


def text_everywhere(say):
    """The parts of an OpenDocument text that says ``say(place)`` wherever one can: styles, content, meta."""
    paragraph = "<text:p>{}</text:p>".format
    styles = "".join(
        f"<style:{kind}>{paragraph(say(kind))}</style:{kind}>"
        for kind in ("header", "header-left", "header-first", "footer", "footer-left", "footer-first")
    )
    body = f"""<office:text>
      <text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>a</dc:creator>
        </office:change-info>{paragraph(say("deleted"))}</text:deletion></text:changed-region></text:tracked-changes>
      <text:user-field-decls><text:user-field-decl office:string-value="{say("user field")}" text:name="x"/>
      </text:user-field-decls>
      <office:forms><form:form><form:text form:current-value="{say("form value")}" form:title="{say("form title")}"/>
        <form:listbox><form:option form:label="{say("form option")}"/></form:listbox></form:form></office:forms>
      <text:h>{say("heading")}</text:h>
      <text:p>{"".join(f"<text:span>{char}</text:span>" for char in say("split"))}</text:p>
      <text:p>{say("noted")}<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>
        <text:note-body>{paragraph(say("footnote"))}</text:note-body></text:note> goes on</text:p>
      <text:p>x<text:note text:note-class="endnote"><text:note-body>{paragraph(say("endnote"))}</text:note-body>
        </text:note><office:annotation><dc:creator>a</dc:creator>{paragraph(say("comment"))}</office:annotation></text:p>
      <text:p><text:change-start/>{say("inserted")}<text:change-end/></text:p>
      <text:p>{say("around")}<draw:frame draw:name="f"><draw:text-box>{paragraph(say("box"))}</draw:text-box>
        <svg:title>{say("image title")}</svg:title><svg:desc>{say("image description")}</svg:desc></draw:frame></text:p>
      <text:p><draw:custom-shape draw:name="PowerPlusWaterMarkObject">{paragraph(say("watermark"))}</draw:custom-shape>
      </text:p>
      <text:section text:display="none">{paragraph(say("hidden section"))}</text:section>
      <text:p><text:hidden-text text:string-value="{say("hidden text")}"/><text:conditional-text
        text:string-value-if-true="{say("if true")}" text:string-value-if-false="y">y</text:conditional-text></text:p>
      <text:list><text:list-item>{paragraph(say("list"))}</text:list-item></text:list>
      <table:table><table:table-row><table:table-cell>{paragraph("left")}</table:table-cell><table:table-cell>
        {paragraph(say("table"))}</table:table-cell></table:table-row></table:table>
      <text:table-of-content><text:index-body>{paragraph(say("index"))}</text:index-body></text:table-of-content>
    </office:text>"""
    meta = f"<dc:title>{say('title')}</dc:title>"
    meta += f'<meta:user-defined meta:name="密级">{say("user-defined")}</meta:user-defined>'
    return f"<style:master-page>{styles}</style:master-page>", body, meta


def flat_odf(body, *, styles="", meta="", scripts=""):
    """OpenDocument in one file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {ODF}><office:meta>{meta}</office:meta>'
        f"<office:scripts>{scripts}</office:scripts><office:master-styles>{styles}</office:master-styles>"
        f"<office:body>{body}</office:body></office:document>"
    ).encode()


def packed_odf(kind, body, *, styles="", meta="", extra=None):
    """OpenDocument in a package."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {ODF}><office:body>{body}</office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {ODF}><office:master-styles>{styles}</office:master-styles>"
            "</office:document-styles>",
            "meta.xml": f"<office:document-meta {ODF}><office:meta>{meta}</office:meta></office:document-meta>",
            **(extra or {}),
        }
    )


OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def placed(text, left, top, **attributes):
    """An OFD text object at a place in millimetres."""
    more = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return (
        f'<ofd:TextObject Boundary="{left} {top} 100 5" Size="5" {more}>'
        f'<ofd:TextCode X="0" Y="5">{text}</ofd:TextCode></ofd:TextObject>'
    )


def ofd_package(page, *, document="", common="", body="", parts=None):
    """An OFD of one page with whatever else a test puts into its document and package."""
    root = "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    pages = '<ofd:Pages><ofd:Page ID="1" BaseLoc="Page.xml"/></ofd:Pages>'
    layer = f'<ofd:Content><ofd:Layer ID="9">{page}</ofd:Layer></ofd:Content>'
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody>{body}{root}</ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {OFD}><ofd:CommonData>{common}</ofd:CommonData>{pages}{document}"
            "</ofd:Document>",
            "Doc_0/Page.xml": f"<ofd:Page {OFD}>{layer}</ofd:Page>",
            **(parts or {}),
        }
    )


def xps(*pages, parts=None, pieces=False):
    """An XPS of pages given as the XML within them; ``pieces`` writes every page in two."""
    space = 'xmlns="http://schemas.microsoft.com/xps/2005/06"'
    names = "".join(f'<PageContent Source="Pages/{number}.fpage"/>' for number in range(1, len(pages) + 1))
    members = {
        "FixedDocSeq.fdseq": f'<FixedDocumentSequence {space}><DocumentReference Source="Documents/1/D.fdoc"/>'
        "</FixedDocumentSequence>",
        "Documents/1/D.fdoc": f"<FixedDocument {space}>{names}</FixedDocument>",
        **(parts or {}),
    }
    for number, page in enumerate(pages, 1):
        name, data = f"Documents/1/Pages/{number}.fpage", f"<FixedPage {space}>{page}</FixedPage>".encode("utf-16")
        if pieces:
            members |= {f"{name}/[0].piece": data[:31], f"{name}/[1].last.piece": data[31:]}
        else:
            members[name] = data
    return zipped(members)


def glyphs(text, left, base, size=12):
    """A run of XPS glyphs."""
    return f'<Glyphs UnicodeString="{text}" OriginX="{left}" OriginY="{base}" FontRenderingEmSize="{size}"/>'


def varint(number):
    """A number as protobuf and Snappy write it."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def field(number, value):
    """A protobuf field: a number, a text or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def iwa(*objects):
    """An archive of objects given as (identifier, kind, message); Snappy literals of at most 60 bytes."""
    data = b""
    for identifier, kind, message in objects:
        head = field(1, identifier) + field(2, field(1, kind) + field(3, len(message)))
        data += varint(len(head)) + head + message
    block = varint(len(data))
    for at in range(0, len(data), 60):
        piece = data[at : at + 60]
        block += bytes([(len(piece) - 1) << 2]) + piece
    return b"\0" + len(block).to_bytes(3, "little") + block


def deflated(text):
    """A text deflated without head, as draw.io packs it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text.encode()) + packer.flush()
