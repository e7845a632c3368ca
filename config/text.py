"""Words for people, always in both languages, rendered in one at the edge."""

from __future__ import annotations

import locale
import os
from typing import Any, Literal

import msgspec

Language = Literal["en", "zh"]


class Text(msgspec.Struct, frozen=True):
    """One sentence in English and Chinese; ``{name}`` fields are filled by :meth:`fill`."""

    en: str
    zh: str

    def fill(self, **fields: Any) -> Text:
        """Put values into both sentences; a value that is itself a :class:`Text` is put in language by language."""
        return Text(
            self.en.format(**{key: say(value, "en") for key, value in fields.items()}),
            self.zh.format(**{key: say(value, "zh") for key, value in fields.items()}),
        )

    def say(self, language: Language) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en


def readable(name: str) -> str:
    """A file name as text that can be sent and shown: bytes of it that are no UTF-8 become backslash and number."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def say(value: Any, language: Language) -> Any:
    """A text in one language; any other value as it is."""
    return value.say(language) if isinstance(value, Text) else value


def system_language() -> Language:
    """The language of the user's locale: Chinese where it begins with ``zh``, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def printable(text: str, kept: str = "\n") -> str:
    """Text from files or from elsewhere that cannot steer a terminal, nor break its encoding."""
    return "".join(char if char.isprintable() or char in kept else "�" for char in text)
