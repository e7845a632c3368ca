"""Hostile text: no rule may take longer than its bound, and one that would is named while all others still work."""

from datetime import date

import msgspec
import pytest

from config.levels import Level
from config.rules import Rule
from config.text import Text
from detectors.engine import Engine
from detectors.ruleset import RuleSet, load_rules

TODAY = date(2026, 11, 1)
LENGTH = 30_000  # characters of bait; a pattern that backtracks without end needs far fewer
RULES = load_rules(verify=False).rules


def baits(example):
    """An example over and over: whole, without its end, its first half, and with the wrong last character."""
    text = example.replace("\n", " ")
    for piece in (text, text[:-1], text[: len(text) // 2 + 1], text[:-1] + "\x00"):
        yield piece * (LENGTH // len(piece) + 1)
    middle = len(text) // 2
    yield text[:middle] + text[middle] * LENGTH + text[middle:]
    yield text[:1] * LENGTH + text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_shipped_rule_is_held_up_by_its_own_examples_in_endless_forms(engine, rule):
    for bait in {bait for example in rule.hits[: 3 if rule.kind == "marks" else 1] for bait in baits(example)}:
        assert engine.detect(bait, TODAY).unfinished == ()


ENDLESS = Rule(
    id="test.endless",
    name=Text("endless", "无尽"),
    level=Level.SECRET,
    patterns=(r"(?:a+)+(?<hit>b)",),
    longest=400,
    hits=("ab",),
    misses=("ba",),
)


@pytest.fixture(scope="module", params=[True, False], ids=["native", "slow"])
def held_up(request):
    """The shipped rules and one that backtracks without end."""
    return Engine(RuleSet((*RULES, ENDLESS)), b"key", native=request.param)


def test_a_rule_without_end_is_cut_off_and_named_and_the_others_find_all(held_up):
    text = "身份证号 110101199003070134\n" + "a" * 60 + "ab" + "a" * 30_000 + "c\n机密★10年\n"
    found = held_up.detect(text, TODAY)
    assert "test.endless" in found.unfinished or any(one.rule == "test.endless" for one in found.findings)
    assert {"cn.resident-id"} <= {one.rule for one in found.findings}
    assert found.level is Level.SECRET
    assert [mark.text for mark in found.marks] == ["机密★10年"]


def test_what_was_not_finished_is_said_for_each_rule_once(engine):
    rules = tuple(msgspec.structs.replace(ENDLESS, id=f"test.endless{n}", patterns=(rf"(?:a|a)+{n}$",)) for n in "xy")
    slow = Engine(RuleSet(rules), b"key", native=False)
    found = slow.detect("a" * 5_000 + "\n", TODAY)
    assert set(found.unfinished) <= {"test.endlessx", "test.endlessy"}
    assert found.level is Level.PUBLIC
