"""Controlled unclassified information, as it is to be marked.

Sources: 32 CFR 2002.20 (marking) and 2002.36 (legacy materials); CUI Marking Handbook v1.1 (December 2016):
``CUI//SP-A/SP-B/C/D//DISSEMINATION``, categories in alphabetical order, specified ones first; a designation indicator
on the first page. DoDI 5200.48: FOUO is no longer applied.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.text import Text
from detectors.marks.lint.advice import Advice, Check, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.marks.lint.draft import Draft

_HANDBOOK = Text("32 CFR 2002.20; CUI Marking Handbook v1.1", "美国 32 CFR 2002.20；《CUI 标记手册》1.1版")
_LEGACY = Text("32 CFR 2002.36 (legacy materials)", "美国 32 CFR 2002.36（旧标志材料）")
_BANNER = re.compile(
    r"[^A-Za-z]{0,6}(?P<banner>(?:CUI|CONTROLLED)(?P<rest>(?:/{1,2}[A-Z][A-Z0-9 ,-]{0,40}){0,12}))[^A-Za-z]{0,6}"
)
_DISSEMINATION = re.compile(
    r"NOFORN|FED ONLY|FEDCON|NOCON|DL ONLY|RELIDO|REL TO .+|DISPLAY ONLY.*|ATTORNEY-.*|AC"
    r"|DISTRIBUTION STATEMENT [A-F]|DIST [A-F]"
)


def _advice(rule: str, severity: Severity, where: str, text: Text, instead: Text, basis: Text = _HANDBOOK) -> Advice:
    return Advice(rule=f"cui.{rule}", severity=severity, text=text, basis=basis, instead=instead, where=where)


def syntax(draft: Draft) -> Iterator[Advice]:
    """Slashes and the order of categories."""
    for line in draft.lines:
        match = _BANNER.fullmatch(line.text) if len(line.text) <= 240 else None
        if not match or not match["rest"]:
            continue
        word, *groups = match["banner"].split("//")
        first = [part for part in "/".join([word, *groups[:1]]).split("/")[1:] if part]
        if groups and len(groups) == 1 and _DISSEMINATION.fullmatch(groups[0]):
            first = []
        late = groups[1:] if first == (groups[0].split("/") if groups else []) else groups
        names = [part.strip() for part in first]
        right = sorted(names, key=lambda name: (not name.startswith("SP-"), name))
        tail = "".join(f"//{group}" for group in late)
        good = word.split("/")[0] + ("//" + "/".join(right) if right else "") + tail
        if good == match["banner"] and not any(_DISSEMINATION.fullmatch(name) for name in names):
            continue
        mixed = [name for name in names if _DISSEMINATION.fullmatch(name)]
        if mixed:
            kept = [name for name in right if name not in mixed]
            good = word.split("/")[0] + ("//" + "/".join(kept) if kept else "") + "//" + "/".join(mixed) + tail
        yield _advice(
            "syntax",
            Severity.WARNING,
            line.where,
            Text(
                f"“{match['banner']}”: // before categories and before dissemination, / between entries; SP- first,"
                " then in alphabetical order",
                f"“{match['banner']}”：类别和分发限制之前用双斜线，同类之间用单斜线；SP- 类别在前，并按字母排序",
            ),
            Text(good, good),
        )


def indicator(draft: Draft) -> Iterator[Advice]:
    """The designation indicator: who controls it."""
    marks = [mark for mark in draft.of("cui") if mark.original == "CUI"]
    if marks and not re.search(r"^\s*(?:Controlled By|CONTROLLED BY|Controlled by|POC)\s?:", draft.text, re.MULTILINE):
        yield _advice(
            "indicator-missing",
            Severity.WARNING,
            marks[0].where,
            Text("the first page does not say who controls it", "首页没有写明管理机构"),
            Text(
                "Controlled by: agency and office; CUI category; POC",
                "写明 Controlled by（机构、部门）、CUI Category、POC",
            ),
        )


def legacy(draft: Draft) -> Iterator[Advice]:
    """FOUO and other marks that CUI replaced."""
    for mark in draft.of("cui"):
        if mark.original != "CUI" and mark.text not in {"UNCLASSIFIED//NOFORN", "U//NOFORN"}:
            yield _advice(
                "legacy",
                Severity.HINT,
                mark.where,
                Text(
                    f"“{mark.text}” is a legacy mark; new documents carry CUI",
                    f"“{mark.text}”为旧标志，新文件应使用 CUI",
                ),
                Text("CUI and the category, if one applies", "CUI 及相应类别（如适用）"),
                _LEGACY,
            )
            return


CUI: tuple[Check, ...] = (syntax, indicator, legacy)
