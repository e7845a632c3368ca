import msgspec
import pytest

from config.levels import Level


def test_the_ladder():
    assert list(Level) == sorted(Level)
    assert max(Level.SECRET, Level.CONFIDENTIAL, Level.TOP_SECRET) is Level.TOP_SECRET
    assert Level.SECRET >= Level.SECRET > Level.INTERNAL
    assert msgspec.json.encode(Level.TOP_SECRET) == b'"top_secret"'


def test_parse():
    assert Level.parse("Secret") is Level.SECRET
    with pytest.raises(ValueError, match="top_secret"):
        Level.parse("geheim")
