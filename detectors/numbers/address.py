"""Postal addresses, weighed by what they are made of: Chinese ones from the province to the room, English streets."""

from __future__ import annotations

import re
from datetime import date

from config.text import Text
from detectors.numbers.check import Check, compact

_HAN = re.compile(r"[\u4e00-\u9fff]")
_REGION = re.compile(r"省|自治区|特别行政区|北京|天津|上海|重庆")
_CITY = re.compile(r"[\u4e00-\u9fff](?:市|州|盟)")
_COUNTY = re.compile(r"[\u4e00-\u9fff](?:区|县|旗)")
_TOWN = re.compile(r"[\u4e00-\u9fff](?:镇|乡|街道|村|社区|苏木)")
_ROAD = re.compile(r"[\u4e00-\u9fff](?:路|街|道|巷|弄|胡同|里)")
_HOUSE = re.compile(r"[0-9一二三四五六七八九十百零〇之-]{1,7}(?:号|弄)(?!文|令|公告|线)")
_ROOM = re.compile(
    r"[0-9A-Za-z一二三四五六七八九十甲乙丙丁-]{1,5}(?:室|房|单元|栋|幢|座|号楼|楼|层|组)|[0-9]-[0-9]{3,4}\Z"
)
_OFFICE = re.compile(
    r"(?:政府|委员会|人大|法院|检察院|〔|公安局|办公厅|办公室)[\u4e00-\u9fff]{0,6}(?:令|文|函|发|号)?\Z"
)
_YEAR = re.compile(r"(?:19|20)\d\d\b")  # "2008 Wall Street" is a story
_POSTCODE = re.compile(r"\b[A-Z]{2} \d{5}(?:-\d{4})?\Z|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\Z|\b\d{5}\Z")
_UNIT = re.compile(r"\b(?:Apt|Apartment|Suite|Ste|Unit|Floor|Room|Rm|Flat)\b|#", re.IGNORECASE)


def check(text: str, _today: date) -> Check | None:
    """Parts of an address in their order; a road or a village must lead on to a house or a room."""
    if not _HAN.search(text):
        return _english(text)
    if _OFFICE.search(text):
        return None
    spots = (_REGION, _CITY, _COUNTY, _TOWN)
    above = sum(part.search(text) is not None for part in spots)
    road, house, room = _ROAD.search(text), _HOUSE.search(text), _ROOM.search(text)
    below = sum(part is not None for part in (road, house, room))
    if not (house or room) or (not road and not _TOWN.search(text)) or above + below < 3:
        return None
    return Check(
        compact(text),
        0.08 * (above + below) - 0.2,
        Text(f"{above + below} parts of a postal address", f"含 {above + below} 级地址要素"),
    )


def _english(text: str) -> Check:
    told = sum(part.search(text) is not None for part in (_POSTCODE, _UNIT))
    reason = Text("a house number and a street", "门牌号加街道名")
    if told:
        reason = Text(reason.en + ", with postcode or flat", reason.zh + "，含邮编或房号")
    plain = -0.1 if _YEAR.match(text) else 0.05
    return Check(compact(text), plain + 0.15 * told, reason)
