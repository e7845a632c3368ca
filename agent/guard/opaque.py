"""Is a file opaque: encrypted, or of no kind that anything could read? Not whether it is merely no text.

What is known and read, or known and harmless, is not opaque: pictures, sound, films, fonts, programs, databases, plain
archives. Two ways to ask: :func:`why` with the verdict of the readers, :func:`look` for a first glance at bytes.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from enum import StrEnum

from agent import media
from agent.decide import hiding
from agent.extract import encoding
from agent.guard import disguised
from config.text import Text
from config.verdict import Reason, Verdict

_HEAD = 4096  # bytes
_TAIL = 66_000  # the directory of a zip, the trailer of a PDF
_WINDOWS, _WINDOW = 4, 64 * 1024  # the sample that is weighed
_LEAST = 96  # bytes; of fewer nothing can be said
# Pearson's chi-square over bytes: of random ones 255 ± 23 at any length. Measured on 256 KB: ciphers up to 289, raw
# deflate from 521, zstd from 737, bzip2 and JPEG from 3,000. On 64 KB: raw deflate from 311; on 16 KB they meet, and
# only formats with a magic number of their own are told apart there.
_EVEN = 360.0
# Whole kinds whose damage hides nothing on purpose; pictures and sound break often.
_HARMLESS = re.compile(r"(image|audio|video|font)/|application/(x-elf|vnd\.microsoft\.portable-executable|java-vm)")

# Content that is sealed, by its first bytes: all of RFC 4880 5.9 and 6.2, age-encryption.org/v1, openssl-enc(1), LUKS,
# BitLocker (-FVE-FS-), KeePass, AES Crypt, scrypt, ansible-vault, rclone, AxCrypt, encrypted DMG, VIM.
_SIGNS = re.compile(
    rb"Salted__|U2FsdGVkX1|age-encryption\.org/|-----BEGIN AGE ENCRYPTED|(?:[^\n]{0,200}\n){0,5}-----BEGIN PGP MESSAGE"
    rb"|LUKS\xba\xbe|SKUL\xba\xbe|.{3}-FVE-FS-|\x03\xd9\xa2\x9a[\x65-\x67]\xfb\x4b\xb5|AES[\x00-\x03]\x00|scrypt\x00"
    rb"|\$ANSIBLE_VAULT;|RCLONE\x00\x00|\xc0\xb9\x07\x2e\x4f\x93\xf1\x46\xa0\x15\x79\x2c\xa1\xd9\xe8\x21"
    rb"|encrcdsa|VimCrypt~"
    # enveloped, encrypted and authenticated content of RFC 5652
    rb"|\x30[\x80-\x84].{0,4}?\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x03\x06]"
    rb"|\x30[\x80-\x84].{0,4}?\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
    re.DOTALL,
)
# Packets 1 and 3 (session keys) with their versions and algorithms, RFC 4880 4.2, 5.1, 5.3 and RFC 9580.
_LENGTH = rb"(?:[\x00-\xbf]|[\xc0-\xdf].|\xff.{4})"
_PACKETS = re.compile(
    rb"(?:\x84.|\x85..|\x86.{4}|\xc1" + _LENGTH + rb")(?:\x03.{8}[\x01\x02\x10\x12\x19\x1a]|\x06.)"
    rb"|(?:\x8c.|\x8d..|\x8e.{4}|\xc3" + _LENGTH + rb")(?:\x04[\x01-\x0d][\x00\x01\x03\x04]|[\x05\x06].[\x01-\x0d])"
    rb"|(?:\xd2|\xd4)(?:" + _LENGTH + rb"|[\xe0-\xfe])[\x01\x02]",
    re.DOTALL,
)
# Formats that are no secret and have no entry in `media`, because no reader is needed: what begins like this is known.
_KNOWN = re.compile(
    rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfd\xf1\xf9]|\x00\x00\x00?\x01[\x09\x0f\x67\xb3\xba\x40\x42\x27]|\x47.{187}\x47"
    rb"|FORM|RIFF|RIFX|FLV\x01|[FCZ]WS[\x03-\x30]|\x30\x26\xb2\x75|\.RMF|\.snd|#!AMR|MThd|\x0b\x77|wvPK|MAC |caff|TTA1"
    rb"|\x00\x01\x00\x00\x00|OTTO|ttcf|true\x00|wOF[F2]|AT&TFORM|\xff\x0a|\x00\x00\x00\x0cJXL|BPG\xfb|gimp xcf|FUJIFILM"
    rb"|DDS |\x80\x2a\x5f\xd7|SDPX|XPDS|qoif|P[1-7]\s|PACK\x00\x00\x00|\xfftOc|DIRC\x00|\x78[\x01\x5e\x9c\xda]"
    rb"|\x89HDF|\x93NUMPY|PAR1|ORC|Obj\x01|GGUF|\x00asm|BC\xc0\xde|dex\n|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe"
    rb"|.{0,2}\x0d\x0d\x0a|BLENDER|glTF|Cr24|\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18|hsqs|sqsh|\xd0\x0d\xfe\xed|\x27\x05\x19\x56"
    rb"|\x50\x2a\x4d\x18|LRZI|ZPAQ|7kSt|Rar!|\x89LZO|zPQ",
    re.DOTALL,
)
_UNEVEN = {"image/jpeg", "image/gif", "image/bmp", "audio/mpeg", "audio/wav", media.DISK, media.TAR}
_ENOUGH = 16 * 1024  # bytes
_ASK = (  # kinds whose seal stands where no glance reaches; a reader opens them
    media.SEVEN_ZIP,
    media.RAR,
    media.ARJ,
    media.CAB,
    "application/msword",
)
_SEALED_ENTRY = re.compile(rb"PK\x01\x02.{4}[\x01\x03\x05\x07\x09\x0b\x0d\x0f\x41\x43\x49]", re.DOTALL)


class Look(StrEnum):
    """What a glance at bytes tells."""

    CLEAR = "clear"
    OPAQUE = "opaque"
    ASK = "ask"  # only a reader of its format can tell


ENCRYPTED = Text("it is encrypted", "文件已加密")
NOISE = Text("it is of no known kind, and its bytes are as even as those of a cipher", "格式未知，内容分布与密文无异")
MASKED = Text("it is a text whose bytes were exchanged", "文件是字节经过变换的文本")
UNREADABLE = Text("it is damaged, or of a kind that cannot be read", "文件已损坏，或其格式无法读取")


def why(verdict: Verdict, descriptor: int) -> Text | None:  # noqa: PLR0911 - one answer a way to hide
    """Why a file is opaque, in words; none when it is not.

    A file that was not read for its size or for want of time is not opaque: policy has an answer of its own for it.

    Args:
        verdict: of the file's readers.
        descriptor: the file, open for reading; its position stays.

    Raises:
        OSError: it cannot be read any more.
    """
    for reason in hiding(verdict):
        kind, _, part = reason.partition(": ")
        if kind in (Reason.ENCRYPTED, Reason.PASSWORD):
            return ENCRYPTED
        if kind == Reason.CORRUPT and (part or not _HARMLESS.match(verdict.media_type)):
            return UNREADABLE
        if kind == Reason.UNSUPPORTED and verdict.media_type in media.SEALED:
            return ENCRYPTED
        if kind == Reason.UNSUPPORTED and verdict.media_type != media.BINARY:
            return UNREADABLE
    if verdict.media_type == media.BINARY:
        return _bytes(descriptor)[1]
    if _is_false(verdict.media_type, descriptor):
        return NOISE
    if verdict.media_type == media.TEXT:
        head = _at(descriptor, _HEAD, 0)
        if _SIGNS.match(head):
            return ENCRYPTED
        return MASKED if not _KNOWN.match(head) and disguised.is_text(head) else None
    return None


def look(descriptor: int) -> tuple[Look, Text | None]:
    """A first glance, which costs a few hundred microseconds and opens no format.

    Raises:
        OSError: the file cannot be read.
    """
    head = _at(descriptor, _HEAD, 0)
    if len(head) > 6 and head.startswith(b"PK\x03\x04"):
        return _zip(descriptor, head)
    if head.startswith(b"\xd0\xcf\x11\xe0") or b"%PDF-" in head[:1024]:
        return _directory(descriptor, head)
    return _bytes(descriptor)


def _bytes(descriptor: int) -> tuple[Look, Text | None]:
    head = _at(descriptor, _HEAD, 0)
    if _SIGNS.match(head):
        return Look.OPAQUE, ENCRYPTED
    kind = next((kind for at, sign, kind in media.MAGIC if head.startswith(sign, at)), "")
    if kind in _ASK:
        return Look.ASK, None
    if kind or _KNOWN.match(head):
        return (Look.OPAQUE, NOISE) if _is_false(kind, descriptor) else (Look.CLEAR, None)
    found = _weighed(descriptor, head)
    return (Look.CLEAR, None) if found is None else (Look.OPAQUE, found)


def _weighed(descriptor: int, head: bytes) -> Text | None:
    """What the bytes of no known kind are like, where that tells."""
    size = os.fstat(descriptor).st_size
    if size < _LEAST:
        return None
    even = chi_square(_sample(descriptor, size))
    if _PACKETS.match(head) and even < 2 * _EVEN:
        return ENCRYPTED
    if even < _EVEN:
        return NOISE
    return MASKED if not encoding.is_text(head) and disguised.is_text(head) else None


def _is_false(kind: str, descriptor: int) -> bool:
    """Whether the first bytes lie: content of such a kind is far from even (16 KB of JPEG have 750 and more)."""
    size = os.fstat(descriptor).st_size
    return kind in _UNEVEN and size >= _ENOUGH and chi_square(_sample(descriptor, size)) < _EVEN


def _zip(descriptor: int, head: bytes) -> tuple[Look, Text | None]:
    """A zip says of each member whether it is sealed (APPNOTE 4.4.4, bit 0); packages in a part of their own."""
    tail = _tail(descriptor)
    sealed_ofd = b"ncryptions.xml" in tail  # GM/T 0099-2020
    if head[6] & 1 or _SEALED_ENTRY.search(tail) or sealed_ofd:
        return Look.OPAQUE, ENCRYPTED
    if b"mimetypeapplication/vnd" in head[:100]:
        return Look.ASK, None
    inside = re.search(rb"(?i)\.(zip|7z|rar|gpg|pgp|age|enc|docx|xlsx|pptx|pdf)PK[\x01\x05]", tail) is not None
    return (Look.ASK if inside else Look.CLEAR), None


def _directory(descriptor: int, head: bytes) -> tuple[Look, Text | None]:
    """Old office files and PDF: the seal of a whole file shows, what else there is a reader must tell."""
    around = head + _tail(descriptor)
    if "EncryptedPackage".encode("utf-16-le") in around:
        return Look.OPAQUE, ENCRYPTED
    asking = head.startswith(b"\xd0\xcf\x11\xe0") or b"/Encrypt" in around
    return (Look.ASK if asking else Look.CLEAR), None


def _at(descriptor: int, count: int, offset: int) -> bytes:
    if sys.platform != "win32":
        return os.pread(descriptor, count, offset)
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)


def _tail(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return _at(descriptor, _TAIL, max(0, size - _TAIL))


def _sample(descriptor: int, size: int) -> bytes:
    """Bytes from all over a file, without what may stand before its content."""
    start = 4096 if size > _WINDOW else 64 if size > 1024 else 0
    if size <= start + _WINDOWS * _WINDOW:
        return _at(descriptor, size - start, start)
    step = (size - start - _WINDOW) // (_WINDOWS - 1)
    return b"".join(_at(descriptor, _WINDOW, start + number * step) for number in range(_WINDOWS))


def chi_square(sample: bytes) -> float:
    """How far the bytes are from being evenly spread: about 255 for random ones, more for all others."""
    if not sample:
        return float("inf")
    expected = len(sample) / 256
    counts = Counter(sample)
    return sum((count - expected) ** 2 for count in counts.values()) / expected + (256 - len(counts)) * expected
