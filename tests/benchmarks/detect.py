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
