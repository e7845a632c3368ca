"""What an organisation sets for its agents and its collector: read once at the start and handed down.

Every key has a default that works as shipped; `agent.yaml` and `service.yaml` beside this file show and explain them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from config.document import load
from config.limits import Limits
from config.text import Language

T = TypeVar("T", bound=msgspec.Struct)


class Spool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How events wait for the collector."""

    reserve_mib: int = 8  # given back to a full disk, so that the event of that moment still fits
    batch: int = 200  # events at once; the collector takes no more
    retry_seconds: float = 300.0  # the longest wait between two tries


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How zones are watched."""

    settle_seconds: float = 0.4  # a file is read when nothing was written to it for this long
    mounts_seconds: float = 1.0  # between two looks at what is mounted, where the kernel does not tell


class AgentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``agent.yaml``. Paths that are not absolute lie beside the file."""

    home: str = "."  # spool, quarantine, keys
    collector: str = "http://127.0.0.1:8600"
    ca: str = ""  # the collector's certificate authority, a PEM file; needed for https
    policy: str = "policy.yaml"
    rules: tuple[str, ...] = ()  # folders of rules beside the shipped ones
    language: Language | None = None  # None: that of the system
    workers: int = 0  # sandboxed readers; 0: half of the processors
    idle_seconds: float = 120.0  # after which a reader without work leaves
    ocr: bool | None = None  # text in pictures and scans; None: where the extra `ocr` is installed
    limits: Limits = Limits()
    heartbeat_seconds: float = 60.0
    spool: Spool = Spool()
    watch: Watch = Watch()


class ServiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``service.yaml``. Paths that are not absolute lie beside the file."""

    home: str = "."  # database, keys, certificates
    host: str = "127.0.0.1"  # anything that is not loopback is served over TLS only
    port: int = 8600
    names: tuple[str, ...] = ()  # further names people type into the browser; also in the certificate
    organisation: str = ""  # stands in the console's header
    time_zone: str = "Asia/Shanghai"
    language: Language = "zh"  # until a visitor chooses
    session_hours: float = 8.0
    lockout_failures: int = 5
    threads: int = 8
    lending_max_days: int = 2  # a copy lent out is due back after at most so many days


def load_settings(path: Path, shape: type[T]) -> T:
    """Settings from ``path``; a file that is not there gives the defaults, with paths relative to its folder.

    Raises:
        ConfigurationError: the file is wrong.
    """
    return load(path, shape) if path.exists() else shape()
