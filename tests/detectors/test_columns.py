"""Column heads as context, however far above."""

from datetime import date

import pytest

from config.verdict import Segment, Zone
from detectors.columns import Columns
from detectors.heads import LONGEST, ROWS

TODAY = date(2026, 11, 1)
BARE = "4111111111111111"  # a card only with a word


def sheet(rows, *, name="Sheet1", first=1, column="A"):
    text, runs, offset = "", [], 0
    for number, row in enumerate(rows, first):
        runs.append((offset, f"{name}!{column}{number}"))
        line = "\t".join(row) + "\n"
        text += line
        offset += len(line)
    return Segment(text.rstrip("\n"), runs[0][1], Zone.CELL, lines=False, cells=tuple(runs))


def rules(engine, *segments):
    return [finding.rule for finding in engine.inspect(segments, TODAY).findings]


def filler(count):
    return [[f"甲{number}", "0", "无"] for number in range(count)]


@pytest.mark.parametrize("far", [0, 1, 5, 300, 3000])
def test_a_head_far_above_counts(engine, far):
    rows = [["姓名", "卡号", "备注"], *filler(far), ["乙", BARE, ""]]
    assert rules(engine, sheet(rows)) == ["finance.bank-card"]
    assert rules(engine, Segment("\n".join("\t".join(row) for row in rows), "table")) == ["finance.bank-card"]
    assert rules(engine, Segment("\n".join(",".join(row) for row in rows), "")) == ["finance.bank-card"]


def test_only_the_head_of_its_own_column_counts(engine):
    rows = [["卡号", "数量", "备注"], *filler(50), ["乙", BARE, "无"]]
    assert rules(engine, sheet(rows)) == []
    assert rules(engine, Segment("\n".join("\t".join(row) for row in rows), "table")) == []


def test_what_stands_beside_it_is_the_next_column(engine):
    assert rules(engine, sheet([["订单号", "卡号"], ["20260101", BARE]])) == ["finance.bank-card"]
    assert rules(engine, sheet([["卡号", "订单号"], ["见附件", BARE]])) == []


def test_a_later_segment_of_the_sheet_knows_the_head(engine):
    one = sheet([["姓名", "卡号"], *filler(9)])
    other = sheet([["乙", BARE]], first=11)
    assert rules(engine, one, other) == ["finance.bank-card"]
    assert rules(engine, other) == []
    assert rules(engine, one, sheet([["乙", BARE]], name="Sheet2")) == []


def test_a_later_window_of_a_file_knows_its_first_line(engine):
    for sign in ",;|\t":
        one = Segment(f"姓名{sign}卡号\n甲{sign}0\n", "")
        other = Segment(f"乙{sign}{BARE}\n", "", first=3)
        assert rules(engine, one, other) == ["finance.bank-card"], sign
        assert rules(engine, other) == []


def test_the_reason_says_so(engine):
    (finding,) = engine.inspect([sheet([["姓名", "卡号"], *filler(9), ["乙", BARE]])], TODAY).findings
    assert "表头" in finding.reason.zh
    assert "column is headed" in finding.reason.en


def test_files_do_not_share_heads(engine):
    assert rules(engine, sheet([["姓名", "卡号"], ["甲", "0"]])) == []
    assert rules(engine, sheet([["乙", BARE]], first=90)) == []


def head(segment, offset):
    columns = Columns()
    columns.enter(segment)
    return columns.head(segment, offset)


def of_last(rows, **place):
    segment = sheet(rows, **place)
    return head(segment, len(segment.text) - 1)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["a", "b"], ["1234", "x"]], "b"),
        ([["员工名册"], ["a", "b"], ["1234", "x"]], "b"),  # a title above
        ([["a", "联系方式"], ["c", "手机"], ["1234", "x"]], "联系方式 手机"),  # two rows of heads
        ([["a", "b"], ["c", "d"], ["e", "f"], ["1234", "x"]], "b d"),  # and no more
        ([["1234", "2345"], ["3456", "x"]], ""),
        ([["a", "1.5"], ["1234", "x"]], ""),
        ([["a", "b" * LONGEST], ["1234", "x"]], "b" * LONGEST),
        ([["a", "b" * (LONGEST + 1)], ["1234", "x"]], ""),
        ([["1234", "1"]] * (ROWS - 1) + [["a", "b"], ["1234", "x"]], "b"),
        ([["1234", "1"]] * ROWS + [["a", "b"], ["1234", "x"]], ""),
    ],
)
def test_which_rows_are_heads(rows, found):
    assert of_last(rows) == found


@pytest.mark.parametrize("column", ["B", "Z", "AA", "XFC"])
def test_columns_that_begin_further_right(column):
    assert of_last([["a", "b"], ["1234", "x"]], column=column) == "b"


def test_a_row_of_two_runs():
    text = "a\tb\n1234\tx"
    cells = ((0, "S!A1"), (2, "S!H1"), (4, "S!A2"), (9, "S!H2"))
    segment = Segment(text, "S!A1", Zone.CELL, lines=False, cells=cells)
    assert head(segment, len(text) - 1) == "b"


def test_a_table_ends_where_tabs_end():
    text = "卡号\t备注\n甲\t乙\n\n" + f"丙\t丁\n{BARE}\t戊"
    assert head(Segment(text, "t"), text.index(BARE)) == "丙"
    other = "a\tb\n1234\t2345\nprose\n" + f"{BARE}"
    assert head(Segment(other, "t"), other.index(BARE)) == ""


def test_tables_are_found_in_any_order():
    text = "".join(f"h{n}\tk{n}\n1234\t5678{n}\n\n" for n in range(5))
    segment, columns = Segment(text, "t"), Columns()
    columns.enter(segment)
    for number in (3, 0, 4, 1, 1, 2):
        assert columns.head(segment, text.index(f"5678{number}")) == f"k{number}"


def test_separated_values_with_quotes():
    text = '"name","card, main","note"\n"Li, Lei",1234,"x"\n'
    assert head(Segment(text, ""), text.index("1234")) == "card, main"
    text = 'name,card,note\n"Li, Lei",1234,"x"\n'
    assert head(Segment(text, ""), text.index("1234")) == "card"


def test_prose_with_commas_is_no_table():
    text = "名单, 卡号, 说明\n这一行, 1234, 有, 更多\n"
    assert head(Segment(text, ""), text.index("1234")) == ""
