"""Compound files that are cut, that lie about their tables, and storages taken out of them."""

import io
import struct
from types import SimpleNamespace

import pytest

from agent.extract.ole.compound import Compound
from agent.extract.ole.storage import content, housed
from agent.extract.reading import Ledger, NotReadError, Reading
from config.limits import Limits
from tests.documents import MARK
from tests.old_documents import stored, word97


@pytest.fixture
def reading():
    return Reading(Ledger(Limits()), lambda *_: iter(()))


def test_a_storage_taken_out_has_all_its_streams(reading):
    tree = {"A": {"small": b"s" * 100, "large": b"l" * 9000, "B": {f"stream {n}": bytes([n]) * n for n in range(40)}}}
    with Compound(io.BytesIO(stored(tree))) as storage:
        taken = housed(storage, storage.root.kids[0], reading, "A")
        with Compound(taken) as inner:
            assert not inner.parsing_issues
            assert sorted(inner.listdir()) == sorted(path[1:] for path in storage.listdir())
            for path in inner.listdir():
                assert inner.openstream(path).read() == storage.openstream(["A", *path]).read()
            small = inner.openstream("small").read()
            assert small.rstrip(b"\0") == b"s" * 100


def test_short_streams_stand_in_the_mini_stream(reading):
    words = [b"", b"1" * 100, b"2" * 4095, b"3" * 4096, b"4" * 64]
    kids = [
        SimpleNamespace(sid=n, name=f"s{n}", entry_type=2, isectStart=n, size=len(word), kids=[], clsid="")
        for n, word in enumerate(words)
    ]
    root = SimpleNamespace(sid=99, name="r", entry_type=1, kids=kids, clsid="00020906-0000-0000-C000-000000000046")
    outer = SimpleNamespace(size=10_000, _open=lambda start, _: io.BytesIO(words[start]))
    with Compound(housed(outer, root, reading, "A")) as inner:
        assert not inner.parsing_issues
        assert inner.root.clsid == root.clsid
        assert [inner.openstream(f"s{n}").read() for n in range(len(words))] == words


def test_streams_that_share_their_sectors_are_no_bomb(reading):
    with Compound(io.BytesIO(stored({"A": {f"stream {n}": b"x" * 9000 for n in range(40)}}))) as storage:
        first, *others = storage.root.kids[0].kids
        for entry in others:
            entry.isectStart, entry.size = first.isectStart, storage.size
            for sector in range(len(storage.fat)):
                storage.fat[sector] = sector
        with pytest.raises(NotReadError, match="corrupt"):
            housed(storage, storage.root.kids[0], reading, "A")


def test_a_stream_that_goes_round_ends(reading):
    data = bytearray(stored({"x": b"y" * 5000}))
    with Compound(io.BytesIO(bytes(data))) as storage:
        storage.fat[0] = 0
        storage.root.kids[0].size = 2**40
        assert len(content(storage, storage.root.kids[0])) <= len(data)


@pytest.mark.parametrize("tables", [2**16, 2**32 - 1])
def test_a_head_that_names_more_tables_than_there_is_room_for(tables):
    data = bytearray(stored({"WordDocument": b"x"}))
    struct.pack_into("<I", data, 44, tables)
    struct.pack_into("<I", data, 72, (tables - 109 + 126) // 127)
    with pytest.raises(OSError, match="more tables"):
        Compound(io.BytesIO(bytes(data)))


def test_tables_beyond_the_end_of_the_file():
    data = bytearray(stored({f"stream {number}": bytes(40_000) for number in range(40)}))
    struct.pack_into("<I", data, 44, 300)
    struct.pack_into("<2I", data, 68, 2**24, 2)
    data[76:512] = (2**25).to_bytes(4, "little") * 109
    with pytest.raises(OSError, match=r"more tables|missing"):
        Compound(io.BytesIO(bytes(data)))


def test_a_cut_document_gives_what_is_there(extract):
    whole = bytearray(word97(f"{MARK}\r" * 2000, [7 * 2000]))
    with Compound(io.BytesIO(bytes(whole))) as storage:
        entry = storage.root.kids_dict["worddocument"]
        last = entry.isectStart + entry.size // 512 - 3
    at = whole.index(struct.pack("<I", last), len(whole) - 2048)
    whole[at : at + 4] = struct.pack("<I", 0xFFFFFFFE)  # the chain of the stream ends early
    extraction = extract(bytes(whole))
    assert MARK in extraction.segments[1].text
    assert "corrupt: streams" in extraction.coverage.reasons
