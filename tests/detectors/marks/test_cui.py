import pytest

from config.levels import Level


@pytest.mark.parametrize(
    ("text", "original"),
    [
        ("CUI", "CUI"),
        ("(U//LES) Description of the suspect.", "U//LES"),
        ("UNCLASSIFIED//REL TO USA, FVEY", "UNCLASSIFIED//REL TO USA, FVEY"),
        ("UNCLASSIFIED//FOR OFFICIAL USE ONLY//LES", "FOUO"),
        ("CUI (when filled in)", "CUI"),
        ("CUI//PRVCY//Page 1 of 3", "CUI"),
        ("[CUI] Agenda for Tuesday", "CUI"),
        ("UNCLASSIFIED//CUI", "UNCLASSIFIED//CUI"),
        ("OFFICIAL USE ONLY", "FOUO"),
        ("CONTROLLED UNCLASSIFIED INFORMATION", "CUI"),
        ("SBU", "SBU"),
        ("CUI//SP-PRVCY/PROCURE//NOFORN", "CUI"),
        ("CONTROLLED//LEI", "CUI"),
        ("UNCLASSIFIED//FOUO", "FOUO"),
        ("FOR OFFICIAL USE ONLY", "FOUO"),
        ("LIMITED OFFICIAL USE", "LIMITED OFFICIAL USE"),
        ("2. (U//FOUO) The budget was agreed.", "FOUO"),
        ("(CUI) The budget was agreed.", "CUI"),
    ],
)
def test_reads_a_mark(mark, text, original):
    found = mark(text)
    assert (found.regime, found.level, found.original) == ("cui", Level.INTERNAL, original)


@pytest.mark.parametrize("text", ["The CUI programme began in 2016.", "ACCESS CONTROLLED BY CARD", "UNCLASSIFIED"])
def test_words_are_none(marks, text):
    assert marks(text) == ()
