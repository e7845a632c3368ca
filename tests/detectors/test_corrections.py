"""A correction holds in its context and nowhere else, stays in sight, and is refused when it does too much."""

from datetime import date

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.levels import Level
from config.signed import seal
from config.verdict import Outcome, Segment, Zone
from detectors.corrections import Correction, Register, derive, shape, weight
from detectors.engine import Engine
from detectors.registers import load
from tests.detectors.conftest import TODAY

MOBILE = Correction(
    id="c1",
    rule="cn.mobile",
    before="\n物料编码:",
    after=" 规格型号",
    reason="material codes",
    officer="li",
    made="2026-10-01",
    expires="2028-10-01",
    example="物料编码:13812345670 规格型号",
)
MARK = msgspec.structs.replace(
    MOBILE,
    id="c2",
    rule="mark.cn",
    before="\n本系统默认数据：",
    after="（深色）\n",
    mark="机密★#年",
    example="本系统默认数据：机密★10年（深色）",
    counter_examples=("机密★10年",),
)


@pytest.fixture(scope="module")
def own(rules):
    return Engine(rules, b"a key for tests")


@pytest.fixture
def correct(own):
    """Use corrections; the reasons of those that are refused."""
    yield lambda *entries, today=TODAY: [why.en for _, why in own.correct(entries, today)]
    own.correct((), TODAY)


def open_finds(engine, text, rule="cn.mobile"):
    return [each for each in engine.detect(text, TODAY).findings if each.rule == rule and not each.corrected]


def test_a_corrected_find_stays_in_sight_and_raises_nothing(own, correct):
    assert correct(MOBILE) == []
    (finding,) = own.detect("物料编码:13912345678 规格型号 A", TODAY).findings
    assert (finding.corrected, finding.level) == ("c1", Level.PUBLIC)
    assert "corrected by li on 2026-10-01: material codes" in finding.reason.en
    assert "li于2026-10-01更正" in finding.reason.zh


@pytest.mark.parametrize(
    "text",
    [
        "手机:13912345678 规格型号",  # only one side fits
        "物料编码:13912345678 备注",
        "关于物料编码:13912345678 规格型号",  # not at the edge of the line
        "13912345678",
    ],
)
def test_both_sides_must_fit(own, correct, text):
    correct(MOBILE)
    assert open_finds(own, text)


def test_the_same_value_elsewhere_in_the_file_counts(own, correct):
    correct(MOBILE)
    lines = [f"物料编码:1391234567{n} 规格型号" for n in range(10)]
    assert own.inspect([Segment("\n".join(lines), "body")], TODAY).level is Level.PUBLIC
    lines += [f"手机：1381234567{n}" for n in range(10)]
    found = own.inspect([Segment("\n".join(lines), "body")], TODAY)
    assert found.level is Level.INTERNAL
    assert sorted((each.corrected, each.count) for each in found.findings) == [("", 10), ("c1", 10)]


def test_another_part_of_a_document_another_rule_another_day(own, correct):
    correct(MOBILE)
    text = "物料编码:13912345678 规格型号"
    cell = own.each([Segment(text, "S!A1", Zone.CELL)], TODAY).findings
    assert [each.corrected for each in cell] == [""]
    late = own.detect(text, date(2028, 10, 2)).findings
    assert [each.corrected for each in late] == [""]
    assert open_finds(own, "物料编码:110101199003070134 规格型号", "cn.resident-id")


def test_numbers_and_white_space_in_a_context_may_differ(own, correct):
    entry = msgspec.structs.replace(
        MOBILE, before="第#批 物料编码:", example="第3批  物料编码:13812345670   规格型号", id="c3"
    )
    assert correct(entry) == []
    assert not open_finds(own, "第218批 物料编码:13912345678\t规格型号")
    assert not open_finds(own, "第２批 物料编码:1391234５678 规格型号")
    assert open_finds(own, "第x批 物料编码:13912345678 规格型号")


def test_a_false_mark_becomes_a_mention(own, correct):
    assert correct(MARK) == []
    found = own.detect("本系统默认数据：机密★5年（深色）", TODAY)
    assert (found.level, found.marks) == (Level.PUBLIC, ())
    assert [(each.outcome, each.corrected) for each in found.mentions] == [(Outcome.CORRECTED, "c2")]


@pytest.mark.parametrize(
    "text",
    [
        "机密★10年",
        "机密★10年\n本系统默认数据：",
        "本系统默认数据：绝密★10年（深色）",
        "本系统默认数据：机密★10年",
        "密级：机密",
    ],
)
def test_no_other_mark_is_touched(own, correct, text):
    alone = own.detect(text, TODAY)
    correct(MARK)
    assert own.detect(text, TODAY) == alone
    assert alone.marks


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (msgspec.structs.replace(MOBILE, before="", after="", example="13812345670"), "too broad"),
        (msgspec.structs.replace(MOBILE, before="\n手机：", after="\n", example="手机：13812345670"), "too broad"),
        (msgspec.structs.replace(MOBILE, before="x" * 301), "too long"),
        (msgspec.structs.replace(MOBILE, example="手机：13812345670"), "own example"),
        (msgspec.structs.replace(MOBILE, example="物料编码:1 规格型号"), "own example"),
        (
            msgspec.structs.replace(MOBILE, counter_examples=("物料编码:13912345678 规格型号",)),
            "would silence “物料编码:13912345678 规格型号”",
        ),
        (msgspec.structs.replace(MOBILE, expires="2026-10-31"), "expired"),
        (msgspec.structs.replace(MOBILE, rule="cn.nothing"), "not in use"),
        (
            msgspec.structs.replace(MARK, before="演示数据：系统", example="演示数据：系统机密★10年（深色）"),
            "whole line",
        ),
        (msgspec.structs.replace(MARK, mark=""), "whole line"),
        (msgspec.structs.replace(MARK, before="\n", after="\n", example="机密★10年"), "too broad"),
    ],
)
def test_what_does_too_much_or_too_little_is_refused(own, correct, entry, why):
    (said,) = correct(entry)
    assert why in said
    assert open_finds(own, "物料编码:13912345678 规格型号")


def test_no_correction_can_silence_a_shipped_example(own, correct, rules):
    """For every example of every rule: whatever context is derived from it, it is refused."""
    tried = 0
    for rule in rules.rules:
        for example in rule.hits:
            found = own.detect(example, TODAY)
            hits = [each for each in found.findings if each.rule == rule.id] if rule.kind == "pattern" else found.marks
            for hit in hits[:1]:
                before, after = derive(example, hit.start, hit.end, whole=rule.kind == "marks")
                entry = msgspec.structs.replace(
                    MOBILE,
                    rule=rule.id,
                    before=before,
                    after=after,
                    mark=shape(hit.text).strip() if rule.kind == "marks" else "",
                    example=example,
                )
                assert correct(entry), f"{rule.id}: {example}"
                tried += 1
    assert tried >= len(rules.rules)


def test_hostile_contexts_cost_nothing(own, correct):
    import time

    entry = msgspec.structs.replace(
        MOBILE, before="# " * 140 + "物料编码", example="9 " * 140 + "物料编码13812345670 规格型号"
    )
    begin = time.perf_counter()
    correct(entry)
    own.detect(("9 " * 150 + "13912345678 规格型号 ") * 50, TODAY)
    assert time.perf_counter() - begin < 3


def test_derived_contexts():
    assert derive("物料编码：138 规格 12 号", 5, 8) == ("\n物料编码：", " 规格 # 号\n")
    assert derive("单号列表\n138\n139", 5, 8) == ("\n单号列表\n", "\n")
    assert derive("a" * 600, 300, 303)[0] == "a" * 24
    assert shape("第 12 条\t１３号\n\n 末") == "第 # 条 #号\n末"
    assert weight("编码 ab", "#") == 6


def test_signed_registers_hold_them(tmp_path, own):
    key = Ed25519PrivateKey.generate()
    signers = [key.public_key().public_bytes_raw().hex()]
    good = seal(key, "corrections", "office", 3, msgspec.json.encode(Register((MOBILE, MARK))))
    (tmp_path / "a.signed").write_bytes(good)
    (tmp_path / "b.signed").write_bytes(seal(key, "corrections", "empty", 1, b""))
    (tmp_path / "c.signed").write_bytes(seal(key, "corrections", "bad", 1, b'{"corrections": [{"id": 1}]}'))
    found = load(tmp_path, signers)
    assert found.corrections == (MOBILE, MARK)
    assert found.versions == {"office": 3, "empty": 1}
    assert ["c.signed" in problem.en for problem in found.problems] == [True]
    assert load(tmp_path, []).corrections == ()
