"""Where the agent of this machine lives, and what it was set to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.rules import SHIPPED as SHIPPED_RULES
from config.settings import AgentSettings, load_settings
from config.text import Language, system_language

if TYPE_CHECKING:  # loaded when asked for: `shoumi --help` answers at once
    from agent.report.collector import Collector
    from agent.report.identity import Identity
    from config.policy import Policy

SYSTEM = Path("/var/lib/shoumi")  # of an agent that runs as the system service
SHIPPED_POLICY = Path(__file__).parents[1] / "config" / "policy.yaml"


class Site(msgspec.Struct, frozen=True):
    """Where an agent lives: its settings, and the folder their relative paths begin at."""

    settings: AgentSettings
    folder: Path

    @property
    def home(self) -> Path:
        """Spool, quarantine and keys."""
        return self.folder / Path(self.settings.home).expanduser()

    @property
    def registers(self) -> Path:
        """Signed registers: word lists, records, fingerprints, corrections."""
        return self.home / "registers"

    @property
    def cache(self) -> Path:
        """Compiled patterns, kept for the next start; may be deleted at any time."""
        return self.home / "patterns.cache"

    def signers(self) -> tuple[str, ...]:
        """Public keys (hex, one a line in ``signers``) whose registers this machine uses."""
        return _keys(self.home / "signers")

    def lenders(self) -> tuple[str, ...]:
        """Public keys (hex, one a line in ``lenders``) whose grants this machine believes; never those of registers."""
        return _keys(self.home / "lenders")

    @property
    def language(self) -> Language:
        """The language of its messages."""
        return self.settings.language or system_language()

    def policy(self) -> Policy:
        """The policy in force. Raises ConfigurationError."""
        from config.policy import load_policy

        return load_policy(self.folder / self.settings.policy)

    def collector(self, identity: Identity | None = None) -> Collector:
        """The way to the collector, signed when there is an identity."""
        from agent.report.collector import Collector

        ca = self.folder / self.settings.ca if self.settings.ca else None
        return Collector(self.settings.collector, ca, identity.key if identity else None)

    def rules(self) -> tuple[str, ...]:
        """The shipped rules and, beside them, the organisation's own."""
        return (str(SHIPPED_RULES), *(str(self.folder / rules) for rules in self.settings.rules))


def find(home: Path | None, language: Language | None = None) -> Site:
    """The agent's site: the folder named, else $SHOUMI_HOME, one that `shoumi up` made here, or the system's.

    A ``language`` said on the command line goes before the one in the settings.
    """
    folder = home or _default()
    try:
        settings = load_settings(folder / "agent.yaml", AgentSettings)
    except PermissionError:  # the system's agent, asked by a member of staff: its socket answers, not its files
        settings = AgentSettings()
    return Site(msgspec.structs.replace(settings, language=language or settings.language), folder.absolute())


def policy_file(named: Path | None) -> Path:
    """The policy named, else the one in force here, else the shipped one."""
    if named is not None:
        return named
    site = find(None)
    path = site.folder / site.settings.policy
    return path if path.exists() else SHIPPED_POLICY


def _keys(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text("ascii").split()) if path.exists() else ()


def _default() -> Path:
    if home := os.environ.get("SHOUMI_HOME"):
        return Path(home)
    here = Path(".shoumi") / "agent"
    if sys.platform == "win32":
        system = Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData")) / "shoumi"
        return here if (here / "agent.yaml").exists() else system
    if (here / "agent.yaml").exists() and here.stat().st_uid == os.geteuid():  # nobody else's, in whatever folder
        return here
    if os.geteuid() == 0 or SYSTEM.exists():
        return SYSTEM
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "shoumi"
