"""One writer at a time.

SQLite has one. Waiting for it inside the process is fair and costs a third of the waiting inside SQLite; every change
goes through :func:`writing`, so that what belongs together is committed together.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction

_WRITER = threading.RLock()
PATIENCE = 20.0  # seconds; longer than any change of ours takes


class BusyError(OperationalError):
    """Too many want to write; try again in a moment."""


@contextmanager
def writing(patience: float = PATIENCE) -> Iterator[None]:
    """A transaction that holds the only pen; committed at the end, undone by any exception.

    Raises:
        BusyError: others kept it for ``patience`` seconds.
    """
    if not _WRITER.acquire(timeout=patience):
        raise BusyError("the database is busy")
    try:
        with transaction.atomic():
            yield
    finally:
        _WRITER.release()
