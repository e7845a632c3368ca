"""Files made to hurt the one who reads them."""

import io
import zipfile

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from tests.documents import MARK, W, changed, ole, png, sealed_office, word, zipped


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """Extract under limits that are small enough to be met quickly."""
    limits = Limits(seconds=20, max_unpacked=200 * 2**20, max_bytes=64 * 2**20, max_members=500)
    folder = tmp_path_factory.mktemp("narrow")
    with Sandbox(Setup(limits)) as sandbox:

        def run(data, name="file"):
            path = folder / name
            path.write_bytes(data)
            return sandbox.extract(path)

        yield run


def said(extraction):
    return "\n".join(segment.text for segment in extraction.segments)


def test_a_zip_bomb_is_named_and_its_neighbours_are_read(narrow):
    extraction = narrow(zipped({"bomb": bytes(48 * 2**20), "b.txt": MARK}))
    assert extraction.coverage.reasons[-1] == "ratio: bomb"
    assert MARK in said(extraction)


def test_many_small_bombs_meet_the_limit_of_the_whole(narrow):
    inner = zipped({"x.txt": b"1234567 " * 2**17 * 10})
    for _ in range(2):
        inner = zipped({f"{number}.zip": inner for number in range(10)})
    extraction = narrow(inner)
    assert not extraction.coverage.inspected
    assert extraction.coverage.reasons[0].startswith(("too large", "ratio"))


def test_too_many_members(narrow):
    assert narrow(zipped({f"{number}.txt": b"x" for number in range(600)})).coverage.reasons == (
        "too large: 600 members",
    )


def test_an_archive_that_holds_itself(narrow):
    data = zipped({"a": b""})
    for _ in range(30):
        data = zipped([("a.zip", data), ("b.zip", data)]) if len(data) < 10_000 else data
    extraction = narrow(data)
    assert any(reason.startswith(("too deep", "too large")) for reason in extraction.coverage.reasons)


def test_a_billion_laughs(narrow):
    laughs = (f'<!ENTITY a{n} "{inner * 10}">' for n, inner in ((n, f"&a{n - 1};") for n in range(1, 12)))
    text = f"<w:document {W}><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:document>"
    body = f'<!DOCTYPE x [<!ENTITY a0 "机密">{"".join(laughs)}]>{text}'
    extraction = narrow(changed(word("x"), **{"word/document.xml": body.encode()}))
    assert "corrupt: word/document.xml (entities)" in extraction.coverage.reasons
    assert extraction.ms < 5000


def test_an_outer_entity_reads_no_file(narrow):
    body = f"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x {W}><w:p><w:r><w:t>&e;</w:t></w:r></w:p></x>"
    assert "root:" not in said(narrow(changed(word("x"), **{"word/document.xml": body.encode()})))


def test_deeply_nested_xml(narrow):
    body = f"<w:document {W}>" + "<w:sdt>" * 50_000
    extraction = narrow(changed(word("x"), **{"word/document.xml": body.encode()}))
    assert not extraction.coverage.inspected


@pytest.mark.parametrize("part", [0.3, 0.7, 0.98])
def test_a_truncated_document_is_never_clean(narrow, part):
    data = word(MARK, *["text"] * 100)
    extraction = narrow(data[: int(len(data) * part)], "a.docx")
    assert not extraction.coverage.inspected
    assert extraction.coverage.reasons[0].startswith("corrupt")


def test_a_damaged_part_does_not_hide_the_others(narrow):
    data = bytearray(word("text", header=MARK))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.getinfo("word/document.xml").header_offset
    data[at + 100 : at + 140] = bytes(40)
    extraction = narrow(bytes(data))
    assert MARK in said(extraction)
    assert "corrupt: word/document.xml" in extraction.coverage.reasons


def test_office_files_under_a_password_say_so(narrow):
    extraction = narrow(sealed_office())
    assert (extraction.media_type, extraction.coverage.reasons) == ("application/x-ooxml-protected", ("encrypted",))


def test_formats_without_a_reader_say_so(narrow):
    assert narrow(ole({"VisioDocument": b"x"})).coverage.reasons == ("unsupported",)
    assert narrow(png(600, 800)).coverage.reasons == ("ocr off",)
    assert narrow(png(10, 10)).coverage.inspected
    assert narrow(b"\x7fELF" + bytes(100)).coverage.reasons == ("unsupported",)


def test_an_empty_file_is_inspected(narrow):
    assert narrow(b"").coverage.inspected


def test_text_beyond_the_limit_is_said(narrow):
    extraction = narrow(b"0123456789abcde\n" * (5 * 2**20))
    assert extraction.coverage.reasons == ("too large",)


@pytest.mark.parametrize(
    "front", [b"just a note\n" * 5, b"{\\rtf1 hello}", b"GIF89a" + b"\0" * 40, bytes(range(256)) * 40]
)
def test_a_zip_behind_another_file_is_read(sandbox, tmp_path, front):
    path = tmp_path / "x.dat"
    path.write_bytes(front + zipped({"a.txt": "机密★10年".encode()}))
    extraction = sandbox.extract(path)
    assert any("机密★10年" in segment.text and segment.where.startswith("a.txt > ") for segment in extraction.segments)
