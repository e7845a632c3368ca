"""Run all benchmarks, or those named: `python -m tests.benchmarks scan detect`."""

import importlib
import sys

ALL = ("detect", "exact", "fingerprints", "gateway", "office", "scan", "words")


def main() -> None:
    for name in sys.argv[1:] or ALL:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").run()


main()
