"""OLE files of kinds without a reader: properties, files in streams, and the runs that read as words."""

import random
import struct

import pytest

from agent.extract.ole.runs import runs
from tests.documents import MARK, ole, word
from tests.old_documents import property_set
from tests.storages import storage


class Clock:
    def tick(self):
        pass


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def test_words_of_an_unknown_kind_are_found_and_it_is_said(extract):
    streams = {
        "Props/Data": noise(100) + b"\0\0" + f"关于{MARK}的文件".encode("utf-16-le") + b"\0\0" + noise(100),
        "Catalog": b"\1\2" + "编号：内部资料".encode("gbk") + b"\0\3 Quarterly report\0",
        "\x05DocumentSummaryInformation": property_set({"Level": MARK}),
    }
    extraction = extract(storage(streams), "a.mpp")
    text = "\n".join(segment.text for segment in extraction.segments)
    assert all(words in text for words in (f"关于{MARK}的文件", "编号：内部资料", "Quarterly report"))
    assert ("property:Level", MARK) in {(segment.where, segment.text) for segment in extraction.segments}
    assert extraction.coverage.reasons == ("unsupported",)


def test_a_damaged_set_of_properties_is_said_and_the_next_one_read(extract):
    properties = bytearray(property_set({"Level": MARK}))
    properties[44:48] = b"\xff\xff\xff\x7f"  # where the first section begins
    extraction = extract(storage({"\x05DocumentSummaryInformation": bytes(properties)}), "a.mpp")
    assert ("property:Level", MARK) in {(segment.where, segment.text) for segment in extraction.segments}
    assert "corrupt: DocumentSummaryInformation" in extraction.coverage.reasons


def test_a_file_in_a_stream_is_read_as_one(extract):
    data = word(MARK)
    extraction = extract(storage({"1": data, "2": struct.pack("<III", 12, 1, len(data)) + data}), "a")
    where = {segment.where for segment in extraction.segments if segment.text == MARK}
    assert {place.partition(" > ")[0] for place in where} == {"1", "2"}


def test_without_its_directory_it_is_searched_as_a_whole(extract):
    data = bytearray(storage({"a": MARK.encode("utf-16-le")}))
    data[48:52] = b"\xfe\xff\xff\x7f"  # where the directory begins
    extraction = extract(bytes(data), "a")
    assert extraction.coverage.reasons == ("corrupt",)
    assert MARK in extraction.segments[-1].text


def test_a_wrapped_file_has_no_words_of_its_own(extract):
    extraction = extract(ole({"Package": word(MARK), "Other": "别的文字".encode("utf-16-le")}), "a")
    assert extraction.coverage.inspected
    assert not any("别的文字" in segment.text for segment in extraction.segments)


@pytest.mark.parametrize("encoding", ["utf-16-le", "gbk", "big5", "utf-8"])
@pytest.mark.parametrize("shift", [0, 1])
def test_a_mark_in_every_encoding_and_at_odd_places(encoding, shift):
    mark = "機密★10年" if encoding == "big5" else MARK
    data = bytes(2 + shift) + mark.encode(encoding) + bytes(3)
    assert list(runs(data, Clock())) == [mark]


def test_a_short_word_between_nuls():
    assert list(runs(bytes(4) + "机密".encode("utf-16-le") + bytes(4), Clock())) == ["机密"]
    assert list(runs(b"\x12\x34" + "机密".encode("utf-16-le") + b"\x12\x34", Clock())) == []


def test_ascii_is_not_taken_for_utf_16():
    assert list(runs(b"here is some text about nothing", Clock())) == ["here is some text about nothing"]


def test_noise_gives_hardly_a_word():
    assert sum(map(len, runs(noise(2**20), Clock()))) < 2**20 / 100
    assert list(runs(b"!#$%&'()*+,-./:;<=>?@" * 10, Clock())) == []


def test_the_same_words_are_given_once():
    assert list(runs("合同编号\0".encode("utf-16-le") * 50, Clock())) == ["合同编号"]
