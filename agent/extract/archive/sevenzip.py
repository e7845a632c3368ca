"""Archives that need 7-Zip: passwords, help files, ARJ, disk images, and what libarchive gives up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from agent import media
from agent.extract.member import document, metered
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

try:
    import pybit7z

    _LIBRARY: Any = pybit7z.Bit7zLibrary(str(next(Path(pybit7z.__file__).parent.glob("*7z*.so"), "")) or "")
    missing = ""
except Exception as problem:  # noqa: BLE001 - no wheel here, or a library that does not load
    _LIBRARY, missing = None, f"no 7-Zip: {problem}"

_FORMATS = {
    media.SEVEN_ZIP: "FormatSevenZip",
    media.CHM: "FormatChm",
    media.ARJ: "FormatArj",
    media.ZIP: "FormatZip",
    media.CAB: "FormatCab",
    media.ISO: "FormatIso",
    media.LZH: "FormatLzh",
    media.XAR: "FormatXar",
}
_AT_ONCE = 64  # members; more of a solid archive are unpacked together, since each alone would begin anew


def read(file: BinaryIO, reading: Reading, *, only_sealed: bool = False) -> Iterator[Segment]:
    """The segments of all members; with ``only_sealed``, of those that need a password.

    Raises:
        NotReadError: sealed and no password fits, too large to be held, or no library on this system.
        pybit7z.BitException: damaged, or no archive that 7-Zip knows.
    """
    if _LIBRARY is None:
        raise NotReadError(Reason.UNSUPPORTED, missing)
    size = file.seek(0, 2)
    if size > reading.limits.max_held:
        raise NotReadError(Reason.TOO_LARGE)
    file.seek(0)
    data = file.read()  # kept for as long as the archive: it does not copy
    archive, open_sealed = _open(data, reading)
    items = [item for item in archive.items() if item.is_encrypted() or not only_sealed]
    wanted = []
    for item in items:
        reading.admit()
        if item.is_dir():
            yield Segment(item.path(), "file name", Zone.NAME, lines=False)
        elif item.is_encrypted() and not open_sealed:
            reading.miss(Reason.PASSWORD if reading.ledger.passwords else Reason.ENCRYPTED, item.path())
        elif item.size() > reading.limits.max_held:
            reading.miss(Reason.TOO_LARGE, item.path())
        elif not (reading.media_type == media.CHM and item.path().startswith(("#", "$"))):  # its own indexes
            wanted.append(item)
    together = _together(archive, wanted, reading)
    for item in wanted:
        blocks = iter((together.pop(item.path()),)) if together else _content(archive, item)
        yield from document(item.path(), metered(blocks, size, item.path(), reading), reading)


def _open(data: bytes, reading: Reading) -> tuple[Any, bool]:
    """The archive, and whether its sealed members open; without a password, with the first that fits."""
    sealed = False
    found = None
    for password in ("", *reading.ledger.passwords):
        reading.tick()
        try:
            archive = pybit7z.BitArchiveReader(_LIBRARY, data, _format(reading.media_type), password)
        except pybit7z.BitException as problem:
            if "password" not in str(problem).lower():
                raise
            sealed = True
            continue
        first = min(
            (item for item in archive.items() if item.is_encrypted()), key=lambda item: item.size(), default=None
        )
        if first is None or (password and _opens(archive, first)):
            return archive, True
        sealed, found = True, found or archive
    if found is None and sealed:
        raise NotReadError(Reason.PASSWORD if reading.ledger.passwords else Reason.ENCRYPTED)
    return found, False


def _format(media_type: str) -> Any:
    return getattr(pybit7z, _FORMATS.get(media_type, "FormatAuto"))


def _opens(archive: Any, item: Any) -> bool:
    try:
        archive.test_item(item.index())
    except pybit7z.BitException:
        return False
    return True


def _content(archive: Any, item: Any) -> Iterator[bytes]:
    yield archive.extract_to(item.index())


def _together(archive: Any, wanted: list[Any], reading: Reading) -> dict[str, bytes]:
    """All members at once, where each has a name of its own and they can be held; else none."""
    if len(wanted) <= _AT_ONCE or sum(item.size() for item in wanted) > reading.limits.max_held:
        return {}
    if len({item.path() for item in wanted}) < len(wanted):
        return {}
    try:
        everything = archive.extract_to()
    except pybit7z.BitException:  # one of them is damaged: each for itself
        return {}
    return everything if all(item.path() in everything for item in wanted) else {}
