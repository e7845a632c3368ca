"""A zip read with suspicion: the parts of an office file, or the members of an archive (PKWARE APPNOTE 6.3)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_BLOCK = 2**20
_JUDGED_ABOVE = 16 * 2**20  # bytes; small parts may pack as well as they like
_LINK = re.compile(rb"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"\b(Id|Type|Target|TargetMode)\s*=\s*[\"']([^\"']*)[\"']")


class Package:
    """An open zip. Members of one name are all read: programs differ in which of them they show.

    Raises:
        zipfile.BadZipFile: there is no directory.
        NotReadError: more members than allowed.
    """

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._reading = reading
        self._zip = zipfile.ZipFile(file)
        self._file = file
        members = self._zip.infolist()
        reading.ledger.members += len(members)
        if reading.ledger.members > reading.limits.max_members:
            raise NotReadError(Reason.TOO_LARGE, f"{len(members)} members")
        self.members = [(member_name(member), member) for member in members]
        self._index: dict[str, list[zipfile.ZipInfo]] = {}
        for name, member in self.members:
            self._index.setdefault(name.replace("\\", "/").lstrip("/").lower(), []).append(member)
        self.used: set[str] = set()

    @property
    def names(self) -> list[str]:
        """All part names in lower case, without a leading slash, in the order of the directory."""
        return list(self._index)

    @property
    def exhausted(self) -> bool:
        """Whether the outermost file has unpacked all it may."""
        return self._reading.ledger.unpacked > self._reading.limits.max_unpacked

    @property
    def comment(self) -> str:
        """The comment of the archive."""
        raw = self._zip.comment
        return decode(raw, decide(raw)[0]) if raw else ""

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._index

    def parts(self, name: str) -> Iterator[bytes]:
        """The content of every member called ``name``; one that cannot be read is noted in the coverage.

        Raises:
            NotReadError: the file as a whole is over its limits.
        """
        self.used.add(name.lower())
        for member in self._index.get(name.lower(), ()):
            try:
                yield self._content(member, name, self._reading.limits.max_part)
            except NotReadError as problem:
                if problem.reason is Reason.TIMEOUT or self.exhausted:
                    raise
                self._reading.miss(problem.reason, problem.part)
            except Exception as problem:  # noqa: BLE001 - one damaged part does not hide the others
                self._reading.fail(problem, name)

    def part(self, name: str) -> bytes:
        """The content of the first member called ``name``; empty when there is none or it cannot be read."""
        return next(self.parts(name), b"")

    def stream(self, name: str) -> Iterator[bytes]:
        """The content of one member block by block, of any length that the limits of the whole file allow."""
        self.used.add(name.lower())
        for member in self._index.get(name.lower(), ())[:1]:
            yield from self._blocks(member, name)

    def inner(self, name: str, member: zipfile.ZipInfo) -> Iterator[Segment]:
        """A member read as a document of its own; one that cannot be read is noted in the coverage.

        Raises:
            NotReadError: the file as a whole is over its limits.
        """
        try:
            content = io.BytesIO(self._content(member, name, self._reading.limits.max_bytes))
        except NotReadError as problem:
            if problem.reason is Reason.TIMEOUT or self.exhausted:
                raise
            self._reading.miss(problem.reason, problem.part)
        except Exception as problem:  # noqa: BLE001 - one damaged member does not hide the others
            self._reading.fail(problem, name)
        else:
            with content:
                yield from self._reading.inner(name, content)

    def links(self, name: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part (ECMA-376 Part 2, 6.5): id to kind (last word of the type) and target part name.

        Targets outside the package are left as they are.
        """
        folder, _, base = name.rpartition("/")
        data = self.part(f"{folder}/_rels/{base}.rels".lstrip("/"))
        found = {}
        for element in _LINK.findall(data):
            fields = {key.decode(): value.decode("utf-8", "replace") for key, value in _ATTRIBUTE.findall(element)}
            target = fields.get("Target", "")
            if fields.get("TargetMode") != "External":
                target = _resolve(folder, target)
            found[fields.get("Id", "")] = (fields.get("Type", "").rpartition("/")[2], target)
        return found

    def _content(self, member: zipfile.ZipInfo, name: str, most: int) -> bytes:
        if member.file_size > most:
            raise NotReadError(Reason.TOO_LARGE, name)
        data = bytearray()
        for block in self._blocks(member, name):
            data += block
            if len(data) > most:
                raise NotReadError(Reason.TOO_LARGE, name)
        return bytes(data)

    def _blocks(self, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
        total = 0
        with self._zip.open(member) as part:
            while block := part.read(_BLOCK):
                total += len(block)
                self._reading.unpack(len(block), name)
                if total > _JUDGED_ABOVE and total > self._reading.limits.max_ratio * max(1, member.compress_size):
                    raise NotReadError(Reason.RATIO, name)
                yield block


def member_name(member: zipfile.ZipInfo) -> str:
    """The name of a member; without the UTF-8 flag it is in whatever code page the packer used (APPNOTE 4.4.4)."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    return member.filename if raw.isascii() else decode(raw, decide(raw)[0])


def _resolve(folder: str, target: str) -> str:
    """A relationship target as a part name."""
    if target.startswith("/"):
        return target.lstrip("/").lower()
    parts: list[str] = folder.split("/") if folder else []
    for piece in target.split("/"):
        if piece == "..":
            del parts[-1:]
        elif piece not in ("", "."):
            parts.append(piece)
    return "/".join(parts).lower()
