"""What an office file says of itself: properties and labels (ECMA-376 Part 1, 15.2; [MS-OFFCRYPTO] 2.6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from agent.extract.markup import local, parse, words
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_CORE = "docprops/core.xml"
_APP = "docprops/app.xml"
_CUSTOM = "docprops/custom.xml"
_LABELS = "docmetadata/labelinfo.xml"
# Numbers about the file, not words in it.
_COUNTS = {
    "TotalTime",
    "Pages",
    "Words",
    "Characters",
    "CharactersWithSpaces",
    "Lines",
    "Paragraphs",
    "Slides",
    "Notes",
    "HiddenSlides",
    "MMClips",
    "ScaleCrop",
    "LinksUpToDate",
    "SharedDoc",
    "HyperlinksChanged",
    "AppVersion",
    "DocSecurity",
    "revision",
    "created",
    "modified",
    "lastPrinted",
    "HeadingPairs",
}
LABEL_PREFIX = "msip_label"


def properties(package: Package, reading: Reading) -> Iterator[Segment]:
    """One segment a property, ``property:Name``; a sensitivity label is a segment of its own zone."""
    for data in package.parts(_LABELS):
        root = parse(data, reading, _LABELS)
        for label in () if root is None else root.iter("{*}label"):
            text = " ".join(f"{key}={label.get(key)}" for key in map(str, label.keys()))
            yield Segment(text, "label", Zone.LABEL, lines=False)
    named = [name for name in package.names if name.endswith(".psmdcp")]  # the core properties of other programs
    for name in (_CORE, *named, _APP):
        for data in package.parts(name):
            root = parse(data, reading, name)
            for item in () if root is None else root:
                key = local(item)
                if key and key not in _COUNTS and (text := " ".join(words(item))):
                    yield Segment(text, f"property:{_title(key)}", Zone.PROPERTY, lines=False)
    for data in package.parts(_CUSTOM):
        root = parse(data, reading, _CUSTOM)
        for item in () if root is None else root.iter("{*}property"):
            name, text = str(item.get("name", "")), " ".join(words(item))
            if name or text:
                yield labelled(name, text)


def labelled(name: str, text: str) -> Segment:
    """A custom property; those of a sensitivity label (``MSIP_Label_<guid>_Name`` ...) get their zone."""
    zone = Zone.LABEL if name.lower().startswith(LABEL_PREFIX) else Zone.PROPERTY
    return Segment(text, f"property:{name}", zone, lines=False)


def _title(key: str) -> str:
    return key[:1].upper() + key[1:]
