import pytest

from config.levels import Level
from detectors.marks import phrases

HIGH, LOW = Level.CONFIDENTIAL, Level.INTERNAL


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("ACME – COMPANY INTERNAL", LOW),
        ("CONFIDENTIAL | ACME ROBOTICS | 7", HIGH),
        ("PROPRIETARY AND CONFIDENTIAL – PROPERTY OF ACME INC.", HIGH),
        ("ACME PUBLIC COMPANY LIMITED – STRICTLY CONFIDENTIAL – 3", HIGH),
        ("RESTRICTED – INTERNAL", LOW),
        ("INTERNAL - NOT FOR EXTERNAL DISTRIBUTION", LOW),
        ("INTERN | MUSTER GMBH | SEITE 3", LOW),
        ("ACME CORP.   CONFIDENTIAL   PAGE 2 OF 9", HIGH),
        ("INTERNAL, CONFIDENTIAL", HIGH),
        ("CONFIDENTIAL | A | B", None),
        ("CONFIDENTIAL | NOT SO", None),
        ("CONFIDENTIAL: A NAME OF ITS OWN WITH FAR TOO MANY WORDS", None),
        ("ACME | 7", None),
        ("CONFIDENTIAL | 1 | 2 | 3 | 4 | 5", HIGH),
        ("CONFIDENTIAL | 1 | 2 | 3 | 4 | 5 | 6", None),
    ],
)
def test_where_marks_are_printed_an_owner_may_stand_beside_the_words(said, level):
    assert phrases.read(said, placed=True) == level


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("HIGHLY RESTRICTED", LOW),
        ("CONFIDENTIAL – NOT FOR CIRCULATION", HIGH),
        ("DRAFT - PRIVILEGED & CONFIDENTIAL", HIGH),
        ("COMPANY INTERNAL - DO NOT FORWARD", LOW),
        ("PRIVILEGED & CONFIDENTIAL: WHAT THE LABELS MEAN", None),
        ("INTERNAL", None),
        ("CONFIDENTIAL | ACME", None),
        ("NOT FOR CIRCULATION", None),
    ],
)
def test_elsewhere_only_what_must_not_be_done(said, level):
    assert phrases.read(said, placed=False) == level


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("ACME BANK INTERNAL USE", LOW),
        ("ACME INTERNAL", LOW),
        ("ACME STRICTLY CONFIDENTIAL", HIGH),
        ("INTERNAL USE", None),
        ("NOT INTERNAL", None),
        ("THE BANK OF ACME INTERNAL", None),
        ("ACME INTERNAL MEDICINE", None),
    ],
)
def test_an_owner_before_the_words(said, level):
    assert phrases.owned(said) == level
