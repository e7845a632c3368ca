"""State marks of Italy, Spain, the Netherlands and Poland.

Sources: D.P.C.M. 5/2015 (Italy: segretissimo, segreto, riservatissimo, riservato); Ley 9/1968 and the Normas de la
Autoridad Nacional para la protección de la información clasificada (Spain: secreto, reservado, confidencial, difusión
limitada); Besluit VIRBI 2013 (the Netherlands: Stg. zeer geheim, Stg. geheim, Stg. confidentieel, departementaal
vertrouwelijk); Ustawa o ochronie informacji niejawnych, 2010, art. 5 (Poland). Most are ordinary words of their
languages: they count in capitals, alone, and where marks stand. A plain CONFIDENCIAL is a company's notice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import Spot, lines
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

ANCHORS = (
    Pattern(r"^[^\nA-Za-z]{0,12}(?:SEGRET(?:O|ISSIMO)|RISERVAT(?:O|ISSIMO))\b", 40),
    Pattern(r"^[^\nA-Za-z]{0,12}(?:SECRETO|RESERVADO)\b|DIFUSI.{1,3}N LIMITADA", 40),
    Pattern(r"Stg\. ?(?:ZEER GEHEIM|GEHEIM|CONFIDENTIEEL)|STG\. ?[ZGC]|DEPARTEMENTAAL VERTROUWELIJK", 40),
    Pattern(r"Departementaal [Vv]ertrouwelijk|Stg\. ?(?:[Zz]eer )?[Gg]eheim|Stg\. ?[Cc]onf", 40),
    Pattern(r"^[^\nA-Za-z]{0,12}(?:POUFNE|TAJNE|ZASTRZE)|CI.{1,3}LE TAJNE", 40),
)
_COPY = r"(?:[\s,;.]{1,4}(?:Egz|EGZ)\.? ?(?:nr|NR|poj)?[\w.]{0,12} ?\d{0,3})?"  # Egz. nr 2, Egz. pojedynczy


def _mark(words: str, level: Level, original: str, sure: float = 0.8) -> Banner:
    return Banner(re.compile(rf"(?<![\w-]){words}(?![\w-])"), level, original, sure, prominent=True)


STATES = (
    (
        "it",
        Text("Italian", "意大利"),
        (
            _mark("SEGRETISSIMO", Level.TOP_SECRET, "SEGRETISSIMO"),
            _mark("SEGRETO", Level.SECRET, "SEGRETO", 0.7),
            _mark("RISERVATISSIMO", Level.CONFIDENTIAL, "RISERVATISSIMO"),
            _mark("RISERVATO", Level.INTERNAL, "RISERVATO", 0.6),
        ),
    ),
    (
        "es",
        Text("Spanish", "西班牙"),
        (
            _mark("SECRETO", Level.TOP_SECRET, "SECRETO", 0.7),
            _mark("RESERVADO", Level.SECRET, "RESERVADO", 0.6),
            _mark("DIFUSI[ÓO]N LIMITADA", Level.INTERNAL, "DIFUSIÓN LIMITADA"),
        ),
    ),
    (
        "nl",
        Text("Dutch", "荷兰"),
        (
            _mark(r"S(?:tg|TG)\. ?(?:ZEER GEHEIM|[Zz]eer [Gg]eheim)", Level.TOP_SECRET, "Stg. ZEER GEHEIM", 0.95),
            _mark(r"S(?:tg|TG)\. ?(?:GEHEIM|[Gg]eheim)", Level.SECRET, "Stg. GEHEIM", 0.95),
            _mark(r"S(?:tg|TG)\. ?(?:CONFIDENTIEEL|[Cc]onfidentieel)", Level.CONFIDENTIAL, "Stg. CONFIDENTIEEL", 0.95),
            _mark(
                r"(?:DEPARTEMENTAAL VERTROUWELIJK|Departementaal [Vv]ertrouwelijk)",
                Level.INTERNAL,
                "DEPARTEMENTAAL VERTROUWELIJK",
                0.95,
            ),
        ),
    ),
    (
        "pl",
        Text("Polish", "波兰"),
        (
            _mark(rf"[ŚS]CI[ŚS]LE TAJNE{_COPY}", Level.TOP_SECRET, "ŚCIŚLE TAJNE"),
            _mark(rf"TAJNE{_COPY}", Level.SECRET, "TAJNE", 0.75),
            _mark(rf"POUFNE{_COPY}", Level.CONFIDENTIAL, "POUFNE", 0.75),
            _mark(rf"ZASTRZE[ŻZ]ONE{_COPY}", Level.INTERNAL, "ZASTRZEŻONE", 0.75),
        ),
    ),
)
_RUNG = re.compile(
    r"[\W\d]*(?:SEGRET(?:O|ISSIMO)|RISERVAT(?:O|ISSIMO)|SECRETO|RESERVADO|CONFIDENCIAL|DIFUSI[ÓO]N LIMITADA"
    r"|[ŚS]CI[ŚS]LE TAJNE|TAJNE|POUFNE|ZASTRZE[ŻZ]ONE|STG\. ?[A-Z ]{6,16}|DEPARTEMENTAAL VERTROUWELIJK)\W*",
    re.IGNORECASE,
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the four countries; grades listed below each other are none."""
    alone = [(low, high) for low, high in lines(block, windows) if not _listed(Spot(block, low, high))]
    for name, title, banners in STATES:
        yield from read(block, alone, banners, name, title)


def _listed(spot: Spot) -> bool:
    """Another grade stands on the line above or below."""
    beside = (spot.previous, spot.following)
    return any(_RUNG.fullmatch(line) and line != spot.text for line in beside)


EUROPE = Regime("europe", ANCHORS, find, frozenset(name for name, _, _ in STATES))
