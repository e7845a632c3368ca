"""HWPX: sections of XML, and what hangs on their paragraphs."""

import pytest

from tests.documents import MARK, word, zipped

SPACE = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'


def hwpx(*sections, more=None):
    parts = {"mimetype": "application/hwp+zip", "Preview/PrvText.txt": "预览"}
    for number, body in enumerate(sections):
        parts[f"Contents/section{number}.xml"] = f"<hs:sec {SPACE}>{body}</hs:sec>"
    head = '<opf:package xmlns:opf="o"><opf:title>题</opf:title><opf:meta name="creator">人</opf:meta></opf:package>'
    return zipped({**parts, "Contents/content.hpf": head, **(more or {})})


def p(content, new_page=0):
    return f'<hp:p pageBreak="{new_page}"><hp:run>{content}</hp:run></hp:p>'


def t(text):
    return f"<hp:t>{text}</hp:t>"


def said(extraction):
    return [(segment.where, segment.text) for segment in extraction.segments[1:]]


def test_everything(extract):
    head = f"<hp:ctrl><hp:header><hp:subList>{p(t('眉'))}</hp:subList></hp:header></hp:ctrl>"
    first = p(f"{head}{t('机密')}</hp:run><hp:run>{t('★10年')}")
    row = "".join(f"<hp:tc><hp:subList>{p(t(word))}</hp:subList></hp:tc>" for word in "甲乙")
    table = p(f"<hp:tbl><hp:tr>{row}</hp:tr></hp:tbl>{t('a<hp:tab/>b<hp:lineBreak/>c')}")
    note = p(t("x") + f"<hp:ctrl><hp:footNote><hp:subList>{p(t('注'))}</hp:subList></hp:footNote></hp:ctrl>")
    inside = f"<hp:parameters><hp:s>no</hp:s></hp:parameters><hp:subList>{p(t('批'))}</hp:subList>"
    memo = p(f'<hp:fieldBegin type="MEMO">{inside}</hp:fieldBegin>')
    drawn = f"<hp:drawText><hp:subList>{p(t('框'))}</hp:subList></hp:drawText>"
    box = p(f"<hp:rect>{drawn}<hp:shapeComment>述</hp:shapeComment></hp:rect>")
    ruby = "<hp:dutmal><hp:mainText>字</hp:mainText><hp:subText>音</hp:subText></hp:dutmal>"
    art = p(f'<hp:textart text="艺"/>{ruby}')
    extraction = extract(hwpx(first + table + note + memo + box + art + p(t("后"), 1), p(t("二"))), "a.hwpx")
    assert said(extraction) == [
        ("page 1", f"{MARK}\na\tb\nc\n甲\t乙\nx\n艺字"),
        ("header", "眉"),
        ("footnote", "注"),
        ("comment", "批"),
        ("text box", "框"),
        ("description", "述"),
        ("annotation", "音"),
        ("page 2", "后"),
        ("page 3", "二"),
        ("property:title", "题"),
        ("property:creator", "人"),
    ]
    assert extraction.coverage.inspected


def test_embedded_files_and_other_parts(extract):
    master = f"<hp:m {SPACE}>{p(t('母版'))}</hp:m>"
    more = {"BinData/a.docx": word(MARK), "Contents/masterpage0.xml": master}
    found = said(extract(hwpx(p(t("x")), more=more), "a.hwpx"))
    assert any(where.startswith("BinData/a.docx > ") and MARK in text for where, text in found)
    assert any("母版" in text for _, text in found)


def test_sealed_gives_its_preview(extract):
    sealed = {"META-INF/manifest.xml": "<m><odf:encryption-data/></m>"}
    extraction = extract(hwpx("x", more=sealed), "a.hwpx")
    assert said(extraction) == [("body", "预览")]
    assert extraction.coverage.reasons == ("encrypted",)


@pytest.mark.parametrize("wrap", ["hp:run", "hp:subList", "hp:p"])
def test_elements_without_end(extract, wrap):
    extraction = extract(hwpx(p(t(MARK)) + p(f"<{wrap}>" * 3000 + f"</{wrap}>" * 3000)), "a.hwpx")
    assert any(MARK in text for _, text in said(extraction))
    assert not extraction.coverage.inspected
