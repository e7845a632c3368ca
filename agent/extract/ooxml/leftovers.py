"""Parts of an office package that its reader has no place for: charts, diagrams, embedded files, custom XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.extract.markup import parse, words
from agent.extract.ooxml import drawing
from agent.extract.package import Package
from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_WORDLESS = re.compile(
    r".*(styles|settings|websettings|fonttable|theme\d*|themeoverride\d*|numbering|stylesWithEffects|tablestyles|viewprops|"
    r"calcchain|sharedstrings|colors\d*|style\d*|itemprops\d+|people|workbook|commentsids|commentsextensible|commentsextended|"
    r"thumbnail|printersettings\d*|vbadata|connections|metadata|styleswitheffects|layout\d+|quickstyle\d+|colors\d+)"
    r"\.(xml|bin)|.*\.(rels|odttf|fntdata|psmdcp|sigs)|\[content_types\]\.xml|_xmlsignatures/.*|docprops/thumbnail\..*",
    re.IGNORECASE,
)
NOTHING = re.compile(r"(?!)")  # for packages of other kinds, whose parts have other names
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


def leftovers(
    package: Package, reading: Reading, folder: str, wordless: re.Pattern[str] = _WORDLESS
) -> Iterator[Segment]:
    """The words of every part not read yet; pictures and sealed parts are noted in the coverage.

    Args:
        package: the package, which knows what was read.
        reading: the document.
        folder: where the format keeps its parts, such as ``word/``.
        wordless: names of parts without words, in lower case.
    """
    for name, member in package.members:
        part = name.replace("\\", "/").lstrip("/")
        lower = part.lower()
        if lower in package.used or wordless.fullmatch(lower) or lower.endswith("/"):
            continue
        package.used.add(lower)
        if lower.endswith(_SOUNDS):
            reading.miss(Reason.UNSUPPORTED, part)
        elif lower.endswith(_PICTURES):
            if worth_reading(package.part(lower), member.file_size):
                reading.miss(Reason.OCR_OFF, part)
        elif lower.endswith((".xml", ".vml")):
            yield from _words(package, reading, lower, folder)
        else:
            yield from package.inner(part, member)


def _words(package: Package, reading: Reading, name: str, folder: str) -> Iterator[Segment]:
    for data in package.parts(name):
        root = parse(data, reading, name)
        if root is None:
            continue
        if "/charts/" in name or "/chartex" in name:
            found, where, zone = drawing.chart(root), "chart", Zone.TEXTBOX
        elif name.startswith(folder):
            found, where, zone = list(words(root)), "text box", Zone.TEXTBOX
        else:
            found, where, zone = list(words(root)), f"property:{name}", Zone.PROPERTY
        if found:
            yield Segment("\n".join(found), where, zone, lines=zone is not Zone.PROPERTY)
