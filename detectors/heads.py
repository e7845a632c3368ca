"""Where tables begin in a grid of cells, and what the heads of their columns say.

The first table of a sheet or file begins at the first row of names. Further down a row of names may be data (a staff
list without numbers), so a table that follows must show itself: its heads are words that heads commonly are, or nothing
stands above them and every number of the row below stands under one of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from detectors.grid import LONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detectors.grid import Grid

ROWS = 20  # from the top, among which the row of heads is looked for
DEEP = 2  # rows of heads that stand upon each other: "contact" above "mobile" and "mail"
LONGEST = 40  # characters of a head; what is longer is a sentence
MOST = 2_000  # tables of one segment; a list of words must not become a table each row
_NUMBER = re.compile(LONG)
_HAN_SPACE = re.compile(r"(?<=[\u2e80-\u9fff\uff08\uff09])\s+(?=[\u2e80-\u9fff\uff08\uff09])")
_FIELD = re.compile(r"[^(（:：]{1,12}[:：]\s*\S")  # a filled field of a form that stands above the table
_COMMON = re.compile(
    r"(?:序号|编号|代码|姓名|名称|名字|日期|时间|月份|年度|金额|数量|单价|总价|价格|合计|小计|备注|说明|部门|岗位|职务|职位|职称|单位|电话|手机|号码"
    r"|证号|工号|学号|卡号|[账帐]号|[账帐]户|户名|地址|类别|类型|型号|规格|品名|物料|工资|薪资|薪酬|月薪|年薪|奖金|津贴|补贴|实发|应发|状态|内容|项目|余额|摘要"
    r"|借方|贷方|性别|年龄|民族|学历|邮箱|客户|甲方|乙方|供应商|联系人|负责人|经办人|开户行|税号|密码|口令|用户名)(?:[(（][^)）]{0,12}[)）])?\Z"
    r"|\b(?:no|id|name|date|time|month|year|amount|qty|quantity|price|total|remarks?|notes?|comments?|department|dept|title"
    r"|position|unit|phone|mobile|tel|e-?mail|address|type|model|salary|wages?|pay|bonus|balance|status|description|item"
    r"|account|card|number|code|customer|client|company|contact|supplier|password|user|employee|staff)\b\.?(?:\s?\([^)]{0,12}\))?\Z",
    re.IGNORECASE,
)


class Table(NamedTuple):
    """The rows from ``start`` on, and the heads of their columns."""

    start: int
    heads: Mapping[int, str]
    width: int = 0  # cells of the row of heads, empty ones too


Row = dict[int, str]


def tables(grid: Grid, carried: Table | None = None) -> list[Table]:
    """The tables of a grid in their order.

    Args:
        grid: the rows.
        carried: the table of the grid before, where its rows go on in this one.
    """
    found: list[Table] = [Table(0, carried.heads, carried.width)] if carried else []
    if not carried:
        top = _behind(grid, ROWS)
        for start in grid.named():
            if start >= top:
                break
            if (row := _names(grid, start)) and _first(grid, start, row):
                found.append(_table(grid, start, row))
                break
    for start in grid.heading(found[0].start) if found else ():
        if start >= found[-1].start and (row := _names(grid, start)) and _begins(grid, start, row):
            found.append(_table(grid, start, row))
            if len(found) == MOST:
                break
    return found


def title(text: str) -> str:
    """A head on one line, without the spaces that spread Chinese characters over the width of a column."""
    return _HAN_SPACE.sub("", " ".join(text.split()))


def _behind(grid: Grid, rows: int) -> int:
    start = 0
    for _ in range(rows):
        if start >= len(grid.text):
            break
        start = grid.next(start)
    return start + (start >= len(grid.text))


def _filled(grid: Grid, start: int) -> Row:
    text = grid.text
    cells = ((cell.column, text[cell.start : cell.end].strip(' \n"')) for cell in grid.cells(start))
    return {column: said for column, said in cells if said}


def _names(grid: Grid, start: int) -> Row:
    """The cells of a row, when each may be a head; else nothing."""
    row = {column: title(said) for column, said in _filled(grid, start).items()}
    return row if row and all(_is_head(said) for said in row.values()) else {}


def _is_head(text: str) -> bool:
    return len(text) <= LONGEST and not _NUMBER.search(text)


def _first(grid: Grid, start: int, row: Row) -> bool:
    """Whether names may be the heads of the first table: several, or one above one number."""
    if len(row) > 1:
        return not any(_FIELD.match(said) for said in row.values())
    below = _filled(grid, grid.next(start))
    return list(below) == list(row) and all(_NUMBER.match(said) for said in below.values())


def _begins(grid: Grid, start: int, row: Row) -> bool:
    """Whether names below a table are the heads of another."""
    if len(row) < 2 or any(said.isdigit() or _FIELD.match(said) for said in row.values()):
        return False
    if 2 * sum(_COMMON.search(said) is not None for said in row.values()) >= max(len(row), 3):
        return True
    if not _apart(grid, start):
        return False
    for below in _following(grid, start, DEEP):
        if numbers := {column for column, said in below.items() if any(map(str.isdigit, said))}:
            return numbers <= row.keys()
    return False


def _apart(grid: Grid, start: int) -> bool:
    """Whether nothing, or a single cell that may be a title, stands above a row."""
    return grid.gap(start) or len(_filled(grid, grid.row(start - 1))) < 2


def _following(grid: Grid, start: int, rows: int) -> Iterator[Row]:
    for _ in range(rows):
        start = grid.next(start)
        if start >= len(grid.text):
            return
        yield _filled(grid, start)


def _heads_too(row: Row, second: Row) -> bool:
    """Whether the row below a row of heads has heads too: with a digit in it, only under a head of several columns."""
    if len(second) < 2 or any(_FIELD.match(said) for said in second.values()):
        return False
    return not (second.keys() <= row.keys() and any(char.isdigit() for said in second.values() for char in said))


def _table(grid: Grid, start: int, row: Row) -> Table:
    """The table with these heads, and with those in the row below them, if that is one of heads.

    Where only the second row says something, the first has a cell that reaches over several columns.
    """
    below, width = grid.next(start), len(grid.cells(start))
    second = _names(grid, below) if below < len(grid.text) else {}
    if not _heads_too(row, second):
        return Table(below, row, width)
    heads = dict(row)
    for column, said in second.items():
        above = row.get(column) or next((row[left] for left in sorted(row, reverse=True) if left < column), "")
        heads[column] = f"{above} {said}".strip()
    return Table(grid.next(below), heads, width)
