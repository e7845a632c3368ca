"""Lent copies are looked for and erased on the medium itself, past the gateway that people see."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from agent import arrivals as module
from agent.arrivals import Arrivals
from config.events import Medium
from tests.events import STICK

SEEN, BARE, OTHER = Path("/media/x"), Path("/media/bare"), Path("/media/other")
ROOT = Path("/proc/self/fd/9")
SECOND, THIRD = Medium(serial="2"), Medium(serial="3")


@pytest.fixture
def arrivals(monkeypatch):
    monkeypatch.setattr(module, "can_guard", lambda: False)
    monkeypatch.setattr(module, "mounted", lambda: {SEEN: STICK, OTHER: THIRD})
    inserted = []
    office = SimpleNamespace(returns=SimpleNamespace(), inserted=lambda *which: inserted.append(which))
    watch = SimpleNamespace(add=lambda *_, **__: None)
    made = Arrivals(Path("/nowhere"), SimpleNamespace(), watch, office)
    made.office, made.inserted = office, inserted
    return made


def test_without_a_guard_a_medium_is_reached_where_it_is_mounted(arrivals):
    returns = arrivals.office.returns
    assert returns.media() == {SEEN: STICK, OTHER: THIRD}
    assert returns.seen_at(SEEN) is None


def test_behind_a_gateway_it_is_reached_past_it(arrivals):
    arrivals.guard = SimpleNamespace(media={SEEN: STICK, BARE: SECOND}, roots={ROOT: SEEN})
    returns = arrivals.office.returns
    assert returns.media() == {ROOT: STICK, BARE: SECOND, OTHER: THIRD}
    assert returns.seen_at(ROOT) == SEEN
    assert returns.seen_at(OTHER) is None
    arrivals._taken(SEEN, STICK)
    arrivals._taken(BARE, SECOND)
    assert arrivals.inserted == [(ROOT, STICK), (BARE, SECOND)]


def test_files_are_read_past_the_gateway_and_called_as_people_call_them(arrivals):
    assert arrivals.way(SEEN / "a" / "b.docx") == SEEN / "a" / "b.docx"
    arrivals.guard = SimpleNamespace(media={SEEN: STICK}, roots={ROOT: SEEN})
    assert arrivals.way(SEEN / "a" / "b.docx") == ROOT / "a" / "b.docx"
    assert arrivals.way(OTHER / "b.docx") == OTHER / "b.docx"
