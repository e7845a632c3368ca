"""Calendars and visiting cards (RFC 5545, RFC 6350, vCard 2.1): long lines put together again, values decoded."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract import transfer
from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading
from agent.extract.text import plain
from config.verdict import Segment

_FOLD = re.compile(rb"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z0-9.-]{1,60})((?:;(?:\"[^\"\n]*\"|[^\":\n])*)?):(.*)")
_QUOTED = re.compile(r"ENCODING=\"?QUOTED-PRINTABLE|;QUOTED-PRINTABLE", re.IGNORECASE)
_BASE64 = re.compile(r"ENCODING=\"?(?:B\b|BASE64)|;BASE64", re.IGNORECASE)
_CHARSET = re.compile(r"CHARSET=\"?([\w.:-]{1,40})", re.IGNORECASE)
_NAMED = re.compile(r"(?:X-)?FILENAME=\"?([^\";:]{1,255})", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([nN;,:\\])")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """One line for each property, as ``body``; values that are documents under ``attachment N``.

    A file larger than may be held is read as the text it is.
    """
    data = file.read(reading.limits.max_part + 1)
    if len(data) > reading.limits.max_part:
        file.seek(0)
        yield from plain.read(file, reading)
        return
    data = unfolded(data)
    for again, name in enumerate(decide(data)[:2]):
        text = decode(data, name)
        yield from segments(plain.beyond_ascii(text) if again else text, reading)


def unfolded(data: bytes) -> bytes:
    """Long lines put together, before they are decoded: a line may be folded within a character (RFC 5545 3.1)."""
    return data if b"\0" in data else _FOLD.sub(b"", data)


def segments(text: str, reading: Reading) -> Iterator[Segment]:
    """The segments of a calendar or card that is text already."""
    lines: list[str] = []
    inner = 0
    for line in _logical(plain.broken(text)):
        match = _LINE.fullmatch(line)
        if match is None:
            lines.append(line)
            continue
        name, parameters, value = match.groups()
        if _BASE64.search(parameters):
            inner += 1
            named = _NAMED.search(parameters)
            content = transfer.from_base64(value.encode("ascii", "ignore"))
            reading.unpack(len(content), name)
            yield from reading.inner(named.group(1) if named else f"attachment {inner}", io.BytesIO(content))
            value = ""
        elif _QUOTED.search(parameters):
            raw = transfer.from_quoted(value.encode("utf-8", "replace"))
            label = _CHARSET.search(parameters)
            value = decode(raw, decide(raw, label.group(1).lower() if label else "")[0])
        lines.append(f"{name}{parameters}:{_ESCAPE.sub(_escaped, value)}")
    if any(lines):
        yield Segment("\n".join(lines), "body")


def _logical(text: str) -> Iterator[str]:
    """Lines; those with quoted values go on after a sign = (vCard 2.1)."""
    pieces: list[str] = []
    for line in text.split("\n"):
        pieces.append(line)
        if line.endswith("=") and _QUOTED.search(pieces[0][:500]):
            pieces[-1] = line[:-1]
            continue
        yield "".join(pieces)
        pieces = []
    if pieces:
        yield "".join(pieces)


def _escaped(match: re.Match[str]) -> str:
    return "\n" if match.group(1) in "nN" else match.group(1)
