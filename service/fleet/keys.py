"""The officers' key: agents seal quarantined originals to its public half."""

from __future__ import annotations

import pyrage

from service.disk import write_secret
from service.home import Home


def ensure_officers_key(home: Home) -> str:
    """Make the key when there never was one; its public half, ``age1…``. One that lies in a safe is not replaced."""
    if not home.officers_key.exists() and not home.officers_recipient.exists():
        write_secret(home.officers_key, str(pyrage.x25519.Identity.generate()) + "\n")
    return officers_recipient(home)


def officers_recipient(home: Home) -> str:
    """The public half. Kept beside the private one, which belongs in a safe after the first day."""
    path = home.officers_recipient
    if not path.exists():
        identity = pyrage.x25519.Identity.from_str(home.officers_key.read_text("ascii").strip())
        write_secret(path, str(identity.to_public()) + "\n")
    return path.read_text("ascii").strip()
