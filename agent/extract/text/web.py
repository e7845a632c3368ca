"""HTML: the words a browser shows, and those it hides (title, alternative texts, comments, fields)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree, html

from agent.extract.encoding import decide, decode
from agent.extract.markup import Element
from agent.extract.reading import Reading
from agent.extract.text import plain
from config.verdict import Segment, Zone

# Elements that begin a line of their own; all others run on.
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "legend",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "title",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(["script", "style", "template"])
_LONG = re.compile(rb"<[^<>]{65536,}")
_MOST = 2000  # attributes of one tag: the parser compares each with each
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?([\w-]{1,40})")
_HIDDEN = ("alt", "title", "content", "value", "placeholder", "aria-label")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """One segment of lines, cells of a row joined by tabs; then what is hidden in attributes and comments.

    A page larger than a part may be, or with thousands of attributes in a tag, is read as the text it is, tags and all.
    """
    data = file.read(reading.limits.max_part + 1)
    if len(data) > reading.limits.max_part or any(tag.count(b"=") > _MOST for tag in _LONG.findall(data)):
        file.seek(0)
        yield from plain.read(file, reading)
        return
    declared = _DECLARED.search(data[:4096])
    text = decode(data, decide(data, declared.group(1).decode() if declared else "")[0])
    yield from page(text)


def page(text: str) -> Iterator[Segment]:
    """The segments of a page that is text already; what it says of its encoding is not believed."""
    if not text.strip():
        return
    root = html.document_fromstring(
        text.replace("\0", "").encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True)
    )
    said: list[str] = []
    hidden: list[str] = []
    _walk(root, said, hidden)
    lines = [joined for line in "".join(said).split("\n") if (joined := _fold(line))]
    if lines:
        yield Segment("\n".join(lines), "")
    if hidden:
        yield Segment("\n".join(hidden), "property:hidden", Zone.PROPERTY, lines=False)


def _walk(root: Element, said: list[str], hidden: list[str]) -> None:
    silent: Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if event == "start" and isinstance(tag, str):
            if silent is None and tag in _SILENT:
                silent = element
            if silent is None:
                said.append("\n" if tag in _BLOCKS else "\t" if tag in ("td", "th") else "")
                said.append((element.text or "").replace("\n", " "))
                hidden += [value for key in _HIDDEN if (value := str(element.get(key) or "").strip())]
            elif element.text:
                hidden.append(element.text.strip())
            continue
        if event == "comment" and (element.text or "").strip():
            hidden.append(str(element.text).strip())
        if silent is element:
            silent = None
        if silent is None:
            said.append("\n" if tag in _BLOCKS else "")
            said.append((element.tail or "").replace("\n", " "))


def _fold(line: str) -> str:
    return "\t".join(" ".join(cell.split()) for cell in line.strip("\t ").split("\t")).strip()
