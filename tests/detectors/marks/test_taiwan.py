import pytest

from config.levels import Level


@pytest.mark.parametrize(("text", "level"), [("絕對機密", Level.TOP_SECRET), ("極 機 密", Level.SECRET)])
def test_reads_a_mark(mark, text, level):
    found = mark(text)
    assert (found.regime, found.level) == ("tw", level)


def test_prose_is_none(marks):
    assert marks("列為極機密之文件應妥善保管") == ()
