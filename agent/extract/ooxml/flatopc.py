"""Office documents in one XML file: the flat form of their package, namespace ``office/2006/xmlPackage``."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from lxml import etree

from agent import identify
from agent.extract.archive import zip as archive
from agent.extract.embedded import unpacked
from agent.extract.markup import Element, local, parse, whole
from agent.extract.ooxml import excel, slides, word
from agent.extract.reading import Reading
from config.verdict import Segment

_READERS = ((b"wordprocessingml", word.read), (b"spreadsheetml", excel.read), (b"presentationml", slides.read))


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The parts put back into a package, which is then read as the document it is."""
    root = parse(whole(file, reading), reading, "")
    if root is None:
        return
    package = io.BytesIO()
    kinds = []
    with zipfile.ZipFile(package, "w") as archived, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two parts of one name are both written, and both read
        for part in root.iterchildren("{*}part"):
            name = next((str(value) for key, value in part.attrib.items() if str(key).endswith("}name")), "")
            kind = next((str(value) for key, value in part.attrib.items() if str(key).endswith("}contentType")), "")
            if not name or len(name) > 1000:
                continue
            kinds.append(f"<Override PartName={quoteattr(name)} ContentType={quoteattr(kind)}/>")
            archived.writestr(name.lstrip("/"), _content(part))
        types = f"<Types>{''.join(kinds)}</Types>".encode()
        archived.writestr("[Content_Types].xml", types)
    found = identify.identify(package).media_type.encode()
    reader = next((reader for mark, reader in _READERS if mark in found or mark in types), archive.read)
    package.seek(0)
    yield from reader(package, reading)


def _content(part: Element) -> bytes:
    for data in part:
        if local(data) == "xmlData" and len(data):
            return etree.tostring(data[0], encoding="utf-8", with_tail=False)
        if local(data) == "binaryData":
            return unpacked(data.text or "")
    return b""
