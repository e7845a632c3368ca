import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.extract import encoding
from tests.documents import MARK

# Sentences of the kind offices write; hypothesis puts them together.
SIMPLIFIED = [
    "各县人民政府，市直各有关单位：",
    "现将有关事项通知如下，请认真贯彻执行。",
    "本办法自发布之日起施行，原规定同时废止。",
    "第三条 机关、单位应当按照规定确定密级和保密期限；",
    "2026年预算执行情况的报告（草案）",
    "联系人：张三，电话：010-62345678",
    "工资发放明细表\t姓名\t金额\t备注",
    "（一）加强组织领导，明确责任分工。",
]
TRADITIONAL = [
    "各縣市政府，本府所屬各機關學校：",
    "茲訂定本辦法，並自發布日施行。",
    "會議決議：請財務處於月底前完成報告。",
    "第三條 機密文件應由專人保管，不得攜出；",
    "中華民國一百一十五年度預算書",
]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SIMPLIFIED), min_size=1, max_size=30), st.sampled_from(ENCODINGS))
def test_simplified_text_is_decided_right(lines, name):
    text = "\n".join(lines)
    data = text.encode(name)
    assert encoding.decode(data, encoding.decide(data)[0]) == text


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(TRADITIONAL), min_size=1, max_size=30), st.sampled_from((*ENCODINGS, "big5")))
def test_traditional_text_is_decided_right(lines, name):
    text = "\n".join(lines)
    data = text.encode(name)
    names = encoding.decide(data)
    assert text in [encoding.decode(data, decided) for decided in names]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8, max_size=200))
def test_any_han_text_in_utf8_is_decided_right(text):
    assert encoding.decide(text.encode()) == ("utf-8",)


@pytest.mark.parametrize("data", [b"plain", b"caf\xe9 cr\xe8me", "中文".encode(), "中文".encode("gbk")])
def test_text_is_text(data):
    assert encoding.is_text(data)


@pytest.mark.parametrize("data", [b"\0" * 50, bytes(range(32)) * 20, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_bytes_are_not(data):
    assert not encoding.is_text(data)


def body(extraction):
    return "".join(segment.text for segment in extraction.segments[1:])


@pytest.mark.parametrize("name", [*ENCODINGS, "big5"])
def test_a_file_longer_than_a_window_is_read_to_its_end(extract, name):
    line = "第{}行 这是一份较长的文本文件。" if name != "big5" else "第{}行 這是一份較長的文字檔案。"
    lines = [line.format(number) for number in range(60_000)]
    extraction = extract(("\r\n".join(lines) + "\r\nEND").encode(name))
    assert body(extraction) == "\n".join(lines) + "\nEND"
    last = extraction.segments[-1]
    assert last.at(last.text.index("END")) == "line 60001"
    assert extraction.coverage.inspected


def test_a_file_of_one_endless_line(extract):
    extraction = extract(("机密" * 2_000_000).encode("gb18030"))
    assert body(extraction) == "机密" * 2_000_000


def test_the_encoding_may_change_in_the_middle(extract):
    """Logs joined from several machines; ASCII says nothing about what follows."""
    data = b"ascii only\n" * 200_000 + f"后来是国标编码的内容，{MARK}\n".encode("gb18030") * 50
    assert MARK in body(extract(data))


def test_nul_bytes_between_characters_of_a_text_do_not_hide_it(extract):
    assert MARK in body(extract(b"text\n" * 50 + MARK.encode() + b"\0"))


def test_marks_of_byte_order(extract):
    for mark, name in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
    ):
        assert body(extract(mark + MARK.encode(name))) == MARK
