"""Every file below a folder, in a steady order, and word of what could not be listed."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)


def _log(folder: Path, problem: OSError) -> None:
    log.info("cannot list %s: %s", ascii(os.fspath(folder)), problem.strerror)


def walk(root: Path, missed: Callable[[Path, OSError], None] = _log) -> Iterator[Path]:
    """Everything that is neither a folder nor a symbolic link; links are not followed. A file yields itself.

    ``missed`` is told of each folder that cannot be listed.
    """
    try:
        if not stat.S_ISDIR(root.stat().st_mode):
            yield root
            return
    except (OSError, ValueError) as problem:
        missed(root, problem if isinstance(problem, OSError) else OSError(22, str(problem)))
        return
    folders = [os.fspath(root)]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as problem:
            missed(Path(folder), problem)
            continue
        below = []
        for entry in entries:
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
            except OSError as problem:
                missed(Path(entry.path), problem)
                continue
            if is_folder:
                below.append(entry.path)
            elif not entry.is_symlink():
                yield Path(entry.path)
        folders += reversed(below)
