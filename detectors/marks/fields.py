"""Fields and forms for the level: ``密级：机密``, empty ones, and ones that print every level to tick."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks import options, terms
from detectors.marks.expiry import NAME
from detectors.marks.reading import GAP, LEVELS, Reading, make
from detectors.marks.spot import Spot, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.block import Block

LABEL = re.compile(
    r"(?:(?<![绝机秘])密级|保密等级|保密级别|涉密等级|涉密级别|秘密等级|安全等级|安全级别|密等|机密等级)(?:[及和与/、](?:解密[条條]件或)?保密期限|[(（][^)）]{0,12}[)）])?"
    r"[\"']?(?P<colon>[:：|=】\],>])?[\[【(（「\"']?$"
)
_BLANK_FIELD = re.compile(r"密级(?:[及和]保密期限)?[:：](?P<blank>[_＿\s—.…]{2,}|[(（\[【]\s*[)）\]】])\s*$")
_REACH = 200  # characters of a line of underscores
FORMER = re.compile(r"(?:原密级|原定密级|原标密级|原)[:：]?$")
LIFTED = re.compile(
    r"^[)）\]】]?[,，;；(（—-]*(?:已|现已|予以|自行)?"
    r"(?:(?<=已)于\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?)?(?:解密|解除|撤销|降密|作废)(?!前|条件|时间|日期)"
)
OPENED = re.compile(r"[(（【\[]?(?:已|现已)解密[)）】\]]?$")
_OPTION = re.compile(rf"(?<!国家)(?<!商业)(?<!工作)[绝机秘]{GAP}密|内部(?:资料|公开)?|公开|非密|非涉密|普通")
_CLOSING = frozenset("`”’」』")
_QUOTED = re.compile(r"[`“‘「『][^`“‘「『\n]{0,16}$")
_BOX = re.compile("[" + "".join(options.EMPTY | options.TICKED) + "]|[\\[(][ xX√✓]?[)\\]]")


def field(found: Reading, after: str) -> Mark | None:
    """A level in a field of its own; ``after`` is the rest of the cell without white space."""
    if offered := others(found.spot):
        return choices(found, offered)
    if _QUOTED.search(found.spot.cell_before) and after[:1] in _CLOSING:
        return make(found, Outcome.EXAMPLE, Text("it is quoted or given as an example", "是引用或举例"))
    if after and re.match(r"[/、,，|]\s*(?:公开|内部|非密|普通)", after):
        return make(found, Outcome.FIELD_BLANK, Text("a form with all levels to choose from", "表单列出全部可选密级"))
    if FORMER.search(found.spot.cell_before.rstrip(" 密级:：")) or LIFTED.match(after):
        return make(found, Outcome.CANCELLED, Text("the field shows a former level", "该栏为原密级"))
    if after and re.match(r"[性的以]|级.|及以上|或", after) and not re.fullmatch(r"级[)）】\].。]?", after):
        return None
    if not found.term and (period := re.match(r"(?:保密)?期限[:：]?", squeeze(found.spot.following))):
        match = terms.TERM.match(squeeze(found.spot.following), period.end())
        found.term = terms.parse(match) if match else None
    outcome = Outcome.FIELD_FILLED
    if found.term and found.term.condition:
        outcome = Outcome.EXAM if terms.EXAM.search(found.term.condition) else Outcome.CONDITION
    return make(found, outcome, Text("it is written in the field for the level", "填写在密级栏"), 0.92)


def choices(found: Reading, offered: tuple[tuple[int, int], ...]) -> Mark | None:
    """A line with several levels: only a ticked one counts."""
    line, spot = found.spot.line, found.spot
    offset = len(spot.before)
    mine = next(
        (index for index, (low, high) in enumerate(offered) if low >= offset - 2 and low <= offset + len(spot.text)),
        None,
    )
    signs = options.ticked(line, offered)
    if signs is None:
        if found.star and found.term:
            return make(found, Outcome.EXAMPLE, Text("one of several marks on one line", "同一行列出多个标志"))
        return (
            make(found, Outcome.FIELD_BLANK, Text("a form with all levels to choose from", "表单列出全部可选密级"))
            if LABEL.search(squeeze(line[: offered[0][0]]))
            else None
        )
    if mine in signs and len(signs) == 1:
        return make(found, Outcome.FIELD_FILLED, Text("this level is ticked", "勾选了该密级"), 0.9)
    return make(found, Outcome.FIELD_BLANK, Text("a box that is not ticked", "未勾选的选项"))


def others(spot: Spot) -> tuple[tuple[int, int], ...]:
    """The options of a line that offers several levels; empty where it holds but one."""
    return _offered(spot.line)


@lru_cache(maxsize=256)  # each of the options asks
def _offered(line: str) -> tuple[tuple[int, int], ...]:
    found = list(_OPTION.finditer(line))
    words = {squeeze(match[0]) for match in found}
    if len(words & LEVELS.keys()) < 2 and not (len(words) > 1 and _BOX.search(line)):
        return ()
    return tuple(match.span() for match in found)


def blank(block: Block, low: int, high: int) -> Iterator[Mark]:
    """Fields for the level that nothing is written into."""
    rest = block.text[high : high + _REACH].partition("\n")[0]
    for line in re.finditer(r"[^\n]+", block.text[low:high] + rest):
        if found := _BLANK_FIELD.search(line[0]):
            spot = Spot(block, low + line.start() + found.start(), low + line.start() + found.end())
            reason = Text("the field for the level is empty", "密级栏为空")
            yield spot.mark(NAME, Level.PUBLIC, Outcome.FIELD_BLANK, reason, original="密级", confidence=0.5)
