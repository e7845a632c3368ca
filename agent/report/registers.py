"""Signed registers from the collector: fetched part by part beside the events, checked, and only then put in place.

What is believed is the signature of a signer that this agent knows, never the collector and never the line to it.
A register is replaced by a higher version alone, so that nobody between can bring an old one back; and nothing is ever
removed: an officer withdraws a register by signing a higher version of it that is empty.
"""

from __future__ import annotations

import errno
import logging
import os
import random
import shutil
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlencode

import msgspec

from agent.disk import sync_folder
from agent.report.collector import Collector
from config.errors import RejectedError, ShoumiError, SignatureError
from config.registers import MAX_BYTES, PATH, Listed, Listing
from config.signed import read_header, verify
from config.text import Text

log = logging.getLogger(__name__)
SUFFIX = ".signed"
RESERVE = 64 * 2**20  # bytes of the disk that stay free: events and quarantine need them more
FIRST_WAIT, LONGEST_WAIT = 5.0, 600.0  # seconds between tries


class Registers(threading.Thread):
    """Keeps ``<home>/registers`` as new as the collector's list. Nothing it meets ends it."""

    def __init__(self, home: Path, collector: Collector, signers: Collection[str], changed: Callable[[], None]) -> None:
        """``collector`` must be this thread's own; ``changed`` is called when a register was put in place."""
        super().__init__(name="registers", daemon=True)
        self._folder, self._incoming = home / "registers", home / "incoming"
        self._collector, self._signers, self._changed = collector, frozenset(signers), changed
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._offered = self._done = ""
        self.versions: dict[str, int] = {}  # of the registers in place whose signature holds
        self.problems: dict[str, Text] = {}  # by register: why it, or its newest version, is not in use

    def offered(self, digest: str) -> None:
        """The collector's list has this digest now; empty: it has none."""
        self._offered = digest
        if digest != self._done:
            self._wake.set()

    def stop(self) -> None:
        """End after the part under way; what was fetched of a register so far is kept."""
        self._stopping.set()
        self._wake.set()
        if self.is_alive():
            self.join(5)
        self._collector.close()

    def run(self) -> None:
        """Wait for news, fetch it, and again."""
        self.look()
        failures = 0
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            if self._stopping.is_set() or self._offered in ("", self._done):
                continue
            if self._try():
                failures = 0
                continue
            failures += 1
            ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 10))
            self._stopping.wait(random.uniform(ceiling / 4, ceiling))  # noqa: S311 - spreads load, guards nothing
            self._wake.set()

    def look(self) -> None:
        """See which registers are in place."""
        for path in sorted(self._folder.glob("*" + SUFFIX)):
            try:
                header, _ = verify(path, self._signers)
            except (ShoumiError, OSError) as problem:
                log.warning("%s", problem)
                self.problems[path.stem] = problem.text if isinstance(problem, ShoumiError) else _disk(problem)
                continue
            if path.stem == header.name:
                self.versions[header.name] = header.version

    def fetch(self) -> None:
        """Bring everything that is newer than what is here; what cannot be used is named under ``problems``.

        Raises:
            TransportError: the collector cannot be reached; what was fetched so far is kept for the next try.
        """
        digest = self._offered
        try:
            listing = msgspec.json.decode(self._collector.get(PATH), type=Listing)
        except msgspec.DecodeError as problem:
            raise RejectedError(f"the collector's answer is no list of registers: {problem}") from None
        news = full = False
        for listed in listing.registers:
            self.problems.pop(listed.name, None)
            if listed.version <= self.versions.get(listed.name, 0):
                continue
            try:
                news |= self._bring(listed)
            except (SignatureError, RejectedError) as problem:
                self._note(listed, problem.text)
            except OSError as problem:
                self._note(listed, _disk(problem))
                self._part(listed).unlink(missing_ok=True)  # gives the disk back what it took
                full = True
        if not (full or self._stopping.is_set()):  # else it is tried again with the next heartbeat
            self._done = digest
        self._tidy({self._part(listed).name for listed in listing.registers})
        if news:
            self._changed()

    def _try(self) -> bool:
        try:
            self.fetch()
        except ShoumiError as problem:
            log.warning("registers cannot be fetched: %s", problem)
            return False
        except Exception:  # the thread must outlive every surprise
            log.exception("registers cannot be fetched")
            return False
        return True

    def _bring(self, listed: Listed) -> bool:
        """Put one register in place; false when told to stop before it was all here."""
        if listed.size > MAX_BYTES:
            raise RejectedError(
                Text(
                    f"{listed.size} bytes; the most is {MAX_BYTES}", f"大小为 {listed.size} 字节，上限 {MAX_BYTES} 字节"
                )
            )
        self._incoming.mkdir(mode=0o700, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        part = self._part(listed)
        at = part.stat().st_size if part.exists() else 0
        if shutil.disk_usage(self._incoming).free < listed.size - at + RESERVE:
            raise OSError(errno.ENOSPC, "no space left")
        try:
            if not self._download(listed, part, at):
                return False
            header, _ = verify(part, self._signers)
            self._check(listed, header.name, header.kind, header.version)
        except SignatureError:
            part.unlink(missing_ok=True)
            raise
        part.replace(self._folder / (listed.name + SUFFIX))
        sync_folder(self._folder)
        self.versions[listed.name] = listed.version
        return True

    def _download(self, listed: Listed, part: Path, at: int) -> bool:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            if at > listed.size:
                at = 0
            file.truncate(at)
            file.seek(at)
            while at < listed.size and not self._stopping.is_set():
                query = urlencode({"version": listed.version, "from": at})
                data = self._collector.get(f"{PATH}/{listed.name}?{query}")
                if not data or at + len(data) > listed.size:
                    raise SignatureError(Text("is not as large as was said", "大小与清单不符"))
                file.write(data)
                first, at = at == 0, at + len(data)
                if first:  # a signer nobody knows is refused before the rest is fetched
                    self._begins(listed, file)
            file.flush()
            os.fsync(file.fileno())
        return at == listed.size

    def _begins(self, listed: Listed, file: BinaryIO) -> None:
        file.seek(0)
        header = read_header(file)
        file.seek(0, os.SEEK_END)
        self._check(listed, header.name, header.kind, header.version)
        if header.signer not in self._signers:
            raise SignatureError(Text("is signed by a key that is not trusted here", "签名者不受本机信任"))

    def _check(self, listed: Listed, name: str, kind: str, version: int) -> None:
        if (name, kind, version) != (listed.name, listed.kind, listed.version):
            raise SignatureError(Text("is another register than was said", "内容与清单不符"))

    def _part(self, listed: Listed) -> Path:
        return self._incoming / f"{listed.name}-{listed.version}-{listed.sha256[:16]}.part"

    def _tidy(self, wanted: Collection[str]) -> None:
        for path in self._incoming.glob("*.part"):
            if path.name not in wanted:
                path.unlink(missing_ok=True)

    def _note(self, listed: Listed, why: Text) -> None:
        text = Text("register {name} {version}: {why}", "登记表 {name} 第 {version} 版：{why}")
        self.problems[listed.name] = text.fill(name=listed.name, version=listed.version, why=why)
        log.warning("%s", self.problems[listed.name].en)


def _disk(problem: OSError) -> Text:
    if problem.errno == errno.ENOSPC:
        return Text("the disk has no room for it; the old one stays in use", "磁盘空间不足，继续使用旧版")
    why = problem.strerror or type(problem).__name__
    return Text(f"cannot be kept: {why}; the old one stays in use", f"无法保存：{why}，继续使用旧版")
