"""Marks of the European Union, and the German and French national marks.

Sources: Council Decision 2013/488/EU annex; Verschlusssachenanweisung (2023); IGI 1300 (France).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

NAME = "eu"
ANCHORS = (
    Pattern(r"\bEU (?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED)|(?:SECRET|CONFIDENTIEL|RESTREINT) UE", 40),
    Pattern(r"(?:TS|S|C|R)-UE/EU-(?:TS|S|C|R)", 16),
    Pattern(r"Diffusion [Rr]estreinte", 24),
    Pattern(r"^[^\nA-Za-z]{0,12}LIMITE(?![A-Za-z])", 24),
    Pattern(r"GEHEIM|VS-VERTRAULICH|VS-Vertraulich|(?:VS|SACHE)[ -]{1,3}N(?:f|F|UR F|ur f)", 60),
    Pattern(
        r"SECRET[ -]D[EÉ]FENSE|SECRET[ /-]{1,3}SP[EÉ]CIAL FRANCE|SP[EÉ]CIAL FRANCE|TR[EÈ]S SECRET"
        r"|DIFFUSION RESTREINTE|CONFIDENTIEL[ -]D[EÉ]FENSE|SP[EÉ]CIAL FRANCE|TR[EÈ]S SECRET",
        40,
    ),
)
_OFFICIAL = r"(?:\s?[-–]\s?(?i:amtlich geheim\s?gehalten))?"
_FRANCE = r"(?:[ /-]{1,3}(?P<tail>SP[EÉ]CIAL FRANCE))?"
BANNERS = (
    Banner(
        re.compile(r"(?:TR[EÈ]S SECRET UE\s?/\s?EU TOP SECRET|TR[EÈ]S SECRET UE|EU TOP SECRET)(?![A-Z])"),
        Level.TOP_SECRET,
        "EU TOP SECRET",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(r"(?:SECRET UE\s?/\s?EU SECRET|\bSECRET UE|\bEU SECRET)(?![A-Z])"),
        Level.SECRET,
        "EU SECRET",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(r"(?:CONFIDENTIEL UE\s?/\s?EU CONFIDENTIAL|CONFIDENTIEL UE|\bEU CONFIDENTIAL)(?![A-Z])"),
        Level.CONFIDENTIAL,
        "EU CONFIDENTIAL",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(r"(?:RESTREINT UE\s?/\s?EU RESTRICTED|RESTREINT UE|\bEU RESTRICTED)(?![A-Z])"),
        Level.INTERNAL,
        "EU RESTRICTED",
        0.97,
        anywhere=True,
    ),
    *(
        Banner(re.compile(rf"(?<![A-Z-]){short}-UE/EU-{short}(?![A-Z])"), level, word, 0.95, anywhere=True)
        for short, level, word in (
            ("TS", Level.TOP_SECRET, "EU TOP SECRET"),
            ("S", Level.SECRET, "EU SECRET"),
            ("C", Level.CONFIDENTIAL, "EU CONFIDENTIAL"),
            ("R", Level.INTERNAL, "EU RESTRICTED"),
        )
    ),
    # of the Council: not classified, but not for the public
    Banner(re.compile(r"^\W*LIMITE(?: (?:EN|FR|DE))?\W*$"), Level.INTERNAL, "LIMITE", 0.7, prominent=True),
    Banner(re.compile(rf"\bSTRENG GEHEIM\b{_OFFICIAL}"), Level.TOP_SECRET, "STRENG GEHEIM", 0.9),
    Banner(re.compile(rf"(?<!STRENG )\bGEHEIM\b{_OFFICIAL}"), Level.SECRET, "GEHEIM", 0.85),
    Banner(
        re.compile(rf"\bVS\s?-\s?(?:VERTRAULICH|Vertraulich)\b{_OFFICIAL}"), Level.CONFIDENTIAL, "VS-VERTRAULICH", 0.95
    ),
    Banner(
        re.compile(
            r"\b(?:VS|VERSCHLU(?:SS|ẞ)SACHE)\s?-\s?"
            r"(?:NfD|NFD|NUR F(?:Ü|UE?)R DEN DIENSTGEBRAUCH|Nur f(?:ü|ue?)r den Dienstgebrauch)(?!\w)"
            r"(?:\s?[-–]\s?(?i:nur f(?:ü|ue?)r den dienstgebrauch))?"
        ),
        Level.INTERNAL,
        "VS-NfD",
        0.95,
    ),
    Banner(re.compile(rf"TR[EÈ]S SECRET(?:[ -]D[EÉ]FENSE)?{_FRANCE}"), Level.TOP_SECRET, "TRES SECRET", 0.9),
    Banner(re.compile(rf"SECRET[ -]D[EÉ]FENSE{_FRANCE}"), Level.SECRET, "SECRET DEFENSE", 0.9),
    Banner(re.compile(r"\bSECRET[ /-]{1,3}(?P<tail>SP[EÉ]CIAL FRANCE)"), Level.SECRET, "SECRET", 0.95),
    Banner(re.compile(r"CONFIDENTIEL[ -]D[EÉ]FENSE"), Level.CONFIDENTIAL, "CONFIDENTIEL DEFENSE", 0.9),
    Banner(
        re.compile(r"DIFFUSION RESTREINTE|^\W*Diffusion [Rr]estreinte\W*$|SP[EÉ]CIAL FRANCE"),
        Level.INTERNAL,
        "DIFFUSION RESTREINTE",
        0.9,
    ),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the Union and of the two members whose marks are met most."""
    return read(block, windows, BANNERS, NAME, Text("EU", "欧盟"))


EU = Regime(NAME, ANCHORS, find, frozenset({NAME}))
