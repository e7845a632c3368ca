"""The officer's key on this machine, and the registers signed with it.

The key is made on first use in ``<home>/signing.key`` (PEM, PKCS #8, readable by its owner only); its public half goes
into ``<home>/signers``, so that what is registered here is used here.
"""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from agent import disk
from config.errors import ConfigurationError, UsageError
from config.signed import Header, read_header, seal
from config.text import Text

SUFFIX = ".signed"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_NAME = 64


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The key in ``home``, made and trusted here when there is none yet.

    Raises:
        ConfigurationError: the file is there and holds no Ed25519 key.
        OSError: it cannot be read or written.
    """
    path = home / "signing.key"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        key = _read(path)
    else:
        key = Ed25519PrivateKey.generate()
        disk.replace(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _trust(home / "signers", key.public_key().public_bytes_raw().hex())
    return key


def check_name(name: str) -> None:
    """A register's name is part of a rule's id and of a file's name.

    Raises:
        UsageError: it is neither.
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise UsageError(
            Text(f"'{name}' cannot be the name of a register", f"“{name}”不能用作名称"),
            Text(
                "use lower-case letters and digits, parted by single hyphens, such as staff-2026",
                "请用小写字母和数字，可用单个连字符分隔，例如 staff-2026",
            ),
        )


def registered(home: Path, name: str) -> Header | None:
    """The header of a register as it stands on this machine, unverified; none where there is no such file.

    Raises:
        SignatureError: there is a file of that name that is no signed one.
    """
    try:
        with _path(home, name).open("rb") as file:
            return read_header(file)
    except FileNotFoundError:
        return None


def write_register(home: Path, kind: str, name: str, payload: bytes) -> Path:
    """Sign a payload and put it in the place of the register of that name, durably, one version later.

    An empty payload withdraws the register: the file stays, so that its version keeps rising.

    Raises:
        UsageError: the name is unfit, or that of a register of another kind.
        OSError: it cannot be written.
    """
    check_name(name)
    old = registered(home, name)
    if old is not None and old.kind != kind:
        raise UsageError(
            Text(f"'{name}' is already a register of kind '{old.kind}'", f"名称“{name}”已被类型“{old.kind}”占用"),
            Text("choose another name", "请换一个名称"),
        )
    path = _path(home, name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    disk.replace(path, seal(signing_key(home), kind, name, old.version + 1 if old else 1, payload))
    return path


def withdraw(home: Path, kind: str, name: str) -> None:
    """Put an empty register in the place of one.

    Raises:
        UsageError: there is none of that kind and name.
    """
    check_name(name)
    old = registered(home, name)
    if old is None or old.kind != kind:
        raise UsageError(
            Text(f"nothing of kind '{kind}' is registered as '{name}'", f"没有登记名为“{name}”、类型为“{kind}”的内容"),
            Text(f"look into {home / 'registers'}", f"请查看 {home / 'registers'}"),
        )
    write_register(home, kind, name, b"")


def _path(home: Path, name: str) -> Path:
    return home / "registers" / (name + SUFFIX)


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(
            str(path),
            0,
            "",
            Text("holds no Ed25519 key in PEM without a password", "不是无口令的 PEM 格式 Ed25519 私钥"),
            Text(
                "restore it from its backup, or move it away; a new one is then made",
                "请从备份恢复，或移走该文件后重新生成",
            ),
        )
    return key


def _trust(path: Path, public: str) -> None:
    known = path.read_text("ascii").split() if path.exists() else []
    if public not in known:
        disk.replace(path, "".join(f"{each}\n" for each in (*known, public)).encode(), 0o644)
