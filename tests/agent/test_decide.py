from pathlib import Path

import pytest

from agent.decide import decide
from config.events import Action, Kind
from config.levels import Level
from config.policy import Place, Policy
from config.verdict import Coverage, Finding
from tests.events import REMOVABLE, STICK, verdict

POLICY = Policy(1, (REMOVABLE,))
PLACE = Place(Path("/media/x/a.docx"), STICK)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("clearance", Level)
def test_the_one_rule(level, clearance):
    from msgspec.structs import replace

    policy = Policy(1, (replace(REMOVABLE, clearance=clearance),))
    decision = decide(verdict(level=level), PLACE, policy)
    assert (decision.kind is Kind.VIOLATION) == (level > clearance)
    assert decision.action == (Action.QUARANTINE if level > clearance else Action.ALLOW)


def test_the_reason_names_the_mark_and_the_place():
    reason = decide(verdict(), PLACE, POLICY).reason
    assert "机密★10年" in reason.zh
    assert "未登记移动介质" in reason.zh
    assert "may hold public files only" in reason.en


def test_the_reason_names_a_finding_where_no_mark_raises():
    finding = Finding(
        rule="cn.resident-id", level=Level.CONFIDENTIAL, confidence=0.9, where="page 1", excerpt="11**", count=3
    )
    reason = decide(verdict(level=Level.CONFIDENTIAL, marks=(), findings=(finding,)), PLACE, POLICY).reason
    assert "3 × cn.resident-id" in reason.en


@pytest.mark.parametrize(
    ("reasons", "hides"),
    [
        (("encrypted",), True),
        (("encrypted: a.zip > b.docx",), True),
        (("password",), True),
        (("corrupt",), True),
        (("corrupt: word/media/x.emf",), False),
        (("unsupported",), False),
        (("unsupported: photo.jpg",), False),
        (("ocr off: page 3",), False),
        (("ocr off: page 3", "encrypted: x.zip"), True),
        ((), False),
    ],
)
def test_what_may_hide_content_is_told_from_what_merely_has_no_text(reasons, hides):
    seen = verdict(level=Level.PUBLIC, coverage=Coverage(not reasons, reasons))
    decision = decide(seen, PLACE, POLICY)
    assert (decision.kind is Kind.UNINSPECTED) is hides
    assert decision.action is (Action.WARN if hides else Action.ALLOW)
    if hides:
        assert "未能完整检查" in decision.reason.zh
        assert not any("a" <= char <= "z" for char in decision.reason.zh.split("：")[0])


def test_a_place_without_a_zone_may_hold_everything():
    decision = decide(verdict(level=Level.TOP_SECRET), Place(Path("/home/li/a.docx")), POLICY)
    assert decision.action is Action.ALLOW


@pytest.mark.parametrize("reason", ["too large", "too deep: a.zip", "ratio: b.zip", "timeout", "memory"])
def test_what_was_not_read_to_its_end_has_an_answer_of_its_own(reason):
    seen = verdict(level=Level.PUBLIC, coverage=Coverage(False, (reason,)))
    decision = decide(seen, PLACE, POLICY)
    assert decision.kind is Kind.UNINSPECTED
    assert decision.action is Action.BLOCK
    assert decision.rule == "zones.removable.on_unfinished"


@pytest.mark.parametrize(
    ("uninspected", "unfinished", "rule"),
    [
        (Action.WARN, Action.BLOCK, "on_unfinished"),
        (Action.QUARANTINE, Action.BLOCK, "on_uninspected"),
        (Action.ALLOW, Action.WARN, "on_unfinished"),
    ],
)
def test_of_two_answers_the_stricter_holds(uninspected, unfinished, rule):
    from msgspec.structs import replace

    zone = replace(REMOVABLE, on_uninspected=uninspected, on_unfinished=unfinished)
    seen = verdict(level=Level.PUBLIC, coverage=Coverage(False, ("encrypted: a.zip", "too deep: b.zip")))
    decision = decide(seen, PLACE, Policy(1, (zone,)))
    assert decision.action is max(uninspected, unfinished, key=list(Action).index)
    assert decision.rule.endswith(rule)
