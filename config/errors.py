"""The errors shoumi raises on purpose, each with a stable code, an exit status and what it means for a copy.

ShoumiError
├── ConfigurationError     a file an organisation wrote is wrong: says file, line, key and a hint
│   └── RuleError          a detection rule is wrong, or fails its own hits and misses
├── UsageError             the command line is wrong
├── SpoolError             events cannot be kept; the agent holds them in memory and tries again
├── QuarantineError        a file cannot be kept safely; it stays where it is
├── TransportError         the collector cannot be reached or refuses; the agent waits and tries again
│   ├── RejectedError      the collector will never take this; sending it again is useless
│   └── IdentityError      the collector does not know this agent
└── SignatureError         a signed thing is not what its signer wrote
"""

from __future__ import annotations

from typing import ClassVar, Literal

from config.text import Language, Text


class ShoumiError(Exception):
    """Something shoumi can explain. ``text`` says what is wrong, ``hint`` what to do next, in both languages."""

    code: ClassVar[str] = "SM000"
    exit_status: ClassVar[int] = 2
    fails: ClassVar[Literal["open", "closed"]] = "closed"

    def __init__(self, text: Text | str, hint: Text | str = "") -> None:
        self.text = text if isinstance(text, Text) else Text(text, text)
        self.hint = hint if isinstance(hint, Text) else Text(hint, hint)
        super().__init__(self.text.en)

    def say(self, language: Language) -> str:
        """The whole message as a person reads it on a terminal."""
        hint = self.hint.say(language)
        return f"{self.text.say(language)} [{self.code}]" + (f"\n  → {hint}" if hint else "")


class ConfigurationError(ShoumiError):
    """A configuration file is wrong. Nothing is loaded; what ran before keeps running with what it had."""

    code = "SM100"

    def __init__(self, file: str, line: int, key: str, text: Text | str, hint: Text | str = "") -> None:
        text = text if isinstance(text, Text) else Text(text, text)
        at = (f"{file}:{line}: " if line else f"{file}: ") + (f"{key}: " if key else "")
        super().__init__(Text(at + text.en, at + text.zh), hint)
        self.file, self.line, self.key = file, line, key


class RuleError(ConfigurationError):
    """A rule is wrong or fails one of its own examples."""

    code = "SM110"


class UsageError(ShoumiError):
    """The command line is wrong."""

    code = "SM120"


class SpoolError(ShoumiError):
    """The spool cannot take an event now, most often because the disk is full."""

    code = "SM200"


class QuarantineError(ShoumiError):
    """A file cannot be sealed; it was left where it is."""

    code = "SM210"
    fails = "open"


class TransportError(ShoumiError):
    """The collector did not answer, or asked to wait."""

    code = "SM300"
    fails = "open"
    wait: float | None = None  # seconds the collector asks to wait, where it says


class RejectedError(TransportError):
    """The collector refuses this request for good."""

    code = "SM310"


class IdentityError(TransportError):
    """The collector does not know this agent, or the agent is not enrolled."""

    code = "SM320"


class SignatureError(ShoumiError):
    """A signature does not fit."""

    code = "SM400"
