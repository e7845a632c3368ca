import pytest

from detectors.marks import capco


@pytest.mark.parametrize(
    ("control", "kind"),
    [
        ("SI", capco.SCI),
        ("SI-G ABCD", capco.SCI),
        ("HCS-P", capco.SCI),
        ("TK", capco.SCI),
        ("SAR-BP", capco.SAP),
        ("RD-CNWDI", capco.AEA),
        ("FRD-SIGMA 14", capco.AEA),
        ("FGI CAN GBR", capco.FGI),
        ("NOFORN", capco.DISSEMINATION),
        ("REL TO USA, AUS", capco.DISSEMINATION),
        ("ORCON-USGOV", capco.DISSEMINATION),
        ("EXDIS", capco.OTHER),
        ("SIGMA", capco.OTHER),
    ],
)
def test_category(control, kind):
    assert capco.kind(control) == kind


def test_a_banner_is_said_by_category(mark):
    found = mark("TOP SECRET//HCS-P/SI-G ABCD/TK//SAR-BP//RD-CNWDI//FGI CAN GBR//ORCON/REL TO USA, GBR//EXDIS")
    assert found.caveats == (
        "HCS-P",
        "SI-G ABCD",
        "TK",
        "SAR-BP",
        "RD-CNWDI",
        "FGI CAN GBR",
        "ORCON",
        "REL TO USA, GBR",
        "EXDIS",
    )
    assert "compartments (SCI): HCS-P, SI-G ABCD, TK; special access programs: SAR-BP" in found.reason.en
    assert "分发限制：ORCON、REL TO USA, GBR；其他限制：EXDIS" in found.reason.zh
    assert capco.said([]).en == ""


def test_the_owner_of_a_foreign_mark(mark):
    assert mark("//DEU SECRET").caveats == ("FGI DEU",)
    assert mark("//JOINT SECRET CAN DEU USA").caveats == ("JOINT CAN DEU USA",)
