"""Being the only one: a file that a living process holds, and that is free again when the process ends in any way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import ShoumiError


@contextmanager
def hold(path: Path, note: str, refuse: Callable[[str], ShoumiError]) -> Iterator[None]:
    """Hold ``path`` and leave ``note`` in it; ``refuse`` makes the error out of the note of who holds it now."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+", encoding="utf-8") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise refuse(file.read().strip() or "?") from None
        file.truncate(0)
        file.write(note)
        file.flush()
        yield
