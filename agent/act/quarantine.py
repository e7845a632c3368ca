"""Where stopped files are kept: sealed to the officers' key, so that nothing is lost and nobody here can read them.

A file leaves its place only after its sealed copy and the event about it are durably on disk; a crash at any point
leaves either the original, or the copy with an event that is still reported at the next start.

    ID.age        the original, encrypted (age, X25519) to the officers
    ID.new.json   what is known of it and the event, not yet handed to the spool
    ID.json       the same, handed over
"""

from __future__ import annotations

import errno
import hashlib
import io
import logging
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import pyrage

from agent.act.spot import Spot, has_writers, spot
from agent.disk import replace, replacing, sync_folder
from agent.report.event import finish
from config.errors import QuarantineError, UsageError
from config.events import Done, Event
from config.text import Text

log = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True):
    """One file in quarantine; ``path`` is where it was, as the file system's bytes read as UTF-8 with surrogates."""

    id: str
    path: str
    size: int
    sha256: str
    sealed: int  # UTC, milliseconds
    event: Event


class ChangedError(QuarantineError):
    """The file is no longer the one that was judged; it must be judged again."""

    code = "SM211"


class BusyError(QuarantineError):
    """A program has the file open for writing; what it still writes would be lost."""

    code = "SM212"


_WRITING = Text("a program is still writing it", "有程序仍在写入该文件")


class Quarantine:
    """The folder of sealed files."""

    def __init__(self, folder: Path, recipient: str) -> None:
        self._folder = folder
        self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def tidy(self) -> None:
        """Remove what a killed process left half made; only for the one agent of this home, before it begins."""
        for part in self._folder.glob(".*.part"):  # the originals are where they were
            part.unlink(missing_ok=True)
        for sealed in self._folder.glob("*.age"):  # nothing is known of it yet: the original was not removed
            if not any(self._folder.glob(f"{sealed.stem}.*json")):
                sealed.unlink(missing_ok=True)

    def take(self, root: Path, path: Path, sha256: str, event: Event) -> Kept:
        """Seal ``path`` and remove it from its place below the zone ``root``.

        Raises:
            ChangedError: it is not the file with this SHA-256 any more (an empty one fits any); it was left.
            BusyError: a program is still writing it; it was left.
            QuarantineError: it cannot be sealed or removed; it was left.
        """
        only: list[Kept] = []  # filled when the original is gone: from then on the sealed copy is the only one
        try:
            with spot(root, path) as place, place.open() as file:
                kept = self._keep(place, file, sha256, event)
                self._remove(place, file, kept)
                only.append(kept)
        except BaseException as problem:
            if only:  # a handle of a medium that was just pulled does not even close
                log.info("after a file was sealed: %s", problem)
                return only[0]
            self._drop(event.metadata.uid)
            if isinstance(problem, FileNotFoundError):
                raise ChangedError(Text("it is gone", "文件已不存在")) from problem
            if isinstance(problem, OSError):
                raise QuarantineError(*_why(problem)) from problem
            raise
        return kept

    def seal(self, file: Path, path: Path, event: Event) -> Kept:
        """Seal a copy of ``file``, which was refused on its way to ``path`` and reported before; it is left.

        Raises:
            QuarantineError: it cannot be sealed now.
        """
        name = event.metadata.uid
        try:
            with file.open("rb") as opened:
                digest = self._seal(opened, self._folder / f"{name}.age")
                size = os.fstat(opened.fileno()).st_size
            kept = Kept(name, os.fspath(path), size, digest, event.time, event)
            replace(self._folder / f"{name}.json", _encode(kept))
        except OSError as problem:
            self._drop(name)
            raise QuarantineError(*_why(problem)) from problem
        return kept

    def reported(self, kept: Kept) -> None:
        """The event about a file is safe in the spool."""
        (self._folder / f"{kept.id}.new.json").replace(self._folder / f"{kept.id}.json")
        sync_folder(self._folder)

    def unreported(self) -> Iterator[Kept]:
        """Files whose event did not reach the spool before the last end; their originals are removed if still there."""
        for path in sorted(self._folder.glob("*.new.json")):
            kept = _decode(path)
            if kept is None or not (self._folder / f"{kept.id}.age").exists():
                log.error("the note about a sealed file cannot be used: %s", path.name)
                continue
            original = Path(kept.path)
            for left in (original, original.with_name(_private(kept.id))):
                if _digest(left) == kept.sha256:
                    left.unlink(missing_ok=True)
                    sync_folder(left.parent)
            yield kept

    def list(self) -> list[Kept]:
        """Everything in quarantine, newest first."""
        kept = [_decode(path) for path in self._folder.glob("*.json")]
        return sorted((one for one in kept if one), key=lambda one: -one.sealed)

    def release(self, name: str, key_file: Path, target: Path) -> Kept:
        """Open one file with the officers' private key and write it to ``target``, which must not exist yet.

        Raises:
            UsageError: no such id, the target exists, or the key does not fit.
        """
        found = [one for one in self.list() if one.id.startswith(name)] if name else []
        if len(found) != 1:
            raise UsageError(
                Text(f"'{name}' names {len(found)} quarantined files", f"编号“{name}”对应 {len(found)} 个隔离文件"),
                Text("see `shoumi quarantine list`", "请查看 `shoumi quarantine list`"),
            )
        if target.exists():
            raise UsageError(
                Text(f"{target} exists already", f"{target} 已存在"), Text("name another file", "请换一个文件名")
            )
        try:
            words = [line for line in key_file.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")]
            identities = [pyrage.x25519.Identity.from_str(word) for word in words]
            with (self._folder / f"{found[0].id}.age").open("rb") as sealed, replacing(target) as file:
                pyrage.decrypt_io(sealed, file, identities)
        except (OSError, pyrage.DecryptError, pyrage.IdentityError, ValueError) as problem:
            raise UsageError(
                Text(f"it cannot be opened: {problem}", f"无法解封：{problem}"),
                Text("the officers' key is made by `shoumi collector init`", "解封密钥由 `shoumi collector init` 生成"),
            ) from None
        return found[0]

    def _keep(self, place: Spot, file: BinaryIO, sha256: str, event: Event) -> Kept:
        """The sealed copy and what is known of it, both on disk."""
        name = event.metadata.uid
        _insist(not has_writers(file), BusyError(_WRITING))
        before = os.fstat(file.fileno())
        digest = self._seal(file, self._folder / f"{name}.age")
        same = sha256 in {"", digest} and _version(before) == _version(os.fstat(file.fileno()))
        _insist(same, ChangedError(Text("it changed after it was read", "文件在检查后被修改")))
        done = finish(event, Done.QUARANTINED, name)
        kept = Kept(name, os.fspath(place.path), before.st_size, digest, event.time, done)
        replace(self._folder / f"{name}.new.json", _encode(kept))
        return kept

    def _remove(self, place: Spot, file: BinaryIO, kept: Kept) -> None:
        """Take the original out of everybody's reach, look once more that it is the one that was sealed, and remove it.

        Under a private name nobody finds it to open or replace it; who had it open before would show as a writer.
        """
        sealed, private = os.fstat(file.fileno()), _private(kept.id)
        place.rename(place.path.name, private)
        same = _version(place.stat(private)) == _version(sealed) and sealed.st_size == kept.size
        if not same or has_writers(file) or not (self._folder / f"{kept.id}.age").exists():
            place.rename(private, place.path.name)
            raise ChangedError(Text("it was written or replaced after it was read", "文件在检查后被写入或替换"))
        place.remove(private)

    def _seal(self, file: BinaryIO, target: Path) -> str:
        reader = _Hashing(file)
        with replacing(target) as sealed:
            try:
                pyrage.encrypt_io(io.BufferedReader(reader, 2**20), sealed, [self._recipient])
            except pyrage.EncryptError as problem:  # it keeps of the cause only its words
                number = re.search(r"Errno (\d+)", str(problem))
                raise OSError(int(number[1]) if number else errno.EIO, str(problem)) from problem
        return reader.digest.hexdigest()

    def _drop(self, name: str) -> None:
        for suffix in (".new.json", ".age"):
            (self._folder / f"{name}{suffix}").unlink(missing_ok=True)


class _Hashing(io.RawIOBase):
    """Reads a file and hashes what was read, so that the sealed bytes and the judged bytes are known to be the same."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self.digest.update(data)
        buffer[: len(data)] = data
        return len(data)


def _insist(holds: bool, problem: QuarantineError) -> None:
    if not holds:
        raise problem


def _private(name: str) -> str:
    """What an original is called in its folder for the moment between sealing and removal."""
    return f".shoumi-{name[:16]}"


def _version(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _digest(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _why(problem: OSError) -> tuple[Text, Text]:
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        text = Text("the disk that holds the quarantine is full", "隔离区所在磁盘已满")
        return text, Text("free some space; the agent tries again by itself", "请释放磁盘空间，客户端会自动重试")
    if problem.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        text = Text("the agent may not remove it from its place", "客户端无权从原位置移除该文件")
        return text, Text(
            "run the agent as the system service, or remove the file by hand",
            "请以系统服务方式运行客户端，或手动删除该文件",
        )
    why = problem.strerror or str(problem)
    return Text(f"it cannot be sealed: {why}", f"无法封存：{why}"), Text(
        "the agent tries again by itself", "客户端会自动重试"
    )


def _encode(kept: Kept) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(kept, path=_escape(kept.path)))


def _decode(path: Path) -> Kept | None:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None
    return msgspec.structs.replace(kept, path=_unescape(kept.path))


def _escape(path: str) -> str:
    """JSON holds no lone surrogates; a name that is not UTF-8 becomes its bytes as Latin-1, after a NUL."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "\0" + os.fsencode(path).decode("latin-1")
    return path


def _unescape(path: str) -> str:
    return os.fsdecode(path[1:].encode("latin-1")) if path.startswith("\0") else path
