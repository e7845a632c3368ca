"""Members of archives: held while small, streamed while text, and damage loses nothing that came before."""

import gzip
import io
import itertools
import zlib

import pytest

from agent.extract import dispatch
from agent.extract.forward import Forward
from agent.extract.kits import Kit
from agent.extract.member import document, metered
from agent.extract.reading import Ledger, NotReadError, Reading
from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from config.verdict import Reason
from tests.documents import MARK


def reading(**limits):
    return Reading(Ledger(Limits(**limits), kit=Kit.RARE), dispatch.read)


def test_a_stream_reads_like_a_file_as_far_as_it_goes_forward():
    stream = Forward(b"head", iter([b"", b"body", b"tail"]))
    assert stream.read(6) == b"headbo"
    with pytest.raises(io.UnsupportedOperation):
        stream.seek(0)
    assert stream.seek(2, io.SEEK_CUR) == 8
    assert stream.read() == b"tail"
    assert stream.read() == b""
    with pytest.raises(io.UnsupportedOperation):
        stream.seek(0, io.SEEK_END)


def test_a_stream_goes_back_within_its_head():
    stream = Forward(b"head", iter([b"body"]))
    assert stream.read(4) == b"head"
    assert stream.seek(1) == 1
    assert stream.read() == b"eadbody"


def test_damage_ends_a_stream_and_is_kept():
    def broken():
        yield b"body"
        raise zlib.error("bad")

    stream = Forward(b"head", broken())
    assert stream.read() == b"headbody"
    assert isinstance(stream.damage, zlib.error)


@pytest.mark.parametrize("held", [2**10, 2**20])
def test_what_came_before_damage_is_read(held):
    """Held or streamed: the same words, the same reason."""

    def broken():
        yield f"{MARK}\n".encode() * 100
        raise zlib.error("bad")

    one = reading(max_held=held)
    segments = list(document("a.txt", broken(), one))
    assert sum(segment.text.count(MARK) for segment in segments) == 100
    assert one.ledger.coverage.reasons == ("corrupt: a.txt",)
    assert one.ledger.coverage.partly


def test_the_ratio_is_judged_as_blocks_come():
    one = reading()
    blocks = metered(itertools.repeat(bytes(2**20)), 1000, "a", one)
    with pytest.raises(NotReadError) as caught:
        list(blocks)
    assert caught.value.reason is Reason.RATIO
    assert one.ledger.unpacked <= 18 * 2**20


def test_more_content_gives_more_time_and_says_so():
    told = []
    ledger = Ledger(Limits(seconds=10, pace=2**20), extended=told.append)
    before = ledger.deadline
    for _ in range(130):
        ledger.unpack(2**20)
    assert ledger.deadline == pytest.approx(before + 130)
    assert len(told) == 2
    assert told[-1] == pytest.approx(10 + 130, abs=2)


def test_a_large_text_in_a_stream_outlives_the_seconds_of_a_file(tmp_path):
    """Its time grows with what it unpacks to; the parent hears of it and waits."""
    path = tmp_path / "a.csv.gz"
    line = b"0123456789,nothing to see here,0.00\n"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(150):
            file.write(line * 30_000)
        file.write(f"{MARK}\n".encode())
    with Sandbox(Setup(Limits(seconds=1.0, pace=2**20, max_answer=2**30, max_ratio=2000))) as sandbox:
        extraction = sandbox.extract(path)
    assert extraction.coverage.inspected
    assert MARK in extraction.segments[-1].text
    assert extraction.segments[-1].at(extraction.segments[-1].text.index(MARK)) == "content > body line 4500001"
