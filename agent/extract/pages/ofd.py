"""OFD, the layout format of Chinese offices (GB/T 33190-2016): pages of placed text, templates, annotations."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, local, parse
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_RESOURCES = re.compile(
    r".*(res|signature|signatures|seal|versions?|font\w*|\.esl|signedvalue)\.?(xml|dat|esl|ttf|otf)?", re.IGNORECASE
)
_SAME_LINE = 0.6  # of the smaller of two heights that must overlap
_PICTURE = 60.0  # millimetres on the shorter side from which a picture may hold text


class _Word:
    """A piece of text with its box in millimetres, counted from the upper left corner of the page."""

    def __init__(self, text: str, left: float, top: float, width: float, height: float) -> None:
        self.text, self.left, self.top, self.width, self.height = text, left, top, width, height


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``page N`` with the lines as they stand on it, template text first; then properties and attachments."""
    package = Package(file, reading)
    main = parse(package.part("ofd.xml"), reading, "OFD.xml")
    number = 0
    for body in () if main is None else main.iter("{*}DocBody"):
        for item in body.iter():
            text = (item.text or "").strip()
            if text and local(item) not in ("DocRoot", "Signatures", "DocID", "CreationDate", "ModDate", "Versions"):
                key = str(item.get("Name") or local(item))
                yield Segment(text, f"property:{key}", Zone.PROPERTY, lines=False)
        root = next((item.text or "" for item in body.iter("{*}DocRoot")), "")
        for segment in _document(package, root.strip().lstrip("/"), number, reading):
            number = segment.page or number
            yield segment
    package.used.update(name for name in package.names if _RESOURCES.fullmatch(name))
    yield from leftovers(package, reading, "")


def _document(package: Package, root: str, number: int, reading: Reading) -> Iterator[Segment]:
    document = parse(package.part(root), reading, root)
    if document is None:
        reading.miss(Reason.CORRUPT, root or "DocRoot")
        return
    folder = posixpath.dirname(root)
    templates: dict[str, str] = {
        str(item.get("ID")): _join(folder, str(item.get("BaseLoc"))) for item in document.iter("{*}TemplatePage")
    }
    for item in list(document.iter("{*}Page")):
        number += 1
        reading.tick()
        yield from _page(package, _join(folder, str(item.get("BaseLoc"))), templates, number, reading)
    for kind, word in (("Annotations", "annotation"), ("Attachments", "attachment")):
        for item in document.iter("{*}" + kind):
            listed = _join(folder, (item.text or "").strip())
            if word == "annotation":
                yield from _annotations(package, listed, reading)
            else:
                package.used.add(listed.lower())


def _page(package: Package, name: str, templates: dict[str, str], number: int, reading: Reading) -> Iterator[Segment]:
    content = parse(package.part(name), reading, name)
    if content is None:
        reading.miss(Reason.CORRUPT, f"page {number}")
        return
    found = _words(content)
    pictured = _pictured(content)
    for used in content.iter("{*}Template"):
        template = templates.get(str(used.get("TemplateID")), "")
        under = parse(next(iter(package.parts(template)), b""), reading, template)
        if under is not None:
            found += _words(under)
    if lines := _lines(found):
        yield Segment("\n".join(lines), f"page {number}", page=number)
    elif pictured:
        reading.miss(Reason.OCR_OFF, f"page {number}")


def _annotations(package: Package, listed: str, reading: Reading) -> Iterator[Segment]:
    root = parse(package.part(listed), reading, listed)
    for item in () if root is None else root.iter("{*}FileLoc"):
        name = _join(posixpath.dirname(listed), (item.text or "").strip())
        content = parse(package.part(name), reading, name)
        if content is None:
            continue
        said = _lines(_words(content)) + [
            text for note in content.iter("{*}Remark") if (text := (note.text or "").strip())
        ]
        if said:
            yield Segment("\n".join(said), "annotation", Zone.NOTE)


def _words(content: Element) -> list[_Word]:
    found = []
    for item in content.iter("{*}TextObject"):
        text = "".join((code.text or "") for code in item.iter("{*}TextCode"))
        if not text.strip():
            continue
        box = _numbers(str(item.get("Boundary", "")))
        left, top, width, height = (box + [0.0] * 4)[:4]
        code = next(item.iter("{*}TextCode"))
        # Boundaries may cover the page; the first character's own place, and the font's size, are more exact.
        if len(_numbers(str(item.get("CTM", "")))) != 6:
            size = (_numbers(str(item.get("Size", ""))) or [height])[0]
            base = (_numbers(str(code.get("Y", ""))) or [height])[0]
            left, top, height = left + (_numbers(str(code.get("X", ""))) or [0.0])[0], top + base - size, size
        found.append(_Word(text, left, top, width, height))
    return found


def _pictured(content: Element) -> bool:
    for item in content.iter("{*}ImageObject"):
        box = _numbers(str(item.get("Boundary", "")))
        if len(box) == 4 and min(box[2:]) >= _PICTURE:
            return True
    return False


def _lines(found: list[_Word]) -> list[str]:
    """Words into lines: those whose heights overlap stand on one line, from left to right."""
    lines: list[list[_Word]] = []
    for word in sorted(found, key=lambda word: word.top):
        last = lines[-1][0] if lines else None
        if last is not None:
            shared = min(last.top + last.height, word.top + word.height) - max(last.top, word.top)
            if shared >= _SAME_LINE * max(0.1, min(last.height, word.height)):
                lines[-1].append(word)
                continue
        lines.append([word])
    return ["".join(word.text for word in sorted(line, key=lambda word: word.left)) for line in lines]


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split()]
    except ValueError:
        return []


def _join(folder: str, target: str) -> str:
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
