"""Small files that must be whole, and ours alone."""

from __future__ import annotations

import os
from pathlib import Path


def write_secret(path: Path, text: str | bytes) -> None:
    """Write a file that only its owner can read; after a power cut it is the old one or the new one, never half."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
