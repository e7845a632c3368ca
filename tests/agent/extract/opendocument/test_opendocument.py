"""Every place an OpenDocument file has for words, in packages and in one file."""

import base64

import pytest

from tests.documents import MARK, word, zipped
from tests.xml_documents import ODF, flat_odf, packed_odf, text_everywhere

PLACES = {
    "header": "header line 1",
    "header-left": "header line 1",
    "header-first": "header line 1",
    "footer": "footer line 1",
    "footer-left": "footer line 1",
    "footer-first": "footer line 1",
    "deleted": "deleted line 1",
    "user field": "property:hidden",
    "form value": "form field line 1",
    "form title": "form field line 2",
    "form option": "form field line 3",
    "heading": "body line 1",
    "split": "body line 2",
    "noted": "body line 3",
    "footnote": "footnote line 1",
    "endnote": "endnote line 1",
    "comment": "comment line 1",
    "inserted": "body line 5",
    "around": "body line 6",
    "box": "text box line 1",
    "image title": "property:description",
    "image description": "property:description",
    "watermark": "watermark line 1",
    "hidden section": "body line 7",
    "hidden text": "property:hidden",
    "if true": "property:hidden",
    "list": "body line 9",
    "table": "body line 10",
    "index": "body line 11",
    "title": "property:title",
    "user-defined": "property:密级",
}


def say(place):
    return f"机密★{place}之处"


def found(extraction, text):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


@pytest.mark.parametrize("flat", [False, True])
def test_every_place_of_a_text(extract, flat):
    styles, body, meta = text_everywhere(say)
    data = flat_odf(body, styles=styles, meta=meta) if flat else packed_odf("text", body, styles=styles, meta=meta)
    extraction = extract(data)
    assert {place: found(extraction, say(place)) for place in PLACES} == {place: [at] for place, at in PLACES.items()}
    assert extraction.coverage.inspected
    noted = next(segment for segment in extraction.segments if say("noted") in segment.text)
    assert f"{say('noted')} goes on" in noted.text


def test_slides_and_their_notes(extract):
    body = f"""<office:presentation><presentation:footer-decl>{say("footer")}</presentation:footer-decl>
      <draw:page><draw:frame><draw:text-box><text:p>one</text:p></draw:text-box></draw:frame></draw:page>
      <draw:page><draw:frame><draw:text-box><text:p>{say("slide")}</text:p></draw:text-box></draw:frame>
      <office:annotation><text:p>{say("comment")}</text:p></office:annotation>
      <presentation:notes><draw:frame><draw:text-box><text:p>{say("notes")}</text:p></draw:text-box></draw:frame>
      </presentation:notes></draw:page></office:presentation>"""
    master = (
        f"<style:master-page><draw:frame><draw:text-box><text:p>{say('master')}</text:p></draw:text-box></draw:frame>"
    )
    extraction = extract(packed_odf("presentation", body, styles=master + "</style:master-page>"))
    places = {place: found(extraction, say(place)) for place in ("footer", "slide", "comment", "notes", "master")}
    assert places == {
        "footer": ["footer line 1"],
        "slide": ["slide 2 line 1"],
        "comment": ["slide 2 comment line 1"],
        "notes": ["slide 2 notes line 1"],
        "master": ["master line 1"],
    }


SHEET = f"""<office:spreadsheet><table:content-validations><table:content-validation>
  <table:help-message table:title="x"><text:p>{say("prompt")}</text:p></table:help-message>
  </table:content-validation></table:content-validations>
  <table:table table:name="藏" table:display="false"><table:table-row table:number-rows-repeated="6"/>
  <table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string">
  <text:p>{say("cell")}</text:p><office:annotation><text:p>{say("comment")}</text:p></office:annotation>
  </table:table-cell><table:table-cell office:value-type="float" office:value="6222021234567890"><text:p>6.2E15</text:p>
  </table:table-cell></table:table-row><table:shapes><draw:frame><draw:text-box><text:p>{say("shape")}</text:p>
  </draw:text-box></draw:frame></table:shapes></table:table></office:spreadsheet>"""


@pytest.mark.parametrize("flat", [False, True])
def test_sheets_with_what_hangs_on_their_cells(extract, flat):
    extraction = extract(flat_odf(SHEET) if flat else packed_odf("spreadsheet", SHEET))
    assert found(extraction, say("cell")) == ["藏!C7"]
    assert found(extraction, "6222021234567890") == ["藏!D7"]
    assert found(extraction, say("comment")) == ["藏!C7"]
    assert found(extraction, say("shape")) == ["text box line 1"]
    assert found(extraction, say("prompt")) == ["comment line 1"]
    assert [segment.text for segment in extraction.segments if segment.where == "sheet name"] == ["藏"]


def test_a_row_repeated_beyond_all_sheets_costs_nothing(extract):
    rows = '<table:table-row table:number-rows-repeated="9999999"><table:table-cell '
    rows += f'table:number-columns-repeated="9999999"/><table:table-cell><text:p>{MARK}</text:p></table:table-cell>'
    body = f'<office:spreadsheet><table:table table:name="a">{(rows + "</table:table-row>") * 50}</table:table>'
    extraction = extract(flat_odf(body + "</office:spreadsheet>"))
    assert extraction.ms < 5000


def test_embedded_charts_formulas_macros_and_files(extract):
    parts = {
        "Object 1/content.xml": packed_part(f"<office:chart><chart:chart><chart:title><text:p>{say('chart')}</text:p>"),
        "Object 2/content.xml": '<math:math xmlns:math="http://www.w3.org/1998/Math/MathML"><math:mi>机密</math:mi>'
        "<math:mo>★</math:mo><math:mi>公式</math:mi></math:math>",
        "ObjectReplacements/Object 1": b"VCLMTF" + bytes(60),
        "Basic/Standard/Settings.xml": f'<script:module xmlns:script="x">MsgBox "{say("macro")}"</script:module>',
        "Object 3": word(say("embedded")),
    }
    extraction = extract(packed_odf("text", "<office:text/>", extra=parts))
    assert found(extraction, say("chart")) == ["chart line 1"]
    assert found(extraction, "机密★公式") == ["text box line 1"]
    assert found(extraction, say("macro")) == ["property:basic/standard/settings.xml"]
    assert found(extraction, say("embedded")) == ["Object 3 > page 1 line 1"]
    assert extraction.coverage.inspected


def packed_part(inner):
    closed = "</chart:title></chart:chart></office:chart>"
    return f"<office:document-content {ODF}><office:body>{inner}{closed}</office:body></office:document-content>"


def test_files_within_a_flat_document(extract):
    data = base64.b64encode(word(MARK)).decode()
    frame = (
        f"<draw:frame><draw:object-ole><office:binary-data>{data}</office:binary-data></draw:object-ole></draw:frame>"
    )
    extraction = extract(flat_odf(f"<office:text><text:p>{frame}</text:p></office:text>"))
    assert found(extraction, MARK) == ["attachment > page 1 line 1"]


def test_macros_of_a_flat_document(extract):
    module = f'<script:module xmlns:script="urn:x:script:1.0">MsgBox "{MARK}"</script:module>'
    assert found(extract(flat_odf("<office:text/>", scripts=module)), MARK) == ["property:script"]


def test_openoffice_1_documents(extract):
    space = 'xmlns:office="http://openoffice.org/2000/office" xmlns:text="http://openoffice.org/2000/text"'
    content = f"<office:document-content {space}><office:body><text:p>a</text:p><text:p>{MARK}</text:p></office:body>"
    data = zipped({"mimetype": "application/vnd.sun.xml.writer", "content.xml": content + "</office:document-content>"})
    extraction = extract(data)
    assert extraction.media_type == "application/vnd.sun.xml.writer"
    assert found(extraction, MARK) == ["body line 2"]


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_flat_document_cut_off_keeps_what_came_before(extract, part):
    data = flat_odf(f"<office:text><text:p>{MARK}</text:p>{'<text:p>more</text:p>' * 500}</office:text>")
    extraction = extract(data[: int(len(data) * part)])
    assert found(extraction, MARK) == ["body line 1"]
    assert not extraction.coverage.inspected
