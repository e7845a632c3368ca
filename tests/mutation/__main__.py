"""Whether the tests notice: each small wrong version of a validator or a mark rule must make a test fail.

    python -m tests.mutation                      every flipped comparison of detectors/numbers and detectors/marks
    python -m tests.mutation --kinds flip,edge,join detectors/filters.py
    python -m tests.mutation --sample 40 --seed 7

A mutant runs in a child that has everything but the detectors loaded already, the test file of its own name first.
What survives is printed, and the exit status is 1. First each subject runs unchanged, so that a test that fails anyway
is not taken for one that noticed; a mutant has ended nowhere when it takes much longer than that, and is named.
"""

import argparse
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.mutation.mutants import KINDS, mutants

SUBJECTS = ("detectors/numbers", "detectors/marks")
TESTS = {  # the tests that answer for a subject
    "detectors/numbers": ["tests/detectors/numbers"],
    "detectors/marks": ["tests/detectors/marks", "tests/detectors/test_labels.py"],
    "detectors/marks/lint": ["tests/detectors/marks/lint"],
    "detectors": ["tests/detectors"],
}
LONGEST = 900  # seconds for tests of what is unchanged
SLOWER = 5  # times as long as that a mutant may take; one that does not end is noticed too
QUIET = ["-x", "-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:randomly"]
QUIET += ["--hypothesis-seed=0"]  # what is noticed by luck is not noticed


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, mutant):
        self._mutant = mutant

    def find_spec(self, name, path, target=None):
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(name, self._mutant.path, loader=self)

    def exec_module(self, module):
        exec(self._mutant.code(), module.__dict__)  # noqa: S102 - our own module, changed


def main():
    """Run them, some at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=SUBJECTS)
    parser.add_argument("--kinds", default="flip", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--sample", type=int, default=0, help="only so many of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="how many at a time")
    options = parser.parse_args()
    files = [
        file for path in map(Path, options.paths) for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])
    ]
    chosen = [one for file in files for one in mutants(file, options.kinds.split(","))]
    if options.sample:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    slowest = 0.0
    for control in {_subject(mutant): mutant._replace(kind="none") for mutant in chosen}.values():
        began = time.monotonic()
        survivors, endless = run([control], 1, LONGEST)
        slowest = max(slowest, time.monotonic() - began)
        if not survivors:
            why = f"take more than {LONGEST} seconds" if endless else "fail"
            sys.exit(f"the tests {why} without any change: python -m pytest -x {' '.join(_tests(control))}")
    survivors, endless = run(chosen, options.jobs, max(60, int(slowest * SLOWER)))
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} noticed")
    for mutant in endless:
        print(f"noticed by taking long {mutant}")
    for mutant in survivors:
        print(f"NOT NOTICED {mutant}")
    sys.exit(bool(survivors))


def run(chosen, jobs, seconds):
    """The mutants that no test notices, and those whose tests did not end within so many seconds."""
    import hyperscan  # noqa: F401 - loaded once, for all children
    import msgspec  # noqa: F401
    import pytest  # noqa: F401
    import regex  # noqa: F401
    import yaml  # noqa: F401

    waiting, running, survivors, endless = list(reversed(chosen)), {}, [], []
    done = 0
    os.environ.setdefault("SHOUMI_TEST_PATTERNS", os.path.join(tempfile.mkdtemp(), "patterns"))  # compiled once
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_start(mutant, seconds)] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        done += 1
        if status == 0:
            survivors.append(mutant)
        elif os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            endless.append(mutant)
        if sys.stderr.isatty():
            print(f"\r{done}/{len(chosen)}, {len(survivors)} not noticed", end="", file=sys.stderr, flush=True)
    return tuple(sorted(some, key=lambda one: (str(one.path), one.line)) for some in (survivors, endless))


def _subject(mutant):
    return max((key for key in TESTS if str(mutant.path).startswith(key)), key=len)


def _tests(mutant):
    """The tests that answer for a mutant; those of its own file go first, for they are the likeliest to notice."""
    tests = TESTS[_subject(mutant)]
    own = (path for folder in tests for path in Path(folder).rglob(f"test_{mutant.path.stem}.py"))
    near = sorted(own, key=lambda path: path.parent.name != mutant.path.parent.name)
    return [*map(str, near), *tests]


def _start(mutant, seconds):
    child = os.fork()
    if child:
        return child
    import pytest

    signal.alarm(seconds)
    with open(os.devnull, "w") as quiet:
        os.dup2(quiet.fileno(), 1)
        os.dup2(quiet.fileno(), 2)
    sys.meta_path.insert(0, _Changed(mutant))
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.gettempdir()
    try:
        status = pytest.main([*QUIET, *_tests(mutant)])
    except BaseException:
        status = 1
    os._exit(0 if status == 0 else 1)


if __name__ == "__main__":
    main()
