from datetime import date

import pytest

from config.levels import Level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("TRES SECRET UE/EU TOP SECRET", Level.TOP_SECRET),
        ("SECRET UE/EU SECRET", Level.SECRET),
        ("RESTREINT UE/EU RESTRICTED", Level.INTERNAL),
        ("VS-NfD", Level.INTERNAL),
        ("VS - NUR FÜR DEN DIENSTGEBRAUCH", Level.INTERNAL),
        ("STRENG GEHEIM", Level.TOP_SECRET),
        ("GEHEIM", Level.SECRET),
        ("SECRET DÉFENSE", Level.SECRET),
        ("Security classification: RESTREINT UE/EU RESTRICTED", Level.INTERNAL),
        ("VS-NfD – Nur für den Dienstgebrauch", Level.INTERNAL),
        ("VS-Vertraulich – amtlich geheim gehalten", Level.CONFIDENTIAL),
        ("Diffusion Restreinte", Level.INTERNAL),
        ("LIMITE", Level.INTERNAL),
    ],
)
def test_reads_a_mark(mark, text, level):
    found = mark(text)
    assert (found.regime, found.level) == ("eu", level)


@pytest.mark.parametrize("text", ["EU Secretariat", "Das bleibt geheim.", "GEHEIMNISSE DER KÜCHE"])
def test_words_are_none(marks, text):
    assert marks(text) == ()


@pytest.mark.parametrize(("signs", "found"), [(24, 1), (25, 0)])
def test_only_so_many_signs_stand_beside_a_mark(engine, signs, found):
    for text in ("." * signs + "VS-NfD", "VS-NfD" + "." * signs):
        assert len(engine.detect(text, date(2026, 1, 1)).marks) == found
