"""What a message of Outlook says, whatever holds its properties ([MS-OXPROPS], [MS-OXCMSG])."""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec

from agent.extract.encoding import decide, decode
from agent.extract.mail import headers, richtext
from agent.extract.reading import NotReadError, Reading
from agent.extract.text import disguise, plain, rtf, web
from config.verdict import Segment, Zone

BODY, HTML, RTF, HEADERS = 0x1000, 0x1013, 0x1009, 0x007D
DATA, LONG_NAME, SHORT_NAME, SHOWN_NAME, MIME_TAG = 0x3701, 0x3707, 0x3704, 0x3001, 0x370E
MESSAGE_PAGE, INTERNET_PAGE = 0x3FFD, 0x3FDE
NAMED = 0x8000  # properties from here on have a name of their own in each file
STRING, WIDE, BINARY, OBJECT, MANY = 0x1E, 0x1F, 0x102, 0x0D, 0x1000
# Tags to the words of places; a string without a line here stands under its tag.
_WORDS = {
    0x0037: "Subject",
    0x0C1A: "From",
    0x0C1F: "From",
    0x5D01: "From",
    0x0042: "From",
    0x0E04: "To",
    0x0E03: "Cc",
    0x0E02: "Bcc",
    0x0050: "Reply-To",
    0x1035: "Message-ID",
    0x3A06: "GivenName",
    0x3A11: "Surname",
    0x3A16: "Company",
    0x3A17: "Title",
    0x3A18: "Department",
    0x3A08: "BusinessTelephone",
    0x3A09: "HomeTelephone",
    0x3A1C: "MobileTelephone",
    0x3A15: "PostalAddress",
    0x3001: "Name",
    0x3002: "AddressType",
    0x3003: "EmailAddress",
    0x3004: "Comment",
    0x39FE: "EmailAddress",
    LONG_NAME: "attachment",
    SHORT_NAME: "attachment",
}
# Keys, classes, kinds of address and second copies of the subject.
_PLUMBING = {0x001A, 0x003D, 0x0070, 0x0E1D, 0x0064, 0x0075, 0x0077, 0x0C1E, 0x0040, 0x0044, 0x1035, 0x1042, 0x1039}
_PLUMBING |= {0x0065, 0x0076, 0x0078, 0x3FF8, 0x3FFA, 0x4038, 0x4039, 0x300B, 0x3002, 0x3A00, 0x3A20, 0x39FF, 0x5FF6}
_PLUMBING |= {0x1008, 0x0E28, 0x0E29, 0x3FFC, BODY, HTML, HEADERS, MIME_TAG, 0x3703, 0x3712, 0x3713, 0x1014}
_BULLETS = dict.fromkeys(map(ord, "\0\ufffd·•"))  # written in a font of their own, and not alike
_COMPARED = 200_000_000  # lines times characters; above it a body is compared as a whole
_KEPT = {"#8554", "#8580", "#8581", "#85D0"}  # numbers in a set: the program's version, the account that sends
_SENSITIVITY = {1: "Personal", 2: "Private", 3: "Confidential"}  # [MS-OXCMSG] 2.2.1.13


class Properties:
    """The properties of one message, attachment or person; strings of eight bits wait for their code page."""

    def __init__(self) -> None:
        self.strings: dict[int, list[bytes | str]] = {}
        self.numbers: dict[int, int] = {}
        self.blobs: dict[int, bytes] = {}
        self.names: dict[int, str] = {}
        self.page = ""  # the codec of strings of eight bits

    def settle(self, outer: str = "") -> None:
        """Fix the code page: what the message says of its strings, of its text, or what holds outside."""
        for tag in (MESSAGE_PAGE, INTERNET_PAGE):
            self.page = self.page or richtext.codec(self.numbers.get(tag, 0))
        self.page = self.page or outer

    def text(self, tag: int) -> str:
        """A string, of several values each on its line."""
        return "\n".join(map(self._decoded, self.strings.get(tag, ()))).strip("\0")

    def data(self, tag: int) -> bytes:
        """Bytes, or a string of eight bits as it stands."""
        found = self.blobs.get(tag, b"")
        if not found and (strings := self.strings.get(tag)):
            return strings[0] if isinstance(strings[0], bytes) else strings[0].encode()
        return found

    def shown(self) -> dict[str, list[str]]:
        """Every string that people filled in, once, under its name; under none where it has no name people know."""
        found: dict[str, dict[str, None]] = {}
        for tag in self.strings:
            if tag in _PLUMBING or not (text := self.text(tag).strip()):
                continue
            name = self.names.get(tag) or _WORDS.get(tag) or ""
            if name not in _KEPT:
                found.setdefault("" if name.startswith("#") else name, {})[text] = None
        return {name: list(texts) for name, texts in found.items()}

    @property
    def person(self) -> str:
        """Name and addresses of someone, on one line."""
        return " ".join(dict.fromkeys(text for texts in self.shown().values() for text in texts))

    def name(self, default: str) -> str:
        """The file name of an attachment."""
        return self.text(LONG_NAME) or self.text(SHORT_NAME) or self.text(SHOWN_NAME) or default

    def _decoded(self, raw: bytes | str) -> str:
        if isinstance(raw, str):
            return raw
        raw = raw.rstrip(b"\0")
        return decode(raw, decide(raw, self.page)[0]) if raw else ""


def segments(item: Properties, reading: Reading) -> Iterator[Segment]:
    """Properties as ``property:Subject`` and so on, headers, then the body in each of its forms that says more."""
    for name, texts in item.shown().items():
        zone = Zone.LABEL if name.lower().startswith("msip_label") else Zone.PROPERTY
        yield Segment("\n".join(texts), f"property:{name or 'other'}", zone, lines=False)
    if sensitivity := _SENSITIVITY.get(item.numbers.get(0x0036, 0)):
        yield Segment(sensitivity, "property:Sensitivity", Zone.PROPERTY, lines=False)
    for raw in item.strings.get(HEADERS, ()):
        head, rest = headers.split(raw.encode("utf-8", "replace") if isinstance(raw, str) else raw)
        yield from head.segments()
        if rest.strip():
            yield Segment(decode(rest, decide(rest)[0]), "property:headers", Zone.PROPERTY, lines=False)
    yield from _bodies(item, reading)


def _bodies(item: Properties, reading: Reading) -> Iterator[Segment]:
    said = ""
    if body := item.text(BODY):
        yield Segment(plain.broken(body), "body")
        yield from disguise.found(body, "body", reading)
        said = _squeezed(body)
    if html := item.data(HTML).rstrip(b"\0"):
        pages = list(web.page(decode(html, decide(html, richtext.codec(item.numbers.get(INTERNET_PAGE, 0)))[0])))
        yield from pages
        said += "".join(_squeezed(page.text) for page in pages)
    if packed := item.data(RTF):
        try:
            raw = richtext.unpacked(packed, reading)
            reading.unpack(len(raw), "rich text body")
            if richtext.is_html(raw):
                found = list(web.page(richtext.Page(raw, reading).html()))
            else:
                found = list(rtf.read(io.BytesIO(raw), reading))
        except NotReadError:
            raise
        except Exception as problem:  # noqa: BLE001 - the body in another form, and the attachments, stay
            reading.fail(problem, "rich text body")
            return
        yield from _unsaid(found, said)


def _unsaid(found: list[Segment], said: str) -> Iterator[Segment]:
    """The lines that were not said already: one body is made from the other, save where someone made them differ."""
    for segment in found:
        if _squeezed(segment.text) in said:
            continue
        lines = segment.text.split("\n")
        if len(lines) * len(said) < _COMPARED:
            lines = ["" if _squeezed(line) in said else line for line in lines]
        if any(_squeezed(line) for line in lines):
            yield msgspec.structs.replace(segment, text="\n".join(lines))


def _squeezed(text: str) -> str:
    return "".join(text.translate(_BULLETS).split())
