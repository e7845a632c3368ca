"""The state secret mark of China: 机密★10年.

Sources: 保守国家秘密法 (2024) art. 14, 19, 20, 22; its 实施条例 (2024) art. 19, 21; GB/T 9704-2012 7.2.2 (upper left, line
two) and GB/T 9704-1999 (upper right); 国家秘密载体保密管理. The form is level, ★, and a term, a date or a condition.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome, Zone
from detectors.marks import options, terms
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import NAMED, PLACES, Spot, collapse
from detectors.prefilter import BLANK, Pattern, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

NAME = "cn"
LEVELS = {"绝密": Level.TOP_SECRET, "机密": Level.SECRET, "秘密": Level.CONFIDENTIAL}
MOST_YEARS = {"绝密": 30, "机密": 20, "秘密": 10}  # 保守国家秘密法 art. 20
STARS = "★☆✩✪⭐✭✰*●·•◆"
READ_AS_STAR = "太大夫女火犬木文k"  # what OCR makes of ★ in 3号黑体

GAP = r"[^\S\n]{0,4}"
ANCHORS = (
    Pattern(rf"[绝机秘][\r\n{BLANK}]{{0,4}}密", 8),
    Pattern(rf"密[{BLANK}]{{0,4}}级[{BLANK}]{{0,4}}[:：]", 16),
    Pattern(rf"解[{BLANK}]{{0,2}}密", 8),
)
_LEVEL = re.compile(rf"(?P<flat>[绝机秘]{GAP}密)|^[^\S\n]*(?P<tall>[绝机秘][^\S\n]*\n[^\S\n]*密)[^\S\n]*$", re.MULTILINE)
_STAR = re.compile(rf"[{re.escape(STARS)}]{{1,3}}")
_MISREAD = re.compile(rf"[{READ_AS_STAR}](?=[(（]?(?:\d|长期|永久|[一二三五十]))")
_LABEL = re.compile(
    r"(?:密级|保密等级|保密级别|涉密等级|涉密级别|秘密等级|安全等级|安全级别|密等|机密等级)(?:[及和与/、]保密期限|[(（][^)）]{0,12}[)）])?"
    r"(?P<colon>[:：|=])?[\[【(（「]?$"
)
_BLANK_FIELD = re.compile(r"密级(?:[及和]保密期限)?[:：](?P<blank>[_＿\s—.…]{2,}|[(（\[【]\s*[)）\]】])\s*$")
_PERIOD = re.compile(r"^[)）\]】]?[，,;；|/、]?(?:保密)?(?:期限|时限|年限|期)[:：|]?")
_CUE = re.compile(r"例如|例[:：]|比如|譬如|[如为写作成注记盖印标][“\"「『‘]?$|应当标|标志形式|标注形式|标注方法|标注为|格式|样式|示例|样例|下列|正确的是|错误的是|形如|所谓")
_CUE_ABOVE = re.compile(r"(?:例如|示例|样例|格式|样式|如下|标注方法|标志形式)[^。]{0,12}[:：]$")
_CHOICE = re.compile(r"(?:^|[\s(（)）。？?])[A-Fa-f][.、．:：)）]$")
_QUOTE = re.compile(r"[“‘「『《\"'`]$")
_UNQUOTE = re.compile(r"^[”’」』》\"'`]")
_FORMER = re.compile(r"(?:原密级|原定密级|原标密级|原)[:：]?$")
_LIFTED = re.compile(r"^[)）\]】]?[,，;；(（—-]*(?:已|现已|予以|自行)?(?:解密|解除|撤销|降密|作废)(?!前|条件|时间|日期)")
_PROSE_BEFORE = re.compile(r"[，。；！？、,;!?]|的$|[为是属于按及和与或对将把被所不非](?:国家)?$")
_PROSE_AFTER = re.compile(r"^(?:[的级性、，。；！？,;]|等|或|和|与|及|文件|事项|信息|载体|标志|标识|字样)")
_BESIDE = re.compile(
    r"(?:特急|加急|急件|特提|平急|平件|紧急(?:程度)?[:：]?|指人专办|份号[:：]?|No[.:]?|第?\d{1,4}[页号份]?(?:/?共?\d{1,4}页?)?|№"
    r"|附件\d{0,2}[:：]?|国家|[\d\-—–()（）\[\]【】「」<>《》|/:：.…·~]+|page\d*|of\d+)*",
    re.IGNORECASE,
)
_ENCLOSING = "()（）[]【】「」<>《》|-—–=~"
_HEADING = re.compile(r"(?:^|\s)密\s?级(?:\s|$)")
_STAMP = re.compile(r"[(（【\[]?(?:此件|本件|本文件|该文件|现)?(?:已|予以|自行)?(?:解密|解除密级)(?:章|文件)?[)）】\]]?[!！]?(?:\d{4}年.*日)?$")
_OPTION = re.compile(rf"[绝机秘]{GAP}密|内部(?:资料|公开)?|公开|非密|非涉密|普通")
_BOX = re.compile("[" + "".join(options.EMPTY | options.TICKED) + "]|[\\[(][ xX√✓]?[)\\]]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


class _Reading(msgspec.Struct):
    """What stands at a level word."""

    spot: Spot
    word: str
    star: str = ""
    leading: bool = False  # the star stands before the level
    misread: bool = False
    term: terms.Term | None = None
    tall: bool = False
    fielded: bool = False  # the term stands in a field of its own
    trailing: bool = False  # the star stands after the term


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Marks and mentions near the anchors."""
    text, done = block.text, -1
    for low, high in windows:
        for match in _LEVEL.finditer(text, block.bounds(low)[0] if low - text.rfind("\n", 0, low) < 200 else low, high):
            if match.start() <= done:
                continue
            done = match.start()
            yield from _judge_all(block, match)
        _stamps(block, low, high, facts)
        yield from _blank(block, low, high)


def settle(marks: list[Mark], facts: Facts) -> list[Mark]:
    """Once the document is read: stamps cancel, and a term runs from the date of issue."""
    return [_settled(mark, facts) if mark.regime == NAME else mark for mark in marks]


def _settled(mark: Mark, facts: Facts) -> Mark:
    if not mark.outcome.is_mark:
        return mark
    if NAME in facts.stamps:
        note = Text("; the document carries a declassification stamp", "；文件上有解密章")
        return msgspec.structs.replace(mark, outcome=Outcome.CANCELLED, reason=_join(mark.reason, note))
    match = terms.TERM.fullmatch(mark.term or "")
    term = terms.parse(match) if match else None
    ends = term.ends(facts.issued) if term else None
    if not ends:
        return mark
    counted = facts.issued if term and not term.until else None
    since = Text(f", counted from {counted}", f"，自{_han(counted)}起算") if counted else Text("", "")
    over = ends < facts.today
    note = Text(f"{since.en}, {'expired' if over else 'expires'} {ends}", f"{since.zh}，{_han(ends)}{'已到期' if over else '到期'}")
    return msgspec.structs.replace(
        mark,
        dated=str(counted) if counted else None,
        expires=str(ends),
        outcome=Outcome.EXPIRED if over and mark.outcome is not Outcome.EXAM else mark.outcome,
        reason=_join(mark.reason, note),
    )


def _judge_all(block: Block, match: re.Match[str]) -> Iterator[Mark]:
    group = "tall" if match["tall"] else "flat"
    reading = _read(block, match.start(group), match.end(group), tall=bool(match["tall"]))
    mark = _judge(reading)
    if mark:
        yield mark


def _read(block: Block, start: int, end: int, *, tall: bool) -> _Reading:
    """Star and term after a level word, whatever white space lies between them."""
    text = block.text
    line = block.bounds(end)[1]
    stop = _tower(text, end) if tall else min(line, end + 60)
    tail, at = collapse(text[end:stop])
    word = "".join(text[start:end].split())
    begin, star = start, ""
    led = False
    used = 0
    if found := _STAR.match(tail):
        star, used = found[0], found.end()
    before = text[max(start - 8, 0) : start].rstrip(" \t\u3000")
    if before and before[-1] in STARS and before[-1] not in "*·•":
        led, begin = True, start - (len(text[max(start - 8, 0) : start]) - len(before)) - 1
    misread = trailing = False
    if not star and (found := _MISREAD.match(tail)):
        misread, star, used = True, found[0], found.end()
    term = None
    if found := terms.TERM.match(tail, used):
        term = terms.parse(found)
        used = found.end() if term else used
    if term and not star and (found := _STAR.match(tail, used)) and found.end() == len(tail):
        star, used, trailing = found[0], found.end(), True  # a PDF draws the star last when its font lacks the sign
    fielded = False
    if not term and (period := _PERIOD.match(tail, used)) and (found := terms.TERM.match(tail, period.end())):
        term, used, fielded = terms.parse(found), found.end(), True
    if not tall and not used and not tail and (found := _broken(text, line)):
        star, term, stop = found
        return _Reading(Spot(block, begin, stop), word, star, led, False, term, True)
    finish = end + at[used - 1] + 1 if used else end
    return _Reading(Spot(block, begin, finish), word, star, led, misread, term, tall, fielded, trailing)


def _broken(text: str, line: int) -> tuple[str, terms.Term | None, int] | None:
    """Star and term alone on the next line: the box around the mark was too narrow."""
    end = text.find("\n", line + 1)
    end = len(text) if end < 0 else end
    below, at = collapse(text[line + 1 : min(end, line + 40)])
    star = _STAR.match(below)
    if not star:
        return None
    found = terms.TERM.fullmatch(below, star.end())
    if not found and star.end() != len(below):
        return None
    return star[0], terms.parse(found) if found else None, line + 1 + at[-1] + 1


def _tower(text: str, end: int) -> int:
    """The end of a mark written downwards: the following lines that hold one to three characters."""
    stop = end
    for _ in range(14):
        after = text.find("\n", stop + 1)
        after = len(text) if after < 0 else after
        if not 0 < len(text[stop + 1 : after].strip()) <= 3:
            break
        stop = after
    return stop


def _judge(found: _Reading) -> Mark | None:  # noqa: C901, PLR0911, PLR0912 - the ladder of outcomes, worst cases first
    spot = found.spot
    before, after = collapse(spot.cell_before)[0], collapse(spot.cell_after)[0]
    loose = found.star or found.term
    near = before[-1:] and spot.cell_before[-1:].strip()  # something touches it on the left
    if label := _LABEL.search(before):
        if label["colon"] or (not label.start() and not after):
            return _field(found, after)
    elif not before and spot.zone in {Zone.TABLE, Zone.CELL, Zone.PROPERTY} and _LABEL.fullmatch(collapse(spot.previous)[0]):
        return _field(found, after)
    if others := _others(spot):
        return _choices(found, others)
    if loose and (_FORMER.search(before) or _LIFTED.match(after)):
        return _make(found, Outcome.CANCELLED, Text("the mark is cancelled on the same line", "同一行注明密级已解除"))
    if not loose and _FORMER.search(before) and _LIFTED.match(after):
        return _make(found, Outcome.CANCELLED, Text("the mark is cancelled on the same line", "同一行注明密级已解除"))
    if loose and (_quoted(before, after) or _CUE.search(before) or _CHOICE.search(before) or _CUE_ABOVE.search(spot.previous)):
        return _make(found, Outcome.EXAMPLE, Text("it is quoted or given as an example", "是引用或举例")) if found.star else None
    alone = _BESIDE.fullmatch(before) is not None and _BESIDE.fullmatch(after) is not None
    if found.star and not found.misread and found.term:
        return _strict(found, before, after, bool(near), alone=alone)
    if found.leading and found.star:  # ★秘密★: decoration
        return None
    if found.leading:
        return _make(found, Outcome.MALFORMED, Text("the star stands before the level", "★的位置不对"), 0.8) if alone and found.term else None
    if found.star and not found.misread:
        return _starred(found, before, after, alone=alone)
    if found.term and not found.fielded:
        return _termed(found, before, alone=alone)
    return _bare(found, before, after)


def _strict(found: _Reading, before: str, after: str, touching: bool, *, alone: bool) -> Mark | None:
    prose = (
        _PROSE_BEFORE.search(before)
        or (after and not _spaced(found.spot) and _PROSE_AFTER.match(after))
        or (touching and _HAN.match(before[-1:]) and not _BESIDE.fullmatch(before))
        or len(before) > 40
    )
    listed = before and not found.spot.prominent and before[-1] in "(（[【"
    if prose or listed or (found.leading and not alone):
        return _make(found, Outcome.MENTION, Text("it stands in a sentence", "出现在句子中"))
    if found.trailing:
        return _valid(found, 0.8, Text("the star stands after the term", "★位于保密期限之后")) if alone else None
    return _valid(found, 0.98 if alone and found.spot.prominent else 0.9)


def _starred(found: _Reading, before: str, after: str, *, alone: bool) -> Mark | None:
    """机密★ without a term."""
    if found.star[0] in "*·•●◆" and not (alone and found.spot.prominent and not after):
        return None
    if alone:
        years = MOST_YEARS[found.word]
        note = Text(f"no term is written, so the law's {years} years apply", f"未写保密期限，按法定最长{years}年计")
        return _make(found, Outcome.VALID, note, 0.9 if found.spot.prominent else 0.75)
    if found.spot.head and not before and len(found.star) == 1 and not _PROSE_AFTER.match(after):
        return _make(found, Outcome.MALFORMED, Text("the term after the star cannot be read", "★之后的保密期限无法识别"), 0.7)
    return None


def _termed(found: _Reading, before: str, *, alone: bool) -> Mark | None:
    """机密10年: the star is missing, or OCR read it as a letter."""
    if not alone or _HAN.search(before.replace("国家", "").replace("附件", "")):
        return None
    assert found.term
    if found.term.condition and not terms.EXAM.search(found.term.condition) and not found.misread:
        return None
    if found.misread:
        return _valid(found, 0.75, Text(f"the star was read as “{found.star}”", f"★被识别成“{found.star}”"))
    if terms.EXAM.search(found.term.condition or ""):
        return _valid(found, 0.8)
    return _make(found, Outcome.MALFORMED, Text("the star is missing", "缺少★"), 0.8 if found.spot.prominent else 0.6)


def _bare(found: _Reading, before: str, after: str) -> Mark | None:
    """机密 alone: a mark only where marks stand and where nothing else does."""
    spot = found.spot
    if not before and spot.head and _spaced(spot) and len(after) < 40 and any(_HEADING.search(line) and len(line) < 60 for line in spot.above):
        return _make(found, Outcome.FIELD_FILLED, Text("it stands under the table head for the level", "位于表头“密级”之下"), 0.75)
    if _FORMER.search(before) or not _BESIDE.fullmatch(before) or not _BESIDE.fullmatch(after):
        return None
    if any(sign.isdigit() for sign in after) and spot.zone is Zone.BODY and not spot.head:
        return None
    if not spot.prominent:
        return None
    if spot.zone in {Zone.TABLE, Zone.CELL} and not spot.head:
        return None
    sure = 0.85 if spot.zone in PLACES or spot.zone in NAMED or found.spot.text != found.word else 0.7
    years = MOST_YEARS[found.word]
    return _make(found, Outcome.VALID, Text(f"it stands alone, without a term; the law's {years} years apply", f"单独成行，未写期限，按法定最长{years}年计"), sure)


def _field(found: _Reading, after: str) -> Mark | None:
    if others := _others(found.spot):
        return _choices(found, others)
    if after and re.match(r"[/、,，|]\s*(?:公开|内部|非密|普通)", after):
        return _make(found, Outcome.FIELD_BLANK, Text("a form with all levels to choose from", "表单列出全部可选密级"))
    if _FORMER.search(found.spot.cell_before.rstrip(" 密级:：")) or _LIFTED.match(after):
        return _make(found, Outcome.CANCELLED, Text("the field shows a former level", "该栏为原密级"))
    if after and re.match(r"[级性的以]|及以上|或", after):
        return None
    if not found.term and (period := re.match(r"(?:保密)?期限[:：]?", collapse(found.spot.following)[0])):
        match = terms.TERM.match(collapse(found.spot.following)[0], period.end())
        found.term = terms.parse(match) if match else None
    outcome = Outcome.FIELD_FILLED
    if found.term and found.term.condition:
        outcome = Outcome.EXAM if terms.EXAM.search(found.term.condition) else Outcome.CONDITION
    return _make(found, outcome, Text("it is written in the field for the level", "填写在密级栏"), 0.92)


def _choices(found: _Reading, others: list[tuple[int, int]]) -> Mark | None:
    """A line with several levels: only a ticked one counts."""
    line, spot = found.spot.line, found.spot
    offset = len(spot.before)
    mine = next((index for index, (low, high) in enumerate(others) if low >= offset - 2 and low <= offset + len(spot.text)), None)
    signs = options.ticked(line, others)
    if signs is None:
        if found.star and found.term:
            return _make(found, Outcome.EXAMPLE, Text("one of several marks on one line", "同一行列出多个标志"))
        return _make(found, Outcome.FIELD_BLANK, Text("a form with all levels to choose from", "表单列出全部可选密级")) if _LABEL.search(
            collapse(line[: others[0][0]])[0]
        ) else None
    if mine in signs and len(signs) == 1:
        return _make(found, Outcome.FIELD_FILLED, Text("this level is ticked", "勾选了该密级"), 0.9)
    return _make(found, Outcome.FIELD_BLANK, Text("a box that is not ticked", "未勾选的选项"))


def _valid(found: _Reading, confidence: float, note: Text | None = None) -> Mark:
    term = found.term
    assert term
    notes = [note] if note else []
    outcome = Outcome.VALID
    if term.condition:
        outcome = Outcome.EXAM if terms.EXAM.search(term.condition) else Outcome.CONDITION
    if term.han:
        outcome = Outcome.MALFORMED
        notes.append(Text("the term should be in Arabic digits", "保密期限应使用阿拉伯数字"))
    if term.years > MOST_YEARS[found.word]:
        outcome = Outcome.MALFORMED
        notes.append(Text(f"the law allows {MOST_YEARS[found.word]} years at most", f"法定最长{MOST_YEARS[found.word]}年"))
    if found.leading:
        outcome = Outcome.MALFORMED
        notes.append(Text("a star stands before the level", "密级前不应有★"))
    return _make(found, outcome, _join(*notes), confidence)


def _make(found: _Reading, outcome: Outcome, note: Text, confidence: float = 0.9) -> Mark:
    where = found.spot.block.where(found.spot.start)
    term = found.term
    said = Text(f", term {term.text}", f"，保密期限{term.text}") if term else Text("", "")
    if term and term.condition:
        said = Text(f", until: {term.text}", f"，解密条件“{term.text}”")
    reason = Text(f"mark “{found.word}”{said.en}, at {where}", f"密级“{found.word}”{said.zh}，位于{place(where, 'zh')}")
    if note.en:
        reason = _join(reason, Text(f"; {note.en}", f"；{note.zh}"))
    return found.spot.mark(
        NAME,
        LEVELS[found.word],
        outcome,
        reason,
        original=found.word,
        confidence=confidence if outcome.is_mark else 0.5,
        term=term.text if term and not term.condition else None,
        condition=term.condition if term else None,
    )


def _others(spot: Spot) -> list[tuple[int, int]]:
    """The options of a line that offers several levels; empty where it holds but one."""
    found = list(_OPTION.finditer(spot.line))
    words = {"".join(match[0].split()) for match in found}
    if len(words & LEVELS.keys()) < 2 and not (len(words) > 1 and _BOX.search(spot.line)):
        return []
    return [match.span() for match in found]


def _quoted(before: str, after: str) -> bool:
    return bool(_QUOTE.search(before) and _UNQUOTE.match(after))


def _spaced(spot: Spot) -> bool:
    """White space follows on the line."""
    return spot.cell_after[:1].isspace()


def _blank(block: Block, low: int, high: int) -> Iterator[Mark]:
    start, end = block.bounds(low)[0], block.bounds(min(high, len(block.text)))[1]
    if end - start > 400:
        return
    for line in re.finditer(r"[^\n]+", block.text[start:end]):
        if found := _BLANK_FIELD.search(line[0]):
            spot = Spot(block, start + line.start() + found.start(), start + line.start() + found.end())
            reason = Text("the field for the level is empty", "密级栏为空")
            yield spot.mark(NAME, Level.PUBLIC, Outcome.FIELD_BLANK, reason, original="密级", confidence=0.5)


def _stamps(block: Block, low: int, high: int, facts: Facts) -> None:
    for match in re.finditer(rf"解{GAP}密", block.text[low:high]):
        spot = Spot(block, low + match.start(), low + match.end())
        if spot.prominent and _STAMP.fullmatch(collapse(spot.line)[0]):
            facts.stamps.add(NAME)


def _join(*texts: Text) -> Text:
    return Text("".join(text.en for text in texts), "".join(text.zh for text in texts))


def _han(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


CHINA = Regime(NAME, ANCHORS, find, frozenset({NAME}), settle)
