"""How the agent is, for the collector and for `shoumi agent status`."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from agent.arrivals import Arrivals
from agent.guard.support import Answer, support, told
from agent.lending.office import Office
from agent.pipeline import Pipeline
from agent.report.registers import Registers
from agent.report.spool import Spool
from agent.watch.files import Watch
from config.events import Heartbeat
from config.policy import Policy
from config.signing import utc_now
from config.text import Text

_SUPPORT_MS = 600_000
_JUMP = 60  # seconds; less is drift and rounding
LOW_DISK = 256 * 2**20  # below this, a large file may not fit into quarantine


class Health:
    """Gathers the figures of one heartbeat from the parts that know them."""

    def __init__(
        self, home: Path, policy: Policy, pipeline: Pipeline, watch: Watch, spool: Spool, layers: dict[str, bool]
    ) -> None:
        self._home, self._policy, self._pipeline = home, policy, pipeline
        self._watch, self._spool, self._layers = watch, spool, layers
        self.registers: Registers | None = None  # what brings signed registers here
        self.office: Office | None = None  # lendings
        self.arrivals: Arrivals | None = None  # media
        self._started = _now()
        self._clock = (_now(), _steady())
        self._found: dict[str, Answer] = {}
        self._ask_again = 0
        self._jump = 0  # seconds, until a heartbeat that tells of it has arrived

    def heartbeat(self) -> Heartbeat:
        """The figures of this moment."""
        counts = self._spool.counts()
        return Heartbeat(
            version=version("shoumi"),
            started=self._started,
            time=_now(),
            spool=counts.waiting + counts.held,
            parked=counts.parked,
            quarantined=sum(1 for _ in (self._home / "quarantine").glob("*.age")),
            inspected=self._pipeline.inspected,
            uninspected=self._pipeline.uninspected,
            policy=f"{self._policy.version} ({self._policy.digest})",
            sandbox=self._layers,
            watched=len(self._watch.roots),
            problems=tuple(self.problems()),
            registers=dict(self.registers.versions) if self.registers else {},
            guard=told(self._support(), gateway=self.arrivals is not None and self.arrivals.guards),
        )

    def problems(self) -> Iterator[Text]:
        """What is wrong now, in words; each heals by itself or says what to do."""
        if problem := self._spool.problem:
            yield problem
        if problem := self._pipeline.problem:
            yield Text("a file could not be sealed: {why}", "有文件无法封存：{why}").fill(why=problem)
        yield from self._watch.problems
        yield from self._policy.warnings
        if self.registers:
            yield from list(self.registers.problems.values())
        if self.arrivals:
            yield from self.arrivals.problems
        if self.office:
            yield from list(self.office.sync.problems.values())
        missing = [name for name, holds in self._layers.items() if not holds]
        if missing and sys.platform == "linux":
            names = ", ".join(missing)
            yield Text(f"the sandbox lacks: {names}", f"沙箱缺少以下防护层：{names}")
        if shutil.disk_usage(self._home).free < LOW_DISK:
            yield Text("the disk that holds the quarantine is nearly full", "隔离区所在磁盘空间不足")
        if jump := self._clock_jump():
            yield Text(f"this PC's clock jumped by {jump:+d} s", f"本机时钟跳变 {jump:+d} 秒")

    def _support(self) -> dict[str, Answer]:
        """What the computer gives to prevention; asked now and again, for an administrator may have added something."""
        now = _steady()
        if now >= self._ask_again:
            self._found, self._ask_again = support(), now + _SUPPORT_MS
        return self._found

    def heard(self) -> None:
        """A heartbeat arrived: the clock jump it told of is known."""
        self._jump = 0

    def _clock_jump(self) -> int:
        """Seconds by which the wall clock moved more than time did since it was last told; below a minute, 0."""
        wall, steady = self._clock
        self._clock = (_now(), _steady())
        jump = round(((self._clock[0] - wall) - (self._clock[1] - steady)) / 1000)
        if abs(jump) >= _JUMP:
            self._jump += jump
        return self._jump


def _now() -> int:
    return int(utc_now().timestamp() * 1000)


def _steady() -> int:
    """Milliseconds of a clock that nobody sets and that goes on during sleep."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return time.monotonic_ns() // 1_000_000
