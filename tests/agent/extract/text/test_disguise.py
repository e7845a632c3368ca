"""Documents in base64 are read; texts are left to detection."""

import base64

from tests.documents import MARK, word


def test_a_document_in_a_text(extract):
    run = base64.encodebytes(word(MARK)).decode()
    found = [segment for segment in extract(f"first\n{run}\nlast\n".encode()).segments if MARK in segment.text]
    assert [segment.where.split(" > ")[0] for segment in found] == ["line 2 base64"]


def test_a_text_is_left_to_detection(extract):
    run = base64.encodebytes(f"{MARK}\n".encode() * 20).decode()
    assert len(extract(run.encode()).segments) == 2  # its name, and the text as it stands


def test_more_runs_of_base64_than_are_tried_are_said(extract):
    run = base64.b64encode(bytes(range(256))).decode()
    assert extract(f"{run}\n\n".encode() * 1000).coverage.inspected
    assert extract(f"{run}\n\n".encode() * 1001).coverage.reasons == ("too large: line 2001 base64",)
