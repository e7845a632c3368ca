"""The ladder: how sensitive a document is, and how sensitive a place may be.

The ids are fixed words in code, files and on the wire; an organisation may rename what people read, not the ids.
Foreign regimes map onto the same ladder and keep their own words beside it.
"""

from __future__ import annotations

from enum import Enum
from functools import total_ordering

from config.text import Text


@total_ordering
class Level(Enum):
    """One rung, comparable: a copy may go where ``clearance >= level``."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"  # noqa: S105 - a level, not a password
    TOP_SECRET = "top_secret"  # noqa: S105

    @property
    def id(self) -> str:
        """The fixed word, such as ``top_secret``."""
        return self.value

    @property
    def rank(self) -> int:
        """0 for public to 4 for top secret."""
        return _RANKS[self.value]

    @property
    def text(self) -> Text:
        """The words people read."""
        return _TEXTS[self.value]

    def __lt__(self, other: Level) -> bool:
        return _RANKS[self.value] < _RANKS[other.value]

    @classmethod
    def parse(cls, word: str) -> Level:
        """Read a level from its id.

        Raises:
            ValueError: the word is no level; the message lists the five that are.
        """
        try:
            return cls(word.lower())
        except ValueError:
            raise ValueError(f"'{word}' is not a level; use one of {', '.join(level.id for level in cls)}") from None


_RANKS = {level.value: rank for rank, level in enumerate(Level)}
_TEXTS = {
    "public": Text("public", "公开"),
    "internal": Text("internal", "内部"),
    "confidential": Text("confidential", "秘密"),
    "secret": Text("secret", "机密"),
    "top_secret": Text("top secret", "绝密"),
}
