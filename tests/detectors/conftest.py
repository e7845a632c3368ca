import os
from datetime import date
from pathlib import Path

import pytest

from detectors.engine import Engine
from detectors.ruleset import load_rules

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="session")
def rules():
    return load_rules(verify=False)


@pytest.fixture(scope="session")
def compiled(rules):
    """The patterns of the shipped rules, compiled once for every engine of the tests."""
    cache = Path(kept) if (kept := os.environ.get("SHOUMI_TEST_PATTERNS")) else None  # set by tests.mutation
    old = cache.read_bytes() if cache and cache.exists() else b""
    new = Engine(rules, b"a key for tests", cache=old).compiled()
    if cache and new:
        cache.write_bytes(new)
    return new or old


@pytest.fixture(scope="session")
def engine(rules, compiled):
    return Engine(rules, b"a key for tests", cache=compiled)


@pytest.fixture(scope="session")
def slow_engine(rules):
    """The same rules without Vectorscan."""
    return Engine(rules, b"a key for tests", native=False)


@pytest.fixture(scope="session")
def marks(engine):
    """The marks of one text."""
    return lambda text: engine.detect(text, TODAY).marks


@pytest.fixture(scope="session")
def mark(marks):
    """The only mark of one text."""

    def only(text):
        found = marks(text)
        assert len(found) == 1, f"{text!r}: {[(each.regime, each.text) for each in found]}"
        return found[0]

    return only


@pytest.fixture(scope="session")
def findings(engine):
    """Rule and raw text of every finding of one text."""
    return lambda text: [(found.rule, text[found.start : found.end]) for found in engine.detect(text, TODAY).findings]
