"""A message on somebody's desktop, shown by a child process that is that person before it connects.

The bus of a session refuses root, and what answers there is a program of that person: it may hang, or lie. So nothing
of the agent's own connects to it, and the child has two seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec

SECONDS = 2.0
# -I: neither the environment nor the working directory decides what is imported; the folder of these packages is named.
_BOOT = "import sys; sys.path.append(sys.argv[1]); from agent.act.bubble import main; main()"
_ROOT = str(Path(__file__).resolve().parents[2])


class Order(msgspec.Struct, frozen=True):
    """What the child is to show, as whom (None: as it is) and where: bus addresses, tried in turn."""

    head: str
    body: str
    buses: tuple[str, ...]
    uid: int | None = None
    gid: int = 65534
    urgent: bool = True
    seconds: float = SECONDS


def available() -> bool:
    """Whether messages can be shown on desktops of this system at all."""
    return sys.platform == "linux" and find_spec("jeepney") is not None


def reachable(uid: int) -> bool:
    """Whether this process may speak as that person."""
    return sys.platform == "linux" and os.geteuid() in {0, uid}


def show(head: str, body: str, uid: int, buses: tuple[str, ...], *, urgent: bool = True) -> bool:
    """Show a message to one person; false when their desktop did not take it within two seconds."""
    if not buses or not available() or not reachable(uid):
        return False
    if sys.platform == "linux":
        import pwd

        try:
            gid = pwd.getpwuid(uid).pw_gid
        except KeyError:
            return False
        order = Order(head, body, buses, uid if os.geteuid() == 0 else None, gid, urgent, SECONDS)
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-B", "-c", _BOOT, _ROOT],
                input=msgspec.json.encode(order),
                env={},
                cwd="/",
                timeout=SECONDS,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0
    return False
