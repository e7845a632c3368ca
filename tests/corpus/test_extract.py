"""The shared real documents: what is found of the strings two other extractors agree on; and nothing is silent."""

import csv
import json
import re
import sys

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted

pytestmark = pytest.mark.corpus
csv.field_size_limit(sys.maxsize)
_LOOSE = re.compile(r"[\s\u00ad\u200b\ufeff]+")
# Share of the files whose strings are all found, where that is not all of them: as measured, and never less.
FLOORS = {"7z": 0.5, "pdf": 0.96, "xls": 0.94, "zip": 0.6}
PICTURES = ("jpg", "png")
KINDS = (
    "7z ar bz2 cab chm csv doc docm docx eml epub et fb2 fodt gz htm html ics jpg key lzh mbox mdb mht mhtml msg "
    "odp ods odt ofd one p7m pdf png ppsx ppt pptm pptx pub rar rtf tar txt vsd vsdm vsdx wpd wps xls xlsb xlsm xlsx "
    "xml xps z zip"
).split()


@pytest.fixture(scope="module")
def read(corpus):
    """Manifest row and extraction of every real document."""
    with (
        (corpus / "MANIFEST.real.tsv").open(encoding="utf-8") as manifest,
        Sandbox(Setup(ocr=ocr_wanted(None))) as sandbox,
    ):
        rows = csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row, sandbox.extract(corpus / "real" / row["path"]))
            for row in rows
            if (corpus / "real" / row["path"]).exists()
        ]


def whole(row, extraction):
    text = _LOOSE.sub("", "".join(segment.text for segment in extraction.segments))
    return all(_LOOSE.sub("", string) in text for string in json.loads(row["expected_strings_json"]))


@pytest.mark.parametrize("kind", KINDS)
def test_strings_are_found(read, kind):
    if kind in PICTURES and not ocr_wanted(None):
        pytest.skip("needs the extra `ocr`: make install-ocr")
    rows = [
        (row, extraction) for row, extraction in read if row["format"] == kind and row["expected_strings_json"] != "[]"
    ]
    assert rows
    missed = [row["path"] for row, extraction in rows if not whole(row, extraction)]
    assert 1 - len(missed) / len(rows) >= FLOORS.get(kind, 1.0), missed


def test_nearly_all_strings_are_found(read):
    strings = found = 0
    for row, extraction in read:
        text = _LOOSE.sub("", "".join(segment.text for segment in extraction.segments))
        expected = [_LOOSE.sub("", string) for string in json.loads(row["expected_strings_json"])]
        strings += len(expected)
        found += sum(string in text for string in expected)
    assert found / strings >= (0.98 if ocr_wanted(None) else 0.96)


def test_every_file_gets_an_answer(read):
    assert len(read) > 300
    for row, extraction in read:
        assert extraction.media_type, row["path"]
        assert extraction.segments[0].text, row["path"]
        assert extraction.coverage.inspected or extraction.coverage.reasons, row["path"]
        assert extraction.ms < 60_000, row["path"]


def test_what_is_not_found_is_not_called_inspected(read):
    """A sealed or damaged file may hold anything: it is never clean."""
    silent = [
        row["path"]
        for row, extraction in read
        if re.search(r"encrypted|corrupt", row["note"])
        and row["expected_strings_json"] == "[]"
        and extraction.coverage.inspected
        and not any(segment.text.strip() for segment in extraction.segments[1:])
        and extraction.size
    ]
    assert not silent
