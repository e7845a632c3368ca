"""When a Chinese mark ends: its term counted from the date of issue, or a declassification stamp.

Source: 保守国家秘密法实施条例 (2024) art. 19: a term counts from the day the carrier was issued.
"""

from __future__ import annotations

from datetime import date

import msgspec

from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks import terms
from detectors.marks.regime import Facts

NAME = "cn"


def settle(marks: list[Mark], facts: Facts) -> list[Mark]:
    """Once the document is read: stamps cancel, and a term runs from the date of issue."""
    return [_settled(mark, facts) if mark.regime == NAME else mark for mark in marks]


def _settled(mark: Mark, facts: Facts) -> Mark:
    if not mark.outcome.is_mark:
        return mark
    document = facts.document(mark.where)
    if NAME in document.stamps:
        note = Text("; the document carries a declassification stamp", "；文件上有解密章")
        return msgspec.structs.replace(mark, outcome=Outcome.CANCELLED, reason=join(mark.reason, note))
    match = terms.TERM.fullmatch(mark.term or "")
    term = terms.parse(match) if match else None
    if not term:
        return mark
    ends = term.ends(document.issued)
    if not ends:
        return mark if term.forever else _undated(mark)
    counted = None if term.until else document.issued
    since = Text(f", counted from {counted}", f"，自{_han(counted)}起算") if counted else Text("", "")
    over = ends < facts.today
    note = Text(
        f"{since.en}, {'expired' if over else 'expires'} {ends}",
        f"{since.zh}，{_han(ends)}{'已到期' if over else '到期'}",
    )
    return msgspec.structs.replace(
        mark,
        dated=str(counted) if counted else None,
        expires=str(ends),
        outcome=Outcome.EXPIRED if over and mark.outcome is not Outcome.EXAM else mark.outcome,
        reason=join(mark.reason, note),
    )


def _undated(mark: Mark) -> Mark:
    """A term without a date to count from. The file's own dates are those of a copy: they could end it too early."""
    note = Text("; no date of issue was found, so its end is not known", "；未找到成文日期，到期日未知")
    return msgspec.structs.replace(mark, reason=join(mark.reason, note))


def join(*texts: Text) -> Text:
    """Texts put together language by language."""
    return Text("".join(text.en for text in texts), "".join(text.zh for text in texts))


def _han(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
