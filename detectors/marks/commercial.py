"""Commercial secrets and work secrets of China, and the plain notices companies print.

Sources: 中央企业商业秘密保护暂行规定 (2010) art. 13-15 (核心商密 and 普通商密; owner, level and term,
no ★); 保守国家秘密法 (2024) art. 64 (work secrets); notices in use such as 内部资料 注意保存.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome, Zone
from detectors.marks import handling, ladder, notices, options, subject, terms
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import PLACES, Spot, collapse, lines
from detectors.offsets import Window
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

NAME = "commercial"
COMMERCIAL, WORK = "cn-commercial", "cn-work"
_G = f"[{BLANK}]{{0,4}}"
ANCHORS = (
    Pattern(rf"[核普]{_G}[心通]{_G}商{_G}密", 16),
    Pattern(rf"[商工]{_G}[业作]{_G}秘{_G}密", 16),
    Pattern(rf"[公企商]{_G}[司业]{_G}[机秘绝]{_G}密", 16),
    Pattern(rf"内{_G}部{_G}[资文使事公材信刊传参交发]{_G}[料件用项开息物阅流行]", 20),
    Pattern(rf"[级别][{BLANK}]{{0,2}}[:：][{BLANK}]{{0,2}}[\[【(（]?内{_G}部[\]】)）]?[{BLANK}]{{0,4}}$", 24),
    Pattern(rf"[保涉]{_G}密{_G}[文资材]{_G}[件料]", 16),
    Pattern(rf"^[{BLANK}【\[(（]{{0,6}}内{_G}部[{BLANK}】\])）★]{{0,6}}$", 20),
    Pattern(rf"内部[{BLANK}]{{0,2}}[★▲◆]|内部参[考阅]|^[{BLANK}【\[(（]{{0,6}}内参[{BLANK}】\])）]{{0,6}}$", 20),
    Pattern(rf"商{_G}密{_G}[A1-3]|[级密][{BLANK}]{{0,2}}[:：]{_G}商{_G}密", 16),
    Pattern(rf"[绝机秘]{_G}密{_G}[，,]?{_G}(?:未经|请勿|严禁|不得|禁止)", 24),
    Pattern(rf"内{_G}部{_G}[绝机秘]{_G}密", 16),
    Pattern(rf"[级别]\t[\[【(（]?内{_G}部|[主标][题題][:：][^\n]{{0,12}}[内保机]{_G}[部密]", 40),
    Pattern(rf"^[{BLANK}【\[(（]{{0,6}}保{_G}密[{BLANK}】\])）]{{0,6}}$", 24),
    *notices.ANCHORS,
)
LEVELS = {
    "核心商密": Level.CONFIDENTIAL,
    "普通商密": Level.INTERNAL,
    "工作秘密": Level.INTERNAL,
}
LONGEST = 120  # characters of a mark or notice
UNGRADED = Level.INTERNAL  # 商业秘密, 公司机密 and the like: neither of the two grades
_SIGN = r"[★☆▲△◆■*●·•—–-]{1,3}"
_MARK = re.compile(
    rf"^(?P<owner>[^，。；！？,;、:：]{{0,24}}?)[【\[(（「《]?(?P<word>核心商(?:业秘)?密|普通商(?:业秘)?密|商业秘密|工作秘密|(?:公司|企业|商业)机密|(?:公司|企业)秘密|(?:公司|企业|商业)绝密)[】\])）」》]?"
    rf"(?P<grade>{_SIGN}(?:绝密|机密|秘密|核心|普通))?(?:(?P<sign>{_SIGN})|[:：])?(?:保密期限|期限)?[:：]?(?P<rest>.{{0,40}})$"
)
_LABELLED = re.compile(
    r"^(?:文件|文档|档案|信息|商密)?(?:密级|保密等级|保密级别|商密等级|商密级别|商密|商业秘密(?:等级|级别))[:：|]?$"
)
_TITLED = re.compile(  # 【商业机密】 before the title of the paper
    r"^[【\[][^】\]]{4,8}[】\]](?!.*(?:商密|秘密|保护|保密|案例|纠纷|侵犯|培训|法|什么))[^，。；！？,;]{2,40}$"
)
_HEADED = re.compile(
    r"(?P<notice>[【\[][^】\]]{6,20}[】\]])[^，。；！？,;:：【\[]{2,40}$"
)  # 【内部资料 严禁外传】 before it
_GRADES = re.compile(r"核心商密|普通商密")
_NOTICE = re.compile(
    r"(?:★)?[【\[(（「<《]?(?:"
    rf"(?:(?:本|此)(?:文档|文件|资料|材料)(?:为|是|属于?|系)[^，。；]{{0,16}})?(?:本?公司|单位|机关)?内部(?:资料|文件|材料|使用)[，,、·—-]?{handling.FORBID}|"
    r"内部(?:资料|文件|材料|刊物|信息)?(?:[，,、·—-]?(?:注意|请)?(?:妥善)?(?:保存|保密|保管|存放)|[，,、·—-]?(?:请勿|严禁|不得|禁止|勿)(?:对外)?(?:外传|传播|扩散|转发|外泄|公开|复制|翻印|对外))"
    r"|内部(?:事项|资料|文件|使用|材料|公开|信息)"
    r"|内部事项[，,、·]?(?:注意|请)(?:保管|保存|保密)"
    r"|内部使用[，,、·★▲]?(?:不得|严禁|请勿|禁止|勿)(?:外传|外泄|扩散|转发|对外)"
    r"|(?:(?:本|此)(?:资料|文件|材料|件))?(?:仅限|仅供|限)?(?:公司|单位|本单位|机关)?内部(?:使用|交流|传阅|参阅)(?:[，,、·]?(?:不得|严禁|请勿|禁止|勿)(?:外传|外泄|扩散|转发|对外传播))?"
    rf"|(?:保密|涉密)(?:文件|资料|材料)[，,、·—-]?{handling.FORBID}"
    r"|内部发行|内部[★▲◆](?:\d{1,2}年|1?\d个?月|长期)"
    r"|(?:仅供)?内部(?:参考|参阅)(?:[，,、·]?(?:注意保存|请勿外传|不得外传))?|内参"
    rf"|内部(?:绝密|机密|秘密)[，,、·]?{handling.FORBID}"
    r"|内部"
    r")[★▲◆]?[】\])）」>》]?[!！。]?"
)
# what stands beside a notice on the edge of a page: the rights of its owner, the number of the page
_NUMBER = r"第\s?\d{1,4}\s?页(?:[\s，,/]{0,3}共\s?\d{1,4}\s?页)?"
_LEFT = re.compile(
    rf"(?:(?:Copyright\s?)?©\s?(?:\d{{4}}\s?)?\S{{2,16}}|版权所有[\s，,、·|]{{0,2}}(?:侵权必究|翻印必究|违者必究|盗版必究)?|{_NUMBER})[\s，,。|·]{{1,8}}"
)
_RIGHT = re.compile(
    rf"(?:\s{{2,40}}\d{{1,4}}$|[\s，,|·]{{1,40}}(?:(?:©\s?)?[^\s，,。]{{0,16}}版权所有(?:[\s，,|·]{{1,40}}{_NUMBER})?|{_NUMBER}|[-—]\s?\d{{1,4}}\s?[-—]|\d{{1,4}}/\d{{1,4}})$)"
)
_COMPANY = re.compile(
    r"[\u4e00-\u9fffA-Za-z()（）]{0,20}(?:公司|集团|技术|科技|股份|银行|证券|控股|电子)[，,|·]?(?P<word>绝密|机密|秘密)(?P<rest>.{4,24})"
)
_GRADED = re.compile(r"商密(?P<grade>A{1,3}|[1-3]A)?级?")
_SHORT = frozenset(
    {
        "内参",
        "内部参考",
        "内部参阅",
        "内部发行",
        "内部",
        "内部资料",
        "内部文件",
        "内部使用",
        "内部事项",
        "内部材料",
        "内部公开",
        "内部信息",
    }
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Marks and notices that have a line or a cell to themselves."""
    for start, end in lines(block, windows):
        if opening := subject.begins(block.text[start : min(end, start + LONGEST)]):
            yield from _cell(Spot(block, start + opening[0], start + opening[1]))
            continue
        low = start
        for cell in block.text[start:end].split("\t"):
            if cell.strip() and len(cell) <= notices.STATED:
                left = low + len(cell) - len(cell.lstrip())
                yield from _cell(Spot(block, left, low + len(cell.rstrip())))
            low += len(cell) + 1


def _cell(spot: Spot) -> Iterator[Mark]:
    if len(spot.text) <= LONGEST:
        yield from _marked(spot)
    elif level := notices.stated(spot):
        yield _noticed(spot, level)


def _worded(spot: Spot, plain: str, *, labelled: bool) -> str:
    """The word of a mark without a grade of its own: 商密, a company's 机密 on the edge of a page, 保密 alone there."""
    if match := _GRADED.fullmatch(plain):
        return "商业秘密" if labelled or (match["grade"] and spot.prominent) else ""
    if spot.zone in PLACES and (match := _COMPANY.fullmatch(plain)) and handling.is_handling(match["rest"]):
        return match["word"]
    placed = spot.zone in PLACES or spot.where.endswith("property:Subject")
    return "保密" if placed and plain.strip("【】[]()（）") == "保密" else ""


def _noticed(spot: Spot, level: Level) -> Mark:
    return spot.mark(NAME, level, Outcome.COMMERCIAL, _reason(spot, spot.text.strip(), ""), confidence=0.75)


def _marked(spot: Spot) -> Iterator[Mark]:
    plain, at = _plain(spot)
    label, colon, value = plain.partition("：") if "：" in plain else plain.partition(":")
    labelled = bool(colon and _LABELLED.match(label)) or (
        (spot.zone in {Zone.TABLE, Zone.CELL} or "\t" in spot.before) and _LABELLED.match(spot.previous) is not None
    )
    if colon and _LABELLED.match(label):
        plain, at = value, at[len(label) + 1 :]
    if len(grades := list(_GRADES.finditer(spot.text))) > 1:
        yield from _ticked(spot, grades)
    elif word := _worded(spot, plain, labelled=labelled):
        yield spot.mark(
            COMMERCIAL, UNGRADED, Outcome.COMMERCIAL, _reason(spot, word, ""), original=word, confidence=0.75
        )
    elif match := _MARK.match(plain):
        mark = _secret(spot, match, at, labelled=labelled)
        if mark:
            yield mark
    elif _NOTICE.fullmatch(plain):
        yield from _written(spot, plain.strip("★▲◆【】[]()（）「」<>《》!！。"), labelled=labelled)
    elif level := notices.notice(spot):
        yield _noticed(spot, level)


def _written(spot: Spot, bare: str, *, labelled: bool) -> Iterator[Mark]:
    """A notice in Chinese; a short one is an ordinary word in the middle of a sheet, a whole one is not."""
    inside = spot.zone is Zone.CELL and not spot.head
    if (
        ladder.listed(spot)
        or (bare in _SHORT and inside and not labelled)
        or not (spot.prominent or labelled or inside)
    ):
        return
    if labelled and bare in {"内部公开", "内部参考", "内部参阅"}:
        return
    sure = 0.7 if bare in _SHORT else 0.9
    yield spot.mark(WORK, Level.INTERNAL, Outcome.WORK_SECRET, _reason(spot, bare, ""), original=bare, confidence=sure)


_CLAUSE = re.compile(r"[的为是属于及和与或涉应不]$|国家$|保守|严守|遵守|什么|管理|泄露|侵犯|保护|知悉|关于|本合同|双方")


def _plain(spot: Spot) -> tuple[str, Sequence[int]]:
    """The cell without white space, and without the title that a notice in brackets stands before."""
    text, left = spot.text, None
    if spot.prominent:
        left, right = _LEFT.match(text), _RIGHT.search(text)
        text = text[: right.start()] if right else text
    skipped = left.end() if left else 0
    plain, at = collapse(text[skipped:])
    if skipped:
        at = [skipped + place for place in at]
    titled = _HEADED.match(plain) if spot.head else None
    return (titled["notice"], at) if titled else (plain, at)


def _ticked(spot: Spot, grades: Sequence[re.Match[str]]) -> Iterator[Mark]:
    """Both grades on one line: a form, unless one of them is ticked."""
    signs = options.ticked(spot.text, tuple(grade.span() for grade in grades))
    if signs and len(signs) == 1:
        one = grades[min(signs)]
        here = Spot(spot.block, spot.start + one.start(), spot.start + one.end())
        yield here.mark(
            COMMERCIAL, LEVELS[one[0]], Outcome.COMMERCIAL, _reason(here, one[0], ""), original=one[0], confidence=0.9
        )


def _secret(spot: Spot, match: re.Match[str], at: Sequence[int], *, labelled: bool) -> Mark | None:
    word, owner, rest = match["word"], match["owner"], match["rest"]
    found = terms.TERM.match(rest)
    term = terms.parse(found) if found else None
    tail = rest[found.end() :] if found and term else rest
    signed = bool(match["sign"] and match["sign"][0] not in "—–-")
    named = bool(owner) and _name(owner)
    hushed = handling.is_handling(tail)
    titled = not (owner or found) and spot.head and _TITLED.match(match.string) is not None
    if (hushed or titled) and spot.prominent:
        tail = ""
    if not (tail or found) and match.string.endswith((":", "：")):  # an empty field
        return None
    if len(tail) > 12 or re.match(r"[的级性等保、，,]|及|和|或|管理|保护|案|法|条", tail):
        return None
    if owner and not named and not signed:
        return None
    strong = signed or bool(term) or bool(match["grade"]) or (hushed and spot.prominent)
    if not strong and (
        tail or not (spot.prominent or labelled) or (owner and word == "商业秘密" and not spot.prominent)
    ):
        return None
    work = word == "工作秘密"
    note = ""
    if match["sign"] and "★" in match["sign"] and not work:
        note = "★"
    whole = Spot(
        spot.block, spot.start + at[match.start("owner")], spot.start + at[match.end("rest") - len(tail) - 1] + 1
    )
    return whole.mark(
        WORK if work else COMMERCIAL,
        Level.CONFIDENTIAL if "核心" in (match["grade"] or "") else LEVELS.get(word.replace("业秘", ""), UNGRADED),
        Outcome.WORK_SECRET if work else Outcome.COMMERCIAL,
        _reason(spot, word, note, term),
        original=word,
        confidence=0.95 if strong and spot.prominent else 0.85 if strong else 0.7,
        term=term.text if term and not term.condition else None,
        condition=term.condition if term else None,
    )


def _name(owner: str) -> bool:
    """Whether it can be the owner's name or a logo, not the first half of a sentence."""
    return not _CLAUSE.search(owner)


def _reason(spot: Spot, word: str, note: str, term: terms.Term | None = None) -> Text:
    where = spot.where
    en, zh = f"mark “{word}”", f"标志“{word}”"
    if term:
        en, zh = f"{en}, term {term.text}", f"{zh}，保密期限{term.text}"
    if note:
        en, zh = f"{en}; ★ is reserved for state secrets", f"{zh}；★仅用于国家秘密"
    return Text(f"{en}, at {where}", f"{zh}，位于{place(where, 'zh')}")


COMMERCIAL_MARKS = Regime(NAME, ANCHORS, find, frozenset({NAME, COMMERCIAL, WORK}))
