"""Hiding what a collector has no business to know, while people still recognise what is meant."""

from __future__ import annotations

import re

from config.text import readable

_DIGITS = re.compile(r"\d{5,}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_SEEN = 4  # characters of a name that stay readable at its start
_END = 2


def mask_name(name: str) -> str:
    """A file name with the middle of a long stem and of long numbers hidden: ``关于印发…方案.docx``.

    A short suffix stays, and so do short names: they give too little away, and people must find the file.
    """
    name = readable(name)
    suffix = match.group() if (match := _SUFFIX.search(name)) and match.start() else ""
    stem = _DIGITS.sub(_hide, name.removesuffix(suffix))
    if len(stem) > _SEEN + _END + 2:
        stem = f"{stem[:_SEEN]}…{stem[-_END:]}"
    return stem + suffix


def mask_place(where: str) -> str:
    """A place in a document with every name in it masked: ``关于印发…方案.docx > page 1 line 2``.

    Names are the members of containers, the sheets before a ``!``, and what follows a property's colon.
    """
    *members, last = where.split(" > ")
    sheet, mark, cell = last.rpartition("!")
    kind, colon, name = last.partition(":")
    if mark:
        last = f"{mask_name(sheet)}!{cell}"
    elif colon:
        last = f"{kind}:{mask_name(name)}"
    return " > ".join([*("/".join(map(mask_name, member.split("/"))) for member in members), readable(last)])


def mask_reason(reason: str) -> str:
    """A line of the coverage, ``reason: part``, with the names in the part masked."""
    kind, colon, part = reason.partition(": ")
    masked = " > ".join("/".join(map(mask_name, member.split("/"))) for member in part.split(" > "))
    return f"{kind}: {masked}" if colon else reason


def _hide(match: re.Match[str]) -> str:
    digits = match.group()
    return digits[:2] + "*" * (len(digits) - 4) + digits[-2:]
