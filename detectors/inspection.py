"""One file while it is read: what was found so far, and what need not be looked at again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from config.levels import Level
from config.verdict import Mark, Segment, Zone
from detectors.decode import Decoder
from detectors.marks.regime import Facts
from detectors.marks.spot import NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from detectors.block import Block
    from detectors.detector import Search
    from detectors.tally import Tally

MOST_MARKS = 2_000  # of one file; a bound on memory, far beyond what an officer reads
REPEATED = 20  # equal marks, each alone on its line, after which further ones are not judged again
MOST_NAMES = 10_000  # properties and names of one file kept until its end


class Inspection:
    """One file while it is read."""

    def __init__(self, today: date, tally: Tally, searches: Sequence[Search]) -> None:
        self.facts = Facts(today)
        self.tally = tally
        self.searches = searches
        self.decoder = Decoder()
        self.named: list[tuple[int, Segment]] = []
        self.unfinished: dict[str, None] = {}
        self.marks: list[Mark] = []
        self._near: dict[int, list[Mark]] = {}
        self._lone: Counter[tuple[Zone, str, str]] = Counter()
        self._equal: Counter[tuple[object, ...]] = Counter()
        self._highest = Level.PUBLIC
        self.counted: set[tuple[int, int]] = set()  # edges of numbers with a check digit in this block

    def watch(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Pass segments on, and keep the few that name or label the file."""
        for index, segment in enumerate(segments):
            if segment.zone in NAMED and len(self.named) < MOST_NAMES:
                self.named.append((index, segment))
            yield segment

    def add(self, mark: Mark) -> None:
        """Keep a mark, unless an earlier regime has read the same place as one, or it says what many said before."""
        near = self._near.setdefault(mark.segment, [])
        for other in reversed(near[-50:]):
            if other.start < mark.end and mark.start < other.end:
                if other.outcome.is_mark or not mark.outcome.is_mark:
                    return
                self.marks.remove(other)  # a name read part by part may turn a mention into a mark
                near.remove(other)
        if mark.outcome.is_mark:
            self._lone[mark.zone, container(mark.where), mark.text] += 1
        same = sameness(mark)
        self._equal[same] += 1
        if self.tally.grouped and self._equal[same] > REPEATED:
            return
        # a flood of marks must not hide one that says more
        if len(self.marks) < MOST_MARKS or mark.raises > self._highest:
            self._highest = max(self._highest, mark.raises)
            near.append(mark)
            self.marks.append(mark)

    def first(self, place: tuple[int, int, int]) -> bool:
        """Whether nothing of this block that begins or ends at the same character was counted yet."""
        segment, start, end = place
        edges = {(segment, start), (segment, -end)}
        if edges & self.counted:
            return False
        self.counted |= edges
        return True

    def known(self, block: Block) -> Callable[[int], bool] | None:
        """From a place in the block to whether its line is a mark that was met so often that it says nothing new."""
        common = {key for key, count in self._lone.items() if count >= REPEATED}
        if not common:
            return None
        text = block.text
        segment = block.pieces[0].segment
        alone = len(block.pieces) == 1
        mine = {words for zone, holder, words in common if (zone, holder) == (segment.zone, container(segment.where))}

        def is_known(at: int) -> bool:
            low, high = text.rfind("\n", 0, at - 1) + 1, text.find("\n", at - 1)
            line = text[low : high if high >= 0 else None].strip()
            if alone:
                return line in mine
            there = block.piece(max(at - 1, 0)).segment
            return (there.zone, container(there.where), line) in common

        return is_known


def sameness(mark: Mark) -> tuple[object, ...]:
    """What makes two marks of a file the same to its reader."""
    plain = "".join(mark.text.split())
    return mark.regime, mark.level, mark.outcome, plain, mark.zone, container(mark.where)


def container(where: str) -> str:
    """The archive or message in which a place lies."""
    return where.rpartition(" > ")[0]
