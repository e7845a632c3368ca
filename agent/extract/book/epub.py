"""EPUB: the chapters in the order in which they are read (EPUB 3.3; OPF 2.0 before it)."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

import msgspec

from agent.extract.embedded import FONTS, HEAD
from agent.extract.markup import Element, local, parse
from agent.extract.ooxml.leftovers import leftovers, nothing
from agent.extract.package import Package
from agent.extract.reading import NotReadError, Reading
from agent.extract.text import web
from config.verdict import Reason, Segment, Zone

_CONTAINER, _ENCRYPTION = "meta-inf/container.xml", "meta-inf/encryption.xml"
_RIGHTS = ("meta-inf/rights.xml", "meta-inf/sinf.xml", "meta-inf/license.lcpl")
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_LONGEST = 60  # characters of a chapter's title in a place
_DULL = ("date", "identifier", "meta", "format")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Metadata, chapters under their titles, then all other parts; sealed chapters are said to be sealed."""
    package = Package(file, reading)
    sealed = set(_sealed(package, reading))
    package.used.update(sealed)
    for name in _books(package, reading):
        root = parse(package.part(name), reading, name)
        if root is None:
            continue
        yield from _about(root)
        titles = dict(_titles(package, root, name, reading))
        for part in _spine(root, name):
            if part not in sealed and part not in package.used:
                yield from _chapter(package, part, titles.get(part) or posixpath.basename(part), reading)
    package.used.update((_CONTAINER, "mimetype"))
    for name in package.names:
        if name.endswith((".ttf", ".otf", ".woff", ".woff2")) and not package.head(name, HEAD).startswith(FONTS):
            package.used.discard(name)
    yield from leftovers(package, reading, "", nothing)


def _sealed(package: Package, reading: Reading) -> Iterator[str]:
    """The parts that cannot be read (META-INF/encryption.xml); scrambled fonts hide no text."""
    root = parse(package.part(_ENCRYPTION), reading, _ENCRYPTION)
    found = False
    for item in () if root is None else root.iter("{*}EncryptedData"):
        method = next((str(way.get("Algorithm") or "") for way in item.iterchildren("{*}EncryptionMethod")), "")
        for reference in item.iter("{*}CipherReference"):
            name = unquote(str(reference.get("URI") or "")).lstrip("/").lower()
            if name in package:
                yield name
                found = found or method not in _FONT_SCRAMBLING
    if found or (root is None and any(name in package for name in _RIGHTS)):
        reading.miss(Reason.ENCRYPTED)


def _books(package: Package, reading: Reading) -> list[str]:
    root = parse(package.part(_CONTAINER), reading, _CONTAINER)
    named = [str(item.get("full-path") or "").lower() for item in (() if root is None else root.iter("{*}rootfile"))]
    return list(dict.fromkeys([*named, *(name for name in package.names if name.endswith(".opf"))]))


def _about(root: Element) -> Iterator[Segment]:
    for metadata in root.iterchildren("{*}metadata"):
        for item in metadata.iter():
            text = (item.text or "").strip() or str(item.get("content") or "").strip()
            key = str(item.get("name") or item.get("property") or local(item))
            if text and key not in _DULL and not key.startswith("dcterms:modified"):
                yield Segment(text, f"property:{key}", Zone.PROPERTY, lines=False)


def _spine(root: Element, name: str) -> Iterator[str]:
    items = {str(item.get("id")): str(item.get("href") or "") for item in root.iter("{*}item")}
    for reference in root.iter("{*}itemref"):
        if href := items.get(str(reference.get("idref"))):
            yield _join(name, href)


def _titles(package: Package, root: Element, name: str, reading: Reading) -> Iterator[tuple[str, str]]:
    """Chapters with their titles, from the table of contents of either age."""
    for item in root.iter("{*}item"):
        part = _join(name, str(item.get("href") or ""))
        if item.get("media-type") == "application/x-dtbncx+xml":
            toc = parse(package.part(part), reading, part)
            package.used.discard(part)
            for point in () if toc is None else toc.iter("{*}navPoint"):
                label = next((" ".join("".join(map(str, text.itertext())).split()) for text in point), "")
                for content in point.iterchildren("{*}content"):
                    yield _join(part, str(content.get("src") or "")), _short(label)
        elif "nav" in str(item.get("properties") or "").split():
            toc = parse(package.part(part), reading, part)
            package.used.discard(part)
            for link in () if toc is None else toc.iter("{*}a"):
                label = " ".join("".join(map(str, link.itertext())).split())
                yield _join(part, str(link.get("href") or "")), _short(label)


def _short(label: str) -> str:
    return label[:_LONGEST].replace(" > ", " ").strip()


def _chapter(package: Package, part: str, title: str, reading: Reading) -> Iterator[Segment]:
    for data in package.parts(part):
        try:
            for segment in web.read(io.BytesIO(data), reading):
                yield msgspec.structs.replace(segment, where=f"{title} > {segment.where or 'body'}")
        except NotReadError:
            raise
        except Exception as problem:  # noqa: BLE001 - one damaged chapter does not hide the others
            reading.fail(problem, part)


def _join(base: str, target: str) -> str:
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)).lstrip("/").lower()
