"""Everything that changes what registers agents are offered. Each act needs a secrecy officer and is recorded."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from config.errors import SignatureError, UsageError
from config.registers import MAX_BYTES, PART, Listed, Listing
from config.signed import Header, verify
from config.text import Text
from service.audit.acts import Act
from service.audit.services import Actor, append
from service.clock import now
from service.database import writing
from service.officers.models import Officer, Role
from service.registers.models import Register, Signer

RESERVE = 256 * 2**20  # bytes of the disk that stay free: events need them more


class ForbiddenError(UsageError):
    """Only a secrecy officer may."""

    code = "SM520"


def trust(public_key: str, name: str, by: Officer) -> Signer:
    """From now on registers of this signer are taken, and agents that enrol are told to believe it.

    Raises:
        UsageError: it is no public key, or known already.
        ForbiddenError: the person is no secrecy officer.
    """
    _need_officer(by)
    key = public_key.strip().lower()
    if not _is_key(key):
        raise UsageError(
            Text("that is no public key", "不是有效的公钥"),
            Text(
                "give the 64 digits that `shoumi fingerprint add` says",
                "请填写 `shoumi fingerprint add` 显示的 64 位公钥",
            ),
        )
    with writing():
        if Signer.objects.filter(public_key=key).exists():
            raise UsageError(Text("this signer is trusted already", "该签名者已受信任"))
        signer = Signer.objects.create(public_key=key, name=name, added=now(), added_by=by)
        append(Actor.of(by), Act.SIGNER, key, name=name)
    return signer


def distrust(public_key: str, by: Officer) -> None:
    """No further register of this signer is taken, and agents that enrol are not told of it.

    Raises:
        UsageError: no such signer.
        ForbiddenError: the person is no secrecy officer.
    """
    _need_officer(by)
    with writing():
        signer = Signer.objects.filter(public_key=public_key.strip().lower()).first()
        if signer is None:
            raise UsageError(Text("no such signer", "没有该签名者"), Text("see `signer list`", "请查看 `signer list`"))
        append(Actor.of(by), Act.DISTRUSTED, signer.public_key, name=signer.name)
        signer.delete()


def publish(path: Path, by: Officer) -> Register:
    """Offer a signed register to all agents.

    Raises:
        SignatureError: its signature does not hold, or its signer is not trusted here.
        UsageError: it is too large, not newer than what is offered, or there is no room for it.
        ForbiddenError: the person is no secrecy officer.
    """
    _need_officer(by)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise UsageError(Text(f"{path.name} is larger than {MAX_BYTES} bytes", f"{path.name} 超过 {MAX_BYTES} 字节"))
    folder = _folder()
    if shutil.disk_usage(folder).free < size + RESERVE:
        raise UsageError(Text("the disk has no room for it", "磁盘空间不足"), Text("make room first", "请先清理磁盘"))
    fresh = folder / f".{os.getpid()}.new"
    try:
        shutil.copyfile(path, fresh)  # what is checked is what is kept, whatever becomes of the original meanwhile
        header, begin = verify(fresh, trusted_signers())
        row = _keep(fresh, header, begin, by)
    except SignatureError as problem:
        text = Text(problem.text.en.replace(fresh.name, path.name), problem.text.zh.replace(fresh.name, path.name))
        raise SignatureError(text, problem.hint) from None
    finally:
        fresh.unlink(missing_ok=True)
    for old in folder.glob(f"{row.name}@*.signed"):
        if old != _file(row):
            old.unlink(missing_ok=True)
    return row


def withdraw(name: str, by: Officer) -> Register:
    """Offer a register no more. Agents that have it keep it until a signed, empty version of it is published.

    Raises:
        UsageError: no such register.
        ForbiddenError: the person is no secrecy officer.
    """
    _need_officer(by)
    with writing():
        row = Register.objects.filter(name=name, withdrawn=None).first()
        if row is None:
            raise UsageError(
                Text(f"no register '{name}' is offered", f"没有正在下发的登记表“{name}”"),
                Text("see `register list`", "请查看 `register list`"),
            )
        row.withdrawn = now()
        row.save(update_fields=["withdrawn"])
        append(Actor.of(by), Act.WITHDRAWN, name, version=row.version)
    return row


def trusted_signers() -> tuple[str, ...]:
    """The public keys, the oldest first."""
    return tuple(Signer.objects.order_by("pk").values_list("public_key", flat=True))


def listing() -> Listing:
    """What agents are offered."""
    rows = Register.objects.filter(withdrawn=None).order_by("name")
    return Listing(tuple(Listed(row.name, row.kind, row.version, row.sha256, row.size) for row in rows))


def part(name: str, version: int, begin: int) -> tuple[bytes, str] | None:
    """Some bytes of a register, at most ``PART``, and the digest of the whole; None for what is not offered."""
    row = Register.objects.filter(name=name, version=version, withdrawn=None).first()
    if row is None or not 0 <= begin < row.size:
        return None
    with _file(row).open("rb") as file:
        file.seek(begin)
        return file.read(PART), row.sha256


def _keep(fresh: Path, header: Header, begin: int, by: Officer) -> Register:
    size = fresh.stat().st_size
    with fresh.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        listed = msgspec.convert(
            {"name": header.name, "kind": header.kind, "version": header.version, "sha256": digest, "size": size},
            Listed,
        )
    except msgspec.ValidationError as problem:
        raise UsageError(Text(f"its header is unfit: {problem}", f"文件头不合规：{problem}")) from None
    with writing():
        before = Register.objects.filter(name=listed.name).first()
        if before and (before.version >= listed.version or before.kind != listed.kind):
            raise UsageError(
                Text(
                    f"{before.kind} register '{before.name}' is at version {before.version} already",
                    f"登记表“{before.name}”（{before.kind}）已是第 {before.version} 版",
                ),
                Text("sign a newer one, under the same kind", "请签发同类型的更新版本"),
            )
        row, _ = Register.objects.update_or_create(
            name=listed.name,
            defaults={
                "kind": listed.kind,
                "version": listed.version,
                "sha256": digest,
                "size": size,
                "empty": size == begin,
                "signer": header.signer,
                "published": now(),
                "published_by": by,
                "withdrawn": None,
            },
        )
        fresh.chmod(0o600)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(_file(row))
        append(Actor.of(by), Act.PUBLISHED, row.name, kind=row.kind, version=row.version, sha256=digest, size=size)
    return row


def _need_officer(by: Officer) -> None:
    if by.role != Role.OFFICER or not by.is_active:
        raise ForbiddenError(Text("only a secrecy officer may do this", "仅安全保密管理员可以执行此操作"))


def _folder() -> Path:
    folder: Path = settings.HOME.folder / "registers"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _file(row: Register) -> Path:
    return _folder() / f"{row.name}@{row.version}.signed"


def _is_key(text: str) -> bool:
    if not re.fullmatch("[0-9a-f]{64}", text):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
