"""What 100,000 terms in two languages cost, beside pyahocorasick (where it is installed) and ``regex`` in the same run.

Each way is built and measured in a process of its own, so that memory is its own too. The yardsticks get the text
already folded and give bare matches; the detector folds, knows word boundaries and gives hits with their place.
"""

import json
import random
import resource
import subprocess
import sys
import time
from datetime import date

TERMS = 100_000
MEGABYTES = 8
SLOW = {"keywords without the wheel": 1.0, "regex": 0.002}  # megabytes the slow ones are given; they are linear
TODAY = date(2026, 11, 1)
WAYS = ("keywords", "keywords without the wheel", "pyahocorasick", "regex")
_HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3_000)]
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def terms():
    """Half Chinese of two to six characters, half Latin of four to twelve."""
    rng = random.Random(11)
    made = set()
    while len(made) < TERMS // 2:
        made.add("".join(rng.choices(_HAN, k=rng.choice((3, 3, 4, 4, 5, 6)))))
    while len(made) < TERMS:
        made.add("".join(rng.choices(_ALPHABET, k=rng.randint(5, 12))))
    return sorted(made)


def text(listed, every):
    """Half Chinese, half English by bytes, one term in about ``every`` characters."""
    rng = random.Random(12)
    common = _HAN[:400]
    english = ["".join(rng.choices(_ALPHABET, k=rng.randint(2, 9))) for _ in range(2_000)]
    parts, size = [], 0
    while size < MEGABYTES * 1_000_000:
        chinese = "".join(rng.choices(common, k=40)) + "，"
        latin = " ".join(rng.choices(english, k=20)) + ". "
        part = chinese + latin
        if rng.random() < len(part) / every:
            part += f" {rng.choice(listed)} "
        parts.append(part)
        size += len(part.encode())
    return "".join(parts)


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _reader(way, listed):
    """From a text to how often something was found."""
    if way.startswith("keywords"):
        from config.rules import Rule
        from config.text import Text
        from config.verdict import Segment
        from detectors.block import blocks
        from detectors.keywords import Keywords

        rule = Rule(
            id="keyword.all", name=Text("", ""), kind="keywords", words=tuple(listed), hits=("x",), misses=("x",)
        )
        found = Keywords([rule], native=way == "keywords")

        def read(content):
            search = found.open(TODAY)
            return sum(1 for block in blocks([Segment(content, "")]) for _ in search.read(block))

        return read
    if way == "pyahocorasick":
        import ahocorasick

        automaton = ahocorasick.Automaton()
        for term in listed:
            automaton.add_word(term, len(term))
        automaton.make_automaton()
        return lambda content: sum(1 for _ in automaton.iter(content.lower()))
    import regex

    pattern = regex.compile(r"\L<kw>", kw=listed)
    return lambda content: sum(1 for _ in pattern.finditer(content.lower()))


def measure(way):
    """Build once and read the two texts; prints one JSON line."""
    listed = terms()
    texts = {"few": text(listed, 20_000), "many": text(listed, 200)}
    before, begin = _memory(), time.perf_counter()
    read = _reader(way, listed)
    out = {"build": time.perf_counter() - begin, "memory": _memory() - before}
    for name, content in texts.items():
        content = content[: int(len(content) * SLOW.get(way, MEGABYTES) / MEGABYTES)]
        begin = time.perf_counter()
        count = read(content)
        out[name] = [len(content.encode()) / 1e6 / (time.perf_counter() - begin), count / len(content) * 1e6]
    print(json.dumps(out))


def run() -> None:
    """Print seconds to build, memory, megabytes a second of UTF-8, and the ratio to each yardstick."""
    results = {}
    for way in WAYS:
        child = subprocess.run(
            [sys.executable, "-c", f"from tests.benchmarks.words import measure; measure({way!r})"],
            capture_output=True,
            text=True,
        )
        if child.returncode:
            print(f"{way}: not measured ({child.stderr.strip().splitlines()[-1]})")
            continue
        results[way] = found = json.loads(child.stdout)
        few, many = found["few"], found["many"]
        print(
            f"{way}: built in {found['build']:.2f} s, {found['memory']:.0f} MB; few hits {few[0]:.1f} MB/s "
            f"({few[1]:.0f} hits in a million characters), many hits {many[0]:.1f} MB/s ({many[1]:.0f})"
        )
    ours = results["keywords"]
    for way, found in results.items():
        if way != "keywords":
            few, many = ours["few"][0] / found["few"][0], ours["many"][0] / found["many"][0]
            print(f"keywords against {way}: few hits x{few:.2f}, many hits x{many:.2f}")


if __name__ == "__main__":
    run()
