"""Archives read in one pass by libarchive: 7z, rar, cab, iso, cpio, ar, lzh, tar, warc, rpm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from agent import media
from agent.extract import dispatch
from agent.extract.archive import library
from agent.extract.encoding import decide, decode
from agent.extract.member import document, metered, size_of
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

# Media type to formats and filters as libarchive names them.
_FORMATS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    media.SEVEN_ZIP: (("7zip",), ()),
    media.RAR: (("rar", "rar5"), ()),
    media.TAR: (("tar",), ()),
    media.CAB: (("cab",), ()),
    media.ISO: (("iso9660",), ()),
    media.CPIO: (("cpio",), ()),
    media.AR: (("ar",), ()),
    media.LZH: (("lha",), ()),
    media.WARC: (("warc",), ()),
    media.RPM: (("cpio",), ("rpm", *library.FILTERS)),
}
_ENCRYPTED = ("encrypted", "encryption")
_SECOND = {media.SEVEN_ZIP, media.RAR, media.CAB, media.ISO, media.CPIO, media.AR, media.LZH}


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The segments of all members in their order, and the names of links and folders.

    Raises:
        NotReadError: more members than allowed, sealed, or no library on this system.
        ArchiveError: damaged; what came before stays.
    """
    if library.ffi is None:
        raise NotReadError(Reason.UNSUPPORTED, library.missing)
    packed = size_of(file)
    sealed = said = False
    problem: Exception | None = None
    formats, filters = _FORMATS[reading.media_type]
    try:
        with library.opened(file, formats, filters) as entries:
            for entry in entries:
                name = _name(entry.raw_name)
                reading.admit()
                if entry.sealed:
                    sealed = True
                    if not reading.ledger.passwords:
                        reading.miss(Reason.ENCRYPTED, name)
                elif entry.regular:
                    yield from document(name, metered(entry.blocks(), packed, name, reading), reading)
                else:
                    yield Segment(name, "file name", Zone.NAME, lines=False)
                said = True
    except NotReadError:
        raise
    except Exception as damage:  # noqa: BLE001 - ArchiveError, or a name that cannot be told
        problem = damage
    hidden = problem is not None and any(word in str(problem).lower() for word in _ENCRYPTED)
    if reading.media_type in _SECOND and (hidden or (sealed and reading.ledger.passwords) or (problem and not said)):
        # 7-Zip knows passwords, and methods that libarchive does not.
        file.seek(0)
        yield from dispatch.module("archive.sevenzip", reading).read(file, reading, only_sealed=sealed)
    elif problem is not None:
        raise problem


def _name(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else decode(raw, decide(raw)[0])
