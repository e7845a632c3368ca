from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone

TODAY = date(2026, 11, 1)
ID = "110101199003070134"


def test_a_text_gives_every_hit_with_its_characters(engine):
    text = f"员工甲，身份证号{ID}，手机13812345670，工资卡6222021234567890128。"
    found = engine.detect(text, TODAY)
    assert [(each.rule, text[each.start : each.end]) for each in found.findings] == [
        ("cn.resident-id", ID),
        ("cn.mobile", "13812345670"),
        ("finance.bank-card", "6222021234567890128"),
    ]
    assert found.level is Level.CONFIDENTIAL


def test_a_file_gives_one_finding_a_rule(engine):
    cells = [Segment("证件号码", "人员!B1", Zone.CELL, lines=False)]
    cells += [Segment(ID, f"人员!B{row}", Zone.CELL, lines=False) for row in range(2, 5)]
    (finding,) = engine.inspect(cells, TODAY).findings
    assert (finding.rule, finding.count, finding.where) == ("cn.resident-id", 3, "人员!B2")
    assert finding.excerpt.count("1101**********0134") == 1
    assert ID not in repr(finding)
    assert "校验码正确" in finding.reason.zh
    assert "check digit" in finding.reason.en


def test_one_telephone_number_is_shown_but_raises_nothing(engine):
    one = engine.inspect([Segment("手机：13812345670", "body")], TODAY)
    assert one.level is Level.PUBLIC
    assert one.findings[0].level is Level.PUBLIC
    many = engine.inspect(
        [Segment("\n".join(f"手机：1381234567{n}\n手机：1391234567{n}" for n in range(10)), "body")], TODAY
    )
    assert many.level is Level.INTERNAL


def test_offsets_point_into_the_original_text(engine):
    text = "手\u200b机：１３８\u00ad１２３４５６７０"
    (finding,) = engine.detect(text, TODAY).findings
    assert text[finding.start : finding.end] == "１３８\u00ad１２３４５６７０"


def test_a_long_text_is_read_in_pieces_and_loses_nothing(engine):
    line = "这一行没有任何敏感内容，只是为了占满篇幅。\n"
    text = (line * 6000 + f"身份证 {ID}\n") * 3
    (finding,) = engine.inspect([Segment(text, "body")], TODAY).findings
    assert finding.count == 3
    assert finding.where == "body line 6001"
    found = engine.detect("x" * 65_530 + f" 身份证 {ID} " + "x" * 70_000, TODAY).findings
    assert [each.start for each in found] == [65_535]


@pytest.mark.parametrize("shift", range(-30, 31, 5))
def test_nothing_is_cut_at_the_edge_of_a_block(engine, shift):
    text = "字" * (65_536 + shift) + f"身份证{ID}" + "字" * 66_000
    found = engine.detect(text, TODAY).findings
    assert [text[each.start : each.end] for each in found] == [ID]


def test_equal_values_have_equal_digests_and_other_keys_other_ones(engine, rules):
    from detectors.engine import Engine

    one = engine.detect(f"身份证 {ID}", TODAY).findings[0].digest
    other = engine.detect("身份证：110101 19900307 0134", TODAY).findings[0].digest
    assert one == other
    assert Engine(rules, b"another").detect(f"身份证 {ID}", TODAY).findings[0].digest != one


def test_the_engine_starts_fast_from_its_cache(rules):
    import time

    from detectors.engine import Engine

    begin = time.process_time()
    kept = Engine(rules, b"k").compiled()
    cold = time.process_time() - begin
    warm = Engine(rules, b"k", cache=kept)
    assert 2 * (time.process_time() - begin - cold) < cold
    assert warm.compiled() == b""  # it came from there
    assert warm.detect("机密★10年", TODAY).level is Level.SECRET


def test_nothing_in_nothing_out(engine):
    assert engine.inspect([], TODAY).level is Level.PUBLIC
    assert engine.detect("", TODAY).findings == ()
    assert engine.detect("\ud800 lone surrogate 机密★10年", TODAY).level is Level.SECRET
