"""What an OpenDocument file says of itself (ODF 1.3 Part 3, 4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from agent.extract.markup import Element, local
from agent.extract.ooxml.properties import labelled
from config.verdict import Segment

_COUNTS = ("date", "duration", "cycles")


def about(root: Element) -> Iterator[Segment]:
    """A segment a property, those a user named among them; counts and times say nothing."""
    for item in root.iter():
        text = (item.text or "").strip() or str(
            next((value for key, value in item.attrib.items() if str(key).endswith("}title")), "")
        )
        name = next((str(value) for key, value in item.attrib.items() if str(key).endswith("}name")), "")
        if text and (name or not local(item).endswith(_COUNTS)):
            yield labelled(name or local(item), text)
