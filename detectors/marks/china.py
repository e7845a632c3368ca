"""The state secret mark of China: 机密★10年.

Sources: 保守国家秘密法 (2024) art. 14, 19, 20, 22; its 实施条例 (2024) art. 19, 21; GB/T 9704-2012 7.2.2 (upper left,
line two) and GB/T 9704-1999 (upper right). The form is level, ★, and a term, a date or a condition.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from config.text import Text
from config.verdict import Mark, Outcome, Zone
from detectors.marks import drill, handling, ladder, subject, terms
from detectors.marks.expiry import NAME, join, settle
from detectors.marks.fields import FORMER, LABEL, LIFTED, OPENED, blank, choices, field, others
from detectors.marks.reading import GAP, LEVEL, MOST_YEARS, READ_AS_STAR, STARS, Reading, make, read
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import NAMED, PLACES, Spot, squeeze
from detectors.offsets import Window
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from detectors.block import Block

ANCHORS = (
    Pattern(rf"[绝机秘杋枧][\r\n{BLANK}]{{0,4}}[密宓蜜]", 8),
    Pattern(rf"密[{BLANK}]{{0,4}}级[{BLANK}]{{0,4}}[:：]", 16),
    Pattern(rf"解[{BLANK}]{{0,2}}密", 8),
)
_URGENT = re.compile(r"特急|加急|急件|特提|平急|平件")
_CUE = re.compile(
    r"例如|[例如即][:：]|比如|譬如|[如为写作成注记盖印标][“\"「『‘]?$|应当标|标志形式|标注形式|标注方法|标注为|格式|样式|示例|样例|下列|正确的是|错误的是|形如|所谓"
)
_CUE_ABOVE = re.compile(
    r"(?:例如|示例|样例|格式|样式|如下|标注方法|标志形式)[^。]{0,12}[:：]$|^[(（【\[]?(?:示例|样例|范例|样式|样张)[)）】\]]?$"
)
_CHOICE = re.compile(r"(?:^|[\s(（)）。？?])[A-Fa-f][.、．:：)）]$")
_FIELD_LEFT = re.compile(r"(?:^|[,;|])$")  # fields of a record: ASCII signs, as CSV has them
_FIELD_RIGHT = re.compile(r"^(?:$|[,;|])")
# the head of a telegram: 等级 特急·明电 机密 清机发12号
_CABLE = re.compile(r"等级[:：]?(?:特提|特急|加急|平急)[·.]?(?:明电)?(?:密级[:：]?)?")
_LABEL_APART = re.compile(r"(?:^|\s)(?:密\s{0,4}级|等\s{0,4}级\s.{0,12})\s+$")
_CODE = re.compile(r"(?:\bcomment|[=(])[\"'][^\"']{0,12}$", re.IGNORECASE)  # a string in a program, not a field
_QUOTE = re.compile(r"[“‘「『《\"'`]$")
_UNQUOTE = re.compile(r"^[”’」』》\"'`]")
_PROSE_BEFORE = re.compile(r"[，。；！？、,;!?]|的$|[为是属于按及和与或对将把被所不非](?:国家)?$")
_PROSE_AFTER = re.compile(
    r"^(?![，,;；](?:知悉|传达|发至|限|仅限))(?:[的级性、，。；！？,;?等是为有已应需要可将被在由]|或|和|与|及|文件|事项|信息|载体|标志|标识|字样)"
)
# what may stand beside a mark on its line; atomic, for a run of digits fits in many ways (see :mod:`detectors.grid`)
_BESIDE = regex.compile(
    r"(?>特急|加急|急件|特提|平急|平件|紧急(?:程度)?[:：]?|指人专办|份号[:：]?|No[.:]?|第?\d{1,4}[页号份]|共\d{1,4}页|№"
    r"|附件|国家(?:秘密)?|confidential|secret|page|of|[\d\-—–()（）\[\]【】「」<>《》|/:：.…·~])*+",
    regex.IGNORECASE,
)
_STATEMENT = re.compile(
    r"(?:本|此|该)(?:文件|件|文|报告|材料|资料|方案|合同|项目|课题|通知)的?(?:密级)?(?:被)?(?:为|是|定为|确定为|属于|属)[：:]?[“\"]?$"
)
_TERMLIKE = re.compile(r"[0-9OoIl年月日期前后长永限至到会启考封]")
_HEADING = re.compile(r"(?:^|\s)密\s?级(?:\s|$)")
_STAMP = re.compile(
    r"[(（【\[]?(?:此件|本件|本文件|该文件|现)?(?:(?:保密)?期限(?:已|届)?满[，,]?)?(?:已|现)?于?(?P<day>\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?)?起?"
    r"(?:已|予以|自行)?(?:解密|解除密级)(?:章|文件)?[)）】\]]?[!！]?(?P<late>\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?)?"
)
# a changed level on one line: 原绝密★20年，现降为机密★10年
_TO = re.compile(r"[)）]?[，,;；]?(?:现|已)?(?:→|->|=>|(?:变更|改|调整|降|升|降密|调)为)")
_FROM = re.compile(r"(?:→|->|=>|(?:变更|改|调整|降|升|调|现)为|现密级[:：]?|现[:：]?)$")
_WAS = re.compile(r"[(（]原")
_NUMBERED = re.compile(r"[(（]?\d{1,2}[.、)）．]")
_FILLER = re.compile(r"(.)\1{39}$")
_LATIN = re.compile(r"\b[a-z]{3,}\b")  # of a sentence; names and headings have capitals
_HAN = re.compile(r"[\u4e00-\u9fff]")
# a word within a sentence, which no reading below makes a mark: 属于国家秘密的, 商业秘密及其载体
_WORD_IN_TEXT = re.compile(r"(?<=[\u4e00-\u9fff])(?<!原)[绝机秘]密(?=[的级性及或和与等])")


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Marks and mentions near the anchors."""
    text, done = block.text, -1
    for low, high in windows:
        for match in LEVEL.finditer(text, block.bounds(low)[0] if low - text.rfind("\n", 0, low) < 200 else low, high):
            if match.start() <= done:
                continue
            done = match.start()
            if _WORD_IN_TEXT.search(text, match.start(), match.end() + 1):
                continue
            yield from _judge_all(block, match)
        _stamps(block, low, high, facts)
        yield from blank(block, low, high)


def _judge_all(block: Block, match: re.Match[str]) -> Iterator[Mark]:
    group = "tall" if match["tall"] else "flat"
    reading = read(block, match.start(group), match.end(group), tall=bool(match["tall"]))
    mark = _judge(reading)
    if mark:
        yield mark


def _judge(found: Reading) -> Mark | None:  # noqa: C901, PLR0911, PLR0912 - the ladder of outcomes, worst cases first
    spot = found.spot
    before, after = squeeze(spot.cell_before), squeeze(spot.cell_after)
    # one sign over and over pushes a mark out of sight; it is no sentence
    if _FILLER.search(before, max(len(before) - 40, 0)):
        before = ""
    if spot.drilled:
        before, after, _ = drill.without(before, after)
    loose = found.star or found.term
    near = before[-1:] and spot.cell_before[-1:].strip()  # something touches it on the left
    if _CODE.search(before, max(len(before) - 24, 0)) or (found.broken and not (found.star and found.term)):
        return None
    if label := LABEL.search(before, max(len(before) - 32, 0)):
        if label["colon"] or (not label.start() and not after) or _parted(spot):
            return field(found, after)
    elif (_CABLE.fullmatch(before) and _parted(spot)) or (
        not before
        and ("\t" in spot.before or spot.zone in {Zone.TABLE, Zone.CELL, Zone.PROPERTY})
        and LABEL.fullmatch(squeeze(spot.previous))
    ):
        return field(found, after)
    if found.star and found.term and (change := _changed(found, before, after)):
        return change
    if offered := others(spot):
        return choices(found, offered)
    if ladder.listed(spot):
        return make(found, Outcome.EXAMPLE, Text("it is one of a list of levels", "是逐行列出的密级之一"))
    if loose and (FORMER.search(before) or LIFTED.match(after) or OPENED.fullmatch(before)):
        return make(found, Outcome.CANCELLED, Text("the mark is cancelled on the same line", "同一行注明密级已解除"))
    if not loose and FORMER.search(before) and LIFTED.match(after):
        return make(found, Outcome.CANCELLED, Text("the mark is cancelled on the same line", "同一行注明密级已解除"))
    if found.star and found.term and _STATEMENT.search(before):
        return make(found, Outcome.FIELD_FILLED, Text("the document states its own level", "文件正文写明本件密级"), 0.8)
    if loose and (
        (_quoted(before, after) and not spot.recorded)
        or _CUE.search(before)
        or _CHOICE.search(before, max(len(before) - 8, 0))
        or _CUE_ABOVE.search(spot.previous)
    ):
        return (
            make(found, Outcome.EXAMPLE, Text("it is quoted or given as an example", "是引用或举例"))
            if found.star
            else None
        )
    alone = _BESIDE.fullmatch(before) is not None and _BESIDE.fullmatch(after) is not None
    if found.star and not found.misread and found.term:
        return _strict(found, before, after, bool(near), alone=alone)
    if not (found.term or after) and (term := _ahead(found, before)):
        found.term = terms.parse(term)
        return make(found, Outcome.MALFORMED, Text("the term stands before the level", "保密期限写在了密级前面"), 0.8)
    if found.leading and found.star:  # ★秘密★: decoration
        return None
    if found.leading:
        return (
            make(found, Outcome.MALFORMED, Text("the star stands before the level", "★的位置不对"), 0.8)
            if alone and found.term
            else None
        )
    if found.star and not found.misread:
        return _starred(found, before, after, alone=alone)
    if found.term and not found.fielded:
        return _termed(found, before, alone=alone)
    return _bare(found, before, after)


def _parted(spot: Spot) -> bool:
    """A field without a colon among others on its line: white space parts its name, its value and what comes next."""
    apart = spot.cell_before[-1:].isspace() and (not spot.cell_after.strip() or _spaced(spot))
    return apart and _LABEL_APART.search(spot.cell_before) is not None


def _ahead(found: Reading, before: str) -> re.Match[str] | None:
    """A term before the level, with a star before, between or behind them."""
    term = terms.TERM.fullmatch(before.strip(STARS)) if before else None
    exam = term and terms.EXAM.search(term["condition"] or "")
    return term if exam or found.leading or found.star or before[:1] in STARS else None


def _changed(found: Reading, before: str, after: str) -> Mark | None:
    """One of two marks on a line that says what became of the other."""
    if FORMER.search(before) or _TO.match(after):
        return make(found, Outcome.CANCELLED, Text("the same line says that it was changed", "同一行注明密级已变更"))
    if _FROM.search(before, max(len(before) - 8, 0)) or _WAS.match(after):
        return _valid(found, 0.85, Text("the same line says what it was before", "同一行注明了原密级"))
    return None


def _strict(found: Reading, before: str, after: str, touching: bool, *, alone: bool) -> Mark | None:
    if found.spot.recorded and len(before + after) > 2:
        return _valid(found, 0.8, Text("it is a field of a record", "是记录中的一个字段"))
    if _FIELD_LEFT.search(before) and _FIELD_RIGHT.match(after) and sum(map((before + after).count, ",;|")) > 1:
        return _valid(found, 0.8, Text("it is a field of a record", "是记录中的一个字段"))
    prose = (
        (_PROSE_BEFORE.search(before) and (touching or found.spot.zone not in PLACES))  # 某研究所 机密★10年
        or (after and not _spaced(found.spot) and _PROSE_AFTER.match(after))
        or (touching and _HAN.match(before[-1:]) and not _BESIDE.fullmatch(before))
        or len(before) > 40
        or len(_LATIN.findall(found.spot.cell_before + " " + found.spot.cell_after)) > 2
        or after[:2] in {"\\n", "\\t"}  # a string in a program
    )
    listed = before and not found.spot.prominent and before[-1] in "(（[【"
    if prose or listed or (found.leading and not alone):
        return make(found, Outcome.MENTION, Text("it stands in a sentence", "出现在句子中"))
    if found.trailing:
        return _valid(found, 0.8, Text("the star stands after the term", "★位于保密期限之后")) if alone else None
    return _valid(found, 0.98 if alone and found.spot.prominent else 0.9)


def _starred(found: Reading, before: str, after: str, *, alone: bool) -> Mark | None:
    """机密★ without a term."""
    if found.star[0] in "*·•●◆" and not (alone and found.spot.prominent and (not after or _URGENT.fullmatch(after))):
        return None
    if alone:
        years = MOST_YEARS[found.word]
        note = Text(f"no term is written, so the law's {years} years apply", f"未写保密期限，按法定最长{years}年计")
        return make(found, Outcome.VALID, note, 0.9 if found.spot.prominent else 0.75)
    decorated = any(sign in STARS for sign in after)
    readable = _TERMLIKE.search(after, 0, 12) and not _PROSE_AFTER.match(after)
    spaced = _spaced(found.spot) and not _PROSE_AFTER.match(after)
    if found.spot.head and not before and len(found.star) == 1 and not decorated and (readable or spaced):
        return make(
            found, Outcome.MALFORMED, Text("the term after the star cannot be read", "★之后的保密期限无法识别"), 0.7
        )
    return None


def _termed(found: Reading, before: str, *, alone: bool) -> Mark | None:
    """机密10年: the star is missing, or OCR read it as a letter."""
    if not alone or _HAN.search(before.replace("国家", "").replace("附件", "")):
        return None
    if found.term and found.term.condition and not terms.EXAM.search(found.term.condition) and not found.misread:
        return None
    if found.misread and found.star not in READ_AS_STAR and not found.spot.prominent:
        return None
    if found.misread:
        return _valid(found, 0.75, Text(f"the star was read as “{found.star}”", f"★被识别成“{found.star}”"))
    if found.term and terms.EXAM.search(found.term.condition or ""):
        return _valid(found, 0.8)
    return make(found, Outcome.MALFORMED, Text("the star is missing", "缺少★"), 0.8 if found.spot.prominent else 0.6)


def _bare(found: Reading, before: str, after: str) -> Mark | None:  # noqa: PLR0911 - one return a reason
    """机密 alone: a mark only where marks stand and where nothing else does."""
    spot = found.spot
    if (
        not before
        and spot.head
        and _spaced(spot)
        and len(after) < 40
        and any(_HEADING.search(line) and len(line) < 60 for line in spot.above)
    ):
        return make(
            found,
            Outcome.FIELD_FILLED,
            Text("it stands under the table head for the level", "位于表头“密级”之下"),
            0.75,
        )
    if not before and spot.prominent and handling.handled(after, squeeze(spot.following)):
        note = Text("the star and the term are missing", "缺少★和保密期限")
        return make(found, Outcome.MALFORMED, note, 0.6)
    if (
        spot.head
        and subject.LINE.match(spot.before)
        and spot.before[-1:] in "[【(（"
        and after[:1] in {"]", "】", ")", "）"}
    ):
        return make(found, Outcome.MALFORMED, Text("the star and the term are missing", "缺少★和保密期限"), 0.6)
    if handling.carried(after, placed=spot.zone in PLACES):
        after = ""
    if (
        FORMER.search(before)
        or spot.cell_after[:1].isdigit()
        or before[-1:] == "《"  # the title of a work
        or _NUMBERED.fullmatch(before)
        or not _BESIDE.fullmatch(before)
        or not _BESIDE.fullmatch(after)
    ):
        return None
    if any(sign.isdigit() for sign in after) and spot.zone is Zone.BODY and not spot.head:
        return None
    if not spot.prominent:
        return None
    if spot.zone in {Zone.TABLE, Zone.CELL} and not spot.head:
        return None
    sure = 0.85 if spot.zone in PLACES or spot.zone in NAMED or found.spot.text != found.word else 0.7
    years = MOST_YEARS[found.word]
    return make(
        found,
        Outcome.VALID,
        Text(
            f"it stands alone, without a term; the law's {years} years apply",
            f"单独成行，未写期限，按法定最长{years}年计",
        ),
        sure,
    )


def _valid(found: Reading, confidence: float, note: Text | None = None) -> Mark:
    term = found.term or terms.Term()
    notes = [note] if note else []
    outcome = Outcome.VALID
    if term.condition:
        outcome = Outcome.EXAM if terms.EXAM.search(term.condition) else Outcome.CONDITION
    if term.han:
        outcome = Outcome.MALFORMED
        notes.append(Text("the term should be in Arabic digits", "保密期限应使用阿拉伯数字"))
    if term.years > MOST_YEARS[found.word]:
        outcome = Outcome.MALFORMED
        notes.append(
            Text(f"the law allows {MOST_YEARS[found.word]} years at most", f"法定最长{MOST_YEARS[found.word]}年")
        )
    if found.leading and outcome is not Outcome.EXAM:
        outcome = Outcome.MALFORMED
        notes.append(Text("a star stands before the level", "密级前不应有★"))
    return make(found, outcome, join(*notes), confidence)


def _quoted(before: str, after: str) -> bool:
    return bool(_QUOTE.search(before) and _UNQUOTE.match(after))


def _spaced(spot: Spot) -> bool:
    """White space follows on the line."""
    return spot.cell_after[:1].isspace()


def _past(said: str | None, today: date) -> bool:
    """Whether the day of a stamp has come: a later one is when it will be lifted."""
    if not said:
        return True
    parts = tuple(int(part) for part in re.findall(r"\d+", said))
    return parts + (12, 31)[len(parts) - 1 :] <= (today.year, today.month, today.day)


def _stamps(block: Block, low: int, high: int, facts: Facts) -> None:
    for match in re.finditer(rf"解{GAP}密", block.text[low:high]):
        spot = Spot(block, low + match.start(), low + match.end())
        stamp = _STAMP.fullmatch(squeeze(spot.line))
        if stamp and spot.prominent and _past(stamp["day"] or stamp["late"], facts.today):
            facts.document(spot.where).stamps.add(NAME)


CHINA = Regime(NAME, ANCHORS, find, frozenset({NAME}), settle, tall=True)
