"""The shared real documents: what is found of the strings two other extractors agree on; and nothing is silent."""

import csv
import json
import re
import sys

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup

pytestmark = pytest.mark.corpus
csv.field_size_limit(sys.maxsize)
_LOOSE = re.compile(r"[\s\u00ad\u200b\ufeff]+")
FLOORS = {  # share of the files whose strings are all found: as measured, and never less
    "bz2": 1.0,
    "csv": 1.0,
    "doc": 0.76,
    "docm": 1.0,
    "docx": 1.0,
    "eml": 1.0,
    "epub": 1.0,
    "et": 1.0,
    "fb2": 1.0,
    "fodt": 1.0,
    "gz": 1.0,
    "htm": 1.0,
    "html": 1.0,
    "ics": 1.0,
    "key": 1.0,
    "mbox": 1.0,
    "mht": 1.0,
    "mhtml": 1.0,
    "msg": 1.0,
    "odp": 1.0,
    "ods": 1.0,
    "odt": 1.0,
    "ofd": 1.0,
    "pdf": 0.96,
    "ppsx": 1.0,
    "ppt": 0.9,
    "pptm": 1.0,
    "pptx": 1.0,
    "rtf": 1.0,
    "txt": 1.0,
    "xls": 0.88,
    "xlsb": 1.0,
    "xlsm": 1.0,
    "xlsx": 1.0,
    "xml": 1.0,
    "zip": 0.5,
}


@pytest.fixture(scope="module")
def read(corpus):
    """Manifest row and extraction of every real document."""
    with (corpus / "MANIFEST.real.tsv").open(encoding="utf-8") as manifest, Sandbox(Setup()) as sandbox:
        rows = csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row, sandbox.extract(corpus / "real" / row["path"]))
            for row in rows
            if (corpus / "real" / row["path"]).exists()
        ]


def whole(row, extraction):
    text = _LOOSE.sub("", "".join(segment.text for segment in extraction.segments))
    return all(_LOOSE.sub("", string) in text for string in json.loads(row["expected_strings_json"]))


@pytest.mark.parametrize("kind", FLOORS)
def test_strings_are_found(read, kind):
    rows = [
        (row, extraction) for row, extraction in read if row["format"] == kind and row["expected_strings_json"] != "[]"
    ]
    assert rows
    missed = [row["path"] for row, extraction in rows if not whole(row, extraction)]
    assert 1 - len(missed) / len(rows) >= FLOORS[kind], missed


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
