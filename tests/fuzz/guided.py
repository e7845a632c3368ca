"""Fuzzing that follows what the code does with its input, one parser at a time, by Atheris on libFuzzer.

    python -m tests.fuzz.guided ole.doc --seconds 60
    python -m tests.fuzz.guided --all --seconds 30 --out build/fuzz
    python -m tests.fuzz.guided ole.doc --input build/fuzz/ole.doc-timeout-…     # one finding again

A finding is an input that takes longer than 5 seconds, needs more than 1 GiB, ends the process, or raises what no
dispatcher catches. Inputs stay below 64 KiB and the parsers are slowed down by being watched: a factor of about ten.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.seeds import ROOT

SLOW = 5  # seconds of one input
MEMORY = 1024  # MiB of the whole process
WATCHED = ["agent.identify", "agent.extract"]


class Outcome(NamedTuple):
    """What came of one target."""

    target: str
    runs: int
    edges: int
    seconds: int
    findings: list[Path]
    what: str  # the last words of a target that found something


def load():
    """The targets, with their parsers watched. Atheris watches modules while they are imported, so this comes first."""
    import atheris

    with atheris.instrument_imports(include=WATCHED, enable_loader_override=False):
        from tests.fuzz import targets
    return targets


def fuzz(name, seconds, seed, out):
    """Feed one target in this process, which libFuzzer then ends."""
    import atheris

    targets = load()
    target, begin = next((function, begin) for known, function, begin in targets.TARGETS if known == name)
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(targets.begin(*begin)):
            (Path(folder) / str(number)).write_bytes(data)
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={SLOW}",
            f"-rss_limit_mb={MEMORY}",
            f"-max_len={targets.LONGEST}",
            f"-artifact_prefix={out}/{name}-",
            f"-seed={seed}",
            "-len_control=0",
            "-print_final_stats=1",
        ]
        atheris.Setup([name, *options, folder], target)
        atheris.Fuzz()


def outcome(name, seconds, seed, out):
    """Feed one target in a process of its own."""
    out.mkdir(parents=True, exist_ok=True)
    before = set(out.iterdir())
    command = [sys.executable, "-m", "tests.fuzz.guided", name, "--here", "--seconds", str(seconds)]
    command += ["--seed", str(seed), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace") + done.stdout.decode("utf-8", "replace")
    runs = re.findall(r"number_of_executed_units:\s*(\d+)", said) or re.findall(r"#(\d+)\s", said) or ["0"]
    edges = re.findall(r"cov: (\d+)", said) or ["0"]
    spent = re.findall(r"in (\d+) second", said) or ["0"]
    wrong = done.returncode != 0
    findings = sorted(set(out.iterdir()) - before)
    what = "\n".join(line for line in said.splitlines() if not line.startswith("#"))[-3000:] if wrong else ""
    return Outcome(name, int(runs[-1]), int(edges[-1]), int(spent[-1]), findings, what)


def main(arguments=None):
    """Feed the targets asked for; 1 when there are findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__.partition("\n")[0])
    parser.add_argument("target", nargs="*")
    parser.add_argument("--all", action="store_true", help="every target, one after another")
    parser.add_argument("--list", action="store_true", help="the names of the targets")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fuzz", help="where findings are saved")
    parser.add_argument("--input", type=Path, help="feed this file alone, watched by nothing")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process
    options = parser.parse_args(arguments)
    if options.here:
        fuzz(options.target[0], options.seconds, options.seed, options.out.resolve())
    from tests.fuzz.targets import TARGETS

    names = [name for name, *_ in TARGETS]
    unknown = set(options.target) - set(names)
    if options.list or unknown or not (options.target or options.all):
        print(*([f"no such target: {' '.join(unknown)}"] if unknown else []), *names, sep="\n")
        return 2
    if options.input:
        {name: function for name, function, _ in TARGETS}[options.target[0]](options.input.read_bytes())
        return 0
    bad = 0
    for name in names if options.all else options.target:
        one = outcome(name, options.seconds, options.seed, options.out.resolve())
        bad += bool(one.what)
        print(f"{name}: {one.runs} runs, {one.edges} edges, {one.seconds} s, {len(one.findings)} findings", flush=True)
        if one.what:
            print(*(f"  {path}" for path in one.findings), one.what, sep="\n", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
