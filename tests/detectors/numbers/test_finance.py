"""Passwords are top secret, clients and salaries secret, all other finance data confidential."""

from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment

TODAY = date(2026, 11, 1)


def inspect(engine, text):
    return {finding.rule: finding for finding in engine.inspect([Segment(text, "body")], TODAY).findings}


@pytest.mark.parametrize(
    ("text", "rule", "level"),
    [
        ("网银登录密码：Qw3rty88", "finance.netbank-password", Level.TOP_SECRET),
        ("企业网银复核员密码: Fh-8812!", "finance.netbank-password", Level.TOP_SECRET),
        ("U盾密码为 668201", "finance.netbank-password", Level.TOP_SECRET),
        ("online banking password: Fh-8812!", "finance.netbank-password", Level.TOP_SECRET),
        ("银行\t网银用户\t登录密码\n工行\tcaiwu01\tQw3rty88\n", "finance.netbank-password", Level.TOP_SECRET),
        ("支票密码 9031-7724-1180", "finance.cheque-password", Level.TOP_SECRET),
        ("支票支付密码：9031 7724 1180 2233", "finance.cheque-password", Level.TOP_SECRET),
        ("cheque password: 9031-7724-1180", "finance.cheque-password", Level.TOP_SECRET),
        ("支票号码\t支付密码\n00123456\t9031772411802233", "finance.cheque-password", Level.TOP_SECRET),
        ("应发工资：8500.00元，实发：7,210.50元", "finance.salary", Level.SECRET),
        ("姓名\t岗位\t实发工资\n王某\t出纳\t8,500.00\n李某\t会计\t9100\n", "finance.salary", Level.SECRET),
        ("姓名,岗位,月薪\n王某,出纳,8500\n李某,会计,9100\n", "finance.salary", Level.SECRET),
        (
            "甲方（盖章）：某某电气股份有限公司\n合同总金额：人民币1,250,000.00元",
            "finance.counterparty",
            Level.SECRET,
        ),
        ("甲方开户行账号：6228 4800 1234 5678", "finance.counterparty", Level.SECRET),
        (
            "客户名称\t合同金额\n某某公司\t1,200,000.00\n某某集团\t300,000.00\n",
            "finance.counterparty",
            Level.SECRET,
        ),
        ("Contract amount: USD 1,250,000.00", "finance.counterparty", Level.SECRET),
        (
            "日期\t摘要\t借方\t贷方\t余额\n2024-03-01\t货款\t1,200.00\t\t58,000.00",
            "finance.statement",
            Level.CONFIDENTIAL,
        ),
        ("Date,Description,Amount,Balance\n2024-03-01,rent,-500.00,1200.00\n", "finance.statement", Level.CONFIDENTIAL),
        ("银行对账单\n户名：某公司\n2024/03/01 转账 500.00 58,000.00", "finance.statement", Level.CONFIDENTIAL),
        ("科目余额表\n科目\t期末余额\n1001\t12,500.00", "finance.statement", Level.CONFIDENTIAL),
    ],
)
def test_the_levels_of_finance(engine, text, rule, level):
    found = inspect(engine, text)
    assert rule in found
    assert found[rule].level is level


@pytest.mark.parametrize(
    "text",
    [
        "请妥善保管网银密码。",
        "网银密码：******",
        "网银密码：请向出纳索取",
        "支票密码器的使用规定",
        "支票密码由出纳保管",
        "工资总额占 35%",
        "奖金 300 元以下的罚款",
        "姓名\t实发工资\n王某\t见附件\n",
        "甲方应当按时付款。",
        "甲方：____________",
        "甲方：（盖章）",
        "合同金额的 5%",
        "应当按月与银行对账单核对，于次月 5 日前完成。",
        "资产负债表应当按照规定编制。",
        "日期\t温度\t余额\n2024-03-01\t21.5\t无",
        "客户名称\t合同金额\n见附件\t面议",
        "balance the date of the tree",
    ],
)
def test_talk_of_money_is_no_data(engine, text):
    assert not [rule for rule in inspect(engine, text) if rule.startswith("finance.")]


def test_one_salary_is_less_than_a_payroll(engine):
    assert inspect(engine, "月薪：8500元")["finance.salary"].level < Level.SECRET
    assert inspect(engine, "月薪：8500元\n月薪：9100元")["finance.salary"].level is Level.SECRET
