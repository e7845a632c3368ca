import functools
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigurationError
from config.levels import Level
from config.verdict import Segment
from detectors.block import blocks
from detectors.cells import Kind, normal
from detectors.engine import Engine
from detectors.exact import Exact
from detectors.exactindex import Builder, Index, choose_anchors, open_index, unfit
from detectors.ruleset import RuleSet
from tests.people import HEADS, people

TODAY = date(2026, 11, 1)
KINDS = (Kind.NAME, Kind.ID, Kind.PHONE, Kind.NUMBER, Kind.EMAIL)
ROWS = [row[:5] for row in people(500)]
OTHERS = [row[:5] for row in people(500, seed=2)]
NAME, ID, PHONE, CARD, EMAIL = ROWS[7]


def _index(rows=ROWS, kinds=KINDS, *, need=2, within=200, raises_from=1):
    builder = Builder(list(zip(HEADS, kinds, strict=False)), need=need, within=within, level=Level.SECRET)
    for row in rows:
        builder.add(row)
    return Index(builder.finish(raises_from))


def _engine(index):
    return Engine(RuleSet(()), b"k", detectors=(Exact(index, "customers"),))


@pytest.fixture(scope="module")
def engine():
    return _engine(_index())


def _count(engine, text):
    return sum(found.count for found in engine.inspect([Segment(text, "body")], TODAY).findings)


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}先生，电话{PHONE}",
        f"据悉{NAME}的电话是{PHONE}。",
        f"{PHONE}……请转告{NAME}",
        f"身份证{ID[:6]} {ID[6:14]} {ID[14:]}，手机+86 {PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}",
        f"手机86{PHONE}，卡号{' '.join(CARD[at : at + 4] for at in range(0, 19, 4))}",
        f"{EMAIL.upper()}, {PHONE}.",
        f"<{EMAIL}>；{CARD}",
        f"{NAME[0]} {NAME[1:]}　{ID}",
        f"客户\t{NAME}\t男\t北京\t{CARD}",
        f"{PHONE} {ID}",
        "".join(chr(ord(digit) + 0xFEE0) for digit in PHONE) + f"，{NAME}",
    ],
)
def test_two_values_of_one_row(engine, text):
    (finding,) = engine.inspect([Segment(text, "body")], TODAY).findings
    assert (finding.rule, finding.count, finding.level) == ("exact.customers", 1, Level.SECRET)
    assert "2 of 5 columns" in finding.reason.en
    assert "5 列中有 2 列" in finding.reason.zh
    assert PHONE not in finding.excerpt
    assert CARD not in finding.excerpt


@pytest.mark.parametrize(
    "text",
    [
        NAME,
        PHONE,
        f"{PHONE}，{PHONE}",  # one column twice
        f"{NAME}，{ROWS[8][2]}，{ROWS[9][1]}",  # of different rows
        f"{NAME}{'字' * 200}{PHONE}",
        f"{PHONE}{'。' * 200}{EMAIL}",
        f"1{PHONE}，{NAME}",
        f"{PHONE}0，{NAME}",
        f"{NAME}，{PHONE[:-1]}{(int(PHONE[-1]) + 1) % 10}",
        "",
    ],
)
def test_less_than_that_is_nothing(engine, text):
    assert engine.inspect([Segment(text, "body")], TODAY).findings == ()


def test_other_people_are_not_found_and_all_registered_are(engine):
    def as_table(rows):
        return "\n".join("\t".join(row) for row in rows)

    known = {value for row in ROWS for value in row[1:]}
    assert not any(value in known for row in OTHERS for value in row[1:])
    assert _count(engine, as_table(OTHERS)) == 0
    assert _count(engine, as_table(ROWS)) == 500
    assert _count(engine, as_table([row[:1] + row[3:4] for row in ROWS])) == 500
    swapped = [[one[0], *other[2:3]] for one, other in pairwise(ROWS) if one[0] != other[0]]
    assert _count(engine, "\n\n".join(f"{name}{'，' * 300}{phone}{'，' * 300}" for name, phone in swapped)) == 0


def test_a_row_of_a_table_holds_together_however_wide(engine):
    wide = "\t".join([NAME, *["填充内容" * 10] * 12, PHONE])
    assert len(wide) > 400
    assert _count(engine, wide) == 1
    assert _count(engine, wide.replace("\t", "，")) == 0
    assert _count(engine, wide.replace("\t", "\n")) == 0
    assert _count(engine, "\t".join([NAME, "x" * 2_500, PHONE])) == 0


@pytest.mark.parametrize(("between", "count"), [(200, 1), (201, 0)])
def test_the_distance_is_from_the_first_to_the_last_character(engine, between, count):
    gap = between - len(NAME) - len(PHONE)
    assert _count(engine, f"{NAME}{'，' * gap}{PHONE}") == count
    assert _count(engine, f"{PHONE}{'，' * gap}{NAME}") == count
    gap = between - len(EMAIL) - len(PHONE)
    assert _count(engine, f"{EMAIL}{'，' * gap}{PHONE}") == count


@pytest.mark.parametrize(("rows", "shared", "kept"), [(10, 3, 3), (10, 4, 0), (4_000, 4, 4), (4_000, 5, 0)])
def test_a_value_that_too_many_rows_share_is_not_indexed(rows, shared, kept):
    builder = Builder([("a", Kind.NUMBER), ("b", Kind.NUMBER)], need=2, within=50, level=Level.SECRET)
    for number in range(rows):
        builder.add([f"{9_000_000 + number}", "4008008000" if number < shared else ""])
    assert len(Index(builder.finish()).find("4008008000")) == kept
    assert builder.summary.common["b"] == shared - kept


def test_a_row_is_counted_once_and_the_level_waits_for_enough():
    engine = _engine(_index(raises_from=3))
    text = "\n".join(f"{row[0]} {row[2]}" for row in ROWS[:2]) + "\n"
    (finding,) = engine.inspect([Segment(text * 3, "body")], TODAY).findings
    assert (finding.count, finding.level) == (2, Level.PUBLIC)
    (finding,) = engine.inspect([Segment(text + f"{ROWS[2][0]} {ROWS[2][2]}", "body")], TODAY).findings
    assert (finding.count, finding.level) == (3, Level.SECRET)


def test_values_in_two_segments_and_in_two_blocks(engine):
    form = [Segment(f"姓名：{NAME}", "page 1"), Segment(f"手机：{PHONE}", "page 1")]
    assert engine.inspect(form, TODAY).findings[0].count == 1
    apart = [Segment("字" * 65_000 + NAME, "a"), Segment(f"电话{PHONE}" + "字" * 65_000, "b")]
    assert engine.inspect(apart, TODAY).findings[0].where == "b line 1"
    assert engine.inspect([apart[1], apart[0]], TODAY).findings == ()


@pytest.mark.parametrize("shift", range(-40, 41, 8))
def test_nothing_is_cut_or_doubled_at_the_edge_of_a_block(engine, shift):
    text = "字" * (65_536 + shift) + f"{NAME}，电话{PHONE}" + "字" * 66_000
    found = engine.detect(text, TODAY).findings
    assert [text[each.start : each.end] for each in found] == [PHONE]


def test_patterns_still_say_what_they_see(rules):
    both = Engine(rules, b"k", detectors=(Exact(_index(), "customers"),))
    found = {each.rule for each in both.inspect([Segment(f"{NAME}，身份证{ID}", "body")], TODAY).findings}
    assert found == {"cn.resident-id", "exact.customers"}


def test_three_of_four_need_three():
    engine = _engine(_index(need=3))
    assert _count(engine, f"{NAME} {PHONE}") == 0
    assert _count(engine, f"{NAME} {PHONE} {CARD}") == 1


def test_companies_and_addresses_between_punctuation():
    rows = [
        [f"某某{mark}科技有限公司", f"上海市张江路 {number} 号", ""] for number, mark in enumerate("甲乙丙丁戊己庚辛")
    ]
    rows.append(["Acme Trading Ltd", "1 High Street London", "HT-2024-0012"])
    index = _index(rows, (Kind.TEXT, Kind.TEXT, Kind.NUMBER))
    engine = _engine(index)
    assert _count(engine, "客户：某某丙科技有限公司，地址：上海市张江路2号，电话") == 1
    assert _count(engine, "客户：某某丙科技有限公司，地址：上海市张江路3号，电话") == 0
    assert _count(engine, "Contract HT-2024-0012 with\tACME  Trading Ltd\t") == 1
    assert _count(engine, "Contract HT-2024-0013 with\tAcme Trading Ltd\t") == 0


@pytest.mark.parametrize("code", ["12345678A", "E12345678", "HT-2024-0012", "AB12CD345X", "1234567X", "Z1234-56-789"])
def test_numbers_with_letters_anywhere(code):
    engine = _engine(_index([[code, PHONE], ["1234567", "13800138000"]], (Kind.NUMBER, Kind.PHONE)))
    assert _count(engine, f"证号{code}，电话{PHONE}") == 1
    assert _count(engine, f"证号 {code.lower()} / {PHONE}") == 1
    assert _count(engine, f"证号{code}9，电话{PHONE}") == 0


def test_names_in_latin_letters_stand_alone():
    rows = [["John Smith", "4111222233334444"], ["Ana Li", "5111222233334444"]]
    engine = _engine(_index(rows, (Kind.NAME, Kind.NUMBER)))
    assert _count(engine, "JOHN SMITH: 4111 2222 3333 4444") == 1
    assert _count(engine, "Diana Lima: 5111 2222 3333 4444") == 0


def test_what_is_too_common_too_short_or_repeated_is_left_out_and_told():
    rows = [[f"张{chr(0x4E00 + n)}", "400-800-8000" if n < 4 else f"010-6234{n:04}", f"{n}"] for n in range(20)]
    rows += [rows[5], ["", "", "1234567"]]
    builder = Builder([("a", Kind.NAME), ("b", Kind.NUMBER), ("c", Kind.NUMBER)], need=2, within=50, level=Level.SECRET)
    for row in rows:
        builder.add(row)
    builder.finish()
    told = builder.summary
    assert (told.rows, told.repeated, told.weak) == (22, 1, 5)
    assert (told.common["b"], told.blank["b"], told.indexed["b"]) == (4, 1, 16)
    assert (told.unfit["c"], told.indexed["c"]) == (21, 1)


def test_the_register_holds_no_value_and_no_order():
    one, other = _index(), _index()
    assert one.head.key != other.head.key
    data = bytes(one._anchors) + b"".join(map(bytes, one._beside.values()))
    for value in ROWS[7]:
        assert value.encode() not in data
        assert value not in repr(one.head)
    places = [one.find(row[2])[0][0] for row in ROWS]
    assert sorted(places) == list(range(500))
    assert places != sorted(places)
    assert places != [other.find(row[2])[0][0] for row in ROWS]


def test_digests_are_short_enough_that_wrong_guesses_fit_too():
    from detectors.exactindex import Digests

    digests = Digests(b"k" * 32)
    assert digests.anchor("13800138000") < 2**32
    assert digests.beside("王小明") & 255 == 3
    assert digests.beside("王小明") >> 8 == digests.anchor("王小明") >> 8
    assert Digests(b"l" * 32).anchor("13800138000") != digests.anchor("13800138000")


@pytest.mark.parametrize(
    ("kinds", "need", "anchors"),
    [
        ((Kind.NAME, Kind.PHONE), 2, (False, True)),
        ((Kind.NAME, Kind.TEXT, Kind.PHONE), 2, (False, True, True)),
        ((Kind.TEXT, Kind.NAME, Kind.PHONE), 3, (False, False, True)),
        ((Kind.NAME, Kind.NAME), 2, (False, True)),
        ((Kind.PHONE, Kind.ID), 2, (True, True)),
    ],
)
def test_any_columns_that_suffice_hold_an_anchor(kinds, need, anchors):
    assert choose_anchors(kinds, need) == anchors


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 4), st.sampled_from(["，", "\t", "\n", "：", "先生，电话", "字" * 60])
        ),
        max_size=14,
    )
)
def test_looking_beside_anchors_finds_what_looking_for_every_column_finds(parts):
    text = "".join(ROWS[row][column] + parting for row, column, parting in parts)
    found = [
        {hit.plain for block in blocks([Segment(text, "")]) for hit in exact.open(TODAY).read(block)}
        for exact in _both_ways()
    ]
    met = [len(each) for each in found]
    assert met[0] == met[1]


@functools.cache
def _both_ways():
    spared = Exact(_index(ROWS[:6]), "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("detectors.exactindex.choose_anchors", lambda kinds, need: (True,) * len(kinds))
        every = Exact(_index(ROWS[:6]), "b")
    assert spared.others
    assert not every.others
    return spared, every


def test_columns_that_tell_nobody_apart():
    assert "names alone" in unfit([("a", Kind.NAME), ("b", Kind.NAME)], 2).en
    assert "only 1" in unfit([("a", Kind.PHONE), ("b", Kind.OTHER)], 2).en
    assert unfit([("a", Kind.PHONE), ("b", Kind.NAME)], 2) is None


def test_a_damaged_payload_is_refused(tmp_path):
    builder = Builder([("a", Kind.PHONE), ("b", Kind.ID)], need=2, within=50, level=Level.SECRET)
    builder.add([PHONE, ID])
    whole = builder.finish()
    newer = whole.replace(b'"format":1', b'"format":2')
    path = tmp_path / "x.signed"
    for payload in (
        whole[:-1],
        whole + b"\0",
        b"\xff" * 40,
        b"",
        whole[:3],
        newer,
    ):
        path.write_bytes(b"head\n" + payload)
        with pytest.raises(ConfigurationError, match="no registered records"):
            open_index(path, 5)
    path.write_bytes(b"head\n" + whole)
    assert open_index(path, 5).find(normal(Kind.PHONE, PHONE)) == [(0, 0)]


@pytest.mark.parametrize(
    "bait",
    ["1 " * 60_000, "12345678901 " * 10_000, "a@" * 60_000, "1" * 120_000, "A1" * 60_000, "张" * 120_000,
     "123-" * 30_000, "\t" * 120_000, f"{PHONE}\t" * 5_000, f"{NAME}{PHONE} " * 4_000],
)  # fmt: skip
def test_hostile_text_costs_little(engine, bait):
    import time

    begin = time.perf_counter()
    engine.inspect([Segment(bait, "body")], TODAY)
    assert time.perf_counter() - begin < 3
