"""The ladder: how sensitive a document is, and how sensitive a place may be.

The ids are fixed words in code, files and on the wire; an organisation may rename what people read, not the ids.
Foreign regimes map onto the same ladder and keep their own words beside it.
"""

from __future__ import annotations

from enum import IntEnum

from config.text import Text


class Level(IntEnum):
    """One rung, comparable: a copy may go where ``clearance >= level``."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    SECRET = 3
    TOP_SECRET = 4

    @property
    def id(self) -> str:
        """The fixed word, such as ``top_secret``."""
        return self.name.lower()

    @property
    def text(self) -> Text:
        """The words people read."""
        return _TEXTS[self]

    @classmethod
    def parse(cls, word: str) -> Level:
        """Read a level from its id.

        Raises:
            ValueError: the word is no level; the message lists the five that are.
        """
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"'{word}' is not a level; use one of {', '.join(level.id for level in cls)}") from None


_TEXTS = {
    Level.PUBLIC: Text("public", "公开"),
    Level.INTERNAL: Text("internal", "内部"),
    Level.CONFIDENTIAL: Text("confidential", "秘密"),
    Level.SECRET: Text("secret", "机密"),
    Level.TOP_SECRET: Text("top secret", "绝密"),
}
