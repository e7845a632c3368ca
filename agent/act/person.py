"""Who is behind a process, where they sit, and which language they read: what telling them needs.

Sources: proc(5) for loginuid, stat and environ; sd-login(3) and systemd-logind's files in /run/systemd/sessions.
Everything here is read from what that person may have written, so nothing of it is trusted with more than a message
to that same person: buses are connected to as that person, terminals are checked to be theirs.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from config.text import Language

_UNSET = 2**32 - 1  # loginuid of what no login started
_NEUTRAL = {"c", "posix", ""}  # locales that say nothing about a person
_GRAPHICAL = {"x11", "wayland", "mir"}
_LOOKED_AT = 300  # processes of one person whose environment is read at most
_MOST = 1 << 18  # bytes of an environment


class Writer(msgspec.Struct, frozen=True):
    """The process that did something to a file, as FUSE or fanotify name it."""

    pid: int
    uid: int


class Person(msgspec.Struct, frozen=True):
    """Whom to tell: the account, the terminal they did it on (device number, 0: none), and their language."""

    uid: int | None  # None: not known; everybody who sits here
    terminal: int = 0
    language: Language | None = None


class Session(msgspec.Struct, frozen=True):
    """One login as systemd-logind keeps it."""

    uid: int
    active: bool = False
    graphical: bool = False
    seat: str = ""
    leader: int = 0
    tty: str = ""


class Places(msgspec.Struct, frozen=True):
    """Where the facts are; tests put their own."""

    proc: Path = Path("/proc")
    sessions: Path = Path("/run/systemd/sessions")
    users: Path = Path("/run/user")


SYSTEM = Places()


def behind(writer: Writer, places: Places = SYSTEM) -> Person:
    """The person behind a process. Ask while it lives, such as before it gets its answer."""
    folder = places.proc / str(writer.pid)
    uid = _number(folder / "loginuid")
    if uid is None or uid == _UNSET:
        uid = writer.uid
    return Person(uid, _terminal(folder), _language(_environment(folder)))


def seated(uid: int | None, places: Places = SYSTEM) -> tuple[int, ...]:
    """The accounts to show a message to: the person; for root or nobody known, who sits at this machine."""
    found = [session for session in sessions(places) if session.active]
    own = [session for session in found if session.uid == uid]
    if uid is None or (uid == 0 and not any(session.graphical for session in own)):
        here = [session for session in found if session.seat and session.uid] or found
        shown = [session for session in here if session.graphical] or here
        uids = [session.uid for session in shown] or (_running(places) if uid is None else [])
        return tuple(dict.fromkeys(uids)) or (() if uid is None else (uid,))
    return (uid,)


def sessions(places: Places = SYSTEM) -> list[Session]:
    """Logins of people, the active graphical ones first."""
    found = []
    try:
        files = sorted(path for path in places.sessions.iterdir() if path.suffix != ".ref")
    except OSError:
        return []
    for path in files:
        facts = dict(line.partition("=")[::2] for line in _read(path).decode("utf-8", "replace").splitlines())
        if not facts.get("UID", "").isdigit() or facts.get("CLASS", "user") != "user":  # greeters, lock screens
            continue
        leader = facts.get("LEADER", "")
        found.append(
            Session(
                int(facts["UID"]),
                facts.get("ACTIVE") == "1",
                facts.get("TYPE") in _GRAPHICAL,
                facts.get("SEAT", ""),
                int(leader) if leader.isdigit() else 0,
                facts.get("TTY", ""),
            )
        )
    return sorted(found, key=lambda one: (not one.active, not one.graphical))


def environments(uid: int, places: Places = SYSTEM) -> Iterator[dict[str, str]]:
    """Environments of a person's processes: leaders of sessions first, then what has the highest number."""
    leaders = [session.leader for session in sessions(places) if session.uid == uid and session.leader]
    try:
        numbers = sorted((int(name) for name in os.listdir(places.proc) if name.isdigit()), reverse=True)  # noqa: PTH208
    except OSError:
        numbers = []
    left = _LOOKED_AT
    for pid in dict.fromkeys([*leaders, *numbers]):
        folder = places.proc / str(pid)
        try:
            if folder.stat().st_uid != uid:
                continue
        except OSError:
            continue
        if found := _environment(folder):
            yield found
        left -= 1
        if not left:
            return


def surroundings(uid: int, places: Places = SYSTEM) -> tuple[tuple[str, ...], Language | None]:
    """Addresses of a person's session bus, the likeliest first, and the language of their session."""
    buses: dict[str, None] = {}
    usual = places.users / str(uid) / "bus"
    try:
        status = usual.stat()
        if stat.S_ISSOCK(status.st_mode) and status.st_uid == uid:
            buses[f"unix:path={usual}"] = None
    except OSError:
        pass
    language: Language | None = None
    for environment in environments(uid, places):
        address = environment.get("DBUS_SESSION_BUS_ADDRESS", "")
        if address.startswith("unix:"):
            buses[address] = None
        language = language or _language(environment)
        if buses and language:
            break
    return tuple(buses)[:4], language


def terminals(uid: int, places: Places = SYSTEM) -> tuple[int, ...]:
    """Device numbers of the terminals on which a person is logged in and active."""
    found: list[int] = []
    if sys.platform == "win32":
        return ()
    for session in sessions(places):
        if session.uid == uid and session.active and session.tty and "/" not in session.tty.replace("pts/", "", 1):
            try:
                found.append(Path("/dev", session.tty).stat().st_rdev)
            except OSError:
                continue
    return tuple(found)


def _running(places: Places) -> list[int]:
    """Who has a runtime folder, where nobody keeps sessions."""
    try:
        return sorted(int(path.name) for path in places.users.iterdir() if path.name.isdigit())
    except OSError:
        return []


def _terminal(folder: Path) -> int:
    """Field 7 of stat, as a device number; the name of the program, which may hold anything, stands in brackets."""
    fields = _read(folder / "stat").rpartition(b")")[2].split()
    try:
        return int(fields[4]) & 0xFFFFFFFF
    except (IndexError, ValueError):
        return 0


def _environment(folder: Path) -> dict[str, str]:
    words = _read(folder / "environ").decode("utf-8", "replace").split("\0")
    return dict(word.partition("=")[::2] for word in words if "=" in word)


def _language(environment: dict[str, str]) -> Language | None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        word = environment.get(name, "").lower().partition(".")[0]
        if word not in _NEUTRAL:
            return "zh" if word.startswith("zh") else "en"
    return None


def _number(path: Path) -> int | None:
    word = _read(path).strip()
    return int(word) if word.isdigit() else None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST)
    except (OSError, ValueError):
        return b""


def account(name: str | int) -> int | None:
    """The number of an account, None where there is none of that name."""
    if isinstance(name, int):
        return name
    if sys.platform == "win32":
        return None
    import pwd

    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return int(name) if name.isdigit() else None
