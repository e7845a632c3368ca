"""One file as a fingerprint to register: its text, its level, or why there is none."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.coverage import explain
from config.levels import Level
from config.signing import utc_now
from config.text import Text
from config.verdict import Segment, Zone

if TYPE_CHECKING:
    from agent.extract.sandbox.pool import Sandbox
    from detectors.prints import Index, Print

_ABOUT = {Zone.NAME, Zone.PROPERTY, Zone.LABEL}  # what is said of a document is not its text


class Outcome(msgspec.Struct):
    """What became of the files of one `add`."""

    prints: dict[str, Print] = {}
    public: set[int] = set()
    names: dict[str, str] = {}
    failures: list[tuple[Path, Text]] = []
    partly: list[tuple[Path, Text]] = []


def note(
    path: Path, sandbox: Sandbox, index: Index, done: Outcome, *, level: Level | None, public: bool, label: str
) -> None:
    """Read one file and note its shingles, or why there are none."""
    from detectors.fingerprint import FEWEST
    from detectors.prints import Print, fingerprint

    found = sandbox.extract(path)
    key = index.head.key
    shingles = fingerprint(key, _texts(found.segments))
    why = [explain(reason) for reason in found.coverage.reasons]
    if len(shingles) < FEWEST:
        short = Text("holds too little text to be recognised by", "文字过少，无法作为指纹登记")
        done.failures.append((path, _joined([*why, short])))
        return
    if public:
        done.public.update(shingles)
    else:
        level = level or _marked(path, sandbox)
        if level is None:
            unmarked = Text("bears no mark: say its level with --level", "文件无密级标志，请用 --level 指定密级")
            done.failures.append((path, unmarked))
            return
        name = hmac.new(key, found.sha256.encode() or os.fsencode(path), hashlib.sha256).hexdigest()[:12]
        done.prints[name] = Print(name, level, shingles, label)
        done.names[name] = str(path)
    if why:
        done.partly.append((path, _joined(why)))


def _texts(segments: Iterable[Segment]) -> Iterator[str]:
    """The text of a document as detection sees it; where blocks overlap, once."""
    from detectors.block import blocks

    for block in blocks(segment for segment in segments if segment.zone not in _ABOUT):
        low, high = block.pieces[0].low, block.pieces[-1].high
        whole = low == 0 and high == len(block.raw)
        yield block.text if whole else type(block)(block.raw[low:high], block.pieces).text


def _marked(path: Path, sandbox: Sandbox) -> Level | None:
    """The level that the file's own marks give it."""
    verdict = sandbox.verdict(path, utc_now().astimezone().date())
    return max((mark.raises for mark in verdict.marks if mark.raises > Level.PUBLIC), default=None)


def _joined(texts: Sequence[Text]) -> Text:
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))
