"""The objects of a PDF file as bytes: strings that no page draws, and a new table for a file that lost its own.

Notes' rich text, tool tips, options, descriptions for the blind, scripts, links, reasons of signatures, keys of the
information dictionary (ISO 32000-1, 7.3.4, 7.5.7, 12.3-12.8, 14.3). Older revisions of an object are read as well.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading

_NUMBERS = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+$")  # before the word that begins an object
_HEX = re.compile(rb"<[0-9A-Fa-f\s]+>")
_INFO = re.compile(rb"/Info\s+(\d{1,10})\s+\d{1,5}\s+R")
_LENGTH = re.compile(rb"/Length\s+(\d{1,10})\b(?!\s+\d+\s+R)")
_FIRST = re.compile(rb"/First\s+(\d{1,10})")
_PAGE = re.compile(rb"/Type\s*/Page\b")
_STRING = rb"(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*\)|<[0-9A-Fa-f\s]*>)"
_ANY = re.compile(rb"/([^\s/<>\[\]()]{1,127})\s*" + _STRING, re.DOTALL)
_LIST = re.compile(rb"/Opt\s*\[((?:[^\]()]|" + _STRING + rb")*)\]", re.DOTALL)
_ITEM = re.compile(_STRING, re.DOTALL)
_STAMP = re.compile(rb"/Subtype\s*/Stamp\b")
_NAME = re.compile(rb"/Name\s*/([\w-]{1,127})")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\n", b"t": b"\t", b"b": b"", b"f": b""}
_TAG = re.compile(r"<[^>]*>")
_PLACES = {  # key to place
    **dict.fromkeys(("Contents", "RC", "Subj", "T"), "annotation"),
    **dict.fromkeys(("V", "DV", "RV", "TU", "CA"), "form field"),
    **dict.fromkeys(("Alt", "ActualText", "E"), "property:description"),
    **dict.fromkeys(("Reason", "Location", "ContactInfo", "Name"), "property:names"),
    **dict.fromkeys(("F", "UF", "Desc"), "property:files"),
    "URI": "property:links",
    "JS": "macro",
    "P": "property:page labels",
}
_SHORT = 4  # characters; what stands for a ligature or one letter is on the page anyway


class Objects:
    """What a scan of the whole file found: ``said`` by place, ``information`` by key, XMP ``packets``.

    ``packed`` says that objects stand in compressed streams, ``sealed`` that nothing could be found.
    """

    def __init__(self, raw: bytes, reading: Reading) -> None:
        self._reading = reading
        self.said: dict[str, dict[str, None]] = {}
        self.information: dict[str, str] = {}
        self.dictionary = b""  # of the information, as it stands
        self.packets: list[bytes] = []
        self.packed = b"/ObjStm" in raw
        self.sealed = b"/Encrypt" in raw
        if self.sealed:
            return  # strings are sealed one by one
        found = _INFO.match(raw, max(0, raw.rfind(b"/Info ")))
        informed = int(found.group(1)) if found else -1
        for number, body, at, end in objects(raw):
            if at and b"Metadata" in body:
                self.packets.append(_inflated(body, raw[at:end], reading))
            if at and b"ObjStm" in body:
                for inner, text in _inside(body, raw[at:end], reading):
                    self._take(text, informed=inner == informed)
            elif b"(" in body or _HEX.search(body) or b"/Stamp" in body:
                self._take(body, informed=number == informed)

    def _take(self, body: bytes, *, informed: bool) -> None:
        if informed:
            self.dictionary = body
        for key, value in _ANY.findall(body):
            if informed:
                self.information[_key(key)] = text_of(value)
            elif (place := _PLACES.get(key.decode("latin-1"))) and (text := text_of(value).strip()):
                if key in (b"RC", b"RV"):
                    text = _TAG.sub(" ", text).strip()
                if len(text) >= _SHORT or place in ("annotation", "form field"):
                    self.said.setdefault(place, {})[text] = None
        if b"/Opt" in body:
            for listed in _LIST.findall(body):
                options = (text_of(item) for item in _ITEM.findall(listed[0]))
                self.said.setdefault("form field", {}).update(dict.fromkeys(options))
        if b"/Stamp" in body and _STAMP.search(body) and (name := _NAME.search(body)):
            self.said.setdefault("annotation", {})[name.group(1).decode("latin-1")] = None


def objects(raw: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Number and dictionary of each object, and where its stream begins and ends; nought when it has none."""
    at = 0
    while (word := raw.find(b"obj", at)) >= 0:
        start = at = word + 3
        match = _NUMBERS.search(raw[max(0, word - 20) : word])
        if match is None:
            continue
        end = raw.find(b"endobj", start)
        end = len(raw) if end < 0 else end
        stream = raw.find(b"stream", start, end)
        if stream < 0:
            yield int(match.group(1)), raw[start:end], 0, 0
            at = end + 6
            continue
        body = raw[start:stream]
        data = stream + 6
        data += 2 if raw[data : data + 2] == b"\r\n" else 1
        length = _LENGTH.search(body)
        stated = data + int(length.group(1)) if length else -1
        if not 0 <= stated <= len(raw) or b"endstream" not in raw[stated : stated + 16]:
            stated = raw.find(b"endstream", data)
            stated = len(raw) if stated < 0 else stated
        yield int(match.group(1)), body, data, stated
        at = stated


def repaired(raw: bytes, reading: Reading) -> bytes:
    """A new file of all objects found, with a table, and a catalogue of all pages; empty when there is no page."""
    found: dict[int, tuple[bytes, bytes | None]] = {}  # of an object that was changed, the last
    for number, body, at, end in objects(raw):
        if at and b"ObjStm" in body:
            found.update((inner, (text, None)) for inner, text in _inside(body, raw[at:end], reading))
        elif (at or body.count(b"<<") == body.count(b">>")) and b"/XRef" not in body:  # else it was cut off
            found[number] = (body, raw[at:end] if at else None)
    pages = [number for number, (body, _) in found.items() if _PAGE.search(body)][: reading.limits.max_pages + 1]
    if not pages:
        return b""
    first = max(found) + 1
    listed = b" ".join(b"%d 0 R" % number for number in pages)
    found[first] = (b"<</Type/Pages/Kids[%s]/Count %d>>" % (listed, len(pages)), None)
    found[first + 1] = (b"<</Type/Catalog/Pages %d 0 R>>" % first, None)
    parts = [b"%PDF-1.7\n"]
    length = len(parts[0])
    table = [b"xref\n0 1\n0000000000 65535 f \n"]
    for number, (head, content) in found.items():
        shown = head if content is None else b"%s\nstream\n%s\nendstream" % (head, content)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, shown))
        table.append(b"%d 1\n%010d 00000 n \n" % (number, length))
        length += len(parts[-1])
    trailer = b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (first + 2, first + 1, length)
    return b"".join((*parts, *table, trailer))


def text_of(value: bytes) -> str:
    """A string as text (7.9.2.2): UTF-16, UTF-8, or the code page of whoever wrote it."""
    if value.startswith(b"<"):
        digits = re.sub(rb"\s", b"", value[1:-1])
        raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    else:
        raw = _ESCAPE.sub(_unescaped, value[1:-1]) if b"\\" in value else value[1:-1]
    if raw.startswith((b"\xfe\xff", b"\xff\xfe")):
        return raw.decode("utf-16", "replace").replace("\r", "\n")
    if raw.isascii():
        return raw.decode("ascii").replace("\r", "\n")
    return decode(raw, decide(raw)[0]).replace("\r", "\n")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    if code.isdigit():
        return bytes([int(code, 8) & 0xFF]) if code[:1] < b"8" else code
    return _PLAIN.get(code, b"" if code in (b"\r\n", b"\n", b"\r") else code)


def _key(raw: bytes) -> str:
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes([int(match.group(1), 16)]), raw)
    return plain.decode() if plain.isascii() else decode(plain, decide(plain)[0])


def _inside(body: bytes, data: bytes, reading: Reading) -> Iterator[tuple[int, bytes]]:
    """Number and content of the objects packed in a stream: pairs of numbers, then the objects (7.5.7)."""
    content = _inflated(body, data, reading)
    first = _FIRST.search(body)
    start = int(first.group(1)) if first else 0
    numbers = [int(number) for number in content[:start].split() if number.isdigit() and len(number) < 11]
    offsets = [*numbers[1::2], len(content)]
    for index, number in enumerate(numbers[::2][: len(offsets) - 1]):
        begin, end = start + offsets[index], start + offsets[index + 1]
        if begin <= end:
            yield number, content[begin : min(end, len(content))]


def _inflated(body: bytes, data: bytes, reading: Reading) -> bytes:
    """A stream without its compression, as far as it goes; as it stands when it has none."""
    if b"/Filter" not in body:
        return data
    if b"FlateDecode" not in body and b"/Fl" not in body:
        return b""
    unpacker = zlib.decompressobj()
    found: list[bytes] = []
    total = 0
    try:
        while data and not unpacker.eof and total <= reading.limits.max_part:
            block = unpacker.decompress(data, 2**20)
            reading.unpack(len(block), "objects")
            found.append(block)
            total += len(block)
            data = unpacker.unconsumed_tail
    except zlib.error:
        pass  # what came before the damage counts
    return b"".join(found)
