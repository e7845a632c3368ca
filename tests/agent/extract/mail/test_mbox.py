"""Mailboxes: where messages begin, and memory that does not grow with them."""

import tracemalloc

from agent.extract import dispatch
from agent.extract.mail import mbox
from agent.extract.reading import Ledger, Reading
from config.limits import Limits
from tests.documents import MARK

MESSAGE = "From a@example.org Thu Jan  1 10:00:00 2026\nFrom: a@example.org\nSubject: {}\n\n{}\n\n"


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_a_sentence_that_begins_with_from_begins_no_message(extract):
    box = MESSAGE.format("one", f"Dear all,\n\nFrom now on it is {MARK}.\n\nFrom: me") + MESSAGE.format("two", MARK)
    extraction = extract(box.encode())
    assert places(extraction) == ["message 1 > body line 3", "message 2 > body line 1"]


def test_the_border_of_a_block_hides_no_message(extract):
    filler = "x" * 99 + "\n"
    for more in range(0, 120, 7):
        first = MESSAGE.format("one", filler * (2**20 // 100 - 2) + "y" * more)
        extraction = extract((first + MESSAGE.format("two", MARK)).encode())
        assert places(extraction) == ["message 2 > body line 1"], more


def test_a_message_too_large_to_hold_is_read_as_text(sandbox, tmp_path, monkeypatch):
    path = tmp_path / "box"
    data = (MESSAGE.format("one", "line\n" * 2000 + MARK) + MESSAGE.format("two", MARK)).encode()
    path.write_bytes(data)
    with path.open("rb") as file:
        ledger = Ledger(Limits(seconds=1e9, max_part=4000))
        segments = list(mbox.read(file, Reading(ledger, dispatch.read)))
    assert sum(MARK in segment.text for segment in segments) == 2
    assert ledger.coverage.reasons == ("too large: message 1",)


def test_memory_does_not_grow_with_the_mailbox(tmp_path):
    path = tmp_path / "box"
    message = MESSAGE.format("one", "a line of words\n" * 6000).encode()
    with path.open("wb") as file:
        for _ in range(300):
            file.write(message)
    tracemalloc.start()
    with path.open("rb") as file:
        count = sum(1 for _ in mbox.read(file, Reading(Ledger(Limits(seconds=1e9)), dispatch.read)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 600
    assert peak < 8 * 2**20
