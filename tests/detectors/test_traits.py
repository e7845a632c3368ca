"""What a block holds at all: both engines say the same, and what is not held costs nothing."""

import pytest

from detectors import codings, normal, split, traits
from detectors.gate import Gate, hyperscan

TEXTS = [
    "",
    "为了加强管理，根据有关规定制定本办法。",
    "0123456789abcdef",
    "card 6222021234567890123 of",
    "aGVsbG8gd29y=",
    "12 34 56 78 9A",
    "a\tb\n 12\n",
    "1 2 3 4 5 6 7 8 9",
    "\\u673a &#26426; %E6 =E6 U+673A",
    "\u200b Ａ 𝐀",
]


@pytest.mark.skipif(hyperscan is None, reason="no wheel of Vectorscan for this machine")
def test_every_pattern_is_read_by_vectorscan():
    assert traits._GATE._database is not None


@pytest.mark.parametrize("text", TEXTS)
def test_both_engines_agree(text):
    data = text.encode()
    assert traits.traits(text, data) == Gate(traits._PATTERNS, native=False)(text)


def test_the_numbers_are_those_of_the_patterns():
    assert len(traits._PATTERNS) == traits.FIRST_ESCAPE + len(codings.GATES)
    assert len(normal.GATES) == traits.RUNS
    assert traits.traits("0123456789abcdef", b"0123456789abcdef") == {traits.RUNS}
    assert traits._PATTERNS[traits.SPLIT] == split.GATES[0]
