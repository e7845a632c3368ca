"""How fast detection reads on one core, beside other ways of matching, on the same texts in the same run.

In brackets: how many times as long the others take as ours. They do not do the same: most only say that or where a
pattern fits. `python -m tests.benchmarks.detect --slowest` names the patterns that hold up the first pass.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from config.verdict import Segment
from detectors.block import SIZE
from detectors.engine import Engine
from detectors.prefilter import Prefilter
from detectors.ruleset import load_rules

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("SHOUMI_CORPUS", ROOT.parent / "shared" / "corpus"))
TODAY = date(2026, 11, 1)
MEGABYTES = 16
SLOW = 300_000  # characters that the way without the native library is given; it is linear
DENSITIES = {"clean": 10**9, "sparse": 10_000, "dense": 120}  # bytes a hit

_ZH = "为了加强管理提高效率根据有关规定结合实际情况制定本办法各单位应当认真执行并及时报告进展加强国家秘密保护。，；\n"
_EN = "the system shall provide access to authorised users and keep a record of every change to the data . ,\n".split(
    " "
)
_MARKS = ["\n机密★10年\n", "\nSECRET//NOFORN\n", "属于国家秘密的"]


def make(megabytes, every):
    """Mixed text, one tenth of its bytes Chinese, one sensitive thing in ``every`` bytes."""
    rng = random.Random(7)
    parts, size, due = [], 0, every
    while size < megabytes * 1_000_000:
        part = "".join(rng.choices(_ZH, k=12)) if rng.random() < 0.1 else " ".join(rng.choices(_EN, k=8)) + " "
        size += len(part.encode())
        if size >= due:
            due += every
            part += " " + _hit(rng) + " "
        parts.append(part)
    return "".join(parts)


def _hit(rng):
    kind = rng.randrange(8)
    if kind < len(_MARKS):
        return _MARKS[kind]
    digits = "".join(rng.choices("0123456789", k=15))
    return [
        "身份证号" + _resident(rng),
        "手机139" + digits[:8],
        "银行卡" + _card("622202" + digits[:12]),
        f"li.lei{digits[:5]}@corp-mail.cn",
        f"服务器 10.{int(digits[:2])}.{int(digits[2:4])}.1{digits[5]}",
    ][kind - len(_MARKS)]


def _resident(rng):
    born = f"{rng.randrange(1950, 2005)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
    head = f"110101{born}{rng.randrange(1000):03}"
    total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(head))
    return head + "10X98765432"[total % 11]


def _card(head):
    total = 0
    for at, digit in enumerate(reversed(head)):
        double = int(digit) * (2 - at % 2)
        total += double - 9 * (double > 9)
    return head + str(-total % 10)


def _speed(read, text):
    begin = time.process_time()
    read(text)
    return len(text.encode()) / 1e6 / (time.process_time() - begin)


def run() -> None:
    """Megabytes of UTF-8 a second on one core, ours and others', on text with no, few and many hits."""
    rules = load_rules(verify=False)
    begin = time.perf_counter()
    engine = Engine(rules, b"benchmark")
    ready = time.perf_counter() - begin
    print(f"{len(rules.rules)} rules, {len(engine.patterns)} patterns, ready in {ready:.2f} s, native: {engine.native}")
    slow = Engine(rules, b"benchmark", native=False)
    texts = {name: make(MEGABYTES, every) for name, every in DENSITIES.items()}
    if CORPUS.is_dir():
        texts["real"] = real(CORPUS)
    ours = {
        name: max(_speed(lambda text: engine.inspect([Segment(text, "body")], TODAY), text) for _ in range(3))
        for name, text in texts.items()
    }
    _row("ours", ours, ours, "every rule, exact hits with their places, marks as objects, levels")
    without = {
        name: _speed(lambda text: slow.inspect([Segment(text, "body")], TODAY), text[:SLOW])
        for name, text in texts.items()
    }
    _row("ours without Vectorscan", without, ours, "the same findings where the native library has no wheel")
    for answer in _others(engine, texts):
        if "error" in answer:
            print(f"{answer['matcher']:24} not run: {answer['error']}")
        else:
            _row(answer["matcher"], answer["speeds"], ours, answer["note"])


def real(corpus):
    """Texts people wrote: laws, records, articles, as often as it takes to be long enough."""
    files = sorted(path for path in (corpus / "realtext").iterdir() if path.suffix in {".txt", ".md"})
    texts = [
        path.read_bytes().decode("utf-8", "ignore") for path in files if not path.name.startswith(("jfk", "cable"))
    ]
    once = "\n".join(texts)
    return once * max(1, MEGABYTES * 1_000_000 // len(once.encode()))


def slowest(count=12):
    """Which patterns make the first pass slow: its speed with each of them left out, the worst first."""
    patterns = Engine(load_rules(verify=False), b"benchmark").patterns
    text = make(4, 10_000)

    def speed(chosen):
        prefilter = Prefilter(chosen)
        return max(
            _speed(lambda text: [prefilter.scan(text[at : at + SIZE]) for at in range(0, len(text), SIZE)], text)
            for _ in range(2)
        )

    print(f"all {len(patterns)} patterns: {speed(patterns):.0f} MB/s")
    found = [(speed(patterns[:at] + patterns[at + 1 :]), pattern) for at, pattern in enumerate(patterns)]
    for with_less, pattern in sorted(found, key=lambda one: -one[0])[:count]:
        print(f"{with_less:6.0f} MB/s without {pattern.first[:100]}")


def _others(engine, texts):
    """One answer a matcher, from the environment of the yardsticks; none where it was not made."""
    python = ROOT / ".venv-bench" / "bin" / "python"
    if not python.exists():
        print("for the others: make .venv-bench/.installed")
        return
    patterns = [[pattern.source, pattern.caseless] for pattern in engine.patterns]
    rng = random.Random(3)
    words = ["".join(rng.choices(_ZH[:40], k=4)) for _ in range(250)] + [
        " ".join(rng.sample(_EN, 3)) for _ in range(250)
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, text in texts.items():
            paths[name] = os.path.join(folder, name)
            with open(paths[name], "w", encoding="utf-8") as file:
                file.write(text)
        request = {"patterns": patterns, "words": words, "texts": paths, "seconds": 2}
        with subprocess.Popen(
            [python, Path(__file__).with_name("matchers.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            process.stdin.write(json.dumps(request))
            process.stdin.close()
            yield from map(json.loads, process.stdout)


def _row(name, speeds, ours, note):
    cells = "  ".join(f"{kind} {speed:8.2f} MB/s ({ours[kind] / speed:6.1f})" for kind, speed in speeds.items())
    print(f"{name:24} {cells}  {note}", flush=True)


if __name__ == "__main__":
    slowest() if "--slowest" in sys.argv else run()
