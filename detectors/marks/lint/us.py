"""Marks of the United States, as they are to be written.

Sources: 32 CFR 2001.21 (original: authority block, overall and portion marks), 2001.22 (derivative), 2001.24 (terms
that must not be used); ISOO Marking Booklet Rev 4 (2018); DoDM 5200.01 vol. 2 and the register of control markings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.places import place
from config.text import Text
from detectors.marks import capco
from detectors.marks.lint.advice import Advice, Check, Severity
from detectors.marks.lint.banner import Banner, banners, has, of_kind, portions, unmarked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.marks.lint.draft import Draft

_OVERALL = Text("32 CFR 2001.21(b)", "美国 32 CFR 2001.21(b)")
_PORTIONS = Text("32 CFR 2001.21(c)", "美国 32 CFR 2001.21(c)")
_AUTHORITY = Text("32 CFR 2001.21(a), 2001.22", "美国 32 CFR 2001.21(a)、2001.22")
_TERMS = Text("32 CFR 2001.24(a)", "美国 32 CFR 2001.24(a)")
_CONTROLS = Text("DoDM 5200.01 vol. 2 (control markings)", "美国 DoDM 5200.01 第2卷（管制标记）")
_CLASSIFIED = re.compile(r"(?:TOP )?SECRET|CONFIDENTIAL|S[ -]E[ -]C[ -]R[ -]E[ -]T")
_BY = re.compile(r"^(?:Classified By|Derived From|CLASSIFIED BY|DERIVED FROM)\s?[:.]", re.MULTILINE)
_UNTIL = re.compile(r"^(?:Declassify On|DECLASSIFY ON|Decl|DECL)[ A-Z]{0,4}\s?[:.]", re.MULTILINE)
_TWO = re.compile(
    r"[^A-Za-z]{0,6}(?:TOP SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED)\s?/{1,2}\s?"
    r"(?:TOP SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED)(?:/{1,2}[A-Z ,/-]{1,60})?[^A-Za-z]{0,6}"
)
_SHORT = {"NF": "NOFORN", "OC": "ORCON", "PR": "PROPIN", "RS": "RSEN", "IMC": "IMCON", "DSEN": "DEA SENSITIVE"}
_GONE = {"NOCONTRACT", "WNINTEL", "NO FOREIGN DISSEM", "NO FOREIGN DISSEMINATION"}
MOST_PROGRAMS = 4
LONG = 60  # characters from which a line is a paragraph that wants a portion mark


def _advice(rule: str, severity: Severity, where: str, text: Text, basis: Text, instead: Text) -> Advice:
    return Advice(rule=f"us.{rule}", severity=severity, text=text, basis=basis, instead=instead, where=where)


def _top(draft: Draft) -> Banner | None:
    """The overall mark: the highest classified banner of the first page that has one."""
    found = [banner for banner in banners(draft) if banner.level > Level.PUBLIC]
    return found[0] if found and draft.of("us") else None


def below_portion(draft: Draft) -> Iterator[Advice]:
    """The overall mark must not be lower than the highest portion."""
    top = next(iter(banners(draft)), None)
    highest = max(portions(draft), key=lambda portion: portion.level.rank, default=None)
    if top and highest and highest.level > top.level:
        word = next(word for word, level in _WORDS.items() if level is highest.level)
        yield _advice(
            "banner-below-portion",
            Severity.ERROR,
            top.where,
            Text(
                f"the banner says {top.word}, but a portion is {highest.text}, at {highest.where}",
                f"横幅为{top.word}，但段落标记为{highest.text}（{place(highest.where, 'zh')}）",
            ),
            _OVERALL,
            Text(f"{word} as the banner", f"横幅改为{word}"),
        )


_WORDS = {
    "CONFIDENTIAL": Level.CONFIDENTIAL,
    "SECRET": Level.SECRET,
    "TOP SECRET": Level.TOP_SECRET,
    "UNCLASSIFIED": Level.PUBLIC,
}


def portions_missing(draft: Draft) -> Iterator[Advice]:
    """A banner without portion marks."""
    top = _top(draft)
    long = [line for line in draft.lines if len(line.text) >= LONG]
    if top and long and not portions(draft):
        yield _advice(
            "portions-missing",
            Severity.WARNING,
            long[0].where,
            Text("no paragraph carries a portion mark", "各段落均无段落密级标记"),
            _PORTIONS,
            Text("(U), (C), (S) or (TS) before each paragraph", "在每段之前标注 (U)、(C)、(S) 或 (TS)"),
        )


def authority_missing(draft: Draft) -> Iterator[Advice]:
    """A classified document without its authority block."""
    top = _top(draft)
    if not top:
        return
    missing = [
        name
        for name, pattern in (("Classified By / Derived From", _BY), ("Declassify On", _UNTIL))
        if not pattern.search(draft.text)
    ]
    if missing:
        names = ", ".join(missing)
        yield _advice(
            "authority-missing",
            Severity.ERROR,
            top.where,
            Text(f"the authority block lacks: {names}", f"定密授权栏缺少：{names}"),
            _AUTHORITY,
            Text(
                "Classified By: … / Derived From: … / Declassify On: YYYYMMDD on the first page",
                "在首页写明 Classified By、Derived From、Declassify On: YYYYMMDD",
            ),
        )


def edges(draft: Draft) -> Iterator[Advice]:
    """The mark stands at the top and at the bottom of every page."""
    if not _top(draft):
        return
    for edge in ("top", "bottom"):
        missing = [where for _, where, which in unmarked(draft, _CLASSIFIED) if which == edge]
        if missing:
            at = Text("top", "页首") if edge == "top" else Text("bottom", "页尾")
            first, more = missing[0], len(missing) - 1
            en = first + (f" (+{more})" if more else "") if first else "the document"
            zh = place(first, "zh") + (f"（另有{more}页）" if more else "") if first else "文件"
            yield _advice(
                f"{edge}-missing",
                Severity.ERROR,
                first,
                Text(f"no mark at the {at.en} of {en}", f"{zh}{at.zh}没有密级标志"),
                _OVERALL,
                Text(f"the banner at the {at.en} of every page", f"在每页{at.zh}标注横幅"),
            )


def controls(draft: Draft) -> Iterator[Advice]:
    """Controls that exclude each other, in banners and portions, or demand each other, in banners."""
    whole = banners(draft)
    for banner in (*whole, *{portion.text: portion for portion in portions(draft)}.values()):
        classified = banner.level > Level.PUBLIC
        release = has(banner, "NOFORN", "NF", "REL", "RELIDO", "DISPLAY ONLY")
        for bad, rule, text, instead in (
            (
                has(banner, "NOFORN", "NF") and has(banner, "REL", "RELIDO"),
                "noforn-with-rel",
                Text("NOFORN excludes REL TO and RELIDO", "NOFORN 不得与 REL TO、RELIDO 并用"),
                Text("one of them", "只保留其中之一"),
            ),
            (
                has(banner, "FOUO") and classified,
                "fouo-on-classified",
                Text("FOUO never stands on classified information", "FOUO 不得用于定密信息"),
                Text("leave FOUO out", "删除 FOUO"),
            ),
            (
                has(banner, "ORCON", "OC", "REL") and not classified,
                "control-on-unclassified",
                Text("ORCON and REL TO need CONFIDENTIAL or higher", "ORCON、REL TO 仅用于 CONFIDENTIAL 及以上"),
                Text("leave them out", "删除该标记"),
            ),
            (
                banner in whole and has(banner, "HCS") and not has(banner, "NOFORN", "NF"),
                "hcs-without-noforn",
                Text("HCS needs NOFORN", "HCS 必须同时标注 NOFORN"),
                Text("NOFORN in place of any REL TO", "改标 NOFORN，删去 REL TO"),
            ),
            (
                banner in whole and bool(of_kind(banner, capco.SCI)) and not has(banner, "HCS") and not release,
                "sci-without-release",
                Text("SCI needs a release mark", "SCI 信息必须标注可发布范围"),
                Text(f"{banner.text}//NOFORN or //REL TO USA, …", f"{banner.text}//NOFORN 或 //REL TO USA, …"),
            ),
            (
                banner in whole and len(of_kind(banner, capco.SAP)) > MOST_PROGRAMS,
                "too-many-programs",
                Text(f"more than {MOST_PROGRAMS} programs", f"超过{MOST_PROGRAMS}个特别接触项目"),
                Text("SAR-MULTIPLE PROGRAMS", "SAR-MULTIPLE PROGRAMS"),
            ),
        ):
            if bad:
                yield _advice(
                    rule,
                    Severity.ERROR,
                    banner.where,
                    Text(f"“{banner.text}”: {text.en}", f"“{banner.text}”：{text.zh}"),
                    _CONTROLS,
                    instead,
                )


def release_lists(draft: Draft) -> Iterator[Advice]:
    """``REL TO``: USA first, then the others in alphabetical order; never USA alone."""
    for banner in banners(draft):
        for control in banner.controls:
            if not (match := re.fullmatch(r"REL(?: TO)? (?P<list>[A-Z]{3,5}(?:,? ?[A-Z]{3,5}){0,40})", control)):
                continue
            countries = re.findall(r"[A-Z]{3,5}", match["list"])
            rest = sorted(each for each in countries if each != "USA")
            right = "REL TO " + ", ".join(["USA", *rest])
            if countries == ["USA"]:
                text = Text("REL TO USA alone releases to nobody", "REL TO USA 单独使用无效")
                right = "NOFORN"
            elif control != right:
                text = Text(
                    "USA first, the others in alphabetical order, parted by comma and space",
                    "USA 居首，其余按字母顺序，以逗号加空格分隔",
                )
            else:
                continue
            yield _advice(
                "release-list",
                Severity.ERROR,
                banner.where,
                Text(f"“{control}”: {text.en}", f"“{control}”：{text.zh}"),
                _CONTROLS,
                Text(right, right),
            )


def syntax(draft: Draft) -> Iterator[Advice]:
    """One slash for two, short forms, obsolete controls, categories out of order."""
    for banner in banners(draft):
        order = [capco.ORDER.index(capco.kind(control)) for control in banner.controls]
        short = [control for control in banner.controls if control in _SHORT]
        gone = [control for control in banner.controls if control in _GONE]
        if banner.single:
            right = banner.text.replace("/", "//", 1)
            yield _syntax(
                banner, "single-slash", Text("two slashes part level and controls", "密级与管制标记之间用双斜线"), right
            )
        if short:
            right = banner.text
            for word in short:
                right = re.sub(rf"\b{word}\b", _SHORT[word], right)
            yield _syntax(banner, "short-form", Text("short forms are for portion marks", "缩写只用于段落标记"), right)
        if gone:
            yield _syntax(
                banner, "obsolete-control", Text(f"{gone[0]} is no longer used", f"{gone[0]} 已停用"), "NOFORN"
            )
        elif order != sorted(order):
            words = " // ".join(capco.NAMES[name].en for name in capco.ORDER)
            yield _syntax(banner, "category-order", Text("the categories are out of order", "各类标记顺序有误"), words)


def _syntax(banner: Banner, rule: str, text: Text, right: str) -> Advice:
    said = Text(f"“{banner.text}”: {text.en}", f"“{banner.text}”：{text.zh}")
    return _advice(rule, Severity.WARNING, banner.where, said, _CONTROLS, Text(right, right))


def two_levels(draft: Draft) -> Iterator[Advice]:
    """A banner with two levels."""
    for line in draft.lines:
        if len(line.text) <= 120 and _TWO.fullmatch(line.text):
            yield _advice(
                "two-levels",
                Severity.ERROR,
                line.where,
                Text(f"“{line.text}”: a banner has one level", f"“{line.text}”：一个横幅只能有一个密级"),
                _OVERALL,
                Text("the highest level alone", "只写最高密级"),
            )


def other_terms(draft: Draft) -> Iterator[Advice]:
    """Words joined to a level that are none of the three: SECRET SENSITIVE, AGENCY CONFIDENTIAL."""
    for line in draft.lines:
        if re.fullmatch(r"(?:SECRET[ /-]SENSITIVE|AGENCY CONFIDENTIAL|SECRET AND CONFIDENTIAL)", line.text):
            yield _advice(
                "other-term",
                Severity.ERROR,
                line.where,
                Text(
                    f"“{line.text}”: no other word joins the three levels", f"“{line.text}”：三个密级之外不得另加词语"
                ),
                _TERMS,
                Text("TOP SECRET, SECRET or CONFIDENTIAL", "TOP SECRET、SECRET 或 CONFIDENTIAL"),
            )


US: tuple[Check, ...] = (
    below_portion,
    two_levels,
    controls,
    release_lists,
    authority_missing,
    edges,
    portions_missing,
    syntax,
    other_terms,
)
