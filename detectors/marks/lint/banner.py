"""A United States banner taken apart for the checks: level and controls, in the order in which they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.verdict import Zone
from detectors.marks import capco
from detectors.marks.spot import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.marks.lint.draft import Draft

LEVELS = {
    "UNCLASSIFIED": Level.PUBLIC,
    "CONFIDENTIAL": Level.CONFIDENTIAL,
    "SECRET": Level.SECRET,
    "TOP SECRET": Level.TOP_SECRET,
}
LETTERS = {
    "U": Level.PUBLIC,
    "CUI": Level.PUBLIC,
    "C": Level.CONFIDENTIAL,
    "S": Level.SECRET,
    "TS": Level.TOP_SECRET,
}
_LINE = re.compile(
    r"[^A-Za-z]{0,12}?(?P<banner>(?:TOP SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED)"
    r"(?P<rest>(?:\s?/{1,2}\s?[A-Z][A-Z0-9 ,-]{0,80}){0,12}))"
    r"(?:[^A-Za-z/]|\bpage\b|\bof\b){0,24}",
    re.IGNORECASE,
)
_PORTION = re.compile(
    r"(?:[•*-]\s?)?(?:\d{1,3}(?:\.\d{1,2}){0,3}[.)]?\s{0,4}|[A-Za-z][.)]\s{0,4})?"
    r"\((?P<level>TS|S|C|U|CUI)(?P<rest>(?://[A-Z][A-Z0-9 ,/-]{0,60})?)\)\s?\S"
)
EDGES = 2  # lines from the top or bottom of a page that still are its edge


class Banner(msgspec.Struct, frozen=True):
    """One banner line or portion mark."""

    text: str
    where: str
    level: Level
    word: str
    controls: tuple[str, ...]
    single: bool = False  # one slash where two belong


def banners(draft: Draft) -> list[Banner]:
    """Every different banner, unclassified ones too, at its first place: it repeats on every page."""
    found: dict[str, Banner] = {}
    for line in draft.lines:
        if banner := _banner(line.text, line.where):
            found.setdefault(banner.text, banner)
    return list(found.values())


def portions(draft: Draft) -> list[Banner]:
    """Every portion mark at the start of a paragraph."""
    out = []
    for line in draft.lines:
        if match := _PORTION.match(line.text):
            text = f"({match['level']}{match['rest']})"
            out.append(Banner(text, line.where, LETTERS[match["level"]], match["level"], tuple(_split(match["rest"]))))
    return out


def _banner(text: str, where: str) -> Banner | None:
    match = _LINE.fullmatch(text) if len(text) <= 240 else None
    if not match or match["banner"][:4] != match["banner"][:4].upper():
        return None
    rest = match["rest"].upper()
    word = match["banner"][: len(match["banner"]) - len(match["rest"])].strip()
    single = bool(re.match(r"\s?/(?!/)", rest))
    return Banner(match["banner"].strip(), where, LEVELS[word], word, tuple(_split(rest)), single)


def _split(rest: str) -> list[str]:
    return [part.strip() for part in rest.split("/") if part.strip()]


def of_kind(banner: Banner, kind: str) -> list[str]:
    """The controls of one category of :mod:`detectors.marks.capco`."""
    return [control for control in banner.controls if capco.kind(control) == kind]


def has(banner: Banner, *words: str) -> bool:
    """Whether a control is one of these words, or begins with one and goes on."""
    return any(control == word or re.match(rf"{word}[ -]", control) for control in banner.controls for word in words)


def unmarked(draft: Draft, pattern: re.Pattern[str]) -> Iterator[tuple[str, str, str]]:
    """Edges of pages without a mark: the page (empty for a document without pages), its place, ``top`` or ``bottom``.

    A header or footer that carries the mark serves all pages.
    """
    headed = _placed(draft, pattern, Zone.HEADER) or _placed(draft, pattern, Zone.WATERMARK)
    footed = _placed(draft, pattern, Zone.FOOTER)
    pages: dict[str, list[str]] = {}
    for line in draft.lines:
        if line.segment.zone not in PLACES and line.segment.zone is not Zone.NOTE:
            page = str(line.segment.page or "")
            pages.setdefault(page, []).append(line.text)
    for page, lines in pages.items():
        where = f"page {page}" if page else ""
        if not headed and not any(pattern.search(text) for text in lines[:EDGES]):
            yield page, where, "top"
        if not footed and not any(pattern.search(text) for text in lines[-EDGES:]):
            yield page, where, "bottom"


def _placed(draft: Draft, pattern: re.Pattern[str], zone: Zone) -> bool:
    return any(line.segment.zone is zone and pattern.search(line.text) for line in draft.lines)
