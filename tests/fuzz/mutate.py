"""Damaged documents through the real sandbox: whatever happens inside, each file gets an honest answer in time.

    python -m tests.fuzz.mutate --runs 20000 --seed 1 --workers 2
    python -m tests.fuzz.mutate --seed 1 --only 4711 --out findings        # one run again

A run depends on the seed, its number and the documents to begin with. Findings are saved with their recipe; the exit
status is 1 when there are any. A worker that ends is a verdict for the agent and loses nothing, yet a reader that
brings it down is worth mending.
"""

import argparse
import contextlib
import json
import queue
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from agent.extract.sandbox import pool
from agent.extract.sandbox.child import Child, WorkerLostError
from config.limits import Limits
from config.verdict import Reason
from tests.fuzz.mutations import damage
from tests.fuzz.seeds import ROOT, seeds

SECONDS = 10.0  # for one file; the seeds are small, and a reader that needs longer is a finding
GRACE = 2.0
MEMORY = 6 * 2**30  # bytes that the fuzzer itself may map
MOST = 4_000_000  # bytes of a mutated file


class Case(NamedTuple):
    """One mutated document."""

    run: int
    name: str
    data: bytes
    steps: list[str]


def case(seed, run, found):
    """The document of one run; the same for the same seed, number and list of seeds."""
    rng = random.Random(f"{seed}:{run}")
    begin = found[rng.randrange(len(found))]
    alike = [other for other in found if other.kind == begin.kind] if rng.random() < 0.5 else [begin]
    data, steps = begin.data, []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        data, what = damage(rng, data, rng.choice(alike).data)
        data = data[:MOST]
        steps.append(what)
    return Case(run, begin.name, data, steps)


class Watched(Child):
    """A worker whose end is told, even where the pool tries again and succeeds; and how much memory it needed."""

    ends = threading.local()
    peak = 0

    def ask(self, *arguments):
        try:
            return super().ask(*arguments)
        except WorkerLostError as lost:
            getattr(self.ends, "seen", []).append(f"{lost.reason}: {lost.error}".removesuffix(": "))
            raise
        finally:
            with contextlib.suppress(OSError, IndexError, ValueError):
                held = Path(f"/proc/{self.pid}/status").read_text().split("VmHWM:")[1].split()[0]
                Watched.peak = max(Watched.peak, int(held) * 1024)


def complaints(extraction, ends, seconds):
    """What is wrong with an answer; nothing, mostly.

    ``ends`` are the workers that ended meanwhile. One ended for its time is told as the time.
    """
    coverage = extraction.coverage
    if not extraction.media_type or (not extraction.segments and coverage.inspected):
        yield "no result"
    if not coverage.inspected and not coverage.reasons:
        yield "not inspected, and no reason"
    if coverage.inspected and extraction.error:
        yield f"inspected, with an error: {extraction.error}"
    if extraction.ms > 1000 * (seconds + GRACE) or any(
        reason.startswith(str(Reason.TIMEOUT)) for reason in coverage.reasons
    ):
        yield f"time: {extraction.ms:.0f} ms"
    for end in ends:
        if not end.startswith(str(Reason.TIMEOUT)):
            yield f"worker ended: {end}"


class Fuzz:
    """A number of runs, and what came of them."""

    def __init__(self, seed, found, out, seconds=SECONDS):
        self.seed, self._seeds, self._out, self._seconds = seed, found, out, seconds
        self.kinds, self.reasons, self.deaths = Counter(), Counter(), Counter()
        self.slowest = []  # milliseconds, run, seed
        self.findings = []
        self.runs = 0
        self._lock = threading.Lock()
        self._broken = None

    def run(self, runs, workers):
        """All runs of ``runs``, in any order."""
        waiting = queue.SimpleQueue()
        for run in runs:
            waiting.put(run)
        began, total = time.monotonic(), len(runs)
        original, pool.Child = pool.Child, Watched
        try:
            with pool.Sandbox(pool.Setup(Limits(seconds=self._seconds)), workers) as sandbox:
                threads = [
                    threading.Thread(target=self._work, args=(sandbox, waiting), daemon=True) for _ in range(workers)
                ]
                for thread in threads:
                    thread.start()
                while any(thread.is_alive() for thread in threads):
                    time.sleep(0.05)
                    _progress(self.runs, total, len(self.findings), began)
        finally:
            pool.Child = original
        if self._broken:
            raise self._broken

    def _work(self, sandbox, waiting):
        with tempfile.TemporaryDirectory() as folder:
            while True:
                try:
                    number = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    self._one(sandbox, Path(folder) / "file", number)
                except Exception as problem:  # of the fuzzer, not of what it tests
                    problem.add_note(f"in run {number}")
                    self._broken = problem
                    return

    def _one(self, sandbox, path, number):
        one = case(self.seed, number, self._seeds)
        path.write_bytes(one.data)
        Watched.ends.seen = ends = []
        try:
            extraction = sandbox.extract(path)
        except Exception as problem:
            wrong, ms, reasons, media_type = [f"raised {type(problem).__name__}: {problem}"], 0.0, (), "none"
        else:
            wrong = list(complaints(extraction, ends, self._seconds))
            ms, reasons, media_type = extraction.ms, extraction.coverage.reasons, extraction.media_type
        with self._lock:
            self.runs += 1
            self.kinds[media_type] += 1
            self.reasons.update({reason.partition(":")[0] for reason in reasons} or {"inspected"})
            self.deaths.update(ends)
            self.slowest = sorted([*self.slowest, (ms, number, one.name, media_type)], reverse=True)[:10]
            if wrong:
                self.findings.append((number, media_type, one.name, wrong, one.steps))
                self._save(one, media_type, wrong, ms, reasons)

    def _save(self, one, media_type, wrong, ms, reasons):
        self._out.mkdir(parents=True, exist_ok=True)
        stem = self._out / f"{self.seed}-{one.run}"
        stem.with_suffix(".bin").write_bytes(one.data)
        recipe = {
            "seed": self.seed,
            "run": one.run,
            "from": one.name,
            "media_type": media_type,
            "wrong": wrong,
            "ms": ms,
            "reasons": reasons,
            "steps": one.steps,
        }
        stem.with_suffix(".json").write_text(json.dumps(recipe, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def summary(self):
        """What to print at the end."""
        yield f"{self.runs} runs, seed {self.seed}, {len(self._seeds)} documents to begin with"
        yield "by media type: " + ", ".join(f"{name} {count}" for name, count in self.kinds.most_common())
        yield "by reason: " + ", ".join(f"{name} {count}" for name, count in self.reasons.most_common())
        yield "slowest: " + ", ".join(f"{ms:.0f} ms ({name}, run {run})" for ms, run, name, _ in self.slowest)
        yield "workers ended: " + (", ".join(f"{name} {count}" for name, count in self.deaths.most_common()) or "none")
        yield f"most memory of a worker: {Watched.peak / 1e6:.0f} MB"
        yield f"findings: {len(self.findings)}"
        for number, media_type, name, wrong, steps in sorted(self.findings):
            yield f"  run {number} {media_type} from {name}: {'; '.join(wrong)} [{' | '.join(steps)[:200]}]"


def _progress(done, total, findings, began):
    if sys.stderr.isatty():
        pace = done / max(0.1, time.monotonic() - began)
        print(f"\r{done}/{total}  {pace:.0f} a second  {findings} findings ", end="", file=sys.stderr, flush=True)


def main(arguments=None):
    """Run, print the summary; 1 when there are findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.mutate", description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, action="append", help="this run alone; its document is saved in any case")
    parser.add_argument("--made", action="store_true", help="begin with documents made here, not with the corpus")
    parser.add_argument("--kind", action="append", help="begin with these kinds alone, such as .doc; runs differ then")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fuzz", help="where findings are saved")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))  # so that no bug here takes the machine
    found = [seed for seed in seeds(corpus=not options.made) if not options.kind or seed.kind in options.kind]
    fuzz = Fuzz(options.seed, found, options.out)
    for number in options.only or ():
        one = case(options.seed, number, found)
        fuzz._save(one, "", [], 0.0, ())
    fuzz.run(options.only or range(options.runs), options.workers)
    print("\n".join(fuzz.summary()))
    return 1 if fuzz.findings else 0


if __name__ == "__main__":
    sys.exit(main())
