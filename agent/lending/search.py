"""Looking through a medium for one content."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

import msgspec

from agent.act.destroy import destroy
from agent.act.spot import spot
from agent.disk import sha256_of
from agent.scan.walk import walk


class View(Protocol):
    """A way to the files of one medium."""

    def files(self, missed: Callable[[Path, OSError], None]) -> Iterator[Path]:
        """Every file below the root; ``missed`` is told of folders that cannot be listed."""

    def open(self, path: Path) -> BinaryIO:
        """A regular file, for reading. Raises OSError."""

    def destroy(self, path: Path, sha256: str) -> None:
        """As :func:`agent.act.destroy.destroy` does."""


class Folder:
    """A medium seen through the folder it is mounted on; ``names`` is where everybody else sees it, if elsewhere."""

    def __init__(self, root: Path, names: Path | None = None) -> None:
        self._root, self._names = root, names

    def files(self, missed: Callable[[Path, OSError], None]) -> Iterator[Path]:
        """Every file below."""
        return walk(self._root, missed)

    def open(self, path: Path) -> BinaryIO:
        """One of them; no link is followed."""
        with spot(self._root, path) as place:
            return place.open()

    def destroy(self, path: Path, sha256: str) -> None:
        """Overwrite and remove one of them."""
        destroy(self._root, path, sha256, self._names)


class Look(msgspec.Struct):
    """What a medium holds of one content."""

    found: list[Path]  # files with this content
    changed: list[Path]  # copies in their place whose content is another now
    unread: list[Path]  # folders and files that could not be looked into


def search(
    view: View,
    root: Path,
    sha256: str,
    sizes: Collection[int],
    own: Collection[Path],
    spared: Collection[PurePosixPath],
) -> Look:
    """Every regular file below ``root`` with this content.

    Args:
        view: the way to the files.
        root: what their paths begin with.
        sha256: of the content, hex.
        sizes: that it can have, bytes: others are not read.
        own: where copies were put; another content there is reported.
        spared: places on the medium that are not reported.
    """
    look = Look([], [], [])

    def missed(folder: Path, problem: OSError) -> None:
        if not isinstance(problem, FileNotFoundError):
            look.unread.append(folder)

    for path in view.files(missed):
        try:
            with view.open(path) as file:
                fits = os.fstat(file.fileno()).st_size in sizes
                content = sha256_of(file) if fits else ""
        except FileNotFoundError:  # gone just now, or no regular file
            continue
        except OSError:
            look.unread.append(path)
            continue
        if content != sha256:
            look.changed.extend([path] if path in own else [])
        elif PurePosixPath(path.relative_to(root).as_posix()) not in spared:
            look.found.append(path)
    return look


def digest(view: View, path: Path) -> str:
    """The SHA-256 of a file, hex; empty when it cannot be read."""
    try:
        with view.open(path) as file:
            return sha256_of(file)
    except OSError:
        return ""


def size(view: View, path: Path) -> int:
    """Bytes of a file; -1 when it cannot be opened."""
    try:
        with view.open(path) as file:
            return os.fstat(file.fileno()).st_size
    except OSError:
        return -1
