"""What a worker has loaded. After it has locked itself down it can load nothing more, so the choice is made before."""

from __future__ import annotations

from enum import IntEnum


class Kit(IntEnum):
    """Each kit holds what the ones before it hold. A file goes to the smallest that can read it."""

    COMMON = 0  # what nearly every file on a desk needs
    RARE = 1  # databases, odd archives, passwords, second readers
    OCR = 2  # recognition of text in pictures: a gigabyte of memory


class NeedsKitError(BaseException):
    """The document needs a larger kit than this worker has; another one reads the whole file.

    No failure of a document, so no ``except Exception`` on the way may take it for one.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.name)
        self.kit = kit
