from datetime import date

import pytest

from config.verdict import Segment, Zone
from detectors.marks.lint import lint
from detectors.marks.lint.draft import Draft

TODAY = date(2026, 11, 1)


@pytest.fixture
def draft(engine):
    """A draft from pages of text; ``properties`` and ``name`` are those of its file."""

    def make(*pages, name="paper.docx", properties=None, sides=(), extra=()):
        segments = [Segment(name, "file name", Zone.NAME, lines=False)]
        if len(pages) == 1:
            segments.append(Segment(pages[0], "", sides=sides))
        else:
            segments += [Segment(text, f"page {number}", page=number) for number, text in enumerate(pages, 1)]
        segments += extra
        segments += [
            Segment(text, f"property:{key}", Zone.PROPERTY, lines=False) for key, text in (properties or {}).items()
        ]
        return Draft(segments, engine.each(segments, TODAY).marks, TODAY)

    return make


@pytest.fixture
def advice(draft):
    """Rule to advice."""

    def of(*pages, **named):
        return {each.rule: each for each in lint(draft(*pages, **named))}

    return of


@pytest.fixture
def broken(advice):
    """The rules that speak up, of some family only."""

    def of(family, *pages, **named):
        return {rule for rule in advice(*pages, **named) if rule.startswith(family + ".")}

    return of
