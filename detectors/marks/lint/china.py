"""Marks of state secrets, as they are to be written.

Sources: 保守国家秘密法 (2024) art. 20, 22, 24; 实施条例 (2024) art. 5, 19, 21; GB/T 9704-2012 7.2.1 and 7.2.2;
国家秘密文件、资料和其他物品标志的规定 (1990) art. 3, 4, 8; 党政机关公文处理工作条例 (2012) art. 9.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.places import place
from config.text import Text
from config.verdict import Outcome, Side, Zone
from detectors.marks.lint.advice import Advice, Check, Severity
from detectors.marks.lint.draft import PAGES, Draft, in_head
from detectors.marks.lint.period import above_maximum, default_term, expired, forever, numerals, term_missing, undated
from detectors.marks.lint.state import NAME, advice, both, real, shape, years
from detectors.marks.lint.statutes import FORMAT, LAW, MARKS, NUMBERS, RULES, cite
from detectors.marks.reading import MOST_YEARS, STARS

if TYPE_CHECKING:
    from collections.abc import Iterator

_COPY = re.compile(r"(?:份号[:：]?|№|No\.?)?\s?\d{6}(?!\d)")
_PUBLIC = re.compile(
    r"[(（]?此件(?:公开发布|主动公开|公开)[)）]?|(?:信息)?公开(?:选项|形式|属性|方式)[:：]\s?主动公开|现予公布|公开征求意见"
    r"|\bISBN[ :：\d]|国内统一(?:连续出版物号|刊号)|(?:新华社|中新社|本报|中新网)[^\n。]{0,24}(?:电|讯)(?=[^\n]{6})"
)


def star(draft: Draft) -> Iterator[Advice]:
    """★ missing, replaced, doubled, or in the wrong place."""
    for mark in real(draft):
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
            yield advice(
                mark,
                "star",
                Severity.ERROR,
                Text(f"“{mark.text}”: {what.en}", f"“{mark.text}”{what.zh}"),
                cite(MARKS, "4"),
                Text(shape(mark), shape(mark)),
            )


def position(draft: Draft) -> Iterator[Advice]:
    """A mark that stands neither at the head of the first page nor in a header."""
    marks = real(draft)
    if marks and not any(in_head(mark) for mark in marks):
        yield advice(
            marks[0],
            "place",
            Severity.ERROR,
            Text(
                f"“{marks[0].text}” does not stand at the head of the first page",
                f"“{marks[0].text}”没有标注在首页上方",
            ),
            both(cite(MARKS, "3"), cite(FORMAT, "7.2.2")),
            Text("upper left of the first page, on line two", "顶格编排在首页版心左上角第二行"),
        )


def side(draft: Draft) -> Iterator[Advice]:
    """A mark on the right or in the middle: the standard of 1999 had it there, today's has it at the left."""
    for mark in real(draft):
        found = draft.side(mark)
        if in_head(mark) and mark.zone in PAGES and found in {Side.RIGHT, Side.CENTRE}:
            at = Text("on the right", "右侧") if found is Side.RIGHT else Text("in the middle", "居中")
            yield advice(
                mark,
                "side",
                Severity.ERROR,
                Text(
                    f"“{mark.text}” stands {at.en}; it belongs at the left edge",
                    f"“{mark.text}”位于{at.zh}，应顶格靠左",
                ),
                cite(FORMAT, "7.2.2"),
                Text("upper left of the text area, flush left", "版心左上角顶格编排"),
            )
            return


def several(draft: Draft) -> Iterator[Advice]:
    """The first mark must say the highest level and the longest term of what is inside."""
    marks = [mark for mark in real(draft) if mark.outcome is not Outcome.EXPIRED]
    if not marks:
        return
    first = next((mark for mark in marks if in_head(mark)), marks[0])
    highest = max(marks, key=lambda mark: mark.level.rank)
    if highest.level > first.level:
        yield advice(
            first,
            "below-content",
            Severity.ERROR,
            Text(
                f"the document says {first.original}, but {highest.original} stands at {highest.where}",
                f"首页标注{first.original}，但文中另有{highest.original}内容（{place(highest.where, 'zh')}）",
            ),
            cite(MARKS, "8"),
            Text(f"the highest level inside: {shape(highest)}", f"按其中最高密级标注：{shape(highest)}"),
        )
    longest = max(marks, key=years)
    if years(first) and years(longest) > years(first) and highest.level == first.level:
        yield advice(
            first,
            "shorter-than-content",
            Severity.WARNING,
            Text(
                f"the document says {first.term}, but {longest.term} stands at {longest.where}",
                f"首页保密期限为{first.term}，但文中另有{longest.term}（{place(longest.where, 'zh')}）",
            ),
            cite(MARKS, "8"),
            Text(f"the longest term inside: {longest.term}", f"按其中最长保密期限标注：{longest.term}"),
        )


def name_and_page(draft: Draft) -> Iterator[Advice]:
    """Marks in the name and the properties, and the mark on the page: both, and the same."""
    page, said = real(draft), [mark for mark in draft.said(NAME) if mark.original in MOST_YEARS]
    if said and not draft.of(NAME):
        yield advice(
            said[0],
            "not-on-page",
            Severity.ERROR,
            Text(
                f"“{said[0].text}” is said by the file, but not on its pages",
                "文件名或属性标有密级，但正文没有国家秘密标志",
            ),
            cite(RULES, "21"),
            Text(f"{shape(said[0])} at the upper left of the first page", f"在首页左上角标注{shape(said[0])}"),
        )
        return
    words = {mark.original for mark in page}
    for mark in said:
        if words and mark.original not in words:
            yield advice(
                mark,
                "differs",
                Severity.ERROR,
                Text(
                    f"{mark.original} here, {'/'.join(sorted(words))} on the page",
                    f"此处为{mark.original}，页面上为{'、'.join(sorted(words))}",
                ),
                cite(RULES, "21"),
                Text("the same level in both", "两处密级保持一致"),
            )
    inside = [segment for segment in draft.segments if segment.zone in {Zone.PROPERTY, Zone.LABEL}]
    if page and inside and not any(mark.zone in {Zone.PROPERTY, Zone.LABEL} for mark in said):
        yield advice(
            page[0],
            "property-missing",
            Severity.HINT,
            Text(
                "the page is marked, the electronic file is not: programs do not see its level",
                "页面已标密，但电子文件属性中没有密级，程序无法识别",
            ),
            cite(LAW, "22"),
            Text(f"a property 密级 = {shape(page[0])}", f"在文档属性中增加“密级”：{shape(page[0])}"),
        )


def copy_number(draft: Draft) -> Iterator[Advice]:
    """A marked official document without a copy number above the mark."""
    first = next((mark for mark in real(draft) if in_head(mark) and mark.zone in PAGES), None)
    if not first or not re.search(
        r"文件\s*$|〔\d{4}〕\s?\d+\s?号", "\n".join(line.text for line in draft.lines[:20]), re.MULTILINE
    ):
        return
    if not any(_COPY.fullmatch(line.text) for line in draft.lines[:6]):
        yield advice(
            first,
            "copy-number",
            Severity.HINT,
            Text("a marked official document has a copy number", "涉密公文应当标注份号"),
            both(cite(NUMBERS, "9"), cite(FORMAT, "7.2.1")),
            Text("six digits on the line above the mark, such as 000001", "在密级上一行顶格标注6位数字，如000001"),
        )


def public(draft: Draft) -> Iterator[Advice]:
    """A mark on a text that says of itself that it is published."""
    marks = real(draft)
    found = _PUBLIC.search(draft.text) if marks else None
    if found:
        yield advice(
            marks[0],
            "published",
            Severity.WARNING,
            Text(
                f"the text says “{found[0].strip()}”: what is published is no state secret",
                f"文中有“{found[0].strip()}”字样，已公开或应公开的事项不得定为国家秘密",
            ),
            both(cite(LAW, "22"), cite(RULES, "5")),
            Text("no mark, or have the officer decide", "去掉密级标志；有疑问的请定密责任人确认"),
        )


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
