import pytest

from detectors.cells import Kind, guess, normal
from tests.people import people

ROWS = list(people(300))


@pytest.mark.parametrize(
    ("column", "kind"),
    list(enumerate([Kind.NAME, Kind.ID, Kind.PHONE, Kind.NUMBER, Kind.EMAIL, Kind.OTHER])),
)
def test_what_a_column_holds_is_seen_from_its_values(column, kind):
    assert guess([row[column] for row in ROWS]) is kind
    assert guess(["", *(row[column] for row in ROWS[:40]), "?", " "]) is kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["John Smith", "Ana María López", "Zoë O’Neill"], Kind.NAME),
        (["Acme Trading Ltd. 2", "北京某某科技有限公司", "上海市浦东新区张江路 88 号"], Kind.TEXT),
        (["1990-03-07", "1988/1/2", "1977年3月4日"], Kind.OTHER),
        (["8,500.00", "￥7200", "1.25"], Kind.OTHER),
        (["3", "17", "250"], Kind.OTHER),
        (["男", "女"], Kind.OTHER),
        (["", " "], Kind.OTHER),
        ([], Kind.OTHER),
        (["HT-2024-0012", "HT-2023-0099"], Kind.NUMBER),
        (["+86 138 0013 8000", "13900139000"], Kind.PHONE),
        (["010-62345678", "0755-8233 4455"], Kind.NUMBER),
    ],
)
def test_other_columns(values, kind):
    assert guess(values) is kind


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        (Kind.PHONE, "+86 138-0013-8000", "13800138000"),
        (Kind.PHONE, "008613800138000", "13800138000"),
        (Kind.PHONE, "１３８００１３８０００", "13800138000"),
        (Kind.NUMBER, "8613800138000", "8613800138000"),
        (Kind.ID, "11010119900307013x", "11010119900307013X"),
        (Kind.NUMBER, "6222 0212 3456 7890 128", "6222021234567890128"),
        (Kind.NUMBER, "12345", ""),
        (Kind.NUMBER, "ABCDEF", ""),
        (Kind.NUMBER, "1" * 41, ""),
        (Kind.EMAIL, " Li.Lei@Corp-Mail.CN", "li.lei@corp-mail.cn"),
        (Kind.EMAIL, "nobody", ""),
        (Kind.NAME, "王\u3000伟", "王伟"),
        (Kind.NAME, "阿卜杜拉·艾山", "阿卜杜拉·艾山"),
        (Kind.NAME, "John  SMITH", "john smith"),
        (Kind.NAME, "王", ""),
        (Kind.NAME, "N/A", ""),
        (Kind.TEXT, "上海市 张江路 88号", "上海市张江路88号"),
        (Kind.TEXT, "短文本", ""),
        (Kind.TEXT, "长" * 81, ""),
        (Kind.TEXT, "长" * 10**6, ""),
        (Kind.OTHER, "什么都行的文本", ""),
    ],
)
def test_equal_values_have_one_form(kind, value, form):
    assert normal(kind, value) == form
