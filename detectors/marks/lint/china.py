"""Marks of state secrets, as they are to be written.

Sources: 保守国家秘密法 (2024) art. 20, 22, 24; 实施条例 (2024) art. 5, 19, 21; GB/T 9704-2012 7.2.1 and 7.2.2;
国家秘密文件、资料和其他物品标志的规定 (1990) art. 3, 4, 8; 党政机关公文处理工作条例 (2012) art. 9.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome, Side, Zone
from detectors.marks import terms
from detectors.marks.lint.advice import Advice, Check, Severity
from detectors.marks.lint.draft import PAGES, Draft, in_head
from detectors.marks.reading import MOST_YEARS, STARS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.marks.terms import Term

NAME = "cn"
_LAW = Text("State Secrets Law (2024), art. {}", "《保守国家秘密法》（2024年修订）第{}条")
_RULES = Text(
    "Implementing regulations of the State Secrets Law (2024), art. {}",
    "《保守国家秘密法实施条例》（2024年修订）第{}条",
)
_MARKS = Text(
    "Provisions on the marks of state secrets (1990), art. {}",
    "《国家秘密文件、资料和其他物品标志的规定》（1990年）第{}条",
)
_FORMAT = Text("GB/T 9704-2012, {}", "GB/T 9704-2012《党政机关公文格式》{}")
_NUMBERS = Text("Regulations on official documents (2012), art. {}", "《党政机关公文处理工作条例》（2012年）第{}条")
_HAN = {
    "5": "五",
    "8": "八",
    "9": "九",
    "19": "十九",
    "20": "二十",
    "21": "二十一",
    "22": "二十二",
    "24": "二十四",
    "3": "三",
    "4": "四",
}
_NUMERALS = re.compile(r"[★☆*●·•]?[〇零一二三四五六七八九十两]{1,3}(?:年|个?月)")
_COPY = re.compile(r"(?:份号[:：]?|№|No\.?)?\s?\d{6}(?!\d)")
_PUBLIC = re.compile(
    r"[(（]?此件(?:公开发布|主动公开|公开)[)）]?|(?:信息)?公开(?:选项|形式|属性|方式)[:：]\s?主动公开|现予公布|公开征求意见"
    r"|\bISBN[ :：\d]|国内统一(?:连续出版物号|刊号)|(?:新华社|中新社|本报|中新网)[^\n。]{0,24}(?:电|讯)(?=[^\n]{6})"
)
_HAN_DIGITS = "零一二三四五六七八九"


def _cite(basis: Text, article: str) -> Text:
    return Text(basis.en.format(article), basis.zh.format(_HAN.get(article, article)))


def _term(mark: Mark) -> Term | None:
    found = terms.TERM.fullmatch("".join((mark.term or "").split()))
    return terms.parse(found) if found else None


def _excess(mark: Mark) -> bool:
    """A term in years or months longer than the law allows; a date is judged by its distance from today."""
    term = _term(mark)
    most = MOST_YEARS.get(mark.original, 30)
    return term is not None and (term.years > most or term.months > most * 12)


def _real(draft: Draft) -> list[Mark]:
    return [mark for mark in draft.of(NAME) if mark.outcome is not Outcome.EXAM]


def _shape(mark: Mark) -> str:
    """The mark as it should be written, as far as it says what is needed."""
    term = mark.term if not _excess(mark) else None
    return f"{mark.original}★{term or mark.condition or 'X年'}"


def _advice(mark: Mark, rule: str, severity: Severity, text: Text, basis: Text, instead: Text) -> Advice:
    return Advice(rule=f"cn.{rule}", severity=severity, text=text, basis=basis, instead=instead, where=mark.where)


def above_maximum(draft: Draft) -> Iterator[Advice]:
    """A term longer than the law allows for its level."""
    for mark in (*_real(draft), *draft.said(NAME)):
        most = MOST_YEARS.get(mark.original, 30)
        limit = terms.add(draft.today, most * 12)
        term = _term(mark)
        if term and (_excess(mark) or (term.until is not None and term.until > limit)):
            yield _advice(
                mark,
                "term-above-maximum",
                Severity.ERROR,
                Text(
                    f"“{mark.text}”: {term.text} is more than the {most} years that {mark.original} may have",
                    f"“{mark.text}”的保密期限超过{mark.original}级的法定上限{most}年",
                ),
                _cite(_LAW, "20"),
                Text(
                    f"{mark.original}★ and at most {most}年, or a condition",
                    f"{mark.original}★（不超过{most}年，或写解密条件）",
                ),
            )


def term_missing(draft: Draft) -> Iterator[Advice]:
    """A level without term, date or condition."""
    for mark in _real(draft):
        if mark.term or mark.condition or mark.original not in MOST_YEARS:
            continue
        most = MOST_YEARS[mark.original]
        yield _advice(
            mark,
            "term-missing",
            Severity.WARNING,
            Text(
                f"“{mark.text}” names no term; it will be read as {most} years",
                f"“{mark.text}”未标注保密期限，将按最长{most}年理解",
            ),
            _both(_cite(_LAW, "20"), _cite(_RULES, "21")),
            Text(
                f"{mark.original}★5年 (as decided), or ★ and a condition",
                f"{mark.original}★5年（按实际确定的期限），或写解密条件",
            ),
        )


def forever(draft: Draft) -> Iterator[Advice]:
    """A term without end."""
    for mark in _real(draft):
        term = _term(mark)
        if term and term.forever:
            most = MOST_YEARS[mark.original]
            yield _advice(
                mark,
                "term-without-end",
                Severity.WARNING,
                Text(
                    f"“{mark.text}”: a term without end needs a special provision",
                    f"“{mark.text}”：除另有规定外，不得标注{term.text}",
                ),
                _cite(_LAW, "20"),
                Text(f"{mark.original}★ and at most {most}年", f"{mark.original}★（不超过{most}年，或写解密条件）"),
            )


def numerals(draft: Draft) -> Iterator[Advice]:
    """A term in Chinese numerals."""
    for mark in _real(draft):
        if mark.term and _NUMERALS.search("".join(mark.text.split())):
            yield _advice(
                mark,
                "chinese-numerals",
                Severity.ERROR,
                Text(f"“{mark.text}”: the term is in Chinese numerals", f"“{mark.text}”的保密期限用了汉字数字"),
                _cite(_FORMAT, "7.2.2"),
                Text(_shape(mark), _shape(mark)),
            )


def star(draft: Draft) -> Iterator[Advice]:
    """★ missing, replaced, doubled, or in the wrong place."""
    for mark in _real(draft):
        plain = "".join(mark.text.split())
        signs = [sign for sign in plain if sign in STARS]
        at = plain.find(mark.original)
        if mark.outcome is Outcome.FIELD_FILLED and not signs:
            continue
        if not signs:
            what = Text("★ is missing", "缺少★") if mark.term or mark.condition else None
        elif any(sign in STARS for sign in plain[:at]):
            what = Text("★ stands before the level", "★写在了密级前面")
        elif plain[-1] in STARS and (mark.term or mark.condition):
            what = Text("★ stands after the term", "★写在了保密期限后面")
        elif set(signs) != {"★"}:
            what = Text(f"“{signs[0]}” stands for ★", f"用“{signs[0]}”代替了★")
        else:
            what = Text("there is more than one ★", "★多于一个") if len(signs) > 1 else None
        if what:
            yield _advice(
                mark,
                "star",
                Severity.ERROR,
                Text(f"“{mark.text}”: {what.en}", f"“{mark.text}”{what.zh}"),
                _cite(_MARKS, "4"),
                Text(_shape(mark), _shape(mark)),
            )


def position(draft: Draft) -> Iterator[Advice]:
    """A mark that stands neither at the head of the first page nor in a header."""
    marks = _real(draft)
    if marks and not any(in_head(mark) for mark in marks):
        yield _advice(
            marks[0],
            "place",
            Severity.ERROR,
            Text(
                f"“{marks[0].text}” does not stand at the head of the first page",
                f"“{marks[0].text}”没有标注在首页上方",
            ),
            _both(_cite(_MARKS, "3"), _cite(_FORMAT, "7.2.2")),
            Text("upper left of the first page, on line two", "顶格编排在首页版心左上角第二行"),
        )


def side(draft: Draft) -> Iterator[Advice]:
    """A mark on the right or in the middle: the standard of 1999 had it there, today's has it at the left."""
    for mark in _real(draft):
        found = draft.side(mark)
        if in_head(mark) and mark.zone in PAGES and found in {Side.RIGHT, Side.CENTRE}:
            at = Text("on the right", "右侧") if found is Side.RIGHT else Text("in the middle", "居中")
            yield _advice(
                mark,
                "side",
                Severity.ERROR,
                Text(
                    f"“{mark.text}” stands {at.en}; it belongs at the left edge",
                    f"“{mark.text}”位于{at.zh}，应顶格靠左",
                ),
                _cite(_FORMAT, "7.2.2"),
                Text("upper left of the text area, flush left", "版心左上角顶格编排"),
            )
            return


def several(draft: Draft) -> Iterator[Advice]:
    """The first mark must say the highest level and the longest term of what is inside."""
    marks = [mark for mark in _real(draft) if mark.outcome is not Outcome.EXPIRED]
    if not marks:
        return
    first = next((mark for mark in marks if in_head(mark)), marks[0])
    highest = max(marks, key=lambda mark: mark.level.rank)
    if highest.level > first.level:
        yield _advice(
            first,
            "below-content",
            Severity.ERROR,
            Text(
                f"the document says {first.original}, but {highest.original} stands at {highest.where}",
                f"首页标注{first.original}，但文中另有{highest.original}内容（{place(highest.where, 'zh')}）",
            ),
            _cite(_MARKS, "8"),
            Text(f"the highest level inside: {_shape(highest)}", f"按其中最高密级标注：{_shape(highest)}"),
        )
    longest = max(marks, key=_years)
    if _years(first) and _years(longest) > _years(first) and highest.level == first.level:
        yield _advice(
            first,
            "shorter-than-content",
            Severity.WARNING,
            Text(
                f"the document says {first.term}, but {longest.term} stands at {longest.where}",
                f"首页保密期限为{first.term}，但文中另有{longest.term}（{place(longest.where, 'zh')}）",
            ),
            _cite(_MARKS, "8"),
            Text(f"the longest term inside: {longest.term}", f"按其中最长保密期限标注：{longest.term}"),
        )


def _years(mark: Mark) -> float:
    term = _term(mark)
    return term.years + term.months / 12 + term.days / 365 if term else 0.0


def name_and_page(draft: Draft) -> Iterator[Advice]:
    """Marks in the name and the properties, and the mark on the page: both, and the same."""
    page, said = _real(draft), [mark for mark in draft.said(NAME) if mark.original in MOST_YEARS]
    if said and not draft.of(NAME):
        yield _advice(
            said[0],
            "not-on-page",
            Severity.ERROR,
            Text(
                f"“{said[0].text}” is said by the file, but not on its pages",
                "文件名或属性标有密级，但正文没有国家秘密标志",
            ),
            _cite(_RULES, "21"),
            Text(f"{_shape(said[0])} at the upper left of the first page", f"在首页左上角标注{_shape(said[0])}"),
        )
        return
    words = {mark.original for mark in page}
    for mark in said:
        if words and mark.original not in words:
            yield _advice(
                mark,
                "differs",
                Severity.ERROR,
                Text(
                    f"{mark.original} here, {'/'.join(sorted(words))} on the page",
                    f"此处为{mark.original}，页面上为{'、'.join(sorted(words))}",
                ),
                _cite(_RULES, "21"),
                Text("the same level in both", "两处密级保持一致"),
            )
    inside = [segment for segment in draft.segments if segment.zone in {Zone.PROPERTY, Zone.LABEL}]
    if page and inside and not any(mark.zone in {Zone.PROPERTY, Zone.LABEL} for mark in said):
        yield _advice(
            page[0],
            "property-missing",
            Severity.HINT,
            Text(
                "the page is marked, the electronic file is not: programs do not see its level",
                "页面已标密，但电子文件属性中没有密级，程序无法识别",
            ),
            _cite(_LAW, "22"),
            Text(f"a property 密级 = {_shape(page[0])}", f"在文档属性中增加“密级”：{_shape(page[0])}"),
        )


def expired(draft: Draft) -> Iterator[Advice]:
    """A mark whose term is over."""
    for mark in _real(draft):
        if mark.outcome is Outcome.EXPIRED:
            yield _advice(
                mark,
                "expired",
                Severity.WARNING,
                Text(f"“{mark.text}” expired on {mark.expires}", f"“{mark.text}”已于{mark.expires}到期"),
                _cite(_LAW, "24"),
                Text(
                    "strike the mark and write 解密, or have the term extended before it ends",
                    "划去原标志并标明“解密”；确需延长的应在期满前重新确定",
                ),
            )


def undated(draft: Draft) -> Iterator[Advice]:
    """A term that counts from a date which the document does not show."""
    for mark in _real(draft):
        term = _term(mark)
        if term and not mark.expires and not term.forever:
            yield _advice(
                mark,
                "no-date",
                Severity.HINT,
                Text(
                    f"“{mark.text}”: no date of issue, so the term has no beginning",
                    f"“{mark.text}”：未找到成文日期，期限无从起算",
                ),
                _cite(_RULES, "19"),
                Text("a date of issue on a line of its own: 2026年1月1日", "单独一行写明成文日期，如2026年1月1日"),
            )
            return


def copy_number(draft: Draft) -> Iterator[Advice]:
    """A marked official document without a copy number above the mark."""
    first = next((mark for mark in _real(draft) if in_head(mark) and mark.zone in PAGES), None)
    if not first or not re.search(
        r"文件\s*$|〔\d{4}〕\s?\d+\s?号", "\n".join(line.text for line in draft.lines[:20]), re.MULTILINE
    ):
        return
    if not any(_COPY.fullmatch(line.text) for line in draft.lines[:6]):
        yield _advice(
            first,
            "copy-number",
            Severity.HINT,
            Text("a marked official document has a copy number", "涉密公文应当标注份号"),
            _both(_cite(_NUMBERS, "9"), _cite(_FORMAT, "7.2.1")),
            Text("six digits on the line above the mark, such as 000001", "在密级上一行顶格标注6位数字，如000001"),
        )


def public(draft: Draft) -> Iterator[Advice]:
    """A mark on a text that says of itself that it is published."""
    marks = _real(draft)
    found = _PUBLIC.search(draft.text) if marks else None
    if found:
        yield _advice(
            marks[0],
            "published",
            Severity.WARNING,
            Text(
                f"the text says “{found[0].strip()}”: what is published is no state secret",
                f"文中有“{found[0].strip()}”字样，已公开或应公开的事项不得定为国家秘密",
            ),
            _both(_cite(_LAW, "22"), _cite(_RULES, "5")),
            Text("no mark, or have the officer decide", "去掉密级标志；有疑问的请定密责任人确认"),
        )


def default_term(draft: Draft) -> Iterator[Advice]:
    """A term that is just the maximum: often a template's default, not a decision."""
    for mark in _real(draft):
        term = _term(mark)
        if term and term.years and term.years == MOST_YEARS.get(mark.original):
            yield _advice(
                mark,
                "maximum-term",
                Severity.HINT,
                Text(
                    f"“{mark.text}” has the longest term there is; was it decided, or is it a template's default?",
                    f"“{mark.text}”用足了法定上限，请确认是逐件确定的期限，而不是模板默认值",
                ),
                _cite(_LAW, "20"),
                Text("the shortest term that will do", "限定在必要的最短期限内"),
            )
            return


def _both(first: Text, second: Text) -> Text:
    return Text(f"{first.en}; {second.en}", f"{first.zh}；{second.zh}")


CHINA: tuple[Check, ...] = (
    above_maximum,
    term_missing,
    forever,
    numerals,
    star,
    position,
    side,
    several,
    name_and_page,
    expired,
    undated,
    copy_number,
    public,
    default_term,
)
