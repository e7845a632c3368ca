import pytest

from config.levels import Level


@pytest.mark.parametrize(
    ("text", "original", "level"),
    [
        ("TLP:RED", "TLP:RED", Level.CONFIDENTIAL),
        ("TLP: AMBER", "TLP:AMBER", Level.INTERNAL),
        ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT", Level.INTERNAL),
        ("- TLP:GREEN - page 3", "TLP:GREEN", Level.INTERNAL),
    ],
)
def test_reads_a_label(mark, text, original, level):
    found = mark(text)
    assert (found.regime, found.original, found.level) == ("tlp", original, level)


@pytest.mark.parametrize(
    "text", ["TLP:CLEAR", "TLP:WHITE", "TLP:REDUCED", "The report was shared as TLP:AMBER.", "TLP:RED or TLP:AMBER"]
)
def test_what_everyone_may_read_and_what_is_spoken_of_is_none(marks, text):
    assert marks(text) == ()
