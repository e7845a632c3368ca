"""Folders that a program copies to somewhere else, found in the settings of that program.

Each client is one function below and one line in :data:`CLIENTS`. The settings belong to the person, who may have
written anything: they are read as plain text within bounds, only ordinary files, and a folder counts only when it is
there and belongs to that person. 坚果云 and 百度网盘 keep their settings in a form of their own; their folders are
known by the usual names. A client that runs from elsewhere, or a folder chosen in such a client, is not found.
"""

from __future__ import annotations

import html
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from config.events import Channel, Medium

_MOST = 4 * 2**20  # bytes of one file of settings


class Home(msgspec.Struct, frozen=True):
    """A person's home folder."""

    folder: Path
    uid: int


def synced(homes: list[Home] | None = None) -> dict[Path, Medium]:
    """Synchronised folders of the people of this machine; of this account alone where it may not look at others."""
    found: dict[Path, Medium] = {}
    for home in people() if homes is None else homes:
        for name, read in CLIENTS:
            for words, host in read(home.folder):
                path = _folder(home, words)
                if path is not None and path not in found:
                    found[path] = Medium(mount=str(path), bus="sync", vendor=name, label=host, channel=Channel.SYNC)
    return found


def people() -> list[Home]:
    """Accounts with a home of their own that this process may look into."""
    if sys.platform == "win32":
        return [Home(Path.home(), 0)]
    import pwd

    own = os.geteuid()
    found = {}
    for entry in pwd.getpwall():
        folder = Path(entry.pw_dir)
        if own not in {0, entry.pw_uid} or not folder.is_absolute() or str(folder) == "/":
            continue
        try:
            if folder.stat().st_uid == entry.pw_uid and (entry.pw_uid >= 1000 or entry.pw_uid in {0, own}):
                found[folder] = Home(folder, entry.pw_uid)
        except OSError:
            continue
    return list(found.values())


def _nextcloud(home: Path) -> Iterator[tuple[str, str]]:
    r"""``0\Folders\1\localPath=/home/li/Nextcloud/`` and ``0\url=https://cloud.example``."""
    places = (
        ".config/Nextcloud/nextcloud.cfg",
        ".var/app/com.nextcloud.desktopclient.nextcloud/config/Nextcloud/nextcloud.cfg",
        ".config/ownCloud/owncloud.cfg",
    )
    for place in places:
        lines = dict(line.partition("=")[::2] for line in _text(home / place).splitlines())
        hosts = {key.split("\\")[0]: value for key, value in lines.items() if re.fullmatch(r"\d+\\url", key)}
        for key, value in lines.items():
            if re.fullmatch(r"\d+\\Folders\w*\\[^\\]+\\localPath", key):
                yield value, _host(hosts.get(key.split("\\")[0], ""))


def _dropbox(home: Path) -> Iterator[tuple[str, str]]:
    """``info.json``: the account kinds, each with its path."""
    try:
        accounts = json.loads(_text(home / ".dropbox/info.json") or "{}")
    except (ValueError, RecursionError):
        return
    for account in accounts.values() if isinstance(accounts, dict) else ():
        if isinstance(account, dict) and isinstance(account.get("path"), str):
            yield account["path"], "dropbox.com"


def _onedrive(home: Path) -> Iterator[tuple[str, str]]:
    """The free client (``sync_dir = "~/OneDrive"``); its default where it has logged in."""
    for place in sorted((home / ".config").glob("onedrive*")):
        said = re.search(r'(?m)^\s*sync_dir\s*=\s*"([^"]+)"', _text(place / "config"))
        if said or (place / "refresh_token").exists():
            yield said[1] if said else "~/OneDrive", "onedrive.com"


def _seafile(home: Path) -> Iterator[tuple[str, str]]:
    """``seafile.ini`` holds the folder of its data; libraries lie beside it unless somebody chose otherwise."""
    for place in (".ccnet/seafile.ini", ".config/seafile/seafile.ini"):
        data = _text(home / place).strip()
        if data.startswith("/"):
            yield str(Path(data).parent), ""


def _syncthing(home: Path) -> Iterator[tuple[str, str]]:
    """``<folder id="…" label="…" path="/home/li/Sync" …>``."""
    for place in (".local/state/syncthing/config.xml", ".config/syncthing/config.xml"):
        for tag in re.findall(r"<folder\s[^>]{0,4000}>", _text(home / place)):
            if path := re.search(r'\spath="([^"]+)"', tag):
                yield html.unescape(path[1]), ""


def _usual(sign: tuple[str, ...], folders: tuple[str, ...], host: str) -> Callable[[Path], Iterator[tuple[str, str]]]:
    """A client known by its own folder; what it copies has one of these names."""

    def read(home: Path) -> Iterator[tuple[str, str]]:
        if any((home / name).exists() for name in sign):
            for folder in folders:
                yield f"~/{folder}", host

    return read


CLIENTS: tuple[tuple[str, Callable[[Path], Iterator[tuple[str, str]]]], ...] = (
    ("Nextcloud", _nextcloud),
    ("Dropbox", _dropbox),
    ("OneDrive", _onedrive),
    ("Seafile", _seafile),
    ("Syncthing", _syncthing),
    (
        "坚果云",
        _usual(
            (".nutstore",),
            ("Nutstore Files", "Nutstore", "我的坚果云", "坚果云", "Documents/我的坚果云"),
            "jianguoyun.com",
        ),
    ),
    (
        "百度网盘",
        _usual(
            ("baidunetdisk", ".config/baidunetdisk", ".config/BaiduNetdisk"),
            ("BaiduSyncdisk", "BaiduNetdiskWorkspace", "Documents/BaiduSyncdisk", "Documents/BaiduNetdiskWorkspace"),
            "pan.baidu.com",
        ),
    ),
)


def _folder(home: Home, words: str) -> Path | None:
    """The folder meant, if it is one and that person's own."""
    if "\0" in words:
        return None
    path = home.folder / words.removeprefix("~/") if words.startswith("~/") else Path(words)
    if not path.is_absolute():
        return None
    real = Path(os.path.realpath(path))
    try:
        status = real.stat()
    except (OSError, ValueError):
        return None
    own = sys.platform == "win32" or status.st_uid == home.uid
    return real if stat.S_ISDIR(status.st_mode) and own and str(real) != real.anchor else None


def _host(url: str) -> str:
    return re.sub(r"^[a-z]+://", "", url).partition("/")[0].rpartition("@")[2]


def _text(path: Path) -> str:
    """A file of settings; empty for what is none: a pipe or a device would hold us up."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except (OSError, ValueError):
        return ""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        try:
            return file.read(_MOST).decode("utf-8", "replace")
        except OSError:
            return ""
