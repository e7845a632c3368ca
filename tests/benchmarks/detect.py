"""How fast detection reads, beside the plain loop over ``regex`` on the same text in the same run.

The ratio is the figure to watch: megabytes a second change with the machine, the ratio does not.
"""

import random
import time
from datetime import date

import regex

from config.verdict import Segment
from detectors.engine import Engine
from detectors.ruleset import load_rules

TODAY = date(2026, 11, 1)
MEGABYTES = 4
YARDSTICK = 0.25  # megabytes the slow loop is given; it is linear

_ZH = "为了加强管理提高效率根据有关规定结合实际情况制定本办法各单位应当认真执行并及时报告进展加强国家秘密保护。，；\n"
_EN = "the system shall provide access to authorised users and keep a record of every change to the data . ,\n".split(
    " "
)
_HITS = [
    "身份证号110101199003070134",
    "手机13812345670",
    "银行卡6222021234567890128",
    "\n机密★10年\n",
    "\nSECRET//NOFORN\n",
    "li.lei@corp-mail.cn",
    "属于国家秘密的",
]


def make(megabytes, every):
    """Mixed text, one sensitive thing in about ``every`` characters."""
    rng = random.Random(7)
    parts, size = [], 0
    while size < megabytes * 1_000_000:
        part = "".join(rng.choices(_ZH, k=30)) if rng.random() < 0.15 else " ".join(rng.choices(_EN, k=40)) + " "
        if rng.random() < len(part) / every:
            part += rng.choice(_HITS)
        parts.append(part)
        size += len(part.encode())
    return "".join(parts)


def _speed(read, text):
    begin = time.perf_counter()
    read(text)
    return len(text.encode()) / 1e6 / (time.perf_counter() - begin)


def run() -> None:
    """Print megabytes a second of UTF-8 and the ratio, for clean and for dense text."""
    rules = load_rules(verify=False)
    begin = time.perf_counter()
    engine = Engine(rules, b"benchmark")
    print(
        f"engine ready in {time.perf_counter() - begin:.2f} s, {len(engine.patterns)} patterns, native: {engine.native}"
    )
    loop = [
        regex.compile(pattern.source, regex.MULTILINE | (regex.I if pattern.caseless else 0))
        for pattern in engine.patterns
    ]

    def yardstick(text):
        for pattern in loop:
            for _ in pattern.finditer(text):
                pass

    for name, every in (("clean", 10_000), ("dense", 120)):
        text = make(MEGABYTES, every)
        fast = max(_speed(lambda text: engine.inspect([Segment(text, "body")], TODAY), text) for _ in range(3))
        slow = _speed(yardstick, text[: int(YARDSTICK * 1e6)])
        print(f"{name}: {fast:6.1f} MB/s, loop over regex {slow:5.2f} MB/s, ratio {fast / slow:5.1f}")


if __name__ == "__main__":
    run()
