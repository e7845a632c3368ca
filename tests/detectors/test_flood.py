"""Text dense with marks, as somebody writes it to hold the reader up: time grows with its length and no faster."""

import time
from datetime import date

import pytest

from detectors.marks import fields, options, spot

TODAY = date(2026, 11, 1)
LENGTH = 16_000


@pytest.mark.parametrize(
    "mark",
    [
        "机密★10年",
        "密级：机密★10年",
        "□绝密 ■机密 □秘密",
        "(S//NF) SECRET//NOFORN",
        "SECRET",
        "OFFICIAL-SENSITIVE",
        "CUI//SP-PRVCY",
        "NATO SECRET",
        "核心商密★5年",
    ],
)
@pytest.mark.parametrize("between", [" ", "\n"])
def test_time_grows_with_the_text(engine, mark, between):
    line = mark + between
    whole = line * (LENGTH // len(line))
    quarter = whole[: len(whole) // 4]
    engine.detect(quarter, TODAY)
    assert _best(engine, whole) < 8 * max(_best(engine, quarter), 0.002)


def _best(engine, text):
    """The least processor time of three readings: what else the machine does makes no reading shorter."""
    times = []
    for _ in range(3):
        begin = time.process_time()
        engine.detect(text, TODAY)
        times.append(time.process_time() - begin)
    return min(times)


@pytest.mark.parametrize("between", [" ", "\n"])
def test_what_many_marks_have_in_common_is_worked_out_once(engine, between):
    shared = (spot._surroundings, fields._offered, options.ticked)
    for each in shared:
        each.cache_clear()
    found = engine.detect(f"□绝密 ■机密 □秘密{between}" * 200, TODAY)
    assert len(found.marks) + len(found.mentions) == 600
    assert all(0 < each.cache_info().misses < 100 for each in shared)
