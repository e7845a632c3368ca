"""Where the agent of this machine lives, and what it was set to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agent.run import Site
from config.settings import AgentSettings, load_settings

SHIPPED_POLICY = Path(__file__).parents[1] / "config" / "policy.yaml"


def find(home: Path | None) -> Site:
    """The agent's site: the folder named, else $SHOUMI_HOME, one that `shoumi up` made here, or the system's."""
    folder = home or _default()
    return Site(load_settings(folder / "agent.yaml", AgentSettings), folder.absolute())


def policy_file(named: Path | None) -> Path:
    """The policy named, else the one in force here, else the shipped one."""
    if named is not None:
        return named
    site = find(None)
    path = site.folder / site.settings.policy
    return path if path.exists() else SHIPPED_POLICY


def _default() -> Path:
    if home := os.environ.get("SHOUMI_HOME"):
        return Path(home)
    here = Path(".shoumi") / "agent"
    if (here / "agent.yaml").exists():
        return here
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData")) / "shoumi"
    if os.geteuid() == 0:
        return Path("/var/lib/shoumi")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "shoumi"
