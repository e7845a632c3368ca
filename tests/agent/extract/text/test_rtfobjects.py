"""Objects in RTF are documents of their own, however their digits are broken up."""

import struct

from tests.documents import MARK, excel, word


def ole1(name, content):
    out = struct.pack("<III", 0x501, 2, len(name) + 1) + name + b"\0" + struct.pack("<II", 0, 0)
    return out + struct.pack("<I", len(content)) + content


def package(name, content):
    raw = name.encode("gbk")
    return (
        struct.pack("<H", 2)
        + raw
        + b"\0C:\\a\0"
        + bytes(4)
        + struct.pack("<I", 5)
        + b"C:\\a\0"
        + struct.pack("<I", len(content))
        + content
    )


def rtf(data):
    digits = data.hex()
    lines = "\r\n".join(digits[at : at + 100] for at in range(0, len(digits), 100))
    return (r"{\rtf1 before{\object\objemb{\*\objclass Package}{\*\objdata " + lines + "}} after}").encode()


def test_an_embedded_object(extract):
    extraction = extract(rtf(ole1(b"Word.Document.12", word(MARK))))
    places = [segment.at(segment.text.index(MARK)) for segment in extraction.segments if MARK in segment.text]
    assert places == ["Word.Document.12 > page 1 line 1"]
    assert extraction.segments[1].text == "before after"


def test_a_package_keeps_its_name(extract):
    extraction = extract(rtf(ole1(b"Package", package("机密表.xlsx", excel([[MARK]])))))
    assert any(segment.where == "机密表.xlsx > Sheet1!A1" and MARK in segment.text for segment in extraction.segments)


def test_what_is_no_object_is_still_looked_at(extract):
    assert any(MARK in segment.text for segment in extract(rtf(word(MARK))).segments)
    assert not extract(rtf(b"\xd0\xcf\x11\xe0" + bytes(100))).coverage.inspected


def test_lying_lengths_end_nowhere(extract):
    data = ole1(b"Word.Document.12", word(MARK))
    for at in range(8, 60, 4):
        extraction = extract(rtf(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]))
        assert extraction.media_type == "application/rtf"
        assert extraction.segments[1].text == "before after"


def test_halves_of_a_character_are_put_together(extract):
    assert extract(rb"{\rtf1 \u-10179?\u-8703?}").segments[1].text == "\U0001f601"


def test_groups_without_words_are_passed_over_and_hide_nothing(extract):
    styles = rb"{\stylesheet{\s0 \{ Normal \\;}{\s1 x}}{\*\latentstyles{\lsdlockedexcept x}}"
    extraction = extract(rb"{\rtf1" + styles + rb"before {\*\themedata 0a}after{\colortbl;\red0;} end}")
    assert extraction.segments[1].text == "before after end"
