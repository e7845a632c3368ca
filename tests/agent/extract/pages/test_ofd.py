"""OFD: pages as they are seen, and every other place where one can say something (GB/T 33190-2016)."""

from tests.documents import MARK, word, zipped
from tests.xml_documents import OFD, ofd_package, placed


def found(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def said(extraction, where):
    return "\n".join(segment.text for segment in extraction.segments if segment.where == where)


def file(name):
    return f"<ofd:FileLoc>{name}</ofd:FileLoc>"


def code(text, attributes, more=""):
    run = f'<ofd:TextCode X="0" Y="5" {attributes}>{text}</ofd:TextCode>'
    return f'<ofd:TextObject Boundary="20 20 100 5" Size="5" {more}>{run}</ofd:TextObject>'


def test_characters_in_the_order_they_are_seen(extract):
    assert found(extract(ofd_package(code("密机★10年", 'DeltaX="-5 10 5 3 3"').replace('X="0"', 'X="5"'))))
    assert found(
        extract(ofd_package("".join(placed(char, 20 + 5 * at, 20) for at, char in reversed(list(enumerate(MARK))))))
    )


def test_digits_in_boxes_are_one_number(extract):
    digits = "".join(placed(char, 20 + 7 * at, 20) for at, char in enumerate("110105194912310021"))
    assert said(extract(ofd_package(digits)), "page 1") == "110105194912310021"
    assert said(extract(ofd_package(placed("12.5", 20, 20) + placed("13", 60, 20))), "page 1") == "12.5 13"


def test_a_word_drawn_twice_is_one(extract):
    assert said(extract(ofd_package(placed(MARK, 20, 20) + placed(MARK, 20.1, 20))), "page 1") == MARK


def test_columns_and_lines_within_one_run(extract):
    assert said(extract(ofd_package(code("甲乙", 'DeltaX="0" DeltaY="8"'))), "page 1") == "甲乙"
    assert said(extract(ofd_package(code("甲乙丙丁", 'DeltaX="5 -5 5" DeltaY="0 8 0"'))), "page 1") == "甲乙\n丙丁"
    assert said(extract(ofd_package(code("甲乙丙", 'DeltaX="g 2 30"'))), "page 1") == "甲 乙 丙"


def test_transformed_text_stands_where_it_is_drawn(extract):
    low = '<ofd:TextObject Boundary="20 10 100 9" CTM="1 0 0 1 0 90" Size="5">'
    low += '<ofd:TextCode X="0" Y="5">下</ofd:TextCode></ofd:TextObject>'
    assert said(extract(ofd_package(low + placed("上", 20, 50))), "page 1") == "上\n下"


def test_text_without_characters_is_said(extract):
    glyphs = "<ofd:CGTransform CodePosition='0'><ofd:Glyphs>7 8</ofd:Glyphs></ofd:CGTransform>"
    extraction = extract(ofd_package(f'<ofd:TextObject Boundary="0 0 9 9" Size="5">{glyphs}</ofd:TextObject>'))
    assert extraction.coverage.reasons == ("ocr off: page 1 (glyphs)",)


def test_hidden_objects_and_vector_units(extract):
    unit = (
        f"<ofd:CompositeGraphicUnit ID='7'><ofd:Content>{placed('机密', 0, 0)}</ofd:Content></ofd:CompositeGraphicUnit>"
    )
    parts = {"Doc_0/Res.xml": f"<ofd:Res {OFD}><ofd:CompositeGraphicUnits>{unit}</ofd:CompositeGraphicUnits></ofd:Res>"}
    used = "<ofd:PageBlock><ofd:CompositeObject Boundary='20 20 100 5' ResourceID='7'/></ofd:PageBlock>"
    page = used + placed("★10年", 30, 20, Visible="false")
    extraction = extract(ofd_package(page, common="<ofd:DocumentRes>Res.xml</ofd:DocumentRes>", parts=parts))
    assert found(extraction) == ["page 1 line 1"]


def test_units_that_use_each_other_end(extract):
    use = "<ofd:CompositeObject ResourceID='{}'/>".format
    units = "".join(
        f"<ofd:CompositeGraphicUnit ID='{at}'>{use(at % 9 + 1)}{use(1) * 50}</ofd:CompositeGraphicUnit>"
        for at in range(1, 10)
    )
    parts = {"Doc_0/Res.xml": f"<ofd:Res {OFD}>{units}</ofd:Res>"}
    common = "<ofd:DocumentRes>Res.xml</ofd:DocumentRes>"
    page = "<ofd:CompositeObject ResourceID='1'/>" + placed(MARK, 20, 20)
    assert found(extract(ofd_package(page, common=common, parts=parts))) == ["page 1 line 1"]


def test_watermarks_and_annotations(extract):
    slanted = placed(MARK, 0, 0, CTM="0.7 0.7 -0.7 0.7 0 0")
    annots = f"<ofd:Annot Type='Watermark'><ofd:Appearance Boundary='0 0 9 9'>{slanted}</ofd:Appearance></ofd:Annot>"
    annots += "<ofd:Annot Type='Path'><ofd:Remark>批示：机密</ofd:Remark></ofd:Annot>"
    parts = {
        "Doc_0/Annots.xml": f"<ofd:Annotations {OFD}><ofd:Page PageID='1'>{file('A.xml')}</ofd:Page></ofd:Annotations>",
        "Doc_0/A.xml": f"<ofd:PageAnnot {OFD}>{annots}</ofd:PageAnnot>",
    }
    extraction = extract(
        ofd_package(placed("x", 1, 1), document="<ofd:Annotations>Annots.xml</ofd:Annotations>", parts=parts)
    )
    assert found(extraction) == ["page 1 watermark line 1"]
    assert found(extraction, "批示：机密") == ["page 1 annotation line 1"]
    assert [segment.zone for segment in extraction.segments if MARK in segment.text] == ["watermark"]


def test_tags_extensions_outlines_and_custom_data(extract):
    document = "<ofd:CustomTags>Tags.xml</ofd:CustomTags><ofd:Extensions>Ext.xml</ofd:Extensions>"
    document += "<ofd:Outlines><ofd:OutlineElem Title='机密提纲'/></ofd:Outlines>"
    parts = {
        "Doc_0/Tags.xml": f"<ofd:CustomTags {OFD}><ofd:CustomTag>{file('T.xml')}</ofd:CustomTag></ofd:CustomTags>",
        "Doc_0/T.xml": f"<公文 {OFD}><密级><ofd:ObjectRef PageRef='1'>5</ofd:ObjectRef></密级></公文>",
        "Doc_0/Ext.xml": f"<ofd:Extensions {OFD}><ofd:Property Name='知悉范围'>机密组</ofd:Property></ofd:Extensions>",
    }
    body = "<ofd:DocInfo><ofd:CustomData Name='定密'>机密人</ofd:CustomData></ofd:DocInfo>"
    extraction = extract(ofd_package(placed(MARK, 20, 20, ID="5"), document=document, body=body, parts=parts))
    assert found(extraction) == ["page 1 line 1", "property:密级"]
    assert found(extraction, "机密组") == ["property:知悉范围"]
    assert found(extraction, "机密提纲") == ["property:OutlineElem"]
    assert found(extraction, "机密人") == ["property:定密"]


def test_attachments_have_their_names(extract):
    listed = "<ofd:Attachment Name='计划.docx' Visible='false'><ofd:FileLoc>1.dat</ofd:FileLoc></ofd:Attachment>"
    listed += "<ofd:Attachment Name='无'><ofd:FileLoc>gone</ofd:FileLoc></ofd:Attachment>"
    parts = {"Doc_0/At/List.xml": f"<ofd:Attachments {OFD}>{listed}</ofd:Attachments>", "Doc_0/At/1.dat": word(MARK)}
    document = "<ofd:Attachments>At/List.xml</ofd:Attachments>"
    extraction = extract(ofd_package(placed("x", 1, 1), document=document, parts=parts))
    assert found(extraction) == ["计划.docx > page 1 line 1"]
    assert extraction.coverage.reasons == ("corrupt: attachment 无",)


def test_older_versions_and_unused_templates(extract):
    body = "<ofd:Versions><ofd:Version BaseLoc='V.xml'/></ofd:Versions>"
    old = "<ofd:Pages><ofd:Page ID='1' BaseLoc='Old.xml'/></ofd:Pages>"
    page = f"<ofd:Page {OFD}><ofd:Content>{placed(MARK, 1, 1)}</ofd:Content></ofd:Page>"
    parts = {
        "V.xml": f"<ofd:DocVersion {OFD}><ofd:DocRoot>Doc_0/Old/Document.xml</ofd:DocRoot></ofd:DocVersion>",
        "Doc_0/Old/Document.xml": f"<ofd:Document {OFD}>{old}</ofd:Document>",
        "Doc_0/Old/Old.xml": page,
        "Doc_0/T.xml": page,
    }
    common = "<ofd:TemplatePage ID='3' BaseLoc='T.xml'/>"
    extraction = extract(ofd_package(placed("x", 1, 1), body=body, common=common, parts=parts))
    assert found(extraction) == ["master line 1", "page 2 line 1"]


def test_a_part_that_only_looks_like_a_font_is_read(extract):
    parts = {
        "Doc_0/Res.xml": f"<ofd:Res {OFD}><ofd:Font><ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Res>",
        "Doc_0/f.ttf": word(MARK),
        "Doc_0/figures.xml": f"<x>{MARK}图</x>",
    }
    extraction = extract(ofd_package(placed("x", 1, 1), common="<ofd:PublicRes>Res.xml</ofd:PublicRes>", parts=parts))
    assert found(extraction) == ["Doc_0/f.ttf > page 1 line 1", "text box line 1"]


def der(tag, value):
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2)
    return bytes([tag]) + length + value


def test_seals_have_names_and_pictures(extract):
    picture = ofd_package(placed("专用章", 20, 20))
    seal = der(0x30, der(0x0C, "某局公章".encode()) + der(0x30, der(0x16, b"ofd") + der(0x04, picture)))
    extraction = extract(ofd_package(placed("x", 1, 1), parts={"Doc_0/Signs/S/Seal.esl": seal}))
    assert found(extraction, "某局公章") == ["property:seal"]
    assert found(extraction, "专用章") == ["doc_0/signs/s/seal > page 1 line 1"]
    damaged = extract(
        ofd_package(placed(MARK, 1, 1), parts={"Doc_0/Signs/S/Seal.esl": b"\x30\x84\xff\xff\xff\xff\x30\x80"})
    )
    assert found(damaged) == ["page 1 line 1"]


def test_sealed_documents_say_so(extract):
    sealed = zipped({"Encryptions.xml": "<x/>", "OFD.xml": b"\x9c\xd1" * 40, "Doc_0/Document.xml": bytes(99)})
    extraction = extract(sealed)
    assert extraction.media_type == "application/ofd"
    assert extraction.coverage.reasons == ("encrypted",)


def test_a_page_that_is_gone_does_not_hide_the_others(extract):
    document = "<ofd:Pages><ofd:Page ID='2' BaseLoc='Gone.xml'/></ofd:Pages>"
    extraction = extract(ofd_package(placed(MARK, 1, 1), document=document))
    assert found(extraction) == ["page 1 line 1"]
    assert extraction.coverage.reasons == ("corrupt: page 2",)


def test_fonts_are_no_documents(extract):
    font = b"\0\1\0\0" + bytes(range(256)) * 300
    parts = {
        "Doc_0/Res.xml": f"<ofd:Res {OFD}><ofd:Font><ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Res>",
        "Doc_0/f.ttf": font,
    }
    common = "<ofd:PublicRes>Res.xml</ofd:PublicRes>"
    assert extract(ofd_package(placed("x", 1, 1), common=common, parts=parts)).coverage.inspected
