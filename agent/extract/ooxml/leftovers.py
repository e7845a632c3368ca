"""Parts of an office package that its reader has no place for: charts, diagrams, embedded files, custom XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.extract.markup import parse, words
from agent.extract.members import Member
from agent.extract.ooxml import attributes, drawing, macros
from agent.extract.package import Package
from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

# By the last piece of the name without its number and kind.
_WORDLESS = {
    "styles",
    "styleswitheffects",
    "websettings",
    "fonttable",
    "theme",
    "themeoverride",
    "tablestyles",
    "viewprops",
    "calcchain",
    "sharedstrings",
    "colors",
    "style",
    "itemprops",
    "workbook",
    "commentsids",
    "commentsextensible",
    "commentsextended",
    "printersettings",
    "vbadata",
    "metadata",
    "layout",
    "quickstyle",
    "windows",
}
_STEM = re.compile(r"([^/]*?)\d*\.(?:xml|bin)")
_SKIPPED = (".odttf", ".fntdata", ".sigs")
_PICTURES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".emf",
    ".wmf",
    ".wdp",
    ".webp",
    ".heic",
    ".svg",
)
_SOUNDS = (
    ".wav",
    ".mp3",
    ".mp4",
    ".m4a",
    ".wma",
    ".avi",
    ".wmv",
    ".mov",
    ".m4v",
    ".mpg",
    ".ogg",
    ".flac",
    ".mid",
    ".glb",
)
_HEAD = 65_536  # bytes of a picture that tell its size


def _wordless(name: str) -> bool:
    if name.endswith(("/", *_SKIPPED)) or name == "[content_types].xml" or name.startswith("_xmlsignatures/"):
        return True
    base = name.rpartition("/")[2]
    stem = _STEM.fullmatch(base)
    return (stem is not None and stem.group(1) in _WORDLESS) or name.startswith("docprops/thumbnail.")


def nothing(name: str) -> bool:
    """For packages of other kinds, whose parts have other names: only folders are wordless."""
    return name.endswith("/")


def leftovers(
    package: Package, reading: Reading, folder: str, wordless: Callable[[str], bool] = _wordless
) -> Iterator[Segment]:
    """The words of every part not read yet; pictures and sealed parts are noted in the coverage.

    Args:
        package: the package, which knows what was read.
        reading: the document.
        folder: where the format keeps its parts, such as ``word/``.
        wordless: whether a part, by its name in lower case, holds no words.
    """
    said: set[str] = set()
    for name, member in package.members:
        part = name.replace("\\", "/").lstrip("/")
        lower = part.lower()
        if lower in package.used or wordless(lower):
            continue
        package.used.add(lower)
        if lower.endswith((".xml", ".vml")):
            for segment in _words(package, reading, lower, folder):
                if segment.text not in said:  # a diagram is kept as what it says, and again as it was drawn
                    said.add(segment.text)
                    yield segment
        elif lower.endswith("vbaproject.bin"):
            for data in package.parts(lower):
                yield from macros.read(data, reading, part)
        elif not _noted(package, reading, part, member):
            yield from package.inner(part, member)
    if package.external:
        yield Segment("\n".join(package.external), "property:links", Zone.PROPERTY, lines=False)


def _noted(package: Package, reading: Reading, part: str, member: Member) -> bool:
    """Whether a part holds no document: links are kept, and what may be read from a picture or heard is noted."""
    lower = part.lower()
    if lower.endswith(".rels"):
        package.links_in(lower, "")
    elif lower.endswith(_SOUNDS):
        reading.miss(Reason.UNSUPPORTED, part)
    elif lower.endswith(_PICTURES):
        return not worth_reading(package.head(lower, _HEAD), member.file_size, closely=reading.ledger.ocr)
    elif "/ink/" in lower:
        reading.miss(Reason.OCR_OFF, part)
    else:
        return False
    return True


def _words(package: Package, reading: Reading, name: str, folder: str) -> Iterator[Segment]:
    if "/ink/" in name:
        reading.miss(Reason.OCR_OFF, name)  # handwriting is a picture
        return
    keys = attributes.keys(name)
    for data in package.parts(name):
        if keys is not None and not keys.worth(data):
            continue
        root = parse(data, reading, name)
        if root is None:
            continue
        if keys is not None:
            found, where, zone = keys.said(root), f"property:{keys.place}", Zone.PROPERTY
        elif "/charts/" in name or "/chartex" in name:
            found, where, zone = drawing.chart(root), "chart", Zone.TEXTBOX
        elif name.endswith(".vml"):
            found, where, zone = drawing.vml(root), "text box", Zone.TEXTBOX
        elif name.startswith(folder):
            found, where, zone = drawing.everything(root), "text box", Zone.TEXTBOX
        else:
            found, where, zone = list(words(root)), f"property:{name}", Zone.PROPERTY
        if found:
            yield Segment("\n".join(found), where, zone, lines=zone is not Zone.PROPERTY)
