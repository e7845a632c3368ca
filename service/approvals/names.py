"""Whether a person who asked and an officer who decides are the same one, as far as names tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from service.approvals.models import Lending
from service.officers.models import Officer


def spellings(account: str, full_name: str) -> list[str]:
    """A person's names, each written one way: no spaces, no case, and the account without its domain too."""
    plain = [unicodedata.normalize("NFKC", text).casefold() for text in (account, full_name)]
    plain += [plain[0].rpartition("\\")[2], plain[0].partition("@")[0]]
    return list(dict.fromkeys(name for text in plain if (name := "".join(text.split()))))


def written(names: Iterable[str]) -> str:
    """As the database keeps them: a line each, so that one is found whole or not at all."""
    return "\n" + "".join(f"{name}\n" for name in names)


def is_own(lending: Lending, officer: Officer) -> bool:
    """Whether the person who asked bears the officer's account name or full name."""
    return any(written([name]) in lending.names for name in spellings(officer.username, officer.name))


def are_one(one: Officer, other: Officer) -> bool:
    """Whether two logins are one person's."""
    names = set(spellings(one.username, one.name))
    return not names.isdisjoint(spellings(other.username, other.name))
