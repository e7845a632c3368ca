import pytest

BLOCK = "\nControlled by: Navy\nCUI Category: PRVCY\nPOC: x"


@pytest.mark.parametrize(
    ("banner", "right"),
    [
        ("CUI/PRVCY", "CUI//PRVCY"),
        ("CUI//PRVCY//PROCURE", None),
        ("CUI//PRVCY/PROCURE", "CUI//PROCURE/PRVCY"),
        ("CUI//PROCURE/PRVCY/EXPT", "CUI//EXPT/PROCURE/PRVCY"),
        ("CUI//PRVCY/SP-CTI", "CUI//SP-CTI/PRVCY"),
        ("CUI//SP-CTI/PRVCY//NOFORN", None),
        ("CUI//NOFORN", None),
        ("CUI//SP-CTI/NOFORN", "CUI//SP-CTI//NOFORN"),
        ("CUI/PRVCY/SP-PROCURE/NOFORN", "CUI//SP-PROCURE/PRVCY//NOFORN"),
        ("CONTROLLED//PRVCY", None),
        ("CUI", None),
    ],
)
def test_the_banner(advice, banner, right):
    found = advice(banner + BLOCK).get("cui.syntax")
    assert (found.instead.en if found else None) == right


def test_the_designation_indicator(broken):
    assert "cui.indicator-missing" in broken("cui", "CUI\nReport")
    assert broken("cui", "CUI\nReport" + BLOCK) == set()
    assert "cui.indicator-missing" not in broken("cui", "UNCLASSIFIED//FOUO\nReport")


def test_older_marks(broken):
    assert broken("cui", "UNCLASSIFIED//FOUO\nReport") == {"cui.legacy"}
    assert broken("cui", "UNCLASSIFIED//NOFORN\nReport") == set()
    assert "cui.legacy" not in broken("cui", "CUI\nReport" + BLOCK)


def test_each_advice_names_the_section_it_rests_on(advice):
    assert "2002.36" in advice("UNCLASSIFIED//FOUO\nReport")["cui.legacy"].basis.en
    assert "2002.20" in advice("CUI\nReport")["cui.indicator-missing"].basis.en
