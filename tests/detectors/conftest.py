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
def engine(rules):
    cache = Path(kept) if (kept := os.environ.get("SHOUMI_TEST_PATTERNS")) else None  # set by tests.mutation
    made = Engine(rules, b"a key for tests", cache=cache.read_bytes() if cache and cache.exists() else b"")
    if cache and (compiled := made.compiled()):
        cache.write_bytes(compiled)
    return made


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
