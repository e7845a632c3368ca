"""Which heads make a column of salaries or of a client's transactions, and which values count below them."""

from datetime import date

import pytest

from config.verdict import Segment

TODAY = date(2026, 11, 1)


def count(engine, rule, heads, *rows):
    text = "\n".join("\t".join(row) for row in (heads, *rows))
    return sum(finding.count for finding in engine.inspect([Segment(text, "")], TODAY).findings if finding.rule == rule)


@pytest.mark.parametrize(
    "head",
    [
        "工资", "应发工资", "实发工资（元）", "基本工资", "月薪", "年薪", "税前薪资", "1月工资", "年度工资合计",
        "实发", "应发合计",
        "Salary", "Base salary", "Net pay", "GROSS PAY", "Monthly wage (CNY)", "绩效考核工资",
    ],
)  # fmt: skip
def test_heads_of_salaries(engine, head):
    rows = [["张三", "8500"], ["李四", "9,100.00"], ["王五", "￥7200"], ["赵六", "10800元"]]
    assert count(engine, "finance.salary", ["员工", head], *rows) == 4


@pytest.mark.parametrize(
    "head",
    [
        "工资卡号", "工资月份", "薪级", "薪资等级", "工资发放日期", "绩效得分",
        "奖金系数", "税前利润", "税后净利润", "应发数量", "实发数量", "实发件数",
        "工资条编号", "工资占比", "工资增长率", "Salary grade", "Pay date", "Payroll number", "Wage type",
        "Payment", "出库数量", "单价", "库存",
    ],
)  # fmt: skip
def test_heads_of_other_things(engine, head):
    assert count(engine, "finance.salary", ["物料", head], ["螺栓", "8500"], ["螺母", "9100"]) == 0


@pytest.mark.parametrize(
    "value", ["", "0", "0.00", "85", "8500%", "见附件", "8000-12000", "2026-10-01", "13800138000123"]
)
def test_values_that_are_no_salary(engine, value):
    assert count(engine, "finance.salary", ["姓名", "工资"], ["张三", value], ["李四", value]) == 0


def test_ten_thousands(engine):
    assert count(engine, "finance.salary", ["姓名", "年薪（万元）"], ["张三", "36"], ["李四", "42.5"]) == 2
    assert count(engine, "finance.salary", ["姓名", "年薪"], ["张三", "36万"], ["李四", "42.5万元"]) == 2


@pytest.mark.parametrize("head", ["合同金额", "已回款（元）", "应收余额", "欠款金额", "Contract amount", "Balance"])
def test_transactions_of_clients(engine, head):
    rows = [["某某公司", "1,200,000.00"], ["另一公司", "35000"]]
    assert count(engine, "finance.counterparty", ["客户", head], *rows) == 2
    assert count(engine, "finance.counterparty", ["部门", head], *rows) == 0


@pytest.mark.parametrize("head", ["合同编号", "收款日期", "付款方式", "付款比例", "结算方式", "行业", "Payment terms"])
def test_what_is_no_transaction(engine, head):
    assert count(engine, "finance.counterparty", ["客户", head], ["某甲", "20260115"], ["某乙", "35000"]) == 0


def test_the_first_column_that_fits_counts(engine):
    heads = ["姓名", "奖金", "基本工资", "实发工资"]
    text = "\n".join("\t".join(row) for row in (heads, ["张三", "1000", "7000", "7600"], ["李四", "900", "6100", ""]))
    found = [
        text[finding.start : finding.end]
        for finding in engine.detect(text, TODAY).findings
        if finding.rule == "finance.salary"
    ]
    assert found == ["7600", "6100"]


def test_signs_that_are_not_shown(engine):
    text = "姓\u200b名\t工\u200b资\n张三\t85\u200b00\n李\u200b四\t\u200b9100\n"
    found = [text[finding.start : finding.end] for finding in engine.detect(text, TODAY).findings]
    assert found == ["85\u200b00", "9100"]


def test_both_ways_agree(engine, slow_engine):
    text = "请核对：\n\n姓名|工资\n张三|8500\n李四|9100\n\n客户,合同金额\n某某公司,120000\n"
    found = engine.detect(text, TODAY).findings
    assert found == slow_engine.detect(text, TODAY).findings
    assert {finding.rule for finding in found} == {"finance.salary", "finance.counterparty"}
