"""Marked documents and their unmarked twins, read and judged as the agent does it."""

import csv
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted

pytestmark = pytest.mark.corpus
SEEN_ONLY = 20  # marked documents that are pictures


def test_every_mark_is_found_and_none_where_there_is_none(corpus):
    with (corpus / "MANIFEST.marking.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    with Sandbox(Setup(key=b"k" * 32, ocr=ocr_wanted(None)), 2) as sandbox, ThreadPoolExecutor(2) as pool:
        paths = [corpus / "marking" / row["path"] for row in rows]
        verdicts = list(pool.map(lambda path: sandbox.verdict(path, date(2026, 11, 24)), paths))
    missed = [row["path"] for row, one in zip(rows, verdicts, strict=True) if row["is_marked"] == "1" and not one.marks]
    wrong = [row["path"] for row, one in zip(rows, verdicts, strict=True) if row["is_marked"] == "0" and one.marks]
    assert not wrong
    assert len(missed) <= (0 if ocr_wanted(None) else SEEN_ONLY), missed
    assert not any(one.error for one in verdicts)
