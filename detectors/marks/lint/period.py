"""How long a Chinese mark holds: terms that are missing, too long, without an end, past, or written in another way.

Sources: as for :mod:`detectors.marks.lint.china`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.text import Text
from config.verdict import Outcome
from detectors.marks import terms
from detectors.marks.lint.advice import Advice, Severity
from detectors.marks.lint.draft import Draft
from detectors.marks.lint.state import NAME, advice, both, excess, real, shape, term_of
from detectors.marks.lint.statutes import FORMAT, LAW, RULES, cite
from detectors.marks.reading import MOST_YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMERALS = re.compile(r"[★☆*●·•]?[〇零一二三四五六七八九十两]{1,3}(?:年|个?月)")
_HAN_DIGITS = "零一二三四五六七八九"


def above_maximum(draft: Draft) -> Iterator[Advice]:
    """A term longer than the law allows for its level."""
    for mark in (*real(draft), *draft.said(NAME)):
        most = MOST_YEARS.get(mark.original, 30)
        limit = terms.add(draft.today, most * 12)
        term = term_of(mark)
        if term and (excess(mark) or (term.until is not None and term.until > limit)):
            yield advice(
                mark,
                "term-above-maximum",
                Severity.ERROR,
                Text(
                    f"“{mark.text}”: {term.text} is more than the {most} years that {mark.original} may have",
                    f"“{mark.text}”的保密期限超过{mark.original}级的法定上限{most}年",
                ),
                cite(LAW, "20"),
                Text(
                    f"{mark.original}★ and at most {most}年, or a condition",
                    f"{mark.original}★（不超过{most}年，或写解密条件）",
                ),
            )


def term_missing(draft: Draft) -> Iterator[Advice]:
    """A level without term, date or condition."""
    for mark in real(draft):
        if mark.term or mark.condition or mark.original not in MOST_YEARS:
            continue
        most = MOST_YEARS[mark.original]
        yield advice(
            mark,
            "term-missing",
            Severity.WARNING,
            Text(
                f"“{mark.text}” names no term; it will be read as {most} years",
                f"“{mark.text}”未标注保密期限，将按最长{most}年理解",
            ),
            both(cite(LAW, "20"), cite(RULES, "21")),
            Text(
                f"{mark.original}★5年 (as decided), or ★ and a condition",
                f"{mark.original}★5年（按实际确定的期限），或写解密条件",
            ),
        )


def forever(draft: Draft) -> Iterator[Advice]:
    """A term without end."""
    for mark in real(draft):
        term = term_of(mark)
        if term and term.forever:
            most = MOST_YEARS[mark.original]
            yield advice(
                mark,
                "term-without-end",
                Severity.WARNING,
                Text(
                    f"“{mark.text}”: a term without end needs a special provision",
                    f"“{mark.text}”：除另有规定外，不得标注{term.text}",
                ),
                cite(LAW, "20"),
                Text(f"{mark.original}★ and at most {most}年", f"{mark.original}★（不超过{most}年，或写解密条件）"),
            )


def numerals(draft: Draft) -> Iterator[Advice]:
    """A term in Chinese numerals."""
    for mark in real(draft):
        if mark.term and _NUMERALS.search("".join(mark.text.split())):
            yield advice(
                mark,
                "chinese-numerals",
                Severity.ERROR,
                Text(f"“{mark.text}”: the term is in Chinese numerals", f"“{mark.text}”的保密期限用了汉字数字"),
                cite(FORMAT, "7.2.2"),
                Text(shape(mark), shape(mark)),
            )


def expired(draft: Draft) -> Iterator[Advice]:
    """A mark whose term is over."""
    for mark in real(draft):
        if mark.outcome is Outcome.EXPIRED:
            yield advice(
                mark,
                "expired",
                Severity.WARNING,
                Text(f"“{mark.text}” expired on {mark.expires}", f"“{mark.text}”已于{mark.expires}到期"),
                cite(LAW, "24"),
                Text(
                    "strike the mark and write 解密, or have the term extended before it ends",
                    "划去原标志并标明“解密”；确需延长的应在期满前重新确定",
                ),
            )


def undated(draft: Draft) -> Iterator[Advice]:
    """A term that counts from a date which the document does not show."""
    for mark in real(draft):
        term = term_of(mark)
        if term and not mark.expires and not term.forever:
            yield advice(
                mark,
                "no-date",
                Severity.HINT,
                Text(
                    f"“{mark.text}”: no date of issue, so the term has no beginning",
                    f"“{mark.text}”：未找到成文日期，期限无从起算",
                ),
                cite(RULES, "19"),
                Text("a date of issue on a line of its own: 2026年1月1日", "单独一行写明成文日期，如2026年1月1日"),
            )
            return


def default_term(draft: Draft) -> Iterator[Advice]:
    """A term that is just the maximum: often a template's default, not a decision."""
    for mark in real(draft):
        term = term_of(mark)
        if term and term.years and term.years == MOST_YEARS.get(mark.original):
            yield advice(
                mark,
                "maximum-term",
                Severity.HINT,
                Text(
                    f"“{mark.text}” has the longest term there is; was it decided, or is it a template's default?",
                    f"“{mark.text}”用足了法定上限，请确认是逐件确定的期限，而不是模板默认值",
                ),
                cite(LAW, "20"),
                Text("the shortest term that will do", "限定在必要的最短期限内"),
            )
            return
