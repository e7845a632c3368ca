"""Which encoding a text is in, decided by evidence; and whether bytes are text at all."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from agent.extract import alphabets
from agent.extract.charsets import known

SAMPLE = 16_384
_BOMS = (  # UTF-32 before UTF-16: its little-endian mark begins with the other
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CONTROLS = re.compile(r"[\x00-\x06\x0e-\x19\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
_JUDGED = 3072  # bytes of lines that are not ASCII; more of them say the same
_RUN = re.compile(rb"[\x80-\xff]+")
_TOUCHING = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]++|(?<![\x80-\xff])[\x80-\xff]++(?=[A-Za-z])")
_CONTROL_BYTES = bytes((*range(1, 7), *range(14, 26), *range(28, 32)))
_WITHIN = re.compile(rb"[a-z][\x80-\xff]{1,2}(?=[a-z])")
_SINGLE = alphabets.tables()
_KNOWN = frozenset().union(*alphabets.WIDE.values(), *alphabets.LETTERS.values(), "".join(alphabets.LATIN["cp1250"]))
_CLEAR = 1.2  # nothing else than Chinese reads as such good Chinese
_CHINESE = alphabets.WIDE["gb18030"] | alphabets.WIDE["big5"]
# Encodings of seven bits give themselves away by what switches them: RFC 1468, RFC 1557, RFC 1843, RFC 2152.
_SWITCHED = (
    ("iso2022_jp", b"\x1b$", re.compile(rb"\x1b\$[@B]")),
    ("iso2022_jp_2", b"\x1b$", re.compile(rb"\x1b\$(?:\([CD]|A)")),
    ("iso2022_jp_ext", b"\x1b(I", re.compile(rb"\x1b\(I")),
    ("iso2022_kr", b"\x1b$)C", re.compile(rb"\x1b\$\)C[^\x0e]*\x0e")),
    ("hz", b"~{", re.compile(rb"~\{(?:[!-w][!-~])+(?:~\}|\n|\Z)")),
    ("utf-7", b"+", re.compile(rb"\+[A-Za-z0-9+/]{5,}")),
)
# cp037 and its kin: letters, digits, space, stop, comma, and the two line ends (IBM CDRA).
_EBCDIC = bytes({0x40, 0x4B, 0x6B, 0x15, 0x25, 0x0D, *range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA)})
_EBCDIC += bytes({*range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA), *range(0xF0, 0xFA), 0x60, 0x61, 0x7A})


def decide(data: bytes, label: str = "") -> tuple[str, ...]:  # noqa: PLR0911, C901 - one answer a kind of evidence
    """The encoding of a sample, and a second one where the evidence does not part the two. Never empty.

    ``data`` may be of any length, and end within a character. ASCII is said to be UTF-8; bytes that fit nothing are
    said to be windows-1252. ``label`` is the encoding that a document claims for itself: it decides between readings
    that are about as good.
    """
    if not (data and data[0] and data[-1]):
        data = _without_nuls(data)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return (name,)
    label = known(label)
    if len(data) > SAMPLE:
        if 0 not in data[:SAMPLE] and not data.isascii() and valid(data, "utf-8"):
            return ("utf-8",)
        data = _excerpt(data)
    ascii_only = data.isascii()
    if ascii_only and (name := _switched(data, label)):
        return (name,)
    bare = data.strip(b"\0")
    if (ascii_only or valid(bare, "utf-8")) and 0 not in bare and (len(bare) % 2 or len(bare) + 2 > len(data)):
        return ("utf-8",)
    if order := _wide(data):
        return (order,)
    if ascii_only or valid(data, "utf-8") or _damaged_utf8(data):
        return ("utf-8",)
    if _ebcdic(data):
        return ("cp037",)
    scores = _scores(data)
    if label:
        scores[label] = 1.3 * (scores[label] if label in scores else _claim(data, label))
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < 0.25:
        return ("gb18030", "windows-1252") if scores["gb18030"] > 0 and _dense(data) else ("windows-1252",)
    close = [
        name
        for name, score in scores.items()
        if name != best and score > 0.85 * scores[best] and {name[:5], best[:5]} - _ALIKE != set()
    ]
    return tuple(_variant(data, name) for name in (best, *close[:1]))


# Two readings of these differ in a letter or two, and every mark reads the same.
_ALIKE = {name[:5] for name in (*alphabets.LATIN, "koi8-r")}


def _without_nuls(data: bytes) -> bytes:
    """Without the NULs at either end, save those that may belong to a wide character."""
    end = len(data.rstrip(b"\0"))
    start = len(data) - len(data.lstrip(b"\0"))
    return data[start - start % 4 : end + -end % 4]


def _excerpt(data: bytes) -> bytes:
    """A sample from where something is not ASCII: what stands before it does not tell."""
    sign = _HIGH.search(data)
    at = min((at for at in map(data.find, (b"\x1b$", b"~{")) if at >= 0), default=0) if sign is None else sign.start()
    if 0 in data[:at]:
        return data[:SAMPLE]
    return data[max(data.rfind(b"\n", 0, at) + 1, at - SAMPLE // 2) :][:SAMPLE]


def _switched(data: bytes, label: str) -> str:
    """The encoding of a text that is all ASCII to look at; a text that only mentions the switches does not decode."""
    for name, sign, pattern in _SWITCHED:
        if sign[:1] not in data or sign not in data or not pattern.search(data):
            continue
        try:
            text = codecs.getincrementaldecoder(name)().decode(data)
        except UnicodeDecodeError:
            continue
        beyond = [char for char in text if char > "\x7f"]
        if beyond and (name not in ("hz", "utf-7") or label == name or _share(beyond) > 0.8):
            return name
    return ""


def _share(chars: list[str]) -> float:
    return sum(char in _KNOWN for char in chars) / len(chars) if len(chars) > 1 else 0.0


def _ebcdic(data: bytes) -> bool:
    """Text of mainframes: nearly nothing but the bytes of letters, digits and spaces there."""
    return (
        0.05 * len(data) < data.count(0x40)
        and data.count(0x20) < 0.01 * len(data)
        and len(data.translate(None, _EBCDIC)) < 0.08 * len(data)
    )


def _scores(data: bytes) -> dict[str, float]:
    """How well each encoding explains a sample; about 1 and more for the right one, below zero where it does not fit.

    Chinese is asked first, and when it is clear no other is.
    """
    body = _judged(data)
    # One or two bytes within a word are letters with accents, hardly ever a character of Chinese.
    within = len(_WITHIN.findall(body)) / max(1, len(_RUN.findall(body)))
    scores = {name: _score(body, name, alphabets.WIDE[name], within) for name in ("gb18030", "big5")}
    # Han in UTF-16 is half made of bytes that are printable ASCII; more of them is ASCII with something else in it.
    if len(data.translate(None, _PRINTABLE)) >= 0.25 * len(data):
        scores |= {name: _score(data[:_JUDGED], name, _CHINESE) for name in ("utf-16-le", "utf-16-be")}
    # What is full of control characters is no text of bytes: a program, a table of numbers.
    if max(scores.values()) > _CLEAR or len(body) - len(body.translate(None, _CONTROL_BYTES)) > 0.02 * len(body):
        return scores
    scores |= {name: _score(body, name, alphabets.WIDE[name], within) for name in ("cp932", "euc_jp", "cp949")}
    return scores | _single(body, max(scores.values()))


def _judged(data: bytes) -> bytes:
    """Lines that are not ASCII, up to a few thousand bytes."""
    if len(data) <= _JUDGED:
        return data
    lines, held = [], 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line[: _JUDGED - held])
            held += len(lines[-1])
            if held >= _JUDGED:
                break
    return b"\n".join(lines)


def _score(data: bytes, name: str, weights: dict[str, float], doubt: float = 0.0) -> float:
    """The average weight of the characters beyond ASCII; below zero where the bytes do not decode."""
    if name.startswith("utf-16") and len(data) % 2 and len(data) < _JUDGED:
        return -1.0
    text = codecs.getincrementaldecoder(name)("replace").decode(data)
    text = text[text.rfind("\ufffd", 0, 3) + 1 :]  # a sample may begin within a character
    counts = Counter(text)
    if counts["\ufffd"] > 0.01 * len(text):
        return -1.0
    total = 0
    score = 0.0
    for char, count in counts.items():
        if char > "\x7f":
            total += count
            score += count * weights.get(char, 0.0)
    return (1 - 0.5 * doubt) * score / total if total and _plain(text) else -1.0


def _single(body: bytes, multibyte: float) -> dict[str, float]:
    """The encodings of single bytes. Where an encoding of more bytes fits all along, they are less likely."""
    if not (runs := _RUN.findall(body)):
        return dict.fromkeys(_SINGLE, 0.0)
    counts = Counter(b"".join(runs))
    total = sum(counts.values())
    pairs = [(byte - 128, count) for byte, count in counts.items()]
    odd = sum(len(run) & 1 for run in runs)
    doubt = 0.5 if multibyte > 0.3 and len(runs) > 7 and not odd else 1.0
    scores = {}
    # A letter with an accent stands alone, between letters of ASCII; those of other alphabets stand together, apart.
    touching = len(_TOUCHING.findall(body)) / len(runs)
    apart = (1 - 0.7 * touching) * min(1.0, total / len(runs) / 2.5)
    latin = 0.4 + 0.6 * max(touching, 0.8 if total < 1.5 * len(runs) else 0.0)
    for name, languages in _SINGLE.items():
        share = max(sum(count * weights[byte] for byte, count in pairs) for weights in languages) / total
        scores[name] = doubt * share * (latin if name in alphabets.LATIN else apart)
    return scores


def _claim(data: bytes, name: str) -> float:
    """What a claim is worth that nothing else speaks for: its own evidence, or little."""
    body = _judged(data)
    if name in alphabets.WIDE:
        return _score(body, name, alphabets.WIDE[name])
    if name in _SINGLE:
        return _single(body, 0.0)[name]
    return 0.4 if valid(data, name) else -1.0


def _variant(data: bytes, name: str) -> str:
    """The wider set of a family, when the plain one does not hold all that stands there."""
    for wider in _VARIANTS.get(name, ()):
        if not valid(data, name) and valid(data, wider):
            return wider
    return name


_VARIANTS = {"big5": ("cp950", "big5hkscs"), "euc_jp": ("euc_jis_2004",), "cp932": ("shift_jisx0213",)}


def _damaged_utf8(data: bytes) -> bool:
    """UTF-8 with something else in it, as logs and exports joined from many sources have."""
    body = _judged(data)
    beyond = len(body) - len(body.translate(None, _HIGH_BYTES))
    found = _UTF8.findall(body)
    held = sum(map(len, found))
    if len(found) > 20 and held >= 0.95 * beyond:
        return True
    # In no other encoding do three bytes that are a common character of UTF-8 stand together but by chance.
    han = [char.decode("utf-8", "ignore") for char in found if len(char) == 3]
    return len(han) > 5 and 3 * len(han) > 0.3 * beyond and _share(han) > 0.8


_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_BYTES = bytes(range(128, 256))
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def valid(data: bytes, name: str) -> bool:
    """Whether ``data``, which may end within a character, decodes."""
    try:
        codecs.getincrementaldecoder(name)().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def is_text(data: bytes) -> bool:
    """Whether a sample reads as text: nearly no control characters under its most likely encoding."""
    end = len(data.rstrip(b"\0"))
    if not end:
        return False
    data = data[: min(end + -end % 4, SAMPLE)]  # NULs may end a file; those of its last wide character belong to it
    text = codecs.getincrementaldecoder(decide(data)[0])("replace").decode(data).strip("\0")
    text = text[3:] if "\ufffd" in text[:3] else text  # it may begin within a character
    return len(_CONTROLS.findall(text)) <= 0.02 * len(text)


def decode(data: bytes, name: str) -> str:
    """Decode without a byte order mark; damage becomes U+FFFD."""
    return data.decode(name, "replace").removeprefix("\ufeff")


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, when ASCII characters in it give it away by their NULs."""
    data = data[: len(data) // 4 * 4] or data
    total = len(data) / 4
    zeros = [data[index::4].count(0) / total if total else 0.0 for index in range(4)]
    if min(zeros[1:]) > 0.9 and zeros[0] < 0.5:
        return "utf-32-le"
    if min(zeros[:3]) > 0.9 and zeros[3] < 0.5:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if max(even, odd) <= 0.02:
        return ""
    # 一 is U+4E00: a NUL alone does not tell the order, what the text then says does.
    # Half a surrogate pair may stand at the start, after a hole, and a damaged one anywhere.
    said = {name: sense(decode(data, name)) for name in ("utf-16-le", "utf-16-be")}
    best = max(said, key=lambda name: said[name])
    return best if said[best] > 0.5 and _plain(decode(data, best)) else ""


def sense(text: str) -> float:
    """How much of a text is printable ASCII or common letters and signs of any script, 0 to 1."""
    counts = Counter(text)
    common = sum(n for char, n in counts.items() if " " <= char <= "~" or char in "\t\r\n" or char in _KNOWN)
    return common / max(1, len(text))


def _plain(text: str) -> bool:
    return len(_CONTROLS.findall(text)) <= 0.02 * len(text)


def _dense(data: bytes) -> bool:
    return sum(byte > 0x7F for byte in data) > 0.3 * len(data)
