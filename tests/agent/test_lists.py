"""Long lists in documents as people make them: every value under its head counts, and no other."""

import csv
import io
import random
from datetime import date

import docx
import openpyxl
import pytest

from agent.extract import dispatch
from agent.extract.reading import Ledger, Reading
from agent.sample import resident_number
from config.levels import Level
from config.limits import Limits
from detectors.engine import Engine
from detectors.numbers import VALIDATORS
from detectors.ruleset import load_rules
from tests.documents import saved

TODAY = date(2026, 11, 1)
FAMILY, GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜敏静磊强军洋勇艳杰涛明超"
PLACES, TRADES = ("华东", "江北", "西岭", "海宁", "安平"), ("电气", "机械", "化工", "纺织", "物流")
PAY, CLIENT = "finance.salary", "finance.counterparty"


def people(count):
    """Name, post and pay of so many people; no pay is met twice."""
    draw = random.Random(1)
    names = [draw.choice(FAMILY) + draw.choice(GIVEN) + draw.choice(GIVEN) for _ in range(count)]
    return [[name, draw.choice(["出纳", "会计", "工程师"]), 5000 + 13 * number] for number, name in enumerate(names)]


def companies(count):
    """Name and turnover of so many companies."""
    draw = random.Random(2)
    names = [f"{draw.choice(PLACES)}{draw.choice(TRADES)}{number}有限公司" for number in range(count)]
    return [[name, 120_000 + 37 * number] for number, name in enumerate(names)]


def stores(count):
    """Material, parts handed out and left."""
    return [[f"螺栓M{number}", 4000 + number, 9000 - number] for number in range(count)]


def excel(rows):
    """A workbook; None leaves a cell out."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book), "a.xlsx"


def word(*tables):
    document = docx.Document()
    for rows in tables:
        document.add_paragraph("如下表所示")
        made = document.add_table(rows=0, cols=max(map(len, rows)))
        for row in rows:
            for cell, value in zip(made.add_row().cells, row, strict=False):
                cell.text = "" if value is None else str(value)
    return saved(document), "a.docx"


def separated(rows, sign=","):
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows([["" if value is None else value for value in row] for row in rows])
    return out.getvalue().encode(), "a.csv"


def tabbed(rows):
    return separated(rows, "\t")[0], "a.txt"


FORMS = pytest.mark.parametrize("made", [excel, word, separated, tabbed])


@pytest.fixture(scope="module")
def engine():
    return Engine(load_rules(verify=False), b"a key for tests")


@pytest.fixture(scope="module")
def found(engine):
    """Rule to its finding in a document."""

    def find(document):
        data, name = document
        reading = Reading(Ledger(Limits()), dispatch.read)
        segments = dispatch.read(io.BytesIO(data), reading, name)
        return {finding.rule: finding for finding in engine.inspect(segments, TODAY).findings}

    return find


@pytest.fixture(scope="module")
def counts(found):
    """Rule to how often it was found in a document."""
    return lambda document: {rule: finding.count for rule, finding in found(document).items()}


@FORMS
def test_a_payroll_of_six_hundred(found, made):
    finding = found(made([["姓名", "岗位", "应发工资"], *people(600)]))[PAY]
    assert 598 <= finding.count <= 602
    assert finding.level is Level.SECRET


@FORMS
def test_a_payroll_in_english(counts, made):
    rows = [[f"A. Person {number}", "clerk", 5000 + 13 * number] for number in range(500)]
    assert 498 <= counts(made([["Employee", "Position", "Net pay"], *rows]))[PAY] <= 502


@FORMS
def test_eight_hundred_clients(counts, made):
    head = ["客户名称", "合同金额"]
    assert 798 <= counts(made([head, *companies(800)]))[CLIENT] <= 802
    rows = [[name, "李某", f"办公室{number}"] for number, (name, _) in enumerate(companies(800))]
    assert 798 <= counts(made([["客户名称", "联系人", "地址"], *rows]))[CLIENT] <= 802


@FORMS
def test_a_column_that_is_no_salary(counts, made):
    rows = [[name, post, number, pay] for number, (name, post, pay) in enumerate(people(300))]
    assert PAY not in counts(made([["姓名", "岗位", "序号", "体检编号"], *rows]))
    assert PAY not in counts(made([["姓名", "岗位", "序号", "工资卡号"], *rows]))
    assert PAY not in counts(made([["物料", "应发数量", "实发数量"], *stores(300)]))
    assert CLIENT not in counts(made([["物料", "出库金额", "结存金额"], *stores(300)]))


@FORMS
def test_a_person_is_counted_once_whatever_is_paid(counts, made):
    rows = [[name, pay, pay // 3, pay + pay // 3] for name, _, pay in people(400)]
    assert 398 <= counts(made([["姓名", "基本工资", "绩效工资", "应发工资"], *rows]))[PAY] <= 402


@FORMS
def test_totals_are_nobodys_pay(counts, made):
    rows = [*people(50), ["合计", "", 412_300], *people(50), ["小 计", None, 99_000], ["Total", None, 511_300]]
    assert 100 <= counts(made([["姓名", "岗位", "实发工资"], *rows]))[PAY] <= 101


@FORMS
def test_two_tables_of_which_one_is_a_payroll(counts, made):
    pay, goods = [["姓名", "岗位", "应发工资"], *people(200)], [["物料", "入库数量", "库存数量"], *stores(200)]
    gap = [[None, None, None]]
    assert 199 <= counts(made([*pay, *gap, *goods]))[PAY] <= 201
    assert 199 <= counts(made([*goods, *gap, *pay]))[PAY] <= 201
    assert 199 <= counts(made([*goods, *gap, ["工资表", None, None], *pay]))[PAY] <= 201
    assert 199 <= counts(made([*pay, *goods]))[PAY] <= 201  # not even a line between them
    assert 199 <= counts(made([*goods, *pay]))[PAY] <= 201


@pytest.mark.parametrize("made", [excel, separated, tabbed])  # a document has no empty rows
def test_a_second_table_with_uncommon_heads(counts, made):
    pay, fleet = [["姓名", "岗位", "应发工资"], *people(200)], [["车", "油", "里程"], *stores(200)]
    assert 199 <= counts(made([*pay, [None, None, None], *fleet]))[PAY] <= 201


@FORMS
def test_words_among_the_numbers_are_no_heads(counts, made):
    first, second = people(100), people(200)[100:]
    rows = [*first, ["赵某", "会计", "停薪"], *second]
    assert 199 <= counts(made([["姓名", "岗位", "应发工资"], *rows]))[PAY] <= 201
    rows = [*first, [None, None, None], ["二车间", "焊工组", None], *second]
    assert 199 <= counts(made([["姓名", "岗位", "应发工资"], *rows]))[PAY] <= 201
    rows = [*first, ["二车间", None, None], *second]
    assert 199 <= counts(made([["姓名", "岗位", "应发工资"], *rows]))[PAY] <= 201


@FORMS
def test_titles_above_the_heads(counts, made):
    head = ["姓名", "岗位", "应发工资"]
    assert 298 <= counts(made([["工资发放表", None, None], head, *people(300)]))[PAY] <= 302
    above = [["华东公司工资发放表", None, None], ["编制：财务部", None, "单位：元"]]
    assert 298 <= counts(made([*above, head, *people(300)]))[PAY] <= 302


@FORMS
def test_what_a_pattern_sees_too_is_counted_once(counts, made):
    rows = [
        [name, resident_number(f"1101011990{number % 12 + 1:02}{number % 28 + 1:02}{number:03}"), f"￥{pay}.00"]
        for number, (name, _, pay) in enumerate(people(300))
    ]
    assert counts(made([["姓名", "身份证号", "实发工资"], *rows]))[PAY] == 300


@FORMS
def test_heads_over_two_rows(counts, made):
    heads = [["姓名", "工资", None, "考勤", None], [None, "一月", "二月", "一月", "二月"]]
    rows = [[name, None, pay, None, 2000 + pay] for name, _, pay in people(300)]
    assert 298 <= counts(made([*heads, *rows]))[PAY] <= 302
    rows = [[name, None, None, pay, 2000 + pay] for name, _, pay in people(300)]
    assert PAY not in counts(made([*heads, *rows]))


def test_merged_cells(counts):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["工资发放表"], ["姓名", "工资", None], [None, "基本", "绩效"]]:
        sheet.append(row)
    for area in ("A1:C1", "B2:C2", "A2:A3"):
        sheet.merge_cells(area)
    for name, _, pay in people(300):
        sheet.append([name, None, pay])
    assert 298 <= counts((saved(book), "a.xlsx"))[PAY] <= 302


def test_a_head_broken_within_its_cell(counts):
    assert 298 <= counts(excel([["姓 名", "岗位", "应 发\n工 资"], *people(300)]))[PAY] <= 302
    rows = [["姓 名", "岗位", "应 发\n工 资\n（元）"], ["甲", "会\n计", 8000], *people(300)]
    assert 299 <= counts(excel(rows))[PAY] <= 303


@FORMS
def test_columns_without_heads(counts, made):
    assert PAY not in counts(made(people(300)))
    assert PAY not in counts(made([["姓名", "岗位", None], *people(300)]))
    rows = [[name, pay, 70_000 + pay] for name, _, pay in people(300)]
    assert 298 <= counts(made([["姓名", "工资", None], *rows]))[PAY] <= 302


def test_tables_beside_each_other(counts):
    rows = [[*pay, None, *goods] for pay, goods in zip(people(200), stores(200), strict=True)]
    assert 199 <= counts(excel([["姓名", "岗位", "工资", None, "物料", "数量", "金额"], *rows]))[PAY] <= 201
    rows = [[*goods, *[None] * 9, *pay] for pay, goods in zip(people(200), stores(200), strict=True)]
    assert 199 <= counts(excel([["物料", "数量", "金额", *[None] * 9, "姓名", "岗位", "工资"], *rows]))[PAY] <= 201


def test_a_sheet_of_many_segments(counts):
    rows = [[name, post, "无" * 30, pay] for name, post, pay in people(4000)]
    assert 3990 <= counts(excel([["姓名", "岗位", "备注", "工资"], *rows]))[PAY] <= 4010
    goods = [[name, "个", "无" * 30, left] for name, left, _ in stores(4000)]
    both = [["姓名", "岗位", "备注", "工资"], *rows, ["物料", "单位", "备注", "数量"], *goods]
    assert 3990 <= counts(excel(both))[PAY] <= 4010


@pytest.mark.parametrize("made", [separated, tabbed])
def test_a_file_of_several_windows(counts, made):
    rows = [[name, post, "无" * 100, pay] for name, post, pay in people(6000)]
    assert 5990 <= counts(made([["姓名", "岗位", "备注", "工资"], *rows]))[PAY] <= 6010


def test_a_table_that_a_page_breaks(counts):
    document = docx.Document()
    table = document.add_table(rows=0, cols=3)
    for number, row in enumerate([["姓名", "岗位", "应发工资"], *people(200)]):
        cells = table.add_row().cells
        for cell, value in zip(cells, row, strict=True):
            cell.text = str(value)
        if number in (60, 120):
            cells[0].paragraphs[0].runs[0].add_break(docx.enum.text.WD_BREAK.PAGE)
    assert 199 <= counts((saved(document), "a.docx"))[PAY] <= 201


def test_two_tables_of_a_document(counts):
    pay, goods = [["姓名", "岗位", "应发工资"], *people(200)], [["物料", "入库", "库存"], *stores(200)]
    assert 199 <= counts(word(pay, goods))[PAY] <= 201
    assert 199 <= counts(word(goods, pay))[PAY] <= 201


@pytest.mark.parametrize("sign", ["\t", "|", ","])
def test_a_table_within_a_letter(counts, sign):
    rows = [["姓名", "岗位", "应发工资"], *([str(value) for value in row] for row in people(300))]
    text = "各位：\n下表请核对，勿外传。\n\n" + "\n".join(sign.join(row) for row in rows) + "\n\n谢谢\n财务部\n"
    assert 298 <= counts((text.encode(), "a.txt"))[PAY] <= 302
    rows = ["".join(f"| {value} " for value in row) + "|" for row in rows]
    text = "# 工资\n\n下表请核对。\n\n" + "\n".join([rows[0], "|---|---|---|", *rows[1:]]) + "\n\n完\n"
    assert 298 <= counts((text.encode(), "a.md"))[PAY] <= 302


def test_passwords_under_their_heads(counts):
    rows = [["工行", f"caiwu{number}", f"Qw3rty{number:03}"] for number in range(60)]
    assert counts(excel([["银行", "网银用户", "网银密码"], *rows]))["finance.netbank-password"] == 60
    rows = [[f"00{123400 + number}", 5000 + number, f"9031 7724 1180 {2000 + number}"] for number in range(60)]
    assert counts(excel([["支票号", "金额", "支付密码"], *rows]))["finance.cheque-password"] == 60


@FORMS
def test_the_passwords_of_three_hundred_systems(counts, made):
    systems = [[f"10.2.{row // 250}.{row % 250 + 1}", "admin", f"kd{row}wq{row % 7}z"] for row in range(300)]
    assert counts(made([["系统", "账号", "密码"], *systems]))["secret.password"] == pytest.approx(300, rel=0.02)
    periods = [[name, "admin", f"{row}days"] for row, (name, *_) in enumerate(systems)]
    assert "secret.password" not in counts(made([["系统", "账号", "密码有效期"], *periods]))


def test_no_reason_repeats_a_head(found):
    finding = found(excel([["姓名", "岗位", "机要室工资"], *people(30)]))[PAY]
    assert "“工资”" in finding.reason.zh
    assert "机要室" not in finding.reason.zh


@FORMS
def test_numbers_of_other_countries_under_their_heads(counts, made):
    draw = random.Random(3)
    numbers = []
    while len(numbers) < 300:
        number = f"{draw.choice('ABCDEFGH')}{draw.choice('12')}{draw.randrange(10**8):08}"
        if VALIDATORS["tw-id"](number, TODAY):
            numbers.append(number)
    rows = [[name, post, number] for (name, post, _), number in zip(people(300), numbers, strict=True)]
    assert 299 <= counts(made([["姓名", "岗位", "统一编号"], *rows]))["national.tw-id"] <= 302
    assert "national.tw-id" not in counts(made([["姓名", "岗位", "物料编码"], *rows]))
