"""Where the collector of this machine keeps its things, and what it was set to."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import psutil

from config.document import read
from config.errors import ConfigurationError
from config.lending import MAX_DAYS
from config.settings import ServiceSettings, load_settings
from config.text import Text

SETTINGS = "service.yaml"
MAX_PORT = 65_535
_ANY = {"0.0.0.0", "::", ""}  # noqa: S104 - recognised, not bound


class Home(msgspec.Struct, frozen=True):
    """One collector: its settings and the folder its data lies in."""

    settings: ServiceSettings
    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "collector.db"

    @property
    def secret(self) -> Path:
        """The key that signs sessions and forms."""
        return self.folder / "secret.key"

    @property
    def officers_key(self) -> Path:
        """The age identity that opens quarantined originals. Belongs on paper in a safe, not here for ever."""
        return self.folder / "officers.age-key"

    @property
    def officers_recipient(self) -> Path:
        """The public half of it, which stays when the key itself lies in a safe."""
        return self.folder / "officers.age-recipient"

    @property
    def approvals_key(self) -> Path:
        """The key that signs grants: what officers let out of the house for some days."""
        return self.folder / "approvals.key"

    @property
    def audit_head(self) -> Path:
        """The end of the audit chain, kept beside the database so that a cut-off end is noticed."""
        return self.folder / "audit.head"

    @property
    def tls(self) -> Path:
        """The folder of the authority and the server's certificate."""
        return self.folder / "tls"

    @property
    def ca(self) -> Path:
        """What agents and browsers are given to trust; may hold two authorities while one replaces the other."""
        return self.folder / "ca.pem"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it; everything else is served over TLS."""
        return is_loopback(self.settings.host)

    @property
    def names(self) -> list[str]:
        """Every name and number a browser or an agent may call it by."""
        host = self.settings.host
        own = [socket.gethostname(), *_addresses()] if host in _ANY else [host]
        return list(dict.fromkeys([*self.settings.names, *own, "localhost", "127.0.0.1", "::1"]))

    def url(self, port: int | None = None) -> str:
        """What to type into a browser."""
        host = self.settings.names[0] if self.settings.names else self.settings.host
        if host in _ANY:
            host = socket.gethostname()
        scheme = "http" if self.is_local else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port or self.settings.port}"


def find(named: Path | None = None) -> Home:
    """The home named, else $SHOUMI_HOME, one that `shoumi up` made here, or the system's.

    Raises:
        ConfigurationError: its ``service.yaml`` is wrong.
    """
    folder = (named or _default()).absolute()
    settings = load_settings(folder / SETTINGS, ServiceSettings)
    _check(settings, folder / SETTINGS)
    return Home(settings, folder / settings.home)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or number alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(settings: ServiceSettings, path: Path) -> None:
    """What its shape alone does not say."""
    wrong: dict[str, Text] = {}
    if not 0 <= settings.port <= MAX_PORT:
        wrong["port"] = Text(f"should be 0 to {MAX_PORT}", f"应为 0 至 {MAX_PORT}")
    if not 1 <= settings.lending_max_days <= MAX_DAYS:
        wrong["lending_max_days"] = Text(f"should be 1 to {MAX_DAYS}", f"应为 1 至 {MAX_DAYS}")
    for key in ("session_hours", "lockout_failures", "threads"):
        if getattr(settings, key) <= 0:
            wrong[key] = Text("should be more than 0", "应大于 0")
    try:
        ZoneInfo(settings.time_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        wrong["time_zone"] = Text(f"'{settings.time_zone}' is no time zone", f"“{settings.time_zone}”不是时区名称")
    for key, text in wrong.items():
        lines = read(path)[1] if path.exists() else {}
        hint = Text("such as Asia/Shanghai", "例如 Asia/Shanghai") if key == "time_zone" else ""
        raise ConfigurationError(str(path), lines.get(f"$.{key}", 0), key, text, hint)


def _default() -> Path:
    if home := os.environ.get("SHOUMI_HOME"):
        return Path(home)
    here = Path(".shoumi") / "collector"
    if (here / SETTINGS).exists():
        return here
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/shoumi-collector")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "shoumi-collector"


def _addresses() -> list[str]:
    families = {socket.AF_INET, socket.AF_INET6}
    found = (a.address for card in psutil.net_if_addrs().values() for a in card if a.family in families)
    return [address for address in found if "%" not in address]
