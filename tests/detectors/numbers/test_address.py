from datetime import date

import pytest

from detectors.numbers import address

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    "text",
    [
        "广东省深圳市南山区科苑路88号A座1203室",
        "北京市海淀区某某街道某某路5号院2号楼3单元401室",
        "浙江省杭州市西湖区某某镇某某村12号",
        "甘肃省昆明县平山林街s座",
        "上海市浦东新区某某路1200弄8号602室",
        "新疆维吾尔自治区乌鲁木齐市天山区某某巷7号",
        "内蒙古自治区锡林郭勒盟某某旗某某街3号",
        "香港特别行政区中西区某某道99号15楼",
    ],
)
def test_found_to_the_end(findings, text):
    assert findings(f"请将合同寄至{text}，收件人") == [("contact.address", text)]


@pytest.mark.parametrize(
    "text",
    [
        "北京市人民政府令第12号",
        "《上海市道路交通管理条例》第3号公告",
        "广东省高级人民法院民事判决书第5号",
        "江苏省南京市中级人民法院",
        "沿着那条道走到3号门",
        "这是北京市到上海市的高速路",
        "河北省第2号",
        "他在路上走了5号线",
        "100 people",
        "In 2008 Wall Street fell",
    ],
)
def test_not_an_address(findings, text):
    assert findings(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "1600 Example Avenue, Springfield, IL 62704",
        "221 North Baker Street, Apt 5",
        "12 St. John's Road",
        "3 Old Mill Lane",
    ],
)
def test_streets(findings, text):
    assert findings(f"We live at {text}") == [("contact.address", text)]


def test_more_parts_prove_more():
    scores = [
        address.check(text, TODAY).by
        for text in (
            "南山区科苑路88号",
            "深圳市南山区科苑路88号",
            "广东省深圳市南山区科苑路88号",
            "广东省深圳市南山区科苑路88号5室",
        )
    ]
    assert scores == sorted(set(scores))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("区科苑路88号", False),  # two parts
        ("南山区科苑路88号", True),  # three
        ("深圳市南山区科苑路", False),  # no house
        ("深圳市南山区88号", False),  # no road
        ("深圳市南山区西丽镇88号", True),  # a town in its place
    ],
)
def test_what_makes_an_address(text, valid):
    assert (address.check(text, TODAY) is not None) == valid


def test_a_year_before_a_street_is_a_story():
    assert address.check("2008 Wall Street", TODAY).by < 0 < address.check("200 Wall Street", TODAY).by
    assert address.check("200 Wall Street, Apt 5", TODAY).by > address.check("200 Wall Street", TODAY).by


def test_one_address_raises_nothing_and_a_list_does(engine):
    from config.levels import Level
    from config.verdict import Segment

    def level(count):
        lines = "\n".join(f"广东省深圳市南山区科苑路{number}号" for number in range(1, count + 1))
        return engine.inspect([Segment(lines, "body")], TODAY).level

    assert [level(count) for count in (1, 19, 20)] == [*(Level.PUBLIC, Level.PUBLIC, Level.INTERNAL)]
