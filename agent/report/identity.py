"""Who this agent is: an Ed25519 key made here, and what the collector said when it was enrolled."""

from __future__ import annotations

import base64
import os
import platform
import re
import secrets
import socket
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

import msgspec
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from agent.disk import replace
from agent.report.collector import Collector
from config.errors import IdentityError, RejectedError
from config.events import Enrolled, Enrolment
from config.signing import agent_id
from config.text import Text

ENROL = Text(
    "run `shoumi agent enrol --collector URL --token TOKEN` (made in the console), or name its folder with --home",
    "请运行 `shoumi agent enrol --collector 地址 --token 令牌`（令牌在管理台生成），或用 --home 指定客户端目录",
)


class Identity(msgspec.Struct, frozen=True):
    """An enrolled agent. ``digest_key`` makes digests of found values that mean nothing elsewhere."""

    key: Ed25519PrivateKey
    digest_key: bytes
    enrolled: Enrolled


def load_identity(home: Path) -> Identity:
    """The identity kept in ``home``.

    Raises:
        IdentityError: this PC is not enrolled, or its files are damaged.
    """
    try:
        enrolled = msgspec.json.decode((home / "enrolled.json").read_bytes(), type=Enrolled)
        key = _key(home / "agent.key")
        if agent_id(key.public_key().public_bytes_raw()) != enrolled.agent_id:
            raise IdentityError(
                Text("the agent's key is not the one it was enrolled with", "客户端密钥与注册时不一致"), ENROL
            )
        return Identity(key, digest_key(home), enrolled)
    except FileNotFoundError:
        raise IdentityError(Text("this agent is not enrolled", "本客户端尚未注册"), ENROL) from None
    except (OSError, ValueError, msgspec.DecodeError) as problem:
        text = Text(f"the agent's identity cannot be read: {problem}", f"无法读取客户端身份：{problem}")
        raise IdentityError(text, ENROL) from None


def enrol(home: Path, collector: Collector, token: str) -> Identity:
    """Make a key, have the collector know it, and keep both. A key that is already there is used again.

    Raises:
        IdentityError: the token is wrong, used up or out of date.
        RejectedError: the collector's answer makes no sense.
        TransportError: the collector cannot be reached.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / "agent.key"
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        replace(path, pem, 0o600)
    key = _key(path)
    public = key.public_key().public_bytes_raw()
    request = Enrolment(
        token=token,
        public_key=base64.b64encode(public).decode(),
        hostname=socket.gethostname(),
        os=f"{platform.system()} {platform.release()}",
        version=version("shoumi"),
    )
    answer = msgspec.json.decode(collector.post("/api/v1/enrol", msgspec.json.encode(request)), type=Enrolled)
    try:
        pyrage.x25519.Recipient.from_str(answer.recipient)
    except pyrage.RecipientError:
        text = Text("the collector sent no usable key to seal files to", "收集端未提供可用的封存公钥")
        raise RejectedError(text) from None
    if answer.agent_id != agent_id(public):
        raise RejectedError(Text("the collector enrolled another key than ours", "收集端登记的密钥与本机不一致"))
    replace(home / "enrolled.json", msgspec.json.encode(answer), 0o600)
    trust(home / "signers", answer.signers)
    trust(home / "lenders", answer.lenders)  # a list of its own: who may lend does not say what is recognised
    return Identity(key, digest_key(home), answer)


def digest_key(home: Path) -> bytes:
    """32 secret bytes of this PC, made when first asked for."""
    path = home / "digest.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(path, secrets.token_bytes(32), 0o600)
    return path.read_bytes()


def trust(path: Path, signers: Collection[str]) -> None:
    """Add public keys (hex) to those a file names, as signers of registers or as lenders; those known before stay.

    Raises:
        RejectedError: one is no Ed25519 key in hex; nothing was changed.
    """
    known = path.read_text("ascii").split() if path.exists() else []
    if not all(re.fullmatch("[0-9a-f]{64}", signer) for signer in signers):
        raise RejectedError(Text("the collector names a signer that is no key", "收集端给出的签名者不是有效公钥"))
    if added := [signer for signer in signers if signer not in known]:
        replace(path, "".join(f"{signer}\n" for signer in (*known, *added)).encode(), 0o644)


def _key(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{os.fspath(path)} is not an Ed25519 key")  # noqa: TRY004 - the file's value is wrong
    return key
