"""Header fields of mail (RFC 5322, 2047, 2231) as people read them; what they say of their encoding may be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from agent.extract.encoding import decide, decode
from agent.extract.transfer import from_base64, from_quoted
from config.verdict import Segment, Zone

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD = re.compile(rb"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_PARAMETER = re.compile(
    rb";[ \t\r\n]*([^\s;=\"*]{1,60})(\*\d{1,4})?(\*?)[ \t]*=[ \t\r\n]*(\"(?:\\.|[^\"\\])*\"?|[^;]*)"
)
_PAIR = re.compile(rb"\\(.)", re.DOTALL)
# Fields that say how a message travelled, was wrapped or signed: no word in them is its writer's.
_PLUMBING = frozenset(
    [
        "received",
        "x-received",
        "return-path",
        "delivered-to",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "content-length",
        "content-location",
        "message-id",
        "in-reply-to",
        "references",
        "dkim-signature",
        "domainkey-signature",
        "authentication-results",
        "received-spf",
        "x-gm-message-state",
        "x-google-dkim-signature",
        "dkim-filter",
        "x-google-smtp-source",
        "x-mailer",
        "user-agent",
        "x-ms-exchange-antispam-messagedata-0",
    ]
)
_KNOWN = frozenset(
    ["subject", "from", "to", "cc", "bcc", "reply-to", "date", "keywords", "comments", "sensitivity", "msip_labels"]
)


class Headers:
    """The fields of one message or part, in order."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields

    def raw(self, name: str) -> bytes:
        """The first field of a name, unfolded and undecoded."""
        return next((value for field, value in self.fields if field.lower() == name), b"")

    def text(self, name: str) -> str:
        """The first field of a name as text."""
        return words(self.raw(name))

    def segments(self) -> Iterator[Segment]:
        """Fields that everyone knows as ``property:Subject`` and so on; the others together, each with its name."""
        others = []
        for name, value in self.fields:
            low = name.lower()
            if low in _PLUMBING or low.startswith(("arc-", "x-arc-")) or not (text := words(value)):
                continue
            if low in _KNOWN:
                zone = Zone.LABEL if low == "msip_labels" else Zone.PROPERTY
                yield Segment(text, f"property:{name}", zone, lines=False)
            else:
                others.append(f"{name}: {text}")
        if others:
            yield Segment("\n".join(others), "property:headers", Zone.PROPERTY, lines=False)


def split(data: bytes) -> tuple[Headers, bytes]:
    """Fields and body. A line that is no field ends the head even where no empty line does; it belongs to the body."""
    fields: list[tuple[str, bytes]] = []
    held: list[bytes] = []
    position = 0
    while position < len(data):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end + 1
        line = data[position:end]
        if not line.strip(b"\r\n"):
            position = end
            break
        if line[:1] in b" \t" and held:
            held.append(line)
        elif match := _FIELD.match(line):
            _close(fields, held)
            fields.append((match.group(1).decode("ascii", "replace"), b""))
            held = [line[match.end() :]]
        elif not fields and line.startswith((b"From ", b">From ")):
            pass  # the line that begins a message in a mailbox
        else:
            break
        position = end
    _close(fields, held)
    return Headers(fields), data[position:]


def _close(fields: list[tuple[str, bytes]], held: list[bytes]) -> None:
    if held:
        unfolded = b" ".join(line.strip(b" \t\r\n") for line in held) if len(held) > 1 else held[0].strip(b" \t\r\n")
        fields[-1] = (fields[-1][0], unfolded)


def words(raw: bytes) -> str:
    """A field as text: encoded words (RFC 2047) put together before they are decoded, for a character may be cut."""
    out: list[str] = []
    held, label = bytearray(), ""
    last = 0
    for match in _WORD.finditer(raw):
        between = raw[last : match.start()]
        name = match.group(1).decode().lower()
        if between.strip() or (label and name != label):
            out.append(_text(bytes(held), label))
            held.clear()
        if between.strip():
            out.append(_text(between, ""))
        data = match.group(3)
        held += from_base64(data) if match.group(2) in b"bB" else from_quoted(data.replace(b"_", b" "))
        label, last = name, match.end()
    out += [_text(bytes(held), label), _text(raw[last:], "")]
    return "".join(out).strip()


def _text(raw: bytes, label: str) -> str:
    return decode(raw, decide(raw, label)[0]) if raw else ""


def parameters(raw: bytes) -> dict[str, str]:
    """The parameters after the value of a field (RFC 2231), in lower case; continued and encoded ones are joined."""
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for match in _PARAMETER.finditer(raw):
        name, number, star, value = match.groups()
        value = _PAIR.sub(rb"\1", value[1:].removesuffix(b'"')) if value[:1] == b'"' else value.strip()
        entry = (int(number[1:]) if number else -1, bool(star), value)
        pieces.setdefault(name.decode("ascii", "replace").lower(), []).append(entry)
    return {name: _joined(sorted(entries, key=lambda entry: entry[0])) for name, entries in pieces.items()}


def _joined(entries: list[tuple[int, bool, bytes]]) -> str:
    if encoded := [entry for entry in entries if entry[0] == -1 and entry[1]]:
        entries = encoded[:1]  # the plain form beside it is for readers of before RFC 2231
    elif entries[-1][0] >= 0:
        entries = [entry for entry in entries if entry[0] >= 0]
    else:
        entries = entries[:1]
    if not any(star for _, star, _ in entries):
        return words(b"".join(value for _, _, value in entries))
    label, raw = "", b""
    for number, star, value in entries:
        pieces = value.split(b"'", 2) if star and number <= 0 else [value]
        if len(pieces) == 3:
            label = pieces[0].decode("ascii", "replace").lower()
        raw += unquote_to_bytes(pieces[-1]) if star else value
    return _text(raw, label)
