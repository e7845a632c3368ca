"""OFD, the layout format of Chinese offices (GB/T 33190-2016): pages of placed text, and all that hangs on them."""

from __future__ import annotations

import contextlib
import io
import posixpath
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.embedded import FONTS, HEAD
from agent.extract.markup import Element, local, parse, words
from agent.extract.ooxml.leftovers import leftovers, nothing
from agent.extract.package import Package
from agent.extract.pages import placed, seal, sides
from agent.extract.pages.ofdpage import Sheet
from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_TECHNICAL = ("DocRoot", "Signatures", "DocID", "CreationDate", "ModDate", "Versions", "Version", "Cover")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``page N`` with the lines as they stand on it, templates among them; annotations, properties, attachments."""
    package = Package(file, reading)
    if "encryptions.xml" in package:  # GM/T 0099-2020; parts that are not sealed are still read
        reading.miss(Reason.ENCRYPTED)
    number = 0
    for main in _roots(package, "ofd.xml", reading):
        for body in main.iter("{*}DocBody"):
            yield from _properties(body)
            for root in _documents(package, body, reading):
                document = _Document(package, root, number, reading)
                yield from document.segments()
                number = document.number
    yield from _seals(package, reading)
    if "encryptions.xml" not in package:
        yield from leftovers(package, reading, "", nothing)


def _roots(package: Package, name: str, reading: Reading) -> Iterator[Element]:
    for data in package.parts(name):
        if "encryptions.xml" in package and b"<" not in data[:64]:
            continue
        root = parse(data, reading, name)
        if root is not None:
            yield root


def _properties(body: Element) -> Iterator[Segment]:
    for item in body.iter():
        text = (item.text or "").strip()
        if text and local(item) not in _TECHNICAL:
            yield Segment(text, f"property:{item.get('Name') or local(item)}", Zone.PROPERTY, lines=False)


def _documents(package: Package, body: Element, reading: Reading) -> list[str]:
    """The roots of a document and of its older versions (7.4, 19)."""
    found = [_join("", item.text or "") for item in body.iter("{*}DocRoot")] or [""]
    for item in body.iter("{*}Version"):
        name = _join("", str(item.get("BaseLoc") or ""))
        for version in _roots(package, name, reading):
            found += [_join(posixpath.dirname(name), root.text or "") for root in version.iter("{*}DocRoot")]
    return list(dict.fromkeys(found))


class _Document:
    """One document of the package; its pages are numbered on from those before it."""

    def __init__(self, package: Package, root: str, number: int, reading: Reading) -> None:
        self._package, self._root, self._reading = package, root, reading
        self.number = number
        self._pages: dict[str, int] = {}
        self._units: dict[str, Element] = {}
        self._named: dict[str, str] = {}
        self._documents: list[Element] = []

    def segments(self) -> Iterator[Segment]:
        """Pages, unused templates, annotations, then what the document says beside them."""
        documents = self._documents = list(_roots(self._package, self._root, self._reading))
        if not documents:
            self._reading.miss(Reason.CORRUPT, self._root or "DocRoot")
        for document in documents:
            self._resources(document)
            templates = {
                str(item.get("ID")): self._join(str(item.get("BaseLoc"))) for item in document.iter("{*}TemplatePage")
            }
            for item in document.iter("{*}Page"):
                self.number += 1
                self._pages[str(item.get("ID"))] = self.number
                self._reading.tick()
                yield from self._page(self._join(str(item.get("BaseLoc"))), templates)
            for name in templates.values():
                if name.lower() not in self._package.used:
                    yield from self._page(name, {}, "master")
            for name in self._listed(document, "Annotations"):
                yield from self._annotations(name)
            yield from self._outline(document)
            for name in self._listed(document, "CustomTags"):
                yield from self._tags(name)
            for name in self._listed(document, "Extensions"):
                yield from self._extensions(name)
            for name in self._listed(document, "Attachments"):
                yield from self._attachments(name)

    def _join(self, target: str) -> str:
        return _join(posixpath.dirname(self._root), target)

    def _listed(self, document: Element, kind: str) -> list[str]:
        return [self._join(item.text or "") for item in document.iter("{*}" + kind)]

    def _resources(self, document: Element) -> None:
        """Vector units (13); fonts and colour profiles say nothing, when they are what they are called."""
        for name in [*self._listed(document, "PublicRes"), *self._listed(document, "DocumentRes")]:
            self._resource(name)

    def _resource(self, name: str) -> None:
        for root in _roots(self._package, name, self._reading):
            folder = _join(posixpath.dirname(name), str(root.get("BaseLoc") or ""))
            for unit in root.iter("{*}CompositeGraphicUnit"):
                self._units.setdefault(str(unit.get("ID")), unit)
            for item in root.iter("{*}FontFile"):
                font = _join(folder, item.text or "")
                known = font.lower() in self._package.used
                if not known and not self._package.head(font, HEAD).startswith(FONTS):
                    self._package.used.discard(font.lower())

    def _page(self, name: str, templates: dict[str, str], where: str = "") -> Iterator[Segment]:
        sheet = Sheet(self._units)
        contents = list(_roots(self._package, name, self._reading))
        place = where or f"page {self.number}"
        if not contents:
            self._reading.miss(Reason.CORRUPT, name if where else place)
        for content in contents:
            for used in content.iter("{*}PageRes"):
                self._resource(_join(posixpath.dirname(name), used.text or ""))
            for used in content.iter("{*}Template"):
                template = templates.get(str(used.get("TemplateID")), "")
                for under in _roots(self._package, template, self._reading):
                    sheet.put(under)
            sheet.put(content)
        self._named.update(sheet.named)
        if said := placed.lines(sheet.words):
            first = self.number == 1 and not where
            apart = placed.sides(sheet.words, self._width(contents)) if first else {}
            zone, number = Zone.MASTER if where else Zone.BODY, None if where else self.number
            yield Segment("\n".join(said), place, zone, number, sides=sides.placed(said, apart))
        if sheet.wordless and not (self._reading.ledger.ocr and sheet.pictured):  # pictures come with the leftovers
            self._reading.miss(Reason.OCR_OFF, name if where else place)
        elif sheet.blind:
            self._reading.miss(Reason.OCR_OFF, f"{place} (glyphs)")

    def _width(self, contents: list[Element]) -> float:
        """The width of a page: its own, or else that of all pages of the document (7.5, 7.7); 0 where none says it."""
        for holder in (*contents, *self._documents):
            for box in holder.iter("{*}PhysicalBox"):
                edges = (box.text or "").split()
                with contextlib.suppress(ValueError):
                    return float(edges[2]) if len(edges) == 4 else 0.0
        return 0.0

    def _annotations(self, listed: str) -> Iterator[Segment]:
        for root in _roots(self._package, listed, self._reading):
            for page in root.iter("{*}Page"):
                number = self._pages.get(str(page.get("PageID")))
                for item in page.iter("{*}FileLoc"):
                    for content in _roots(
                        self._package, _join(posixpath.dirname(listed), item.text or ""), self._reading
                    ):
                        for note in content.iter("{*}Annot"):
                            yield from self._annotation(note, number)

    def _annotation(self, note: Element, number: int | None) -> Iterator[Segment]:
        sheet = Sheet(self._units)
        for look in note.iter("{*}Appearance"):
            sheet.put(look)
        said = placed.lines(sheet.words)
        said += [text for item in note.iter("{*}Remark", "{*}Parameter") if (text := (item.text or "").strip())]
        said += [str(item.get("URI")) for item in note.iter("{*}URI") if item.get("URI")]
        watermark = note.get("Type") == "Watermark"
        place = "watermark" if watermark else "annotation"
        place = f"page {number} {place}" if number else place
        if said:
            yield Segment("\n".join(dict.fromkeys(said)), place, Zone.WATERMARK if watermark else Zone.NOTE, number)
        elif sheet.blind or sheet.drawn:  # pictures are judged by their size, with the leftovers
            self._reading.miss(Reason.OCR_OFF, place)

    def _outline(self, document: Element) -> Iterator[Segment]:
        """Headings of the outline, names of bookmarks, targets of links (7.7, 7.8, 14)."""
        for kind, key in (("OutlineElem", "Title"), ("Bookmark", "Name"), ("URI", "URI")):
            if said := [text for item in document.iter("{*}" + kind) if (text := str(item.get(key) or "").strip())]:
                yield Segment("\n".join(said), f"property:{kind}", Zone.PROPERTY, lines=False)

    def _tags(self, listed: str) -> Iterator[Segment]:
        """Custom tags give the objects of a page a meaning (16): ``property:密级`` with the text it points to."""
        for root in _roots(self._package, listed, self._reading):
            for item in root.iter("{*}FileLoc"):
                for tags in _roots(self._package, _join(posixpath.dirname(listed), item.text or ""), self._reading):
                    yield from self._said(tags, "ObjectRef")

    def _extensions(self, listed: str) -> Iterator[Segment]:
        for root in _roots(self._package, listed, self._reading):
            yield from self._said(root, "ExtendData")  # that names a part, which is read with the leftovers

    def _said(self, root: Element, silent: str) -> Iterator[Segment]:
        """Every name with all that stands under it, of elements that mean something by their names alone."""
        found: dict[str, list[str]] = {}
        for item in root.iter():
            own = [self._named.get((ref.text or "").strip(), "") for ref in item.iterchildren("{*}ObjectRef")]
            own += [item.text or ""] if local(item) != silent else []
            if text := "".join(own).strip():
                found.setdefault(str(item.get("Name") or local(item)), []).append(text)
        for name, texts in found.items():
            yield Segment("\n".join(texts), f"property:{name}", Zone.PROPERTY, lines=False)

    def _attachments(self, listed: str) -> Iterator[Segment]:
        """Attached files under the names they carry, hidden ones too (20); other parts are read as leftovers."""
        members = {name.replace("\\", "/").lstrip("/").lower(): member for name, member in self._package.members}
        for root in _roots(self._package, listed, self._reading):
            for item in root.iter("{*}Attachment"):
                target = "".join(loc.text or "" for loc in item.iter("{*}FileLoc"))
                part = _join(posixpath.dirname(listed), target).lower()
                name = str(item.get("Name") or posixpath.basename(target))
                if part not in members:
                    self._reading.miss(Reason.CORRUPT, f"attachment {name}")
                elif part not in self._package.used:
                    self._package.used.add(part)
                    yield from self._package.inner(name, members[part])


def _seals(package: Package, reading: Reading) -> Iterator[Segment]:
    """Stamps put on with a signature: their names, and their pictures where those are large enough to read (18)."""
    seen: set[bytes | str] = set()
    for name in package.names:
        if name.endswith(("/signatures.xml", "/signfilepaths.dat")):
            package.used.add(name)
        elif name.endswith("/signature.xml"):
            for root in _roots(package, name, reading):
                for item in root.iter("{*}Parameter"):
                    if text := " ".join(words(item)):
                        yield Segment(text, f"property:{item.get('Name')}", Zone.PROPERTY, lines=False)
        elif name.endswith((".esl", "/signedvalue.dat")):
            for part in (part for data in package.parts(name) for part in seal.contents(data)):
                if part not in seen:
                    seen.add(part)
                    yield from _seal(part, f"{posixpath.dirname(name)}/seal", reading)


def _seal(part: bytes | str, name: str, reading: Reading) -> Iterator[Segment]:
    if isinstance(part, str):
        if any("\u4e00" <= char <= "\u9fff" for char in part):  # the others are identifiers
            yield Segment(part, "property:seal", Zone.PROPERTY, lines=False)
    elif part.startswith(b"PK") or worth_reading(part, len(part)):
        yield from reading.inner(name, io.BytesIO(part))


def _join(folder: str, target: str) -> str:
    target = target.strip().replace("\\", "/")
    path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(path).lstrip("/") if path else ""
