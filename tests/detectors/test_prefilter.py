from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.levels import Level
from detectors.prefilter import Pattern, Prefilter

TODAY = date(2026, 11, 1)
PIECES = [
    "机密★10年",
    "秘 密",
    "密级：",
    "SECRET//NOFORN",
    "TOP SECRET",
    "CUI",
    "身份证 110101199003070134",
    "6222021234567890128",
    "银行卡",
    "13812345670",
    "010-66001234",
    "li.lei@corp-mail.cn",
    "GB82WEST12345698765432",
    "网银登录密码：Qw3rty88",
    "应发工资：8500.00元",
    "\n",
    " ",
    "\t",
    "，",
    "的",
    "a",
    "9",
    "\u200b",
    "１",
]


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
@settings(max_examples=100, deadline=None)
def test_without_vectorscan_the_hits_are_the_same(engine, slow_engine, text):
    assert engine.native
    assert not slow_engine.native
    assert engine.detect(text, TODAY) == slow_engine.detect(text, TODAY)


def test_a_match_longer_than_its_window_is_found_by_both():
    from detectors.engine import Engine
    from detectors.ruleset import load_rules

    rules = load_rules(verify=False)
    text = "token eyJhbGciOiJIUzI1NiJ9.eyJ" + "Ab1" * 700 + ".sig end"
    found = [Engine(rules, b"k", native=native).detect(text, TODAY).findings for native in (True, False)]
    assert found[0] == found[1]
    assert [finding.rule for finding in found[0]] == ["secret.jwt"]


def test_offsets_are_characters_and_windows_do_not_overlap():
    prefilter = Prefilter([Pattern("b+", 2), Pattern("密", 1)])
    text = "甲乙丙b密bb" + "丁" * 20 + "b"
    windows = prefilter.windows(text)
    assert windows[0] == [(1, 10), (25, 28)]
    assert all("密" in text[low:high] for low, high in windows[1])


def test_a_burst_of_reports_is_bounded():
    prefilter = Prefilter([Pattern("a", 1), Pattern("zzz", 3)])
    text = "a" * 60_000
    assert prefilter.windows(text) == {0: [(0, len(text))], 1: [(0, len(text))]}


def test_the_database_is_kept_and_a_stale_one_ignored():
    first = Prefilter([Pattern("ab", 2)])
    kept = first.dump()
    again = Prefilter([Pattern("ab", 2)], cache=kept)
    assert again.kept
    assert again.windows("xab") == first.windows("xab")
    other = Prefilter([Pattern("cd", 2)], cache=kept)
    assert not other.kept
    assert other.windows("xcd") == {0: [(0, 3)]}
    assert not Prefilter([Pattern("ab", 2)], cache=b"not a database").kept
    assert not Prefilter([Pattern("ab", 2)], cache=kept[:40]).kept


BAIT = [
    "a@" + "a." * 30_000,
    "1 " * 40_000,
    "1-" * 40_000,
    "机 " * 30_000,
    "机密★" * 20_000,
    "秘密、" * 20_000,
    "S E C R E T " * 8_000,
    "SECRET/" * 10_000,
    "(S//" * 10_000,
    "password=" * 8_000 + '"',
    "https://a:" * 8_000,
    "eyJ" * 30_000,
    "工资" * 30_000,
    "密级：" * 20_000,
    "□机密" * 20_000,
    "GB82 " * 16_000,
    "内部" * 30_000,
    "２０２３年" * 15_000,
    "\u200b" * 60_000 + "机密",
    "机密" + "6222021234567890128" * 6 + "页",
    "密级：" + "1" * 300 + "机密" + "（" * 100,
    "SECRET" + " NOFORN" * 200 + "x",
    "CUI" + "//A" * 400 + "!a",
    "核心商密" + "★" * 300,
    "a" * 200_000,
    "0" * 200_000,
]


@pytest.mark.parametrize("text", BAIT, ids=lambda text: text[:10].encode("unicode_escape").decode())
def test_bait_is_read_in_bounded_time(engine, text):
    import time

    begin = time.perf_counter()
    found = engine.detect(text, TODAY)
    assert time.perf_counter() - begin < 5
    assert found.unfinished == ()
    assert found.level <= Level.TOP_SECRET
