"""The controls after the level of a United States banner, by category.

Source: the register behind 32 CFR 2001 and DoDM 5200.01 vol. 2: level // SCI // SAP // AEA // FGI // dissemination //
other; ``//`` parts categories, ``/`` the entries of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

SCI, SAP, AEA, FGI, DISSEMINATION, OTHER = "sci", "sap", "aea", "fgi", "dissemination", "other"
ORDER = (SCI, SAP, AEA, FGI, DISSEMINATION, OTHER)
NAMES = {
    SCI: Text("compartments (SCI)", "敏感隔离信息(SCI)"),
    SAP: Text("special access programs", "特别接触项目(SAP)"),
    AEA: Text("atomic energy", "原子能信息"),
    FGI: Text("foreign government information", "外国政府信息"),
    DISSEMINATION: Text("dissemination", "分发限制"),
    OTHER: Text("other controls", "其他限制"),
}
_KINDS = (
    (SCI, r"(?:HCS|SI|TK|KDK|KLONDIKE|COMINT|TALENT KEYHOLE|RSV|BUR|GAMMA|G)(?:[- ][A-Z0-9][A-Z0-9 -]*)?"),
    (SAP, r"(?:SAR|SPECIAL ACCESS REQUIRED)-.+|MULTIPLE PROGRAMS"),
    (
        AEA,
        r"(?:F?RD|(?:FORMERLY )?RESTRICTED DATA)(?:-(?:N|CNWDI|SIGMA ?[\d ]+))?|CNWDI|TFNI|(?:DOD|DOE) UCNI",
    ),
    (FGI, r"FGI(?: [A-Z ]+)?"),
    (
        DISSEMINATION,
        (
            r"RSEN|RS|IMCON|IMC|NOFORN|NF|PROPIN|PR|RELIDO|FISA|(?:ORCON|OC)(?:-USGOV)?|DEA SENSITIVE|DSEN|FOUO"
            r"|REL(?: TO)? [A-Z, ]+|DISPLAY ONLY [A-Z, ]+|WNINTEL|NOCONTRACT|NO FOREIGN DISSEM(?:INATION)?|RAWFISA"
        ),
    ),
)
_COMPILED = tuple((kind, re.compile(source)) for kind, source in _KINDS)


def kind(control: str) -> str:
    """The category of one control; what is not known (``EXDIS``, ``LES``, code words) is ``other``."""
    return next((name for name, pattern in _COMPILED if pattern.fullmatch(control)), OTHER)


def said(controls: Iterable[str]) -> Text:
    """The controls in words, category by category, to stand behind a reason; empty where there are none."""
    found: dict[str, list[str]] = {}
    for control in controls:
        found.setdefault(kind(control), []).append(control)
    en = "".join(f"; {NAMES[name].en}: {', '.join(found[name])}" for name in ORDER if name in found)
    zh = "".join(f"；{NAMES[name].zh}：{'、'.join(found[name])}" for name in ORDER if name in found)
    return Text(en, zh)
