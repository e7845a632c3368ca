"""Documents of Pages, Numbers and Keynote: archives since 2013, XML before."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.embedded import FONTS, HEAD
from agent.extract.iwork import iwa, older
from agent.extract.iwork.tables import KINDS, Tables
from agent.extract.ooxml.leftovers import leftovers, nothing
from agent.extract.package import Package
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_OLD = re.compile(r"(?:.*/)?index\.(?:xml|apxl)(?:\.gz)?")
_SEALED = re.compile(r"(?:.*/)?\.iwp[hv]\d*")
_DULL = re.compile(
    r"(?:.*/)?(?:preview[^/]*\.jpg|quicklook/.*|thumbs/.*|metadata/.*|buildversionhistory\.plist|contents/.*|\.ds_store)"
)
_PREVIEW = re.compile(r"(?:.*/)?(?:quicklook/)?preview\.pdf")
_QUIET = re.compile(r".*/(?:documentstylesheet|metadata|viewstate|documentmetadata|themestylesheet)[^/]*\.iwa")
_TEXTS, _COMMENT, _NOTES = (2001, 2005), 3056, 15
_ROOTS = (1, 200, 10000)  # names of months and currencies in the language of the document
_SHOW, _NODE, _SLIDES = 2, 4, (5, 6)
_MASTER = re.compile(r".*/(?:master|template)slide[^/]*\.iwa")
_SLIDE = re.compile(r".*/slide[^/]*\.iwa")
_KINDS = (  # of a text, in the order of their numbers
    ("body", Zone.BODY),
    ("header", Zone.HEADER),
    ("footnote", Zone.NOTE),
    ("text box", Zone.TEXTBOX),
    ("notes", Zone.NOTE),
    ("table", Zone.TABLE),
    ("text box", Zone.TEXTBOX),
    ("body", Zone.BODY),
)
_BREAKS = str.maketrans(
    {"\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\r": "\n", "\ufffc": "", "\x04": "\n"}
)
_MOST = 256 * 2**20  # bytes of messages kept


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Texts with their places, cells of tables, comments; the preview where nothing else gives words."""
    package = Package(file, reading)
    if any(map(_SEALED.fullmatch, package.names)):
        reading.miss(Reason.ENCRYPTED)
        return
    found = False
    for segment in _words(package, reading):
        found = True
        yield segment
    for name in package.names:
        dull = found and (_DULL.fullmatch(name) or _PREVIEW.fullmatch(name))
        if dull or (name.endswith((".ttf", ".otf")) and package.head(name, HEAD).startswith(FONTS)):
            package.used.add(name)
    yield from leftovers(package, reading, "", nothing)


def _words(package: Package, reading: Reading) -> Iterator[Segment]:
    for name in package.names:
        if _OLD.fullmatch(name):
            for data in package.parts(name):
                yield from older.segments(_plain(data, name, reading), reading, name)
    archives = package
    for name in [name for name in package.names if name.rpartition("/")[2] == "index.zip"][:1]:
        try:
            archives = Package(io.BytesIO(package.binary(name)), reading)
        except NotReadError:
            raise
        except Exception as problem:  # noqa: BLE001 - what is no zip is damage like any other
            reading.fail(problem, name)
    yield from _Document(archives, reading).segments()


def _plain(data: bytes, name: str, reading: Reading) -> bytes:
    if not name.endswith(".gz"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            plain = stream.read(reading.limits.max_part + 1)
    except (OSError, EOFError) as problem:
        reading.fail(problem, name)
        return b""
    reading.unpack(len(plain), name)
    return plain[: reading.limits.max_part]


class _Document:
    """The messages of all archives of one document."""

    def __init__(self, package: Package, reading: Reading) -> None:
        self._package, self._reading = package, reading
        self._objects: dict[int, iwa.Message] = {}
        self._parts: dict[int, str] = {}  # where an object was found
        self._texts: dict[int, str] = {}
        self._numbers: dict[str, int] = {}  # of slides, by their archive
        self._kept = 0

    def segments(self) -> Iterator[Segment]:
        """Texts by their places, tables, comments, then other words such as those of charts."""
        others: dict[str, list[str]] = {}
        for name in [name for name in self._package.names if name.endswith(".iwa")]:
            self._load(self._package.binary(name), name, others)
        self._count()
        tables = list(Tables(self._objects, self._texts).segments(self._reading))  # takes the texts of its cells
        notes = {
            iwa.reference(iwa.first(message.data, 1)) for message in self._objects.values() if message.kind == _NOTES
        }
        shown: set[str] = set()  # the same few words stand on every master
        ordered = sorted(self._texts, key=lambda key: self._numbers.get(self._parts[key], 0))
        for identifier in ordered:
            if text := "\n".join(line for line in self._texts[identifier].split("\n") if line.strip()):
                segment = self._segment(identifier, text, notes)
                if segment.zone is not Zone.MASTER or text not in shown:
                    shown.add(text)
                    yield segment
        yield from tables
        for name, said in ((name, said) for name, said in others.items() if said):
            where = f"slide {self._numbers[name]} text box" if name in self._numbers else f"property:{name}"
            zone = Zone.TEXTBOX if name in self._numbers else Zone.PROPERTY
            yield Segment("\n".join(dict.fromkeys(said)), where, zone, lines=zone is Zone.TEXTBOX)

    def _load(self, data: bytes, name: str, others: dict[str, list[str]]) -> None:
        try:
            for message in iwa.messages(data, self._reading, name):
                self._keep(message, name, others)
        except NotReadError as problem:
            if problem.reason is not Reason.TOO_LARGE or self._reading.exhausted:
                raise
            self._reading.miss(problem.reason, problem.part)
        except ValueError as problem:
            self._reading.fail(problem, name)

    def _keep(self, message: iwa.Message, name: str, others: dict[str, list[str]]) -> None:
        if self._kept + len(message.data) > _MOST:
            raise NotReadError(Reason.TOO_LARGE, name)
        self._kept += len(message.data)
        self._parts[message.identifier] = name
        self._objects.setdefault(message.identifier, message)
        if message.kind in _TEXTS:
            pieces = [field.data for field in iwa.fields(message.data) if field.number == 3 and field.data is not None]
            self._texts[message.identifier] = b"".join(pieces).decode("utf-8", "replace").translate(_BREAKS)
        elif message.kind == _COMMENT:
            self._texts[message.identifier] = iwa.first(message.data, 1).decode("utf-8", "replace")
        elif message.kind not in (*KINDS, *_ROOTS) and not _QUIET.fullmatch(name):
            others.setdefault(name, []).extend(iwa.strings(message.data))

    def _count(self) -> None:
        """Number the slides as the show lists them; those it does not list come last."""
        seen: set[int] = set()
        for show in [message for message in self._objects.values() if message.kind == _SHOW]:
            for node in iwa.references(show.data):
                inner = None if node in seen else self._objects.get(node)
                seen.add(node)
                for slide in iwa.references(inner.data) if inner is not None and inner.kind == _NODE else ():
                    part = self._parts.get(slide, "")
                    if slide in self._objects and self._objects[slide].kind in _SLIDES and _SLIDE.fullmatch(part):
                        self._numbers.setdefault(part, len(self._numbers) + 1)
        for name in self._package.names:
            if _SLIDE.fullmatch(name):
                self._numbers.setdefault(name, len(self._numbers) + 1)

    def _segment(self, identifier: int, text: str, notes: set[int]) -> Segment:
        message, part = self._objects[identifier], self._parts[identifier]
        kind = next((field.value for field in iwa.fields(message.data) if field.number == 1 and not field.data), 0)
        where, zone = _KINDS[kind] if kind < len(_KINDS) else _KINDS[3]
        if message.kind == _COMMENT:
            where, zone = "comment", Zone.NOTE
        elif identifier in notes:
            where, zone = "notes", Zone.NOTE
        if _MASTER.fullmatch(part):
            return Segment(text, "master", Zone.MASTER)
        number = self._numbers.get(part)
        if number is None:
            return Segment(text, where, zone)
        if where in ("comment", "notes"):
            return Segment(text, f"slide {number} {where}", zone, number)
        return Segment(text, f"slide {number}", Zone.BODY, number)
