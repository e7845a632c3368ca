"""What a file is, told by its content; the name is never asked."""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO

import msgspec
import olefile

from agent import media, textual
from agent.extract import encoding, holes, unpack
from agent.extract import members as directory
from agent.extract.archive import git
from agent.extract.database import fields
from agent.extract.ole.compound import Compound

HEAD = 8192
_PUBLISHER = "00021201-0000-0000-00C0-000000000046"
_WORKS = (b"\0\1\0\0", b"\xff\xff\xff\xff")  # where the text of Works 2 to 4 begins, 0x100 or not said
_CMS = re.compile(
    rb"\x30(?:[\x00-\x80]|[\x81-\x88].{1,8}?)\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01-\x06]"
    rb"|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01[\x02\x09\x17])"
    rb"|\s*-----BEGIN (?:PKCS ?#?7|CMS)[ -]",
    re.DOTALL,
)
_MEMBERS = 20_000  # of a zip that are looked at
_SMALL = 2**20  # bytes of a part that names the kind
_PDF = re.compile(rb"%PDF-[12]\.\d[\r\n]")
_FRONT = 4 * 2**20  # bytes that may stand before a PDF
_TAIL = 65_557  # the directory of a zip ends within this many bytes of its end (APPNOTE 4.3.16)


class Identity(msgspec.Struct, frozen=True):
    """A media type.

    ``behind`` is the kind of a zip that another file with words of its own carries at its end: both are read.
    """

    media_type: str
    behind: str = ""


def identify(file: BinaryIO) -> Identity:
    """Tell what an open, seekable file is; its position afterwards is anywhere. Damage inside never raises."""
    found = _identify(file)
    if found.media_type.startswith(media.FRONTS) and _ends_as_zip(file):
        return msgspec.structs.replace(found, behind=_zip(file).media_type)
    if found.media_type.startswith(media.CARRIERS) and _ends_as_zip(file):
        return _zip(file)
    if found.media_type in (media.BINARY, media.TEXT) and _holds_pdf(
        file
    ):  # behind the beginning; a text is also itself
        return (
            Identity(media.PDF)
            if found.media_type == media.BINARY
            else msgspec.structs.replace(found, behind=media.PDF)
        )
    return found


def _holds_pdf(file: BinaryIO) -> bool:
    """Whether a whole PDF stands behind something else: its head in the first megabytes, its end where it should be."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read(2048):
        return False
    file.seek(0)
    return _PDF.search(file.read(_FRONT)) is not None


def _identify(file: BinaryIO) -> Identity:  # noqa: PLR0911 - one answer a family of formats
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return Identity("application/x-empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK")):
        return _zip(file)
    if head.startswith(olefile.MAGIC):
        return _ole(file)
    if b"%PDF-" in head[:1024]:
        return Identity(media.PDF)
    for offset, magic, media_type in media.MAGIC:
        if head.startswith(magic, offset):
            return Identity(media_type)
    if (kind := _volume(file, head) or _shaped(head)) is not None:
        return Identity(kind)
    if (kind := textual.kind(head)) in textual.SURE or encoding.is_text(holes.sample(file, encoding.SAMPLE)):
        return Identity(kind)
    return Identity(media.BINARY)


def _is_tape(head: bytes) -> bool:
    """Tar from before POSIX has no magic; its first header sums up (pax(1), ustar interchange format)."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        said = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return said == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _volume(file: BinaryIO, head: bytes) -> str | None:
    """Tapes, disks and old texts whose marks do not stand at their beginning alone."""
    if _is_tape(head):
        return media.TAR
    if _at(file, 0x8001, b"CD001") or _at(file, 0x8001, b"BEA01"):  # ECMA-119, ECMA-167
        return media.ISO
    if _at(file, 0x438, b"\x53\xef") and head[:1024].count(0) > 1000:  # ext2 to ext4
        return media.DISK
    if head[:1] in b"\1\2\3\4\5\6" and head[1:2] == b"\xfe" and head[0x1A:0x1E] in _WORKS:
        return "application/vnd.ms-works"
    return None


def _shaped(head: bytes) -> str | None:
    """Files without a magic number of their own, known by the shape of their first bytes."""
    if _CMS.match(head):
        return "application/pkcs7-mime"
    if _is_journal(head):
        return media.JOURNAL
    if git.is_zlib(head):
        return media.ZLIB
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return "application/x-dbase" if fields.head(head) is not None else None


def _is_journal(head: bytes) -> bool:
    """A journal of SQLite before its first commit: the magic is written last (sqlite.org/fileformat2.html, 3)."""
    sector, page = int.from_bytes(head[20:24]), int.from_bytes(head[24:28])
    return (
        len(head) >= 512
        and not any(head[:12])
        and sector in (512, 4096)
        and 512 <= page <= 65536
        and not page & page - 1
    )


def _at(file: BinaryIO, offset: int, magic: bytes) -> bool:
    file.seek(offset)
    return file.read(len(magic)) == magic


def _zip(file: BinaryIO) -> Identity:
    try:
        members = directory.members(file, _MEMBERS).found
        names = {member.filename.replace("\\", "/").lstrip("/").lower(): member for member in members}
        kinds = _small(file, names.get("[content_types].xml"))
        mimetype = _small(file, names.get("mimetype"))
    except Exception:  # noqa: BLE001 - a damaged directory is still a zip; its reader says what is wrong
        return Identity(media.ZIP)
    return Identity(_packed(list(names), kinds.lower(), mimetype))


def _packed(lowered: list[str], kinds: bytes, mimetype: bytes) -> str:
    """The kind of a zip by its member names in lower case, its content types, and its mimetype member."""
    for mark, media_type in media.OOXML:
        if mark.lower() in kinds:
            return media_type
    if mimetype.startswith(media.NAMED):
        return re.sub(r"[^a-z0-9./+-].*", "", mimetype[:100].decode("ascii", "replace"), flags=re.DOTALL)
    if found := next((kind for pattern, kind in media.MAKING if any(map(pattern.fullmatch, lowered))), ""):
        return found
    if "meta-inf/manifest.mf" in lowered:
        return "application/java-archive"
    if kinds or "_rels/.rels" in lowered:
        for folder, media_type in media.FOLDERS:
            if any(name.startswith(folder) for name in lowered):
                return media_type
    return media.ZIP


def _small(file: BinaryIO, member: directory.Member | None) -> bytes:
    data = b""
    try:
        if member is not None and not member.sealed:
            for block, _ in unpack.unpacked(file, member, directory.content_at(file, member)):
                data += block
                if len(data) > _SMALL:
                    break
    except Exception:  # noqa: BLE001 - one damaged part does not hide the kind that the folders show
        return data
    return data


def _ole(file: BinaryIO) -> Identity:
    try:
        with Compound(file) as storage:
            roots = {
                entry[0].lstrip("\x01\x05").lower() for entry in storage.listdir(streams=True, storages=True) if entry
            }
            start = storage.openstream("CONTENTS").read(8) if storage.exists("CONTENTS") else b""
            publisher = storage.root.clsid.upper() == _PUBLISHER
    except Exception:  # noqa: BLE001 - a damaged directory is still an OLE file
        return Identity(media.OLE)
    for stream, media_type in media.STREAMS:
        if stream in roots:
            return Identity(media_type)
    if start.startswith((b"CHNKWKS ", b"CHNKINK ")):
        return Identity("application/vnd.ms-works")
    if publisher:  # before Publisher 98 it has no stream of its own name
        return Identity("application/x-mspublisher")
    return Identity(media.OLE)


def _ends_as_zip(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    return b"PK\x05\x06" in file.read(_TAIL) and zipfile.is_zipfile(file)
