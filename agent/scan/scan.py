"""A scan: every file below some folders gets its verdict, several at a time, in the order of the walk."""

from __future__ import annotations

import errno
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path

from agent.extract.sandbox.pool import Sandbox
from agent.scan.walk import walk
from config.levels import Level
from config.verdict import Coverage, Reason, Verdict

_REASONS = {errno.ENOENT: Reason.VANISHED, errno.ENAMETOOLONG: Reason.TOO_DEEP}
_AHEAD = 32  # files under way for each worker; a slow one does not stop the others


class Tally:
    """What a scan found so far."""

    def __init__(self) -> None:
        self.files = self.bytes = self.inspected = 0
        self.levels: Counter[Level] = Counter()
        self.reasons: Counter[str] = Counter()
        self.errors = 0
        self._began = time.monotonic()

    def add(self, verdict: Verdict) -> None:
        """Count one file."""
        self.files += 1
        self.bytes += verdict.size
        if verdict.status in {"sensitive", "clean"}:
            self.levels[verdict.level] += 1
        self.errors += bool(verdict.error)
        if verdict.coverage.inspected:
            self.inspected += 1
        for kind in {reason.partition(":")[0] for reason in verdict.coverage.reasons}:
            self.reasons[kind] += 1

    @property
    def seconds(self) -> float:
        """Since the scan began."""
        return max(time.monotonic() - self._began, 1e-6)

    @property
    def sensitive(self) -> int:
        """Files above public."""
        return self.levels.total() - self.levels[Level.PUBLIC]

    @property
    def exit_status(self) -> int:
        """0 all inspected and nothing above public; 1 something sensitive; 3 nothing found, but not all inspected."""
        if self.sensitive:
            return 1
        return 0 if self.inspected == self.files else 3


def scan(paths: list[Path], sandbox: Sandbox, workers: int, today: date) -> Iterator[Verdict]:
    """Verdicts of all files below ``paths``. A folder that cannot be listed gets a verdict of its own."""
    missed: deque[Verdict] = deque()

    def note(folder: Path, problem: OSError) -> None:
        reason = _REASONS.get(problem.errno or 0, Reason.PERMISSION)
        why = problem.strerror or str(problem)
        missed.append(
            Verdict(
                path=str(folder),
                media_type="inode/directory",
                size=0,
                level=Level.PUBLIC,
                coverage=Coverage(inspected=False, reasons=(reason,)),
                error=why,
            )
        )

    with ThreadPoolExecutor(workers, thread_name_prefix="scan") as pool:
        under_way: deque[Future[Verdict]] = deque()
        try:
            for root in paths:
                for path in walk(root, note):
                    under_way.append(pool.submit(sandbox.verdict, path, today))
                    while len(under_way) >= _AHEAD * workers or (under_way and under_way[0].done()):
                        yield under_way.popleft().result()
                    while missed:
                        yield missed.popleft()
            while under_way:
                yield under_way.popleft().result()
            yield from missed
        finally:
            for future in under_way:
                future.cancel()
