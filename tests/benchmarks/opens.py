"""What it costs to open a local file while lineage takes notes, against none, in one run.

python -m tests.benchmarks.opens [FOLDER]      needs root on Linux
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from config.levels import Level
from config.verdict import Verdict

_FILES, _ROUNDS, _PASSES = 1000, 20, 5
# One process of its own opens all files time and again; C where there is a compiler, for what Python itself takes.
_C = """
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int main(int count, char **words) {
  int files = atoi(words[2]), rounds = atoi(words[3]);
  char path[4096];
  struct timespec a, b;
  for (int round = 0; round < rounds; round++)
    for (int file = 0; file < files; file++) {
      snprintf(path, sizeof path, "%s/%d", words[1], file);
      clock_gettime(CLOCK_MONOTONIC, &a);
      int number = open(path, O_RDONLY | O_CLOEXEC);
      clock_gettime(CLOCK_MONOTONIC, &b);
      close(number);
      printf("%ld\\n", (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec);
    }
}
"""
_PYTHON = """
import os, sys, time
folder, files, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
paths = [f"{folder}/{file}" for file in range(files)]
for path in paths * rounds:
    began = time.perf_counter_ns()
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    taken = time.perf_counter_ns() - began
    os.close(number)
    print(taken)
"""


def measure(folder: Path, *, files: int = _FILES, rounds: int = _ROUNDS, passes: int = _PASSES) -> dict[str, float]:
    """Medians of open() in microseconds: ``without``, ``with_`` the notes being taken, and their ``difference``.

    Passes without and with take turns, so that a busy machine burdens both; the medians of the passes are compared.
    ``folder`` lies on the disk in question; a folder of its own is made in it and removed.
    """
    from agent.guard.lineage import Lineage

    def judge(descriptor: int, name: str) -> Verdict:
        return Verdict(path=name, media_type="text/plain", size=0, level=Level.PUBLIC)

    place = Path(tempfile.mkdtemp(prefix="opens-", dir=folder))
    try:
        for file in range(files):
            (place / str(file)).write_bytes(b"content")
        command = _opener(place)
        taken: dict[str, list[float]] = {"without": [], "with_": []}
        for _ in range(passes):
            for name, times in taken.items():
                listening = Lineage(place / "home", judge, disks=lambda: [str(folder)]) if name == "with_" else None
                with listening or contextlib.nullcontext():
                    times.append(_median([*command, str(place), str(files), str(rounds)]))
    finally:
        shutil.rmtree(place)
    without, with_ = (statistics.median(times) / 1000 for times in taken.values())
    return {"without": without, "with_": with_, "difference": with_ - without, "ratio": with_ / without}


def _opener(place: Path) -> list[str]:
    if shutil.which("gcc"):
        (place / "opener.c").write_text(_C)
        subprocess.run(["gcc", "-O2", "-o", place / "opener", place / "opener.c"], check=True)
        return [str(place / "opener")]
    return [sys.executable, "-c", _PYTHON]


def _median(command: list[str]) -> float:
    lines = subprocess.run(command, capture_output=True, check=True).stdout.split()
    return statistics.median(map(int, lines))


def run() -> None:
    """Measure where files of people lie, or in the folder given on the command line."""
    if sys.platform != "linux" or os.geteuid() != 0:
        sys.exit("needs root on Linux")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 and Path(sys.argv[1]).is_dir() else Path(tempfile.gettempdir())
    print(json.dumps({name: round(value, 2) for name, value in measure(folder).items()}))


if __name__ == "__main__":
    run()
