"""XPS: glyphs put into lines, whoever wrote the package (ECMA-388)."""

import pytest

from tests.documents import MARK
from tests.xml_documents import glyphs, xps

CORE = '<c xmlns="x"><title>标题</title></c>'


def found(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


@pytest.mark.parametrize("pieces", [False, True])
def test_lines_are_those_of_the_page(extract, pieces):
    page = glyphs("正文", 10, 100) + glyphs("★10年", 34, 50.5) + glyphs("机密", 10, 50)
    extraction = extract(xps("", page, pieces=pieces, parts={"docProps/core.xml": CORE}))
    assert extraction.media_type == "application/vnd.ms-xpsdocument"
    assert found(extraction) == ["page 2 line 1"]
    assert found(extraction, "标题") == ["property:Title"]
    assert extraction.coverage.inspected


def test_transforms_of_canvases_count(extract):
    moved = f'<Canvas RenderTransform="1,0,0,1,0,200">{glyphs("下", 10, 20)}</Canvas>'
    extraction = extract(xps(moved + glyphs("上", 10, 100)))
    assert [segment.text for segment in extraction.segments if segment.page] == ["上\n下"]


def test_words_stand_apart_where_they_are_drawn_apart(extract):
    page = glyphs("Large", 10, 20) + glyphs("font", 45, 20) + glyphs("si", 70, 20) + glyphs("ze", 79.5, 20)
    assert [segment.text for segment in extract(xps(page)).segments if segment.page] == ["Large font size"]


def test_glyphs_without_characters_are_said(extract):
    page = '<Glyphs Indices="12;13" OriginX="1" OriginY="1" FontRenderingEmSize="9"/>'
    assert extract(xps(page)).coverage.reasons == ("ocr off: page 1 (glyphs)",)


def test_descriptions_and_resource_dictionaries(extract):
    path = f'<Path AutomationProperties.Name="{MARK}"/>'
    brush = '<ResourceDictionary Source="/Resources/d.dict"/>'
    parts = {"Resources/d.dict": f"<ResourceDictionary>{glyphs('机密刷', 1, 9)}</ResourceDictionary>"}
    extraction = extract(xps(path + brush, parts=parts))
    assert found(extraction) == ["property:description"]
    assert "page 1 line 1" in found(extraction, "机密刷")


def test_pages_that_no_document_names_are_read(extract):
    parts = {"Documents/1/Pages/99.fpage": f"<FixedPage>{glyphs(MARK, 1, 9)}</FixedPage>"}
    assert found(extract(xps(glyphs("x", 1, 9), parts=parts))) == ["page 2 line 1"]


def test_damage_is_said_and_the_rest_is_read(extract):
    extraction = extract(xps(glyphs(MARK, 1, 9), glyphs("x", 1, "nan"), parts={"Documents/1/Pages/3.fpage": "<Fixed"}))
    assert found(extraction) == ["page 1 line 1"]
    assert not extraction.coverage.inspected
