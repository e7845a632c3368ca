"""Workers have loaded what their file needs, and no more."""

import pytest

from agent.extract.kits import Kit, NeedsKitError
from agent.extract.reading import Ledger, Reading
from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from tests import archives
from tests.documents import MARK, word


def kits(sandbox):
    return sorted(child.kit for child in sandbox._idle)


def test_a_file_that_needs_more_gets_a_worker_that_has_it(tmp_path):
    plain, rare = tmp_path / "a.docx", tmp_path / "a.arj"
    plain.write_bytes(word(MARK))
    rare.write_bytes(archives.arj({"a.txt": MARK.encode()}))
    with Sandbox(Setup()) as sandbox:
        assert sandbox.extract(plain).coverage.inspected
        assert kits(sandbox) == [Kit.COMMON]
        found = sandbox.extract(rare)
        assert [segment.text for segment in found.segments].count(MARK) == 1, "read once, not twice"
        assert kits(sandbox) == [Kit.RARE], "no more processes than workers"
        sandbox.extract(plain)
        assert kits(sandbox) == [Kit.RARE], "a larger kit serves smaller needs"


def test_need_is_no_failure_that_a_reader_could_swallow():
    reading = Reading(Ledger(Limits()), lambda *_: iter(()))
    with pytest.raises(NeedsKitError):
        reading.need(Kit.RARE)
    assert not issubclass(NeedsKitError, Exception)
    Reading(Ledger(Limits(), kit=Kit.OCR), lambda *_: iter(())).need(Kit.RARE)
