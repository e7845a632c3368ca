"""Archives of every kind: each member read under its name, damage and limits said, nothing held that need not be."""

import io
import tarfile

import pytest

from agent.extract.archive import library
from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from tests import archives
from tests.documents import MARK, word

MEMBERS = {"a.txt": b"first\n", "b.txt": f"\n{MARK}\n".encode(), "c.docx": word(MARK)}
KINDS = {
    "application/x-7z-compressed": lambda members: archives.written(members, "7zip"),
    "application/vnd.rar": archives.rar,
    "application/vnd.ms-cab-compressed": archives.cab,
    "application/x-iso9660-image": lambda members: archives.written(members, "iso9660"),
    "application/x-cpio": lambda members: archives.written(members, "cpio"),
    "application/x-archive": lambda members: archives.written(members, "ar_svr4"),
    "application/x-lzh-compressed": archives.lzh,
    "application/x-arj": archives.arj,
    "application/x-tar": archives.old_tar,
    "application/warc": lambda members: archives.written(members, "warc"),
}
FOUND = ["b.txt > body line 2", "c.docx > page 1 line 1"]


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_documents(extract, kind):
    extraction = extract(KINDS[kind](MEMBERS))
    assert extraction.media_type == kind
    places = [segment.at(segment.text.index(MARK)) for segment in extraction.segments if MARK in segment.text]
    assert [place.removeprefix("file:///") for place in places] == FOUND
    assert extraction.coverage.inspected


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_archive_is_never_called_inspected(extract, kind):
    data = KINDS[kind]({"a.txt": f"{MARK}\n".encode() * 3000})
    if kind == "application/x-iso9660-image":
        data = data[: data.rindex(MARK.encode())]
    extraction = extract(data[: -len(data) // 4])
    assert not extraction.coverage.inspected


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "xz", "lzma", "lzip", "zstd", "lz4", "compress"])
def test_compressed_tapes_are_read_as_streams(extract, compression):
    if compression == "bzip2":
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:bz2") as tape:
            info = tarfile.TarInfo("b.txt")
            info.size = len(MEMBERS["b.txt"])
            tape.addfile(info, io.BytesIO(MEMBERS["b.txt"]))
        data = buffer.getvalue()
    else:
        data = archives.written(MEMBERS, "ustar", compression)
    extraction = extract(data)
    assert any(segment.where.startswith("content > b.txt") and MARK in segment.text for segment in extraction.segments)


def test_names_in_old_code_pages(extract):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, encoding="gbk") as tape:
        tape.addfile(tarfile.TarInfo("机密文件/关于调整安排的通知.txt"))
    extraction = extract(buffer.getvalue())
    assert any("机密文件/关于调整安排的通知.txt" in segment.where for segment in extraction.segments)


def test_links_and_folders_give_their_names(extract):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tape:
        link = tarfile.TarInfo(f"{MARK}.lnk")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tape.addfile(link)
    assert f"{MARK}.lnk" in [segment.text for segment in extract(buffer.getvalue()).segments]


def test_a_member_larger_than_may_be_held_is_read_to_its_end_when_it_is_a_text(tmp_path):
    """In a tape inside a gzip: two streams deep, with a mark in the last line."""
    lines = b"".join(b"%d,nothing,0.00\n" % number for number in range(400_000)) + f"{MARK}\n".encode()
    path = tmp_path / "a.tgz"
    path.write_bytes(archives.written({"large.csv": lines, "after.txt": MARK.encode()}, "ustar", "gzip"))
    with Sandbox(Setup(Limits(max_held=2**20))) as sandbox:
        extraction = sandbox.extract(path)
    found = [segment.at(segment.text.index(MARK)) for segment in extraction.segments if MARK in segment.text]
    assert found == ["content > large.csv > body line 400001", "content > after.txt > body line 1"]
    assert extraction.coverage.inspected


def test_a_member_that_must_be_held_and_is_too_large_is_said(tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(archives.written({"noise.bin": bytes(range(256)) * 2**14, "b.txt": MARK.encode()}, "ustar"))
    with Sandbox(Setup(Limits(max_held=2**20))) as sandbox:
        extraction = sandbox.extract(path)
    assert extraction.coverage.reasons == ("too large: noise.bin",)
    assert extraction.coverage.partly
    assert any(MARK in segment.text for segment in extraction.segments)


def test_more_members_than_allowed(tmp_path):
    path = tmp_path / "a.7z"
    path.write_bytes(archives.written({f"{number}.txt": b"x" for number in range(60)}, "7zip"))
    with Sandbox(Setup(Limits(max_members=50))) as sandbox:
        assert sandbox.extract(path).coverage.reasons == ("too large: more than 50 members",)


def test_a_bomb_is_stopped(tmp_path):
    path = tmp_path / "bomb.7z"
    path.write_bytes(archives.written({"zeros": bytes(2**26)}, "7zip"))
    with Sandbox(Setup(Limits())) as sandbox:
        extraction = sandbox.extract(path)
    assert "ratio: zeros" in extraction.coverage.reasons


def test_no_filter_starts_a_program():
    """libarchive starts programs for filters it was not built with; none of ours may be one of those."""
    assert library.ffi is not None, library.missing
    archive = library.ffi.read_new()
    try:
        for name in library.FILTERS:
            assert library.ffi.get_read_filter_function(name)(archive) == 0, f"{name} would need a program"
    finally:
        library.ffi.read_free(archive)
