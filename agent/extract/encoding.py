"""Which encoding a text is in, decided by evidence; and whether bytes are text at all."""

from __future__ import annotations

import codecs
import os
import re
import sys
from typing import BinaryIO

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
_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉【】「」『』—…·　．％／０１２３４５６７８９○●★☆→－～")
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
# GB 2312 level 1 and Big5 level 1 hold the characters that make up 99 % of running text in either script.
_SIMPLIFIED = frozenset(
    bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)
) - {""}
_TRADITIONAL = frozenset(
    bytes((high, low)).decode("big5", "ignore")
    for high in range(0xA4, 0xC7)
    for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
) - {""}
_KNOWN = _SIMPLIFIED | _TRADITIONAL | _PUNCTUATION
# Characters that half of all running text consists of, in both scripts: they part close cases.
_FREQUENT = frozenset(
    "的一是不了在人有我他这这個们中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着下自之年过過发發后後作里用道行所然家种種事成方多经經"
    "么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军軍者意无無力它与與长長把机機十民第公此已工使情明"
    "性知全三又关關点點正业業外将將两兩高间間由问問很最重并並物手应應战戰向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内內信表化老给給"
    "世位次度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论論处處走义義各入几幾口认認条條平系气氣题題活尔爾更别別打女变變四神总總何电電数數安少报報才结結"
    "反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形社便空决決治展马馬科司五基眼书書非则則听聽白却卻界达達光放强強即像难難且"
    "权權思王象完设設式色路记記南品住告类類求据據程北边邊死张張该該交规規万萬取拉格望觉覺术術领領共确確传傳师師观觀清今切院让讓识識候带帶导導争爭运運密级級绝絕"
)


def decide(data: bytes) -> tuple[str, ...]:  # noqa: PLR0911 - one answer a kind of evidence
    """The encoding of a sample, and a second one where the evidence does not part the two. Never empty.

    ``data`` may end within a character. ASCII is said to be UTF-8; bytes that fit nothing are said to be windows-1252.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return (name,)
    if valid(data, "utf-8") and 0 not in data:
        return ("utf-8",)
    if order := _wide(data):
        return (order,)
    if valid(data, "utf-8"):
        return ("utf-8",)
    if _damaged_utf8(data):
        return ("utf-8",)
    # Han in UTF-16 is half made of bytes that are printable ASCII; more of them is ASCII with something else in it.
    wide = () if len(data.translate(None, _PRINTABLE)) < 0.25 * len(data) else ("utf-16-le", "utf-16-be")
    scores = {name: _score(data, name) for name in ("gb18030", "big5", *wide)}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < 0.25:
        return ("gb18030", "windows-1252") if scores["gb18030"] > 0 and _dense(data) else ("windows-1252",)
    close = [name for name, score in scores.items() if name != best and score > 0.85 * scores[best]]
    return (best, *close[:1])


def _damaged_utf8(data: bytes) -> bool:
    """UTF-8 with a few bytes of something else in it, as logs and exports joined from many sources have."""
    text = data.decode("utf-8", "replace")
    beyond = sum(char > "\x7f" for char in text)
    return beyond > 20 and text.count("\ufffd") <= 0.05 * beyond


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
    return len(_CONTROLS.findall(text)) <= 0.02 * len(text)


def decode(data: bytes, name: str) -> str:
    """Decode without a byte order mark; damage becomes U+FFFD."""
    return data.decode(name, "replace").removeprefix("\ufeff")


def sample(file: BinaryIO) -> bytes:
    """The first bytes that are not NUL, found without reading holes; at most 64 MiB of NULs are looked through."""
    position = 0
    for _ in range(64):
        position = skip_hole(file, position)
        file.seek(position)
        block = file.read(2**20)
        if not block:
            return b""
        data = block.lstrip(b"\0")
        if data:
            start = position + len(block) - len(data)
            file.seek(start - start % 4)  # keeps the alignment of wide characters
            return file.read(SAMPLE)
        position += len(block)
    return b""


def skip_hole(file: BinaryIO, position: int) -> int:
    """Where data begin at or after ``position``, on files with holes; the end of the file when only a hole follows."""
    if sys.platform != "linux":
        return position
    try:
        return os.lseek(file.fileno(), position, os.SEEK_DATA)
    except OSError as problem:
        end = os.fstat(file.fileno()).st_size if problem.errno == 6 else position  # ENXIO: no data after here
        return max(position, end)
    except AttributeError:
        return position


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
    said = {name: _sense(decode(data, name)) for name in ("utf-16-le", "utf-16-be") if valid(data, name)}
    best = max(said, key=lambda name: said[name], default="")
    return best if best and said[best] > 0.5 and _plain(decode(data, best)) else ""


def _sense(text: str) -> float:
    """How much of a text is printable ASCII or common Chinese, 0 to 1."""
    common = sum(" " <= char <= "~" or char in "\t\r\n" or char in _KNOWN for char in text)
    return common / max(1, len(text))


def _plain(text: str) -> bool:
    return len(_CONTROLS.findall(text)) <= 0.02 * len(text)


def _score(data: bytes, name: str) -> float:
    """How much of the text beyond ASCII is common Chinese, 0 to about 1.5; below zero where it does not decode."""
    if name.startswith("utf-16") and (len(data) % 2 and len(data) < SAMPLE):
        return -1.0
    if not valid(data, name):
        text = decode(data, name)
        if name.startswith("utf-16") or text.count("\ufffd") > 0.01 * len(text):
            return -1.0
    else:
        text = codecs.getincrementaldecoder(name)("replace").decode(data)
    beyond = [char for char in text if char > "\x7f"]
    if not beyond or not _plain(text):
        return -1.0
    common = _TRADITIONAL if name == "big5" else _SIMPLIFIED if name == "gb18030" else _SIMPLIFIED | _TRADITIONAL
    share = sum(char in common or char in _PUNCTUATION for char in beyond) / len(beyond)
    return share + 0.5 * sum(char in _FREQUENT for char in beyond) / len(beyond)


def _dense(data: bytes) -> bool:
    return sum(byte > 0x7F for byte in data) > 0.3 * len(data)
