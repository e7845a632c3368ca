"""Parts too large for a tree are read to their end all the same."""

from agent.extract.flood import flood
from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from tests.documents import MARK, changed, word


def test_runs_join_and_lines_part():
    data = (
        "<w:p><w:r><w:t>机</w:t></w:r><w:r><w:t>密★</w:t></w:r><w:r><w:t>10年</w:t></w:r></w:p>"
        "<w:tc><w:t>a&amp;b</w:t></w:tc><w:tc>c</w:tc><w:p>二</w:p>"
    ).encode()
    (segment,) = flood([data], "x")
    assert segment.text == "机密★10年\na&b\tc\t二\n"


def test_no_word_is_cut_where_windows_end():
    line = f"<w:p><w:t>{MARK}</w:t></w:p>".encode()
    data = line * 60_000
    pieces = [data[at : at + 65_537] for at in range(0, len(data), 65_537)]
    segments = list(flood(pieces, "x"))
    assert len(segments) > 1
    assert sum(segment.text.count(MARK) for segment in segments) == 60_000
    assert segments[-1].first + segments[-1].text.count("\n") == 60_001


def test_what_is_no_xml_is_read_too():
    assert sum(len(segment.text) for segment in flood([b"x" * 2**20] * 20, "x")) == 20 * 2**20


def test_a_document_larger_than_a_tree_may_be(tmp_path):
    path = tmp_path / "a.docx"
    body = b"<w:p><w:r><w:t>nothing to see here</w:t></w:r></w:p>" * 40_000
    last = "<w:p><w:r><w:t>机密</w:t></w:r><w:r><w:t>★10年</w:t></w:r></w:p><w:sectPr".encode()
    path.write_bytes(changed(word("x"), **{"word/document.xml": lambda old: old.replace(b"<w:sectPr", body + last, 1)}))
    with Sandbox(Setup(Limits(max_part=2**20))) as sandbox:
        extraction = sandbox.extract(path)
    assert any(MARK in segment.text for segment in extraction.segments)
    assert extraction.coverage.inspected
