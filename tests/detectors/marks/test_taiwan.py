import pytest

from config.levels import Level


@pytest.mark.parametrize(("text", "level"), [("絕對機密", Level.TOP_SECRET), ("極 機 密", Level.SECRET)])
def test_reads_a_mark(mark, text, level):
    found = mark(text)
    assert (found.regime, found.level) == ("tw", level)


def test_prose_is_none(marks):
    assert marks("列為極機密之文件應妥善保管") == ()


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("密等：密", Level.INTERNAL),
        ("密等及解密條件或保密期限：密", Level.INTERNAL),
        ("密等及解密條件或保密期限：密（公布後解密）", Level.INTERNAL),
        ("密等及解密條件或保密期限：機密（於119年12月31日解密）", Level.SECRET),
        ("本件屬國家機密", Level.SECRET),
        ("本件屬一般公務機密", Level.INTERNAL),
        ("密\n行政院 函\n受文者：外交部", Level.INTERNAL),
    ],
)
def test_the_field_of_a_letter_and_the_lowest_level(mark, text, level):
    assert mark(text).level == level


@pytest.mark.parametrize(
    "text", ["密等：普通", "密等：", "密等及解密條件或保密期限：\n附件：", "密\n封面", "密等：密件歸檔辦法"]
)
def test_an_ordinary_letter_has_none(marks, text):
    assert marks(text) == ()
