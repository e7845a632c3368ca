"""Commercial secrets and work secrets that borrow the marks of state secrets.

Sources: 中央企业商业秘密保护暂行规定 (2010) art. 13 and 15; 保守国家秘密法 (2024) art. 22 and 64;
国家秘密文件、资料和其他物品标志的规定 (1990) art. 4 (★ is the sign of a state secret).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.text import Text
from detectors.marks.lint.advice import Advice, Check, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.marks.lint.draft import Draft

_OWNER = Text(
    "Provisional rules on commercial secrets of central enterprises (2010), art. 15; State Secrets Law (2024), art. 22",
    "《中央企业商业秘密保护暂行规定》第十五条；《保守国家秘密法》（2024年修订）第二十二条",
)
_GRADES = Text(
    "Provisional rules on commercial secrets of central enterprises (2010), art. 13",
    "《中央企业商业秘密保护暂行规定》第十三条",
)
_WORK = Text("State Secrets Law (2024), art. 22 and 64", "《保守国家秘密法》（2024年修订）第二十二条、第六十四条")
_LEVEL = re.compile(r"绝密|机密|秘密")
_BORROWED = re.compile(r"工作秘密.{0,8}?(?:绝密|机密|秘密|★|\d{1,2}年)")


def star(draft: Draft) -> Iterator[Advice]:
    """★ on a commercial or work secret."""
    for mark in draft.of("cn-commercial", "cn-work"):
        if "★" in mark.text:
            plain = mark.text.replace("★", "▲")
            yield Advice(
                rule="commercial.star",
                severity=Severity.ERROR,
                text=Text(
                    f"“{mark.text}”: ★ belongs to state secrets alone",
                    f"“{mark.text}”：★只能用于国家秘密，这不是国家秘密",
                ),
                basis=_OWNER if mark.regime == "cn-commercial" else _WORK,
                instead=Text(plain, plain),
                where=mark.where,
            )


def level_word(draft: Draft) -> Iterator[Advice]:
    """绝密, 机密 or 秘密 as the grade of a commercial secret."""
    for mark in draft.of("cn-commercial"):
        rest = mark.text.replace(mark.original, "", 1)
        word = _LEVEL.search(rest) or (_LEVEL.search(mark.original) if "商" not in mark.original else None)
        if word or re.search(r"机密|绝密", mark.original):
            yield Advice(
                rule="commercial.level-word",
                severity=Severity.WARNING,
                text=Text(
                    f"“{mark.text}” uses a level of state secrets; commercial secrets have two grades",
                    f"“{mark.text}”使用了国家秘密的密级，商业秘密只分核心商密和普通商密两级",
                ),
                basis=_GRADES,
                instead=Text("owner, 核心商密 or 普通商密, term", "单位简称＋核心商密（或普通商密）＋保密期限"),
                where=mark.where,
            )


def work_secret(draft: Draft) -> Iterator[Advice]:
    """A level word on what says of itself that it is a work secret."""
    work, state = draft.of("cn-work"), draft.of("cn")
    for line in draft.lines[:20]:
        if len(line.text) <= 40 and _BORROWED.search("".join(line.text.split())):
            yield _borrowed(line.text, line.where)
            return
    if work and state:
        yield _borrowed(f"{work[0].text} / {state[0].text}", state[0].where)


def _borrowed(words: str, where: str) -> Advice:
    return Advice(
        rule="work.level-word",
        severity=Severity.ERROR,
        text=Text(
            f"“{words}”: a work secret is no state secret and carries neither its levels nor its term",
            f"“{words}”：工作秘密不属于国家秘密，不得使用密级和保密期限标志",
        ),
        basis=_WORK,
        instead=Text("工作秘密, or 内部资料 注意保存", "工作秘密，或“内部资料 注意保存”"),
        where=where,
    )


COMMERCIAL: tuple[Check, ...] = (star, level_word, work_secret)
