"""Making this PC known to a collector, and keeping where it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from agent.disk import replace
from agent.home import SHIPPED_POLICY, Site
from agent.report.identity import enrol
from config.errors import UsageError
from config.events import Enrolled
from config.text import Text


def enrol_here(site: Site, url: str, token: str, ca: Path | None) -> Enrolled:
    """Enrol, then write ``collector`` and ``ca`` into ``agent.yaml``; a policy is put there if none is.

    Raises:
        ShoumiError: the collector refuses or cannot be reached; nothing was changed.
    """
    if any(char in url for char in "\n\r\"'\\"):
        raise UsageError(Text("the address holds characters that no address has", "地址含有非法字符"))
    site.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = msgspec.structs.replace(site.settings, collector=url, ca=str(ca.absolute()) if ca else "")
    trial = Site(settings, site.folder)
    enrolled = enrol(trial.home, trial.collector(), token).enrolled
    keys = {"collector": url}
    if ca:
        if not (site.folder / "ca.pem").exists() or not ca.samefile(site.folder / "ca.pem"):
            shutil.copyfile(ca, site.folder / "ca.pem")
        keys["ca"] = "ca.pem"
    set_keys(site.folder / "agent.yaml", keys)
    if not (site.folder / settings.policy).exists():
        shutil.copyfile(SHIPPED_POLICY, site.folder / settings.policy)
    return enrolled


def set_keys(path: Path, keys: dict[str, str]) -> None:
    """Change keys at the top of a YAML file and leave every other line, comments too, as it was."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for key, value in keys.items():
        line = f'{key}: "{value}"'
        lines = text.splitlines()
        kept = [one for one in lines if not re.match(rf"{key}\s*:", one)]
        text = "\n".join([*kept, line]) + "\n"
    replace(path, text.encode(), 0o600)
