from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment
from detectors.tally import ENOUGH

TODAY = date(2026, 11, 1)


def phones(count, start=0):
    return "\n".join(f"手机：139{number * 7919 % 10**8:08}" for number in range(start + 1, start + count + 1))


def the_only(found):
    (finding,) = found.findings
    return finding


@pytest.fixture(params=["native", "slow"])
def either(request, engine, slow_engine):
    return engine if request.param == "native" else slow_engine


def test_a_long_list_is_counted_to_a_thousand_and_estimated_beyond(either):
    exact = the_only(either.inspect([Segment(phones(ENOUGH - 1), "body")], TODAY))
    assert (exact.count, exact.about) == (ENOUGH - 1, False)
    text = phones(20_000)
    beyond = the_only(either.inspect([Segment(text, "body")], TODAY))
    assert beyond.about
    assert 0.98 * 20_000 < beyond.count < 1.02 * 20_000


def test_numbers_that_only_look_alike_are_not_estimated_as_hits(either):
    """Half of the reports of the first pass are no hits, in the part looked at as in the part that is not."""
    text = "\n".join(f"手机：139{n * 7919 % 10**8:08} 金额0.13812345678" for n in range(1, 8_001))
    finding = the_only(either.inspect([Segment(text, "body")], TODAY))
    assert 0.9 * 8_000 < finding.count < 1.1 * 8_000


def test_after_a_long_list_another_rule_is_still_counted(either):
    text = phones(30_000) + "\n身份证号 110101199003070134\n绝密★10年\n"
    found = either.inspect([Segment(text, "body")], TODAY)
    assert {finding.rule: finding.count for finding in found.findings}["cn.resident-id"] == 1
    assert found.level is Level.TOP_SECRET


def test_a_full_list_is_not_taken_over_by_a_rule_that_it_hides(either):
    """Some identity numbers have a correct Luhn digit; while the list is counted they are no bank cards, nor after."""
    text = "\n".join("身份证号 " + _resident(n) for n in range(20_000))
    found = either.inspect([Segment(text, "body")], TODAY)
    assert [finding.rule for finding in found.findings] == ["cn.resident-id"]
    assert 0.98 * 20_000 < found.findings[0].count < 1.02 * 20_000


def test_the_same_value_over_and_over_is_not_many(either):
    finding = the_only(either.inspect([Segment("手机：13912345678\n" * 5_000, "body")], TODAY))
    assert (finding.count, finding.about, finding.level) == (5_000, False, Level.PUBLIC)


def test_every_hit_of_a_text_is_given_by_itself(either):
    assert len(either.detect(phones(1_500), TODAY).findings) == 1_500


def test_a_mark_on_ten_thousand_lines_hides_no_other(either):
    text = ("机密★10年\n" * 5_000) + "绝密★30年\n" + ("机密★10年\n" * 5_000)
    found = either.inspect([Segment(text, "body")], TODAY)
    assert {mark.text for mark in found.marks} == {"机密★10年", "绝密★30年"}
    assert found.level is Level.TOP_SECRET


def _resident(number):
    head = f"110101{1950 + number % 50}{number // 50 % 12 + 1:02}{number // 600 % 28 + 1:02}{number // 20:03}"[:17]
    total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(head))
    return head + "10X98765432"[total % 11]


def test_a_full_list_hides_no_number_of_another_kind(either):
    """Every identity number has the form of a card number too; a long list of cards must not swallow them."""
    cards = "\n".join("银行卡 " + _card(n) for n in range(3_000))
    people = "\n".join("身份证号 " + _resident(n) for n in range(300))
    found = {one.rule: one.count for one in either.inspect([Segment(f"{cards}\n{people}\n", "body")], TODAY).findings}
    assert found["cn.resident-id"] == 300
    assert 0.9 * 3_000 < found["finance.bank-card"] < 1.15 * 3_000


def _card(number):
    head = f"622202{number * 7919 % 10**9:09}"
    total = 0
    for at, digit in enumerate(reversed(head)):
        double = int(digit) * (2 - at % 2)
        total += double - 9 * (double > 9)
    return head + str(-total % 10)
