from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone


@pytest.mark.parametrize(
    ("text", "regime", "level"),
    [
        ("SEGRETISSIMO", "it", Level.TOP_SECRET),
        ("SEGRETO\nPresidenza del Consiglio dei Ministri", "it", Level.SECRET),
        ("RISERVATISSIMO", "it", Level.CONFIDENTIAL),
        ("RISERVATO\nMinistero della Difesa", "it", Level.INTERNAL),
        ("SECRETO\nEstado Mayor", "es", Level.TOP_SECRET),
        ("- RESERVADO -", "es", Level.SECRET),
        ("DIFUSIÓN LIMITADA", "es", Level.INTERNAL),
        ("DIFUSION LIMITADA", "es", Level.INTERNAL),
        ("Stg. ZEER GEHEIM", "nl", Level.TOP_SECRET),
        ("STG. GEHEIM", "nl", Level.SECRET),
        ("Stg. Confidentieel", "nl", Level.CONFIDENTIAL),
        ("Departementaal vertrouwelijk", "nl", Level.INTERNAL),
        ("ŚCIŚLE TAJNE", "pl", Level.TOP_SECRET),
        ("TAJNE\nEgz. nr 1", "pl", Level.SECRET),
        ("POUFNE Egz. pojedynczy", "pl", Level.CONFIDENTIAL),
        ("ZASTRZEŻONE, Egz. nr 2", "pl", Level.INTERNAL),
    ],
)
def test_reads_a_mark(mark, text, regime, level):
    found = mark(text)
    assert (found.regime, found.level) == (regime, level)


@pytest.mark.parametrize(
    "text",
    [
        "Riservato",
        "RISERVATO AI SOCI",
        "SEGRETO PROFESSIONALE",
        "Reservado",
        "RESERVADOS TODOS LOS DERECHOS",
        "NIEZASTRZEŻONE",
        "Tajne wojny wywiadów",
        "GEHEIM AGENT",
        "SECRETO\nRESERVADO\nCONFIDENCIAL",
        "1. TAJNE\n2. POUFNE\n3. ZASTRZEŻONE",
        "Documenten met de rubricering Stg. GEHEIM worden geregistreerd.",
    ],
)
def test_ordinary_words_and_lists_are_none(marks, text):
    assert [mark for mark in marks(text) if mark.regime in {"it", "es", "nl", "pl"}] == []


def test_only_where_marks_stand(engine):
    far = Segment("Testo.\n" * 900, "body")
    for zone, count in ((Zone.BODY, 0), (Zone.FOOTER, 1)):
        found = engine.inspect([far, Segment("RISERVATO", "there", zone)], date(2026, 1, 1)).marks
        assert len(found) == count
