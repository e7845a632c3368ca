"""Marks of the United Kingdom, as they are to be written.

Source: Government Security Classifications Policy (Cabinet Office, updated August 2024): three tiers; -SENSITIVE is an
addition to OFFICIAL, no tier. PROTECT, RESTRICTED and CONFIDENTIAL ended in April 2014. Capitals, and the top and the
bottom of each page, are how departments apply it; the policy is cited as a whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.text import Text
from detectors.marks.lint.advice import Advice, Check, Severity
from detectors.marks.lint.banner import unmarked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.marks.lint.draft import Draft

_BASIS = Text(
    "Government Security Classifications Policy (Cabinet Office, August 2024)",
    "英国《政府安全分级政策》（内阁办公厅，2024年8月）",
)
_ANY = re.compile(r"OFFICIAL\s?[-:–]?\s?SENSITIVE|\bUK (?:TOP )?SECRET|EYES ONLY|SECRET", re.IGNORECASE)
_LEGACY = {"RESTRICTED", "PROTECT", "CONFIDENTIAL"}


def _advice(rule: str, severity: Severity, where: str, text: Text, instead: Text) -> Advice:
    return Advice(rule=f"uk.{rule}", severity=severity, text=text, basis=_BASIS, instead=instead, where=where)


def spelling(draft: Draft) -> Iterator[Advice]:
    """Capitals, and the hyphen of OFFICIAL-SENSITIVE."""
    for mark in draft.of("uk"):
        wrong = Text("capitals", "应全部大写") if re.search(r"[a-z]", mark.text) else None
        if not wrong and mark.original == "OFFICIAL-SENSITIVE" and "OFFICIAL-SENSITIVE" not in mark.text:
            wrong = Text("one hyphen, no space", "中间用一个连字符，不留空格")
        if wrong:
            right = mark.original + "".join(f" [{caveat}]" for caveat in mark.caveats)
            yield _advice(
                "spelling",
                Severity.WARNING,
                mark.where,
                Text(f"“{mark.text}”: {wrong.en}", f"“{mark.text}”{wrong.zh}"),
                Text(right, right),
            )


def legacy(draft: Draft) -> Iterator[Advice]:
    """Marks of the scheme before April 2014."""
    for mark in draft.of("uk"):
        if mark.original in _LEGACY:
            yield _advice(
                "legacy",
                Severity.WARNING,
                mark.where,
                Text(
                    f"“{mark.text}” is of the scheme that ended in April 2014",
                    f"“{mark.text}”属于2014年4月停用的旧分级",
                ),
                Text(
                    "OFFICIAL, OFFICIAL-SENSITIVE, SECRET or TOP SECRET",
                    "OFFICIAL、OFFICIAL-SENSITIVE、SECRET 或 TOP SECRET",
                ),
            )


def edges(draft: Draft) -> Iterator[Advice]:
    """The mark stands at the top and at the bottom of each page."""
    marks = draft.of("uk")
    if not marks:
        return
    for edge, at in (("top", Text("top", "页首")), ("bottom", Text("bottom", "页尾"))):
        missing = [where for _, where, which in unmarked(draft, _ANY) if which == edge]
        if missing:
            yield _advice(
                f"{edge}-missing",
                Severity.WARNING,
                missing[0],
                Text(f"no mark at the {at.en} of {len(missing)} page(s)", f"有{len(missing)}页的{at.zh}没有标志"),
                Text(
                    f"{marks[0].original} at the {at.en} of each page",
                    f"在每页{at.zh}标注 {marks[0].original}",
                ),
            )


UK: tuple[Check, ...] = (spelling, legacy, edges)
