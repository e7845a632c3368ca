"""What many marks or findings say together: a note in words, never a level.

Source: 保守国家秘密法 (2024) art. 36 and 实施条例 (2024) art. 43: data that become a state secret by being gathered or
linked are to be managed as such; whether they do is for people to decide.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from config.verdict import Zone
from detectors.marks.regime import container
from detectors.marks.spot import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from config.rules import Aggregation
    from config.verdict import Finding, Mark

_PAGE = re.compile(r"\bpage (\d{1,9})\b")
_BASIS = Text("State Secrets Law implementing regulations (2024), art. 43", "《保守国家秘密法实施条例》第四十三条")


def notes(marks: Sequence[Mark], findings: Iterable[Finding], limits: Aggregation) -> tuple[Text, ...]:
    """The notes of a file; ``marks`` are all of its real ones, each as often as it stands there."""
    out = []
    documents = _documents([mark for mark in marks if mark.raises >= Level.CONFIDENTIAL])
    if documents >= limits.documents:
        out.append(
            Text(
                f"{documents} marked documents in one file: together they may be worth a higher level than any of them"
                f" ({_BASIS.en}); ask the secrecy officer",
                f"一个文件中汇集了{documents}份标密文件，汇聚、关联后可能属于更高密级（{_BASIS.zh}），请由保密管理员判断",
            )
        )
    records = sum(finding.count for finding in findings if finding.level >= Level.CONFIDENTIAL)
    if records >= limits.records:
        out.append(
            Text(
                f"{records} sensitive values in one file: together they may be worth a higher level than each of them"
                f" ({_BASIS.en}); ask the secrecy officer",
                f"一个文件中汇集了{records}条敏感数据，汇聚、关联后可能属于更高密级（{_BASIS.zh}），请由保密管理员判断",
            )
        )
    return tuple(out)


def _documents(marks: Sequence[Mark]) -> int:
    """How many marked documents a file holds: members of an archive, and runs of pages within one of them.

    A header repeats on every page of one document; a mark that is gone and comes back begins another.
    """
    pages: dict[tuple[str, str], set[int]] = {}
    members: Counter[str] = Counter()
    for mark in marks:
        if mark.zone in NAMED and mark.zone is not Zone.NAME:
            continue
        member, page = container(mark.where), _PAGE.search(mark.where.rpartition(" > ")[2])
        members[member] += 0
        if page:
            pages.setdefault((member, "".join(mark.text.split())), set()).add(int(page[1]))
    for (member, _), found in pages.items():
        members[member] = max(members[member], sum(1 for page in found if page - 1 not in found))
    return sum(max(runs, 1) for runs in members.values())
