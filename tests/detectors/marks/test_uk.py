import pytest

from config.levels import Level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("OFFICIAL-SENSITIVE", Level.INTERNAL),
        ("OFFICIAL - SENSITIVE", Level.INTERNAL),
        ("Official–Sensitive", Level.INTERNAL),
        ("OFFICIAL-SENSITIVE [COMMERCIAL]", Level.INTERNAL),
        ("UK SECRET UK EYES ONLY", Level.SECRET),
        ("UK TOP SECRET", Level.TOP_SECRET),
        ("RESTRICTED", Level.INTERNAL),
        ("Subject: OFFICIAL-SENSITIVE: Budget", Level.INTERNAL),
        ("[OFFICIAL-SENSITIVE] Budget", Level.INTERNAL),
        ("OFFICIAL-SENSITIVE | Budget", Level.INTERNAL),
        ("PROTECT - PERSONAL DATA", Level.INTERNAL),
        ("TOP SECRET STRAP2 UK EYES ONLY", Level.TOP_SECRET),
        ("SECRET STRAP 1", Level.SECRET),
    ],
)
def test_reads_a_mark(mark, text, level):
    found = mark(text)
    assert (found.regime, found.level) == ("uk", level)


@pytest.mark.parametrize(
    "text", ["He used official, sensitive channels.", "OFFICIAL", "RESTRICTED AREA AHEAD", "PROTECT YOUR PASSWORD"]
)
def test_words_are_none(marks, text):
    assert marks(text) == ()


def test_the_two_words_with_a_blank_between_them(marks, mark):
    assert mark("Official Sensitive\nWorkforce planning").level == Level.INTERNAL
    assert marks("Official Sensitive is a marking within OFFICIAL.") == ()
