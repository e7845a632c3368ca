r"""Text that stands in a text in another form: base64, escapes of programs, references, percent and quoted signs.

Programs write 机密 as ``\u673a\u5bc6``, ``&#26426;&#23494;``, ``%E6%9C%BA%E5%AF%86`` or ``=E6=9C=BA=E5=AF=86``. What
is found is given beside the text as it stands, on the same lines; lines that hold nothing of the kind are empty there.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
from collections.abc import Callable, Iterator

from agent import identify, media
from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading
from config.verdict import Reason, Segment

# Four lines of mail, or one long line: shorter runs are words, digests, keys, which the rules know as they stand.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,}[ \t]*\n?[ \t]*){1,}[A-Za-z0-9+/]*={0,2}")
_ALPHABET = bytes(65 if (chr(byte).isalnum() and byte < 128) or byte in b"+/" else 32 for byte in range(256))
_MOST_TRIED = 1_000  # runs in one text
_SHORTEST = 160
# Beyond ASCII: other escapes say nothing that the text does not say.
_ESCAPE = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}|\\x[89a-fA-F][0-9a-fA-F]\\x[89a-fA-F][0-9a-fA-F]")
_ESCAPED = re.compile(r"((?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4})+)|(?:\\(.))")
_BYTES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_REFERENCE = re.compile(r"&#(?:x0*[0-9a-fA-F]{2,6}|0*[1-9][0-9]{2,6});?")
_PERCENT = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]%[0-9A-Fa-f]{2}")
_PERCENTS = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_QUOTED = re.compile(r"=[89A-F][0-9A-F]=[0-9A-F]{2}")
_SIMPLE = {"n": "\n", "r": "\n", "t": "\t", "b": "", "f": "\n"}


def found(text: str, place: str, reading: Reading, *, first: int = 1, references: bool = True) -> Iterator[Segment]:
    """Segments for what ``text`` holds in disguise; ``first`` is the number of its first line."""
    for sign, pattern, undo in _FORMS:
        if sign == "&#" and not references:
            continue
        if sign in text and (match := pattern.search(text)):
            reading.tick()
            if said := _lines(text, match.start(), pattern, undo, joined=sign == "="):
                yield Segment(said, place, first=first)
    for tried, match in enumerate(_runs(text)):
        line = f"line {first + text.count(chr(10), 0, match.start())} base64"
        if tried >= _MOST_TRIED:
            reading.miss(Reason.TOO_LARGE, f"{place} {line}".lstrip())
            break
        yield from _encoded(match.group(), f"{place} {line}".lstrip(), reading)


def _lines(text: str, start: int, pattern: re.Pattern[str], undo: Callable[[str], str], *, joined: bool) -> str:
    """The lines that ``pattern`` finds something in, undone; the others are empty. Empty when none of them changes."""
    out: list[str] = [""] * text.count("\n", 0, start)
    held: list[str] = []
    changed = False
    for line in text[text.rfind("\n", 0, start) + 1 :].split("\n"):
        held.append(line)
        if joined and line.endswith("=") and len(held) < 200:
            held[-1] = line[:-1]  # a soft break: the line goes on below
            continue
        whole = "".join(held)
        if pattern.search(whole):
            whole = undo(whole).replace("\n", " ")
            changed = changed or bool(whole)
            out.append(whole)
        else:
            out.append("")
        out += [""] * (len(held) - 1)
        held = []
    return "\n".join(out) if changed else ""


def _unescaped(line: str) -> str:
    """Strings of JSON, JavaScript, Java, Python (RFC 8259 7); bytes written one by one are put together."""
    if "\\x" in line:
        line = _BYTES.sub(lambda match: _worded(bytes.fromhex(match.group().replace("\\x", ""))), line)
    return _ESCAPED.sub(_character, line)


def _character(match: re.Match[str]) -> str:
    if wide := match.group(1):
        return bytes.fromhex(wide.replace("\\u", "")).decode("utf-16-be", "replace")
    return _SIMPLE.get(match.group(2), match.group(2))


def _referred(line: str) -> str:
    return html.unescape(line)


def _percented(line: str) -> str:
    raw = b"".join(bytes.fromhex(run.replace("%", "")) for run in _PERCENTS.findall(line))
    name = decide(raw)[0]
    return _PERCENTS.sub(lambda match: decode(bytes.fromhex(match.group().replace("%", "")), name), line)


def _quoted(line: str) -> str:
    return _worded(binascii.a2b_qp(line.encode("utf-8", "replace")))


def _worded(raw: bytes) -> str:
    return decode(raw, decide(raw)[0])


_FORMS = (
    ("\\", _ESCAPE, _unescaped),
    ("&#", _REFERENCE, _referred),
    ("%", _PERCENT, _percented),
    ("=", _QUOTED, _quoted),
)


def _runs(text: str) -> Iterator[re.Match[str]]:
    """Long runs of base64. Most texts hold none: a search for sixty alike is ten times as fast as the pattern."""
    at = text.encode("ascii", "replace").translate(_ALPHABET).find(b"A" * 60)
    if at >= 0:
        yield from _BASE64.finditer(text, at)


def _encoded(text: str, place: str, reading: Reading) -> Iterator[Segment]:
    """What a long run of base64 (RFC 4648) holds, when that is a document or a text of its own."""
    if len(text) < _SHORTEST:
        return
    try:
        data = base64.b64decode("".join(text.split()) + "==")
    except binascii.Error:
        return
    if identify.identify(io.BytesIO(data)).media_type != media.BINARY:
        reading.unpack(len(data), place)
        yield from reading.inner(place, io.BytesIO(data))
