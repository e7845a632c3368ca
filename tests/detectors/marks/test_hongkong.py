import pytest

from config.levels import Level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("高度機密", Level.SECRET),
        ("機密（人事）", Level.CONFIDENTIAL),
        ("CONFIDENTIAL (STAFF)", Level.CONFIDENTIAL),
        ("限閱文件", Level.INTERNAL),
        ("限阅文件（合约）", Level.INTERNAL),
        ("限閱文件（職員）", Level.INTERNAL),
        ("RESTRICTED (TENDER)", Level.INTERNAL),
    ],
)
def test_reads_a_mark(mark, text, level):
    found = mark(text + "\n效率促進辦公室")
    assert (found.regime, found.level) == ("hk", level)


@pytest.mark.parametrize(
    "text", ["處理限閱文件的程序", "限閱文件，不得外傳的規定", "RESTRICTED (SEE NOTE)", "CONFIDENTIAL (STAFF) REPORTS"]
)
def test_words_of_a_sentence_are_none(marks, text):
    assert [mark for mark in marks(text) if mark.regime == "hk"] == []
