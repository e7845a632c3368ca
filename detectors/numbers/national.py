"""Numbers of persons and companies of many countries, checked by python-stdnum.

A rule asks for one with ``validator: stdnum:de.idnr``. Modules stand here by name: what a rule file may load is a
closed list, and everything is loaded before a sandbox shuts the file system. To add one, import it and put it into the
table; a module that reads a table of its own when first asked (``stdnum.numdb``) cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Protocol

from stdnum.ar import cuit
from stdnum.at import vnr
from stdnum.au import abn, tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.de import vat as ust
from stdnum.dk import cpr
from stdnum.ec import ci
from stdnum.ee import ik
from stdnum.es import cif, dni, nie
from stdnum.fi import hetu
from stdnum.fr import nif, nir, siren
from stdnum.gb import nhs, utr
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.il import idnr as teudat
from stdnum.in_ import aadhaar, pan
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.jp import in_ as mynumber
from stdnum.kr import rrn
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.mx import curp, rfc
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.nz import ird
from stdnum.pk import cnic
from stdnum.pl import nip, pesel
from stdnum.pt import cc
from stdnum.pt import nif as contribuinte
from stdnum.ro import cnp
from stdnum.ru import inn
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.tw import ubn
from stdnum.ua import rntrc
from stdnum.us import rtn
from stdnum.vn import mst
from stdnum.za import idnr as south_africa

from config.text import Text
from detectors.numbers.check import Check, Validator, compact


class Module(Protocol):
    """What every module of python-stdnum has."""

    def is_valid(self, number: str, /) -> bool:
        """Whether the number holds."""
        ...


MODULES: tuple[tuple[str, Module], ...] = (
    ("ar.cuit", cuit),
    ("at.vnr", vnr),
    ("au.abn", abn),
    ("au.tfn", tfn),
    ("be.nn", nn),
    ("bg.egn", egn),
    ("br.cnpj", cnpj),
    ("br.cpf", cpf),
    ("ca.sin", sin),
    ("ch.ssn", ahv),
    ("cl.rut", rut),
    ("co.nit", nit),
    ("cz.rc", rc),
    ("de.idnr", idnr),
    ("de.vat", ust),
    ("dk.cpr", cpr),
    ("ec.ci", ci),
    ("ee.ik", ik),
    ("es.cif", cif),
    ("es.dni", dni),
    ("es.nie", nie),
    ("fi.hetu", hetu),
    ("fr.nif", nif),
    ("fr.nir", nir),
    ("fr.siren", siren),
    ("gb.nhs", nhs),
    ("gb.utr", utr),
    ("gr.amka", amka),
    ("hr.oib", oib),
    ("ie.pps", pps),
    ("il.idnr", teudat),
    ("in.aadhaar", aadhaar),
    ("in.pan", pan),
    ("is.kennitala", kennitala),
    ("it.codicefiscale", codicefiscale),
    ("jp.mynumber", mynumber),
    ("kr.rrn", rrn),
    ("lt.asmens", asmens),
    ("lv.pvn", pvn),
    ("mx.curp", curp),
    ("mx.rfc", rfc),
    ("nl.bsn", bsn),
    ("no.fodselsnummer", fodselsnummer),
    ("nz.ird", ird),
    ("pk.cnic", cnic),
    ("pl.nip", nip),
    ("pl.pesel", pesel),
    ("pt.cc", cc),
    ("pt.nif", contribuinte),
    ("ro.cnp", cnp),
    ("ru.inn", inn),
    ("se.personnummer", personnummer),
    ("si.emso", emso),
    ("th.pin", pin),
    ("tr.tckimlik", tckimlik),
    ("tw.ubn", ubn),
    ("ua.rntrc", rntrc),
    ("us.rtn", rtn),
    ("vn.mst", mst),
    ("za.idnr", south_africa),
)
GROUPED = 0.15  # what the marks between groups add: few numbers that are something else are written so


def _validator(module: Module) -> Validator:
    def check(text: str, _today: date) -> Check | None:
        if not module.is_valid(text):
            return None
        number = compact(text)
        return Check(
            number,
            GROUPED if len(number) != len(text) else 0.0,
            Text("it is built as the country's numbers are, check digits included", "符合该国号码的编排和校验规则"),
        )

    return check


NATIONAL: Mapping[str, Validator] = MappingProxyType({f"stdnum:{name}": _validator(module) for name, module in MODULES})
