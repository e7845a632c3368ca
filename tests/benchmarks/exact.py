"""What a registered table of a million rows costs: to build, to load, and in every text that is read.

The yardstick is a set of the plain values, asked for every run of digits: what one would write who need not hide them.
"""

import re
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from agent.signer import write_register
from config.levels import Level
from config.verdict import Segment
from detectors.block import blocks
from detectors.cells import Kind
from detectors.engine import Engine
from detectors.exactindex import Builder
from detectors.registers import load
from detectors.ruleset import load_rules
from tests.benchmarks.detect import make
from tests.people import HEADS, people

ROWS = 1_000_000
KINDS = (Kind.NAME, Kind.ID, Kind.PHONE, Kind.NUMBER)
TODAY = date(2026, 11, 1)
MEGABYTES = 4


def _dense(rows):
    """A table of customers, every third of them registered, with prose between."""
    prose = "请各单位认真核对下列客户信息并于本周内反馈，有误的及时更正。\n"
    return "".join("\t".join(row[:4]) + "\n" + prose * (number % 3 == 0) for number, row in enumerate(rows))


def _seconds(read, times=3):
    best = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        found = read()
        best = min(best, time.perf_counter() - begin)
    return best, found


def run(rows=ROWS) -> None:
    """Print seconds, bytes, and megabytes a second with the share of the whole detection."""
    begin = time.perf_counter()
    builder = Builder(list(zip(HEADS, KINDS, strict=False)), need=2, within=200, level=Level.SECRET)
    values = set()
    for row in people(rows):
        values.update(row[1:4])
        builder.add(row[:4])
    payload = builder.finish()
    seconds, size = time.perf_counter() - begin, len(payload) / 1e6
    print(f"{rows} rows of {len(KINDS)} columns: built in {seconds:.1f} s, {size:.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_register(home, "exact", "customers", payload)
        signers = (home / "signers").read_text("ascii").split()
        loading, registers = _seconds(lambda: load(home / "registers", signers))
        print(f"loaded, its signature checked, in {loading * 1000:.0f} ms")
        (exact,) = registers.detectors
        engine = Engine(load_rules(verify=False), b"benchmark")
        others = [row for pair in zip(people(6_000, 2), people(6_000, 3), people(6_000), strict=True) for row in pair]
        for name, text in (("clean", make(MEGABYTES, 10_000)), ("dense", _dense(others))):
            laid = list(blocks([Segment(text, "")]))

            def search(laid=laid):
                one = exact.open(TODAY)
                return sum(1 for block in laid for _ in one.read(block))

            def yardstick(laid=laid):
                return sum(run in values for block in laid for run in re.findall("[0-9]{6,}[Xx]?", block.text))

            size = len(text.encode()) / 1e6
            ours, count = _seconds(search)
            plain, hits = _seconds(yardstick)
            whole, _ = _seconds(lambda text=text: engine.inspect([Segment(text, "")], TODAY), 1)
            print(
                f"{name}: {size / ours:.1f} MB/s, {count} rows; set of plain values {size / plain:.1f} MB/s, {hits} "
                f"values; {100 * ours / whole:.1f} % of the time of detection ({size / whole:.1f} MB/s)"
            )


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
