import pytest

from config.verdict import Segment, Side, Zone
from detectors.marks.lint.advice import Severity

BODY = "\n某某委员会\n关于开展工作的通知\n各有关单位：\n请认真执行。\n某某委员会\n2026年3月1日\n"


def test_a_mark_as_it_should_be(advice):
    assert advice("000001\n机密★5年\n特急" + BODY) == {}
    assert advice("普通的通知" + BODY) == {}


@pytest.mark.parametrize(
    ("mark", "over"),
    [
        ("秘密★10年", False),
        ("秘密★11年", True),
        ("机密★20年", False),
        ("机密★21年", True),
        ("绝密★30年", False),
        ("绝密★31年", True),
        ("秘密★120个月", False),
        ("秘密★121个月", True),
        ("秘密★2036年11月1日", False),
        ("秘密★2036年11月2日", True),
    ],
)
def test_the_maximum_of_each_level(broken, mark, over):
    assert ("cn.term-above-maximum" in broken("cn", mark + BODY)) is over


def test_the_maximum_holds_in_a_property_too(advice):
    found = advice("秘密★5年" + BODY, properties={"密级": "秘密★15年"})
    assert found["cn.term-above-maximum"].where == "property:密级"


def test_advice_says_what_where_why_and_what_instead(advice):
    found = advice("秘密★15年" + BODY)["cn.term-above-maximum"]
    assert found.severity is Severity.ERROR
    assert found.where == "line 1"
    assert found.text.zh == "“秘密★15年”的保密期限超过秘密级的法定上限10年"
    assert found.basis.zh == "《保守国家秘密法》（2024年修订）第二十条"
    assert "不超过10年" in found.instead.zh
    assert found.basis.en == "State Secrets Law (2024), art. 20"


@pytest.mark.parametrize(
    ("mark", "missing"), [("机密★", True), ("机　密", True), ("机密★5年", False), ("机密★公布前", False)]
)
def test_a_missing_term(broken, mark, missing):
    assert ("cn.term-missing" in broken("cn", mark + BODY)) is missing


@pytest.mark.parametrize(("mark", "said"), [("机密★长期", True), ("绝密★永久", True), ("机密★5年", False)])
def test_a_term_without_end(broken, mark, said):
    assert ("cn.term-without-end" in broken("cn", mark + BODY)) is said


@pytest.mark.parametrize(
    ("mark", "said"), [("机密★五年", True), ("机密★十二年", True), ("机密★六个月", True), ("机密★5年", False)]
)
def test_chinese_numerals(broken, mark, said):
    assert ("cn.chinese-numerals" in broken("cn", mark + BODY)) is said


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("机密5年", "缺少★"),
        ("★机密5年", "★写在了密级前面"),
        ("机密5年★", "★写在了保密期限后面"),
        ("机密☆5年", "用“☆”代替了★"),
        ("机密*5年", "用“*”代替了★"),
        ("机密●5年", "用“●”代替了★"),
        ("机密★★5年", "★多于一个"),
    ],
)
def test_the_star(advice, mark, words):
    found = advice(mark + BODY)["cn.star"]
    assert found.text.zh == f"“{mark}”{words}"
    assert found.instead.zh == "机密★5年"


@pytest.mark.parametrize("mark", ["机密★5年", "密级：机密", "机密★", "机　密"])
def test_the_star_is_right_or_not_asked_for(broken, mark):
    assert "cn.star" not in broken("cn", mark + BODY)


def test_the_place(broken):
    assert "cn.place" in broken("cn", "某某\n" * 15 + "机密★5年" + BODY)
    assert "cn.place" not in broken("cn", "某某\n" * 14 + "机密★5年" + BODY)
    assert "cn.place" in broken("cn", "封面", "机密★5年" + BODY)
    assert "cn.place" not in broken("cn", "机密★5年" + BODY, "附件")


@pytest.mark.parametrize(("side", "said"), [(Side.RIGHT, True), (Side.CENTRE, True), (None, False)])
def test_the_side_as_the_format_says(broken, side, said):
    sides = ((0, side),) if side else ()
    assert ("cn.side" in broken("cn", "机密★5年" + BODY, sides=sides)) is said
    assert "cn.side" not in broken("cn", "机密★5年" + BODY, sides=((1, side or Side.RIGHT),))


@pytest.mark.parametrize(
    ("margin", "said"), [(" " * 12, True), (" " * 11, False), ("\u3000" * 6, True), ("\t\t", True), ("\t", False)]
)
def test_the_side_as_the_margin_says(broken, margin, said):
    assert ("cn.side" in broken("cn", f"份号\n{margin}机密★5年" + BODY)) is said


def test_the_side_is_named(advice):
    for side, words in ((Side.RIGHT, "位于右侧"), (Side.CENTRE, "位于居中")):
        assert words in advice("机密★5年" + BODY, sides=((0, side),))["cn.side"].text.zh


def test_a_field_may_do_without_a_star_but_not_with_another(broken):
    assert "cn.star" in broken("cn", "密级：机密☆5年" + BODY)
    assert "cn.star" not in broken("cn", "密级：机密★5年" + BODY)


def test_the_highest_level_and_the_longest_term_stand_first(advice):
    found = advice("秘密★5年" + BODY, "机密★5年" + BODY)
    assert found["cn.below-content"].where == "page 1 line 1"
    assert "第2页第1行" in found["cn.below-content"].text.zh
    assert "cn.below-content" not in advice("机密★5年" + BODY, "秘密★5年" + BODY)
    assert "cn.shorter-than-content" in advice("秘密★5年" + BODY, "秘密★6年" + BODY)
    assert "cn.shorter-than-content" not in advice("秘密★5年" + BODY, "秘密★5年" + BODY)
    assert "cn.shorter-than-content" in advice("机密★5年" + BODY, "秘密★9年" + BODY)
    assert "cn.shorter-than-content" not in advice("秘密★5年" + BODY, "机密★9年" + BODY)
    assert "cn.shorter-than-content" not in advice("秘密★公布前" + BODY, "秘密★6年" + BODY)


def test_the_file_and_its_pages_say_the_same(broken):
    assert "cn.not-on-page" in broken("cn", "没有标志" + BODY, name="[机密]方案.docx")
    assert "cn.not-on-page" in broken("cn", "没有标志" + BODY, properties={"密级": "机密"})
    assert "cn.differs" in broken("cn", "机密★5年" + BODY, name="[秘密]方案.docx")
    assert broken("cn", "机密★5年" + BODY, name="[机密]方案.docx") == set()
    assert "cn.property-missing" in broken("cn", "机密★5年" + BODY, properties={"Title": "方案"})
    assert "cn.property-missing" not in broken("cn", "机密★5年" + BODY, properties={"密级": "机密★5年"})
    assert "cn.property-missing" not in broken("cn", "没有标志" + BODY, properties={"Title": "方案"})


def test_expired_and_undated(broken):
    assert "cn.expired" in broken("cn", "秘密★1年\n某某\n2020年3月1日\n")
    assert "cn.expired" not in broken("cn", "秘密★1年" + BODY)
    assert "cn.no-date" in broken("cn", "秘密★1年\n某某\n")
    assert "cn.no-date" not in broken("cn", "秘密★1年" + BODY)
    assert "cn.no-date" not in broken("cn", "秘密★长期\n某某\n")
    assert "cn.no-date" not in broken("cn", "秘密★2030年1月1日\n某某\n")


def test_an_official_document_has_a_copy_number(broken):
    head = "机密★5年\n某某市人民政府文件\n某政发〔2026〕12号"
    assert "cn.copy-number" in broken("cn", head + BODY)
    assert "cn.copy-number" not in broken("cn", "000001\n" + head + BODY)
    assert "cn.copy-number" in broken("cn", "1234567\n" + head + BODY)
    assert "cn.copy-number" not in broken("cn", "机密★5年" + BODY)
    assert "cn.copy-number" not in broken("cn", "某某\n" * 15 + head + BODY)


@pytest.mark.parametrize(
    "words", ["（此件公开发布）", "信息公开选项：主动公开", "现予公布，自公布之日起施行。", "ISBN 978-7"]
)
def test_what_is_published_is_no_secret(advice, words):
    assert advice(f"机密★5年{BODY}{words}")["cn.published"].severity is Severity.WARNING
    assert "cn.published" not in advice(f"通知{BODY}{words}")
    assert "cn.published" not in advice(f"机密★5年{BODY}")


@pytest.mark.parametrize(
    ("mark", "said"), [("机密★20年", True), ("机密★19年", False), ("秘密★10年", True), ("绝密★30年", True)]
)
def test_the_longest_term_may_be_a_default(broken, mark, said):
    assert ("cn.maximum-term" in broken("cn", mark + BODY)) is said


def test_exam_papers_are_left_alone(broken):
    assert broken("cn", "绝密★启用前\n2026年某省统一考试\n") == set()


def test_the_gravest_stands_first(draft):
    from detectors.marks.lint import lint

    found = [each.severity.rank for each in lint(draft("秘密★十五年\n某某\n", properties={"Title": "x"}))]
    assert found == sorted(found)
    assert len(set(found)) > 1


@pytest.mark.parametrize(("row", "said"), [(4, False), (5, True)])
def test_the_place_in_a_sheet(broken, row, said):
    cell = Segment("机密★5年", f"登记表!A{row}", Zone.CELL, lines=False)
    assert ("cn.place" in broken("cn", "登记表", extra=[cell])) is said
