"""A zip read with suspicion: the parts of an office file, or the members of an archive (PKWARE APPNOTE 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO
from urllib.parse import unquote

from agent.extract.encoding import decide, decode
from agent.extract.flood import flood
from agent.extract.member import document
from agent.extract.members import DamagedError, Member, content_at, members, scan
from agent.extract.reading import NotReadError, Reading
from agent.extract.unpack import first, unpacked
from config.verdict import Reason, Segment

_BLOCK = 2**20
_JUDGED_ABOVE = 16 * 2**20  # bytes; small parts may pack as well as they like
_LINK = re.compile(rb"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"\b(Id|Type|Target|TargetMode)\s*=\s*[\"']([^\"']*)[\"']")


class Package:
    """An open zip. Members of one name are all read: programs differ in which of them they show.

    Where the directory is damaged the members are found by their own heads, and the coverage says so.

    Raises:
        DamagedError: there is no member at all.
        NotReadError: more members than allowed.
    """

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._reading = reading
        self._file = file
        most = max(0, reading.limits.max_members - reading.ledger.members)
        directory = members(file, most)
        reading.ledger.members += directory.count
        if directory.count > most:
            raise NotReadError(Reason.TOO_LARGE, f"{directory.count} members")
        if directory.damaged:
            if not directory.found:
                raise DamagedError("no members")
            reading.miss(Reason.CORRUPT, "directory")
        self._comment = directory.comment
        self.members = [(member.filename, member) for member in directory.found]
        self._index: dict[str, list[Member]] = {}
        for name, member in self.members:
            self._index.setdefault(_plain(name), []).append(member)
        self.used: set[str] = set()
        self.external: dict[str, None] = {}  # targets outside the package that were met
        self._heads: dict[str, Member] | None = None  # by their heads, once a member is not where it should be

    @property
    def names(self) -> list[str]:
        """All part names in lower case, without a leading slash, in the order of the directory."""
        return list(self._index)

    @property
    def comment(self) -> str:
        """The comment of the archive."""
        return decode(self._comment, decide(self._comment)[0]) if self._comment else ""

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._index

    def parts(self, name: str) -> Iterator[bytes]:
        """The content of every member called ``name``; one that cannot be read is noted in the coverage.

        Raises:
            NotReadError: the file as a whole is over its limits.
        """
        self.used.add(_plain(name))
        for member in self._index.get(_plain(name), ()):
            try:
                yield self._content(member, name, self._reading.limits.max_part)
            except NotReadError as problem:
                if problem.reason is Reason.TIMEOUT or self._reading.exhausted:
                    raise
                if problem.reason is Reason.TOO_LARGE:
                    self._reading.late.append(flood(self._blocks(member, name), f"property:{name}"))
                else:
                    self._reading.miss(problem.reason, problem.part)
            except Exception as problem:  # noqa: BLE001 - one damaged part does not hide the others
                self._reading.fail(problem, name)

    def part(self, name: str) -> bytes:
        """The content of the first member called ``name``; empty when there is none or it cannot be read."""
        return next(self.parts(name), b"")

    def binary(self, name: str) -> bytes:
        """The content of the first member called ``name``, which is no XML: as large as may be held, or noted.

        Raises:
            NotReadError: the file as a whole is over its limits.
        """
        self.used.add(_plain(name))
        for member in self._index.get(_plain(name), ())[:1]:
            try:
                return self._content(member, name, self._reading.limits.max_held)
            except NotReadError as problem:
                if problem.reason is Reason.TIMEOUT or self._reading.exhausted:
                    raise
                self._reading.miss(problem.reason, problem.part)
            except Exception as problem:  # noqa: BLE001 - one damaged part does not hide the others
                self._reading.fail(problem, name)
        return b""

    def stream(self, name: str) -> Iterator[bytes]:
        """The content of one member block by block, of any length that the limits of the whole file allow."""
        self.used.add(_plain(name))
        for member in self._index.get(_plain(name), ())[:1]:
            yield from self._blocks(member, name)

    def inner(self, name: str, member: Member) -> Iterator[Segment]:
        """A member read as a document of its own; one that cannot be read is noted in the coverage.

        Raises:
            NotReadError: the file as a whole is over its limits.
        """
        yield from document(name, self._blocks(member, name), self._reading)

    def head(self, name: str, count: int) -> bytes:
        """The first bytes of the first member called ``name``, unchecked; enough to see what a picture is."""
        self.used.add(_plain(name))
        for member in self._index.get(_plain(name), ())[:1]:
            try:
                return first(self._file, member, count)
            except DamagedError as problem:
                self._reading.fail(problem, name)
        return b""

    def links(self, name: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part (ECMA-376 Part 2, 6.5): id to kind (last word of the type) and target part name.

        Targets outside the package are left as they are.
        """
        folder, _, base = name.rpartition("/")
        return self.links_in(f"{folder}/_rels/{base}.rels".lstrip("/"), folder)

    def links_in(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        """The relationships in the part called ``name``, whose targets are seen from ``folder``."""
        found = {}
        for element in _LINK.findall(self.part(name)):
            fields = {key.decode(): value.decode("utf-8", "replace") for key, value in _ATTRIBUTE.findall(element)}
            target = fields.get("Target", "")
            if fields.get("TargetMode") != "External":
                target = _resolve(folder, target)
            elif target:
                self.external[unquote(unescape(target))] = None
            found[fields.get("Id", "")] = (fields.get("Type", "").rpartition("/")[2], target)
        return found

    def _content(self, member: Member, name: str, most: int) -> bytes:
        data: list[bytes] = []
        total = 0
        for block in self._blocks(member, name):
            data.append(block)
            total += len(block)
            if total > most:
                raise NotReadError(Reason.TOO_LARGE, name)
        return data[0] if len(data) == 1 else b"".join(data)

    def _blocks(self, member: Member, name: str) -> Iterator[bytes]:
        """The content; of a damaged member what comes before the damage, which is noted."""
        if member.sealed:
            raise NotReadError(Reason.ENCRYPTED, name)
        total = 0
        try:
            member, start = self._start(member)
            for block, taken in unpacked(self._file, member, start):
                total += len(block)
                self._reading.unpack(len(block), name)
                if total > _JUDGED_ABOVE and total > self._reading.limits.max_ratio * taken:
                    raise NotReadError(Reason.RATIO, name)
                yield block
        except DamagedError as problem:
            self._reading.fail(problem, name)

    def _start(self, member: Member) -> tuple[Member, int]:
        """Where the content of a member begins; a member that is not where the directory says is looked for."""
        try:
            return member, content_at(self._file, member)
        except DamagedError:
            if self._heads is None:
                self._heads = {_plain(found.filename): found for found in scan(self._file, len(self.members) + 1)}
            elsewhere = self._heads.get(_plain(member.filename))
            if elsewhere is None:
                raise
            return elsewhere, content_at(self._file, elsewhere)


def _plain(name: str) -> str:
    """A member's name as that of a part: forward strokes, none in front, lower case."""
    name = name.lower()
    if "\\" in name:
        name = name.replace("\\", "/")
    if name.startswith(("/", "./")) or "//" in name or "/./" in name:
        name = "/".join(piece for piece in name.split("/") if piece not in ("", "."))
    return name


def _resolve(folder: str, target: str) -> str:
    """A relationship target as a part name."""
    if "%" in target:
        target = unquote(target)
    if target.startswith("/"):
        return target.lstrip("/").lower()
    parts: list[str] = folder.split("/") if folder else []
    for piece in target.split("/"):
        if piece == "..":
            del parts[-1:]
        elif piece not in ("", "."):
            parts.append(piece)
    return "/".join(parts).lower()
