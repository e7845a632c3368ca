"""Extraction of real files against libraries that read any file, on the same files in one run.

    make bench-extract                            # makes .venv-bench with the libraries, then runs this
    python -m tests.benchmarks.extract --markdown --json out.json --rounds 3

Speed is wall clock with two files at a time, and processor time; start and first file stand apart. Ours is the sandbox
with everything on: one locked-down process a core, content hashed, text sent back. Text is compared by the strings that
each file is known to hold, by the marks in marked documents, and word by word with ours.
"""

import argparse
import csv
import os
import queue
import statistics
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import msgspec

from tests.benchmarks import scores
from tests.benchmarks.processor import cpu
from tests.benchmarks.tools import Floor, Library, Ours, Peak

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("SHOUMI_CORPUS", ROOT.parent / "shared" / "corpus"))
LANES = 2
SETS = ("real", "marking")
WORST = 25


class File(msgspec.Struct, frozen=True):
    """One file and what is known of it."""

    path: Path
    kind: str  # as the manifest calls it
    size: int
    row: dict[str, str]


class Result(msgspec.Struct, kw_only=True):
    """One program over one set."""

    program: str
    files: int = 0
    bytes: int = 0
    start: float = 0.0  # seconds until the first file was read
    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0  # bytes of memory, the largest child
    lost: int = 0  # files during which the process hung or crashed
    silent: int = 0  # files that gave no text
    found: tuple[int, int] = (0, 0)  # expected strings, or marks: found, of
    ours_there: float | None = None  # share of our words it has
    theirs_here: float | None = None  # share of its words we have
    short: dict[str, float] = {}  # ours only: files of which two others agree on words that we have not; our share
    slower: float | None = None  # its time over ours, on files that gave text to both
    kinds: dict[str, dict[str, float]] = {}
    milliseconds: dict[str, float] = {}
    problems: dict[str, str] = {}
    missing: str = ""


def files_of(name):
    """The files of a set that are there."""
    with (CORPUS / f"MANIFEST.{name}.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    paths = [(CORPUS / name / row["path"], row) for row in rows]
    return [File(path, row["format"], path.stat().st_size, row) for path, row in paths if path.is_file()]


def measure(tool, files, rounds):
    """Time a program on files, and what it read. The best round counts; each file's time is its best as well."""
    result = Result(program=tool.name, files=len(files), bytes=sum(file.size for file in files), wall=float("inf"))
    times = {}
    with Peak() as peak:
        began = time.perf_counter()
        tool.start()
        _pass(tool, files[:1] * LANES, {}, {})
        result.start = time.perf_counter() - began
        for _ in range(rounds):
            used, began = cpu(), time.perf_counter()
            _pass(tool, files, times, result.problems)
            wall, used = time.perf_counter() - began, cpu() - used
            result.cpu = used if wall < result.wall else result.cpu
            result.wall = min(wall, result.wall)
        time.sleep(0.1)  # a last look at the memory
    tool.stop()
    result.peak = peak.bytes
    result.lost = sum(problem in ("hang", "crash") for problem in result.problems.values())
    result.milliseconds = {path: round(1000 * seconds, 2) for path, seconds in times.items()}
    return result, tool.texts()


def _pass(tool, files, times, problems):
    """Every file once, ``LANES`` at a time."""
    waiting = queue.SimpleQueue()
    for file in files:
        waiting.put(file)

    def work(lane):
        while True:
            try:
                file = waiting.get_nowait()
            except queue.Empty:
                return
            began = time.perf_counter()
            problem = tool.read(file.path, lane)
            seconds, name = time.perf_counter() - began, str(file.path)
            times[name] = min(seconds, times.get(name, seconds))
            if problem:
                problems[name] = problem

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def judge(result, files, texts, set_name):
    """What was found in the texts, as a whole and by kind; the words of each text."""
    kinds = defaultdict(lambda: defaultdict(float))
    words = {}
    for file in files:
        name = str(file.path)
        text = texts.get(name)
        content = text.content if text else ""
        whole = f"{content}\n{text.about}" if text else ""
        words[name] = scores.terms(content)
        if set_name == "real":
            found, wanted = scores.strings(file.row, whole)
        else:
            wanted = int(file.row["is_marked"] == "1" and bool(file.row["raw_mark"]))
            found = int(bool(wanted) and scores.marked(file.row, whole))
        result.found = (result.found[0] + found, result.found[1] + wanted)
        silent = not content.strip()
        result.silent += silent
        kind = kinds[file.kind]
        for key, value in (
            ("files", 1),
            ("bytes", file.size),
            ("seconds", result.milliseconds.get(name, 0.0) / 1000),
            ("silent", silent),
            ("found", found),
            ("wanted", wanted),
        ):
            kind[key] += value
    result.kinds = {name: dict(kind) for name, kind in sorted(kinds.items())}
    return words


def compare(set_name, tools, rounds):
    """Every program over one set; the first is ours."""
    files = files_of(set_name)
    for file in files:
        file.path.read_bytes()  # from now on in the page cache, for all alike
    results, ours, others = [], None, []
    for tool in tools:
        missing = tool.missing
        if missing:
            results.append(Result(program=tool.name, missing=missing))
            continue
        print(f"{set_name}: {tool.name} ...", end=" ", file=sys.stderr, flush=True)
        chosen = [file for file in files if not isinstance(tool, Floor) or tool.reads(file.path)]
        result, texts = measure(tool, chosen, rounds)
        words = judge(result, chosen, texts, set_name)
        print(f"{result.wall:.1f} s", file=sys.stderr)
        if ours is None:
            ours = words
        else:
            chosen_words = {path: ours[path] for path in words}
            result.ours_there, result.theirs_here = scores.shared(chosen_words, words)
            if not isinstance(tool, Floor) or tool.name.startswith("pdftotext"):  # the other gives tags with the text
                others.append(words)
            both = [path for path in words if words[path] and ours[path]]
            its, own = (sum(one.milliseconds.get(path, 0.0) for path in both) for one in (result, results[0]))
            result.slower = its / own if own else None
        results.append(result)
    results[0].short = scores.short(ours, others)
    return results


HEADS = {
    "real": "expected strings found",
    "marking": "marks seen",
}


def table(set_name, results):
    """Rows of the main table, the head first."""
    yield (
        "program", "files", "MB", "files/s", "MB/s", "CPU s", "files/CPU s", "start s", "no text", "hung or crashed",
        HEADS[set_name], "peak MB of a process", "has of our words", "we have of its",
        "its time / ours on files both read",
    )  # fmt: skip
    for one in results:
        if one.missing:
            yield (one.program, *["–"] * 13, one.missing)
            continue
        yield (
            one.program,
            str(one.files),
            f"{one.bytes / 1e6:.1f}",
            f"{one.files / one.wall:.1f}",
            f"{one.bytes / 1e6 / one.wall:.2f}",
            f"{one.cpu:.1f}",
            f"{one.files / one.cpu:.1f}",
            f"{one.start:.1f}",
            str(one.silent),
            str(one.lost),
            f"{one.found[0]}/{one.found[1]}",
            f"{one.peak / 1e6:.0f}",
            *("–" if share is None else f"{share:.3f}" for share in (one.ours_there, one.theirs_here)),
            "–" if one.slower is None else f"{one.slower:.2f}",
        )


def by_kind(results):
    """Milliseconds a file and what was found, for each kind and program."""
    present = [one for one in results if not one.missing]
    yield ("format", "files", *(f"{one.program}: ms a file, found" for one in present))
    for kind, mine in present[0].kinds.items():
        cells = []
        for one in present:
            theirs = one.kinds.get(kind)
            if theirs is None:
                cells.append("–")
                continue
            found = f", {theirs['found']:.0f}/{theirs['wanted']:.0f}" if theirs["wanted"] else ""
            cells.append(f"{1000 * theirs['seconds'] / theirs['files']:.1f}{found}")
        yield (kind, f"{mine['files']:.0f}", *cells)


def lacking(ours):
    """The files of which we read less than others do."""
    yield ("our share", "file")
    for path, share in sorted(ours.short.items(), key=lambda item: item[1])[:WORST]:
        yield (f"{share:.2f}", str(Path(path).relative_to(CORPUS)))


def printed(rows, markdown):
    """A table for a terminal, or for Markdown."""
    rows = list(rows)
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def machine():
    """What the figures were measured on."""
    known = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = known[0].partition(":")[2].strip() if known else "unknown processor"
    python = sys.version.split()[0]
    return f"{os.cpu_count()} cores, {model}, Python {python}, load {os.getloadavg()[0]:.1f} at the start"


def run(arguments=()):
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.extract", description=__doc__.partition("\n")[0])
    parser.add_argument("--set", choices=SETS, action="append", help="only this set")
    parser.add_argument("--only", action="append", help="only this program beside ours")
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-bench" / "bin" / "python", help="of the libraries")
    parser.add_argument("--rounds", type=int, default=1, help="passes over the files; the best counts")
    parser.add_argument("--ocr", action="store_true", help="a row with the reading of pictures on as well")
    parser.add_argument("--json", type=Path, help="everything, file by file, for programs")
    parser.add_argument("--markdown", action="store_true", help="print tables for a Markdown page")
    options = parser.parse_args(arguments)
    if not CORPUS.is_dir():
        sys.exit(f"no corpus at {CORPUS}; set SHOUMI_CORPUS")
    print(machine())
    everything = {}
    for set_name in options.set or SETS:
        tools = [Ours(LANES), *([Ours(LANES, ocr=True)] if options.ocr else [])]
        others = [Library(name, LANES, options.python) for name in ("kreuzberg", "extractous", "markitdown")]
        others += [Floor("pdftotext", ["-q", "FILE", "-"]), Floor("unzip", ["-p", "FILE"])]
        tools += [tool for tool in others if not options.only or tool.name.split()[0] in options.only]
        results = everything[set_name] = compare(set_name, tools, options.rounds)
        print(f"\n### {set_name}\n\n{printed(table(set_name, results), options.markdown)}")
        print(f"\n{printed(by_kind(results), options.markdown)}")
        print(
            f"\nThe {len(results[0].short)} files of {set_name} of which two others agree on words that we have not\n"
        )
        print(printed(lacking(results[0]), options.markdown))
        print(f"\nThe {WORST} files of {set_name} that take us longest\n")
        worst = sorted(results[0].milliseconds.items(), key=lambda item: -item[1])[:WORST]
        rows = [("ms", "file"), *((f"{ms:.0f}", str(Path(path).relative_to(CORPUS))) for path, ms in worst)]
        print(printed(rows, options.markdown))
        middle = statistics.median(results[0].milliseconds.values())
        print(f"\nmedian {middle:.1f} ms a file", flush=True)
    if options.json:
        options.json.write_bytes(msgspec.json.encode(everything))


if __name__ == "__main__":
    run(sys.argv[1:])
