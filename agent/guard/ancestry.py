"""Where content that cannot be read comes from: what the judge asks of lineage, and the answer in its words."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

from agent.guard import opaque
from agent.guard.desk import Source
from agent.guard.gateway.ruling import Written
from agent.guard.lineage import Lineage, Relation
from config.events import Action
from config.policy import Zone
from config.text import Text
from config.verdict import Verdict

_ASKED = 8  # writers of one file; the shell that opened it, the program that writes, rarely more
_LETS_PASS = {Action.ALLOW, Action.WARN}


class FileAncestry:
    """Asks lineage about opaque content only: everything else is judged by what it says itself."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage

    def origin(self, verdict: Verdict, written: Written, zone: Zone) -> Source | None:
        """The classified source of opaque content; None where there is none, or the content speaks for itself.

        Where nobody can tell in time, the zone's ``on_unfinished`` decides, and the source has no level.
        """
        if not verdict.sha256 or opaque.why(verdict, written.descriptor) is None:
            return None
        made = self._lineage.derived(verdict.sha256, verdict.size)
        if made is not None and made.level > zone.clearance:
            words = Text("it was made of a {level} document", "由{level}文件生成").fill(level=made.level.text)
            return Source(made.level, words)
        undecided: Source | None = None
        for pid, _ in written.writers[:_ASKED]:
            if pid == 0:  # an earlier run of the agent: nothing is known any more, and nothing of it will land
                continue
            answer = self._lineage.sources(pid, verdict.sha256, verdict.size, zone.clearance)
            if answer.relation is Relation.RELATED:
                return Source(answer.level, answer.words)
            if answer.relation is Relation.UNDECIDED:
                undecided = Source(None, answer.words)
        return None if zone.on_unfinished in _LETS_PASS else undecided
