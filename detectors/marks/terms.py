"""Terms and conditions of Chinese marks: 10年, 6个月, 长期, 2030年12月31日, 启用前; and the day a term ends.

Source: 保守国家秘密法 (2024) art. 20, 实施条例 (2024) art. 19 (terms count from the date of issue),
GB/T 9704-2012 7.2.2.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

import msgspec

_DIGITS = {
    "〇": 0,
    "零": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_LOOK_LIKE_DIGITS = str.maketrans("OoIl", "0011")
_HAN = "〇零○一二两三四五六七八九十"
_BEFORE = (
    "考试结束|本科考试结束|答题|开卷|拆封|阅卷|启用|使用完毕|启封|开启|开封|开考|使用|会议开始|会议结束|开始|结束|交卷|公布|公开|发布|宣布|批准|解密|实施|生效"
    "|验收|鉴定|结题|投产|竣工|移交|审议|表决|任命|宣判|开庭|结案|行动|出访|访问|谈判|审批|批复|印发|颁布|出版|展出|揭晓|评审|公示|举行"
    "|上市|披露|完成|到期|开标|评标|中标|发行|播出|开幕|召开|签署|签订"
)
# matched on text without white space
TERM = re.compile(
    r"(?P<open>[(（\[【])?(?:"
    rf"(?:至|到)?(?P<date>(?:20|19)\d{{2}}(?:年\d{{1,2}}月(?:\d{{1,2}}日)?|[-./]\d{{1,2}}[-./]\d{{1,2}}))(?:前|止|解密|到期)?"
    rf"|(?P<number>[0-9OoIl]{{1,3}}|[{_HAN}]{{1,3}})(?P<unit>年|个?月|天)(?![级度代初末来后间内以])"
    r"|(?P<long>长期|永久|无限期)"
    rf"|(?P<condition>[\u4e00-\u9fff]{{0,10}}?(?:{_BEFORE})(?:之|以)?前)"
    r")(?(open)[)）\]】]?)"
)
EXAM = re.compile(r"启用|^使用前|使用完|答题|开卷|拆封|阅卷|启封|开考|考试|试卷|学科|科目|开封|交卷")
DATE = re.compile(
    rf"(?:(\d{{4}})|([{_HAN}]{{4}}))年(?:(\d{{1,2}})|([{_HAN}]{{1,3}}))月(?:(\d{{1,2}})|([{_HAN}]{{1,3}}))日"
)
_PARTS = re.compile(r"\d+")


class Term(msgspec.Struct, frozen=True):
    """How long a mark holds. Exactly one of the fields says so."""

    years: int = 0
    months: int = 0
    days: int = 0
    until: date | None = None
    forever: bool = False
    condition: str | None = None
    text: str = ""  # in Arabic digits, as the standard asks
    han: bool = False  # written in Chinese numerals

    def ends(self, issued: date | None) -> date | None:
        """The day on which the term is over, or None where it cannot be known."""
        if self.until or not issued or self.forever or self.condition:
            return self.until
        if self.days:
            return date.fromordinal(issued.toordinal() + self.days)
        return add(issued, self.years * 12 + self.months)


def parse(match: re.Match[str]) -> Term | None:  # noqa: PLR0911 - one return a form
    """Read a match of :data:`TERM`; None where a date does not exist."""
    if match["long"]:
        return Term(forever=True, text=match["long"])
    if match["condition"]:
        return Term(condition=match["condition"], text=match["condition"])
    if match["date"]:
        parts = [int(part) for part in _PARTS.findall(match["date"])]
        try:
            until = date(parts[0], parts[1], parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], parts[1])[1])
        except (ValueError, calendar.IllegalMonthError):
            return None
        return Term(until=until, text=match["date"])
    count = number(match["number"])
    if not count:
        return None
    unit = match["unit"]
    han = not match["number"][0].isascii()
    if unit == "年":
        return Term(years=count, text=f"{count}年", han=han)
    if unit == "天":
        return Term(days=count, text=f"{count}天", han=han)
    return Term(months=count, text=f"{count}个月", han=han)


def number(text: str) -> int:
    """A small number in Arabic digits (letters that look like digits are read as digits) or Chinese numerals."""
    if text.isascii():
        return int(text.translate(_LOOK_LIKE_DIGITS))
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return int("".join(str(_DIGITS[sign]) for sign in text))


def add(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    year = min(year, date.max.year)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_date(text: str) -> date | None:
    """A whole date in Arabic digits or Chinese numerals, as it stands under a document."""
    match = DATE.search("".join(text.split()))
    if not match:
        return None
    year, han_year, month, han_month, day, han_day = match.groups()
    try:
        return date(
            *(
                int(plain) if plain else number(han)
                for plain, han in ((year, han_year), (month, han_month), (day, han_day))
            )
        )
    except (ValueError, TypeError):
        return None
