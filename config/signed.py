"""A signed file: what an officer gives out and an agent uses only when the signature holds.

The first line is a JSON header (:class:`Header`), everything after its line break is the payload. The Ed25519 signature
covers kind, name, version and the SHA-256 of the payload, so that a large payload is hashed as a stream and may be
mapped rather than read. A file signed for one purpose is never
taken for another, and a newer one never replaced by an older.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from config.errors import SignatureError
from config.text import Text

LONGEST = 4096  # bytes of a header
_FORMAT = "shoumi-signed-1"


class Header(msgspec.Struct, frozen=True):
    """The first line. ``signer`` is the raw public key in hex, ``signature`` base64."""

    format: str
    kind: str  # which detector reads it: fingerprints, exact, words, corrections
    name: str
    version: int  # rises with every change
    sha256: str  # of the payload
    signer: str = ""
    signature: str = ""

    @property
    def spoken_for(self) -> bytes:
        """What the signature covers."""
        return "\0".join((self.format, self.kind, self.name, str(self.version), self.sha256)).encode()


def seal(key: Ed25519PrivateKey, kind: str, name: str, version: int, payload: bytes) -> bytes:
    """A whole signed file."""
    header = Header(_FORMAT, kind, name, version, hashlib.sha256(payload).hexdigest())
    signed = msgspec.structs.replace(
        header,
        signer=key.public_key().public_bytes_raw().hex(),
        signature=base64.b64encode(key.sign(header.spoken_for)).decode(),
    )
    return msgspec.json.encode(signed) + b"\n" + payload


def read_header(file: BinaryIO) -> Header:
    """The header of a file opened at its beginning; nothing in it is verified yet.

    Raises:
        SignatureError: there is no header.
    """
    line = file.readline(LONGEST)
    try:
        header = msgspec.json.decode(line, type=Header)
    except msgspec.DecodeError:
        raise _refused("is no signed file", "不是签名文件") from None
    if header.format != _FORMAT or not line.endswith(b"\n"):
        raise _refused("is no signed file", "不是签名文件")
    return header


def verify(path: Path, signers: Collection[str]) -> tuple[Header, int]:
    """Check a file against the public keys (hex) that may sign; its header and where its payload begins (bytes).

    Raises:
        SignatureError: no header, a signer that is not trusted, or a payload that is not what was signed.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return _verify(file, signers, path.name)


def opened(data: bytes, signers: Collection[str]) -> tuple[Header, bytes]:
    """Check a small signed file that is not on disk; its header and its payload.

    Raises:
        SignatureError: as :func:`verify` does.
    """
    header, begin = _verify(io.BytesIO(data), signers, "")
    return header, data[begin:]


def _verify(file: BinaryIO, signers: Collection[str], name: str) -> tuple[Header, int]:
    header = read_header(file)
    begin = file.tell()
    if header.signer not in signers:
        raise _refused("is signed by a key that is not trusted here", "签名者不受本机信任", name)
    digest = hashlib.sha256()
    while block := file.read(2**20):
        digest.update(block)
    if digest.hexdigest() != header.sha256:
        raise _refused("was changed after it was signed", "签名后内容已被改动", name)
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.signer))
        public.verify(base64.b64decode(header.signature), header.spoken_for)
    except (InvalidSignature, ValueError):
        raise _refused("has a signature that does not hold", "签名无效", name) from None
    return header, begin


def _refused(en: str, zh: str, name: str = "") -> SignatureError:
    name = f"{name or 'it'} "
    return SignatureError(
        Text(name + en, name + zh),
        Text("fetch it again from the collector, or have an officer sign it", "请从管理端重新获取，或由保密管理员签发"),
    )
