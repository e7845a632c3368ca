"""Books in Palm databases: each way of packing, what is sealed, and damage."""

import struct
import zlib

import pytest

from agent.extract import dispatch
from agent.extract.book import compression
from agent.extract.reading import Ledger, Reading
from config.limits import Limits
from tests.binary_documents import mobi, palm, text_head
from tests.documents import MARK, word, zipped

PAGE = "<html><body><p>one</p><p>机密<b>★10</b>年</p></body></html>".encode()


def places(extraction):
    return [segment.at(segment.text.index(MARK)) for segment in extraction.segments if MARK in segment.text]


def packed(data):
    """PalmDOC without references: every byte beyond ASCII as a run of one."""
    return b"".join(bytes([byte]) if 9 <= byte < 0x80 else bytes([1, byte]) for byte in data)


@pytest.mark.parametrize(("pack", "how"), [(1, bytes), (2, packed)])
def test_books_of_mobipocket(extract, pack, how):
    extraction = extract(mobi([how(PAGE[:30]), how(PAGE[30:])], pack=pack, author="张三"))
    assert extraction.media_type == "application/x-mobipocket-ebook"
    assert places(extraction) == ["line 2"]
    assert [segment.text for segment in extraction.segments if segment.where == "property:Author"] == ["张三"]
    assert extraction.coverage.inspected


def test_entries_behind_a_record_are_no_text(extract):
    # two entries: one of three bytes with its size at the end, then the overlap of a character
    cut = PAGE.index("机".encode()) + 1
    first, second = PAGE[:cut], PAGE[cut:]
    texts = [first + b"\x00" + b"xx\x83", second + b"\x00" + b"xx\x83"]
    assert places(extract(mobi(texts, flags=3))) == ["line 2"]


def test_references_reach_back():
    pair = 0x8000 | 3 << 3 | 2  # three back, five long
    assert compression.palmdoc(b"abc" + struct.pack(">H", pair)) == b"abcabcab"
    assert compression.palmdoc(b"a\xe1b") == b"a ab"
    with pytest.raises(ValueError, match="before the beginning"):
        compression.palmdoc(b"a" + struct.pack(">H", pair))


def code(dictionary):
    """A code in which every byte is the number of a phrase, of 256 phrases."""
    short = b"".join(struct.pack(">I", 255 << 8 | 0x80 | 8) for _ in range(256))
    head = b"HUFF" + struct.pack(">III", 24, 24, 24 + 1024) + bytes(8)
    phrases = b"".join(struct.pack(">H", size | flag) + text for text, size, flag in dictionary)
    offsets, at = b"", 2 * len(dictionary)
    for text, _, _ in dictionary:
        offsets += struct.pack(">H", at)
        at += 2 + len(text)
    return [head + short + bytes(256), b"CDIC" + struct.pack(">III", 16, len(dictionary), 8) + offsets + phrases]


def reading():
    return Reading(Ledger(Limits(seconds=20)), dispatch.read)


def test_the_huffman_code_and_its_dictionary(extract):
    # code b stands for phrase 255 - b
    whole = [(bytes([byte]), 1, 0x8000) for byte in range(256)]
    text = bytes(255 - byte for byte in PAGE)
    assert places(extract(mobi([text], pack=17480, huffman=code(whole)))) == ["line 2"]


def test_phrases_within_phrases():
    dictionary = [(b"a", 1, 0x8000), (bytes([255, 255]), 2, 0)]
    assert compression.Huffman(code(dictionary), reading()).unpack(bytes([254, 255])) == b"aaa"


def test_phrases_that_double_without_end_are_stopped():
    dictionary = [(b"a" * 1000, 1000, 0x8000)]
    dictionary += [(bytes([256 - number, 256 - number]), 2, 0) for number in range(1, 30)]
    unpack = compression.Huffman(code(dictionary), reading()).unpack
    with pytest.raises(ValueError, match="without end"):
        unpack(bytes([255 - 29]))


def test_a_phrase_that_names_itself_ends():
    assert compression.Huffman(code([(b"\xff\xff", 2, 0)]), reading()).unpack(b"\xff") == b""


def test_a_sealed_book_says_so(extract):
    extraction = extract(mobi([PAGE], sealed=2, author="A"))
    assert extraction.coverage.reasons == ("encrypted",)
    assert any(segment.text == "A" for segment in extraction.segments)


def test_the_source_of_a_book_is_read(extract):
    source = b"SRCS" + bytes(12) + zipped({"a.docx": word(MARK)})
    extraction = extract(mobi([b"<p>x</p>"], more=[source]))
    assert places(extraction) == ["source > a.docx > page 1 line 1"]


def test_texts_of_palm(extract):
    data = palm([text_head(2, 1), packed(f"one\n{MARK}".encode("gbk"))], b"TEXtREAd")
    assert places(extract(data)) == ["body line 2"]


def test_books_of_ereader(extract):
    head = bytearray(132)
    struct.pack_into(">H", head, 0, 10)
    struct.pack_into(">H", head, 12, 2)
    text = "\\p\\cone\\c\n\\b机密\\b★10年 \\\\ \\a233".encode("gbk")
    assert places(extract(palm([bytes(head), zlib.compress(text)], b"PNRdPPrs"))) == ["body line 3"]
    struct.pack_into(">H", head, 0, 260)
    assert extract(palm([bytes(head), b"x"], b"PNRdPPrs")).coverage.reasons == ("encrypted",)


def test_a_truncated_book_keeps_its_beginning(extract):
    whole = mobi([packed(PAGE)] * 5, pack=2)
    extraction = extract(whole[:-150])
    assert places(extraction)
    lying = bytearray(mobi([PAGE]))
    struct.pack_into(">H", lying, 78 + 16 + 2 + 8, 9)  # nine records of text, where one is
    assert extract(bytes(lying)).coverage.reasons == ("corrupt: record 2",)
