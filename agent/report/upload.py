"""Bringing events to the collector: oldest first, one batch at a time, as often as it takes."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

import msgspec
import zstandard

from agent.report.collector import Collector, TooLargeError
from agent.report.spool import Batch, Spool
from config.errors import IdentityError, RejectedError, ShoumiError, TransportError
from config.events import Heartbeat, Pulse, Receipt
from config.text import Text

log = logging.getLogger(__name__)
FIRST_WAIT = 1.0  # seconds; doubles with every failure


class Uploader(threading.Thread):
    """Sends batches and heartbeats until it is told to stop. Nothing it meets ends it."""

    def __init__(
        self,
        spool: Spool,
        collector: Collector,
        heartbeat: Callable[[], Heartbeat],
        *,
        batch: int = 200,
        beat_seconds: float = 60.0,
        longest_wait: float = 300.0,
    ) -> None:
        super().__init__(name="upload", daemon=True)
        self._spool, self._collector, self._heartbeat = spool, collector, heartbeat
        self._batch, self._beat_seconds, self._longest_wait = batch, beat_seconds, longest_wait
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._failures = 0
        self.problem: Text | None = None  # why events are not delivered now
        self.heard: Callable[[], None] = lambda: None  # called when a heartbeat arrived
        self.pulsed: Callable[[Pulse], None] = lambda _: None  # and with what the collector answered

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    def stop(self) -> None:
        """End after the request under way."""
        self._stopping.set()
        self._wake.set()
        if self.is_alive():
            self.join(5)
        self._collector.close()

    def run(self) -> None:
        """Deliver, beat, wait; and again. A heartbeat that fails holds up no event, and no event a heartbeat."""
        beat_due = 0.0
        while not self._stopping.is_set():
            wait = self._beat_seconds
            trouble = self._try(self._deliver_all)
            if time.monotonic() >= beat_due:
                trouble = self._try(self.beat) or trouble
                beat_due = time.monotonic() + self._beat_seconds
            if trouble is None:
                self._failures, self.problem = 0, None
                self._wake.wait(max(0.05, min(wait, beat_due - time.monotonic())))
            else:
                self._stopping.wait(self._back_off(trouble))
            self._wake.clear()

    def _try(self, step: Callable[[], None]) -> ShoumiError | None:
        """What went wrong with one step, if anything."""
        try:
            step()
        except ShoumiError as problem:
            return problem
        except Exception as problem:  # the thread that reports must outlive every surprise
            log.exception("upload failed")
            return ShoumiError(f"{type(problem).__name__}: {problem}")
        return None

    def _deliver_all(self) -> None:
        while not self._stopping.is_set() and self.deliver():
            pass

    def beat(self) -> None:
        """Tell the collector how this agent is."""
        answer = self._collector.post("/api/v1/heartbeat", msgspec.json.encode(self._heartbeat()))
        try:
            pulse = msgspec.json.decode(answer, type=Pulse)
        except msgspec.DecodeError as problem:
            raise TransportError(f"the collector's answer is no pulse: {problem}") from None
        self.heard()
        self.pulsed(pulse)

    def deliver(self) -> bool:
        """Send one batch; false when nothing waits."""
        batch = self._spool.lease(self._batch)
        if batch is None:
            return False
        try:
            receipt = self._send(batch)
        except TooLargeError:
            self._spool.halve(batch)
            return True
        except IdentityError:
            raise
        except RejectedError as problem:
            if len(batch.seqs) > 1:  # one of them is at fault: find it by halves, deliver the rest
                self._spool.halve(batch)
                return True
            self._spool.commit(batch, {0: problem.text.en})
            log.warning("the collector refuses an event for good: %s", problem)
            return True
        self._spool.commit(batch, {refusal.index: refusal.reason for refusal in receipt.refused})
        return True

    def _send(self, batch: Batch) -> Receipt:
        body = zstandard.compress(b"[" + b",".join(batch.bodies) + b"]", 3)
        answer = self._collector.post(
            "/api/v1/events", body, {"Content-Encoding": "zstd", "Idempotency-Key": batch.key}
        )
        try:
            receipt = msgspec.json.decode(answer, type=Receipt)
        except msgspec.DecodeError as problem:  # a proxy's page, not the collector's receipt: not delivered
            raise TransportError(f"the collector's answer is no receipt: {problem}") from None
        refused = {refusal.index for refusal in receipt.refused}
        told = receipt.accepted + receipt.duplicate + len(receipt.refused)
        if told != len(batch.seqs) or not refused <= set(range(len(batch.seqs))):
            raise TransportError(
                f"the collector's receipt is about {told} events, not the {len(batch.seqs)} it was sent"
            )
        return receipt

    def _back_off(self, problem: ShoumiError) -> float:
        """Seconds to wait: full jitter, so that a thousand agents do not return at once."""
        self._failures += 1
        if self.problem is None:
            log.warning("%s", problem)
        self.problem = problem.text
        if isinstance(problem, TransportError) and problem.wait is not None:
            return min(problem.wait, self._longest_wait)
        ceiling = min(self._longest_wait, FIRST_WAIT * 2 ** min(self._failures, 16))
        return random.uniform(ceiling / 4, ceiling)  # noqa: S311 - spreads load, guards nothing
