"""Words that office parts keep in attributes instead of text (ECMA-376 Part 1, 17.15, 18.10, 18.13, 19.3)."""

from __future__ import annotations

import re

import msgspec

from agent.extract.markup import Element, words

# What programs write for themselves: numbers, switches, identifiers, addresses of schemas, cell ranges.
_IDLE = re.compile(
    r"[-+.\d%]*|true|false|\{?[0-9A-Fa-f-]{8,}\}?|https?://schemas\.[^ ]*|\$?[A-Z]{1,3}\$?\d+(:.*)?|rId\d+"
)


class Keys(msgspec.Struct, frozen=True):
    """Which attributes of a part speak.

    ``names`` are local; none means all. ``elements`` limits where they stand. ``needs`` is what a part must hold to
    be worth taking apart.
    """

    place: str
    names: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()
    needs: re.Pattern[bytes] | None = None
    text: bool = False

    def worth(self, data: bytes) -> bool:
        """Whether a part may hold such words."""
        return self.needs is None or self.needs.search(data) is not None

    def said(self, root: Element) -> list[str]:
        """The words, each once, in the order of the part; the children of a row of records together in a line."""
        found: dict[str, None] = {}
        for element in root.iter():
            tag = element.tag
            if not isinstance(tag, str) or (self.elements and tag.rpartition("}")[2] not in self.elements):
                continue
            for key, value in element.attrib.items():
                name = str(key).rpartition("}")[2]
                if (not self.names or name in self.names) and not _IDLE.fullmatch(text := str(value).strip()):
                    found[text] = None
        if self.text:
            found.update(dict.fromkeys(words(root)))
        return list(found)


def _keys(place: str, names: str = "", elements: str = "", needs: bytes = b"", *, text: bool = False) -> Keys:
    pattern = re.compile(needs) if needs else None
    return Keys(place, frozenset(names.split()), frozenset(elements.split()), pattern, text)


_PARTS = (  # beginning of the part's name
    ("word/settings", _keys("document variables", "name val", "docVar query connectString", b"docVar |mailMerge")),
    (
        "word/numbering",
        _keys("list labels", "val", "lvlText", rb'lvlText [^>]*?val="[^"]*?(?:[\xe4-\xe9]..|[A-Za-z]{4})'),
    ),
    ("word/people", _keys("people", "author userId")),
    ("word/activex/", _keys("controls", "value", text=True)),
    ("word/recipientdata", _keys("recipients")),
    ("xl/pivotcache/", _keys("pivot table", "v name caption refreshedBy sheet n")),
    (
        "xl/pivottables/",
        _keys("pivot table", "name caption n dataCaption grandTotalCaption rowHeaderCaption colHeaderCaption"),
    ),
    ("xl/tables/", _keys("table", "name displayName totalsRowLabel comment", text=True)),
    ("xl/querytables/", _keys("query", "name")),
    ("xl/connections", _keys("connections", text=True)),
    ("xl/slicers/", _keys("slicer", "name caption")),
    ("xl/slicercaches/", _keys("slicer", "name sourceName n c")),
    ("xl/timelines/", _keys("timeline", "name caption")),
    ("xl/timelinecaches/", _keys("timeline", "name sourceName")),
    ("xl/externallinks/", _keys("external link", "name val refersTo ddeTopic progId", text=True)),
    ("xl/persons/", _keys("people", "displayName userId")),
    ("xl/revisions/", _keys("changes", "userName name oldName newName", text=True)),
    ("xl/namedsheetviews/", _keys("views", "name")),
    ("xl/xmlmaps", _keys("map", "Name name")),
    ("ppt/tags/", _keys("tags", "name val")),
    ("ppt/commentauthors", _keys("people", "name initials")),
    ("ppt/authors", _keys("people", "name initials userId")),
    ("ppt/presprops", _keys("presentation", "name title", text=True)),
    ("ppt/activex/", _keys("controls", "value", text=True)),
    ("customxml/item", _keys("custom XML", text=True)),
    ("customui/", _keys("custom UI", "label screentip supertip description title", text=True)),
)


def keys(name: str) -> Keys | None:
    """How the part of a name in lower case speaks; nothing where its text is what counts."""
    return next((found for start, found in _PARTS if name.startswith(start)), None)
