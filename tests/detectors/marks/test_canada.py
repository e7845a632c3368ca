import pytest

from config.levels import Level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("PROTECTED A", Level.INTERNAL),
        ("PROTECTED B", Level.CONFIDENTIAL),
        ("PROTECTED-B", Level.CONFIDENTIAL),
        ("Security classification: Protected B", Level.CONFIDENTIAL),
        ("Protected B", Level.CONFIDENTIAL),
        ("PROTECTED B (when completed)", Level.CONFIDENTIAL),
        ("PROTÉGÉ C", Level.CONFIDENTIAL),
        ("PROTECTED B / PROTÉGÉ B", Level.CONFIDENTIAL),
        ("PROTECTED “A”", Level.INTERNAL),
    ],
)
def test_reads_a_mark(mark, text, level):
    found = mark(text)
    assert (found.regime, found.level) == ("ca", level)


@pytest.mark.parametrize("text", ["PROTECTED D", "PROTECTED BY LAW", "The PROTECTED B records are kept here."])
def test_words_are_none(marks, text):
    assert marks(text) == ()
