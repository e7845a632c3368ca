"""``shoumi lint``: what is wrong with the marks of documents, said to their drafter."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree
from rich.console import Console
from rich.text import Text as Styled

from agent.extract.sandbox.pool import Sandbox
from agent.scan.lines import encode
from config.coverage import explain
from config.places import place
from config.text import Language, Text, printable
from detectors.engine import Engine
from detectors.marks.lint import lint
from detectors.marks.lint.advice import Advice, Severity
from detectors.marks.lint.draft import Draft, Side

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIDES = {"right": Side.RIGHT, "end": Side.RIGHT, "center": Side.CENTRE, "left": Side.LEFT, "start": Side.LEFT}
_LARGEST = 32 * 2**20  # bytes of word/document.xml
_FIRST = 40  # paragraphs in which a mark's side is looked for
_MARGIN = 4  # tabs or 2,880 twips before the mark: it stands in the right half
_HALF = 2_880


class Report(msgspec.Struct, frozen=True):
    """One file, and the advice on it. ``missing`` says what could not be read of it."""

    path: str
    advice: tuple[Advice, ...]
    marks: int
    missing: tuple[str, ...] = ()


def run(
    files: Sequence[Path],
    sandbox: Sandbox,
    engine: Engine,
    today: date,
    console: Console,
    language: Language,
    *,
    as_lines: bool,
) -> int:
    """Advice on every file: 1 where there is some, 3 where there is none but something could not be read, else 0."""
    advised = unread = False
    for path in files:
        report = read(path, sandbox, engine, today)
        advised |= bool(report.advice)
        unread |= bool(report.missing)
        if as_lines:
            console.file.write(encode(line(report)).decode("utf-8", "surrogateescape"))
        else:
            show(report, console, language)
    return 1 if advised else 3 if unread else 0


def read(path: Path, sandbox: Sandbox, engine: Engine, today: date) -> Report:
    """Read one file in the sandbox and check its marks."""
    extracted = sandbox.extract(path)
    marks = engine.each(extracted.segments, today).marks
    draft = Draft(extracted.segments, marks, today, sides(path))
    missing = extracted.coverage.reasons or ((extracted.error,) if extracted.error else ())
    return Report(extracted.path, tuple(lint(draft)), len(marks), tuple(missing))


def sides(path: Path) -> dict[str, Side]:
    """Where the first paragraphs of a Word document stand, by their text without white space; of others, nothing.

    Extraction keeps no layout, so the alignment is asked of the document's own XML: no entity is expanded, nothing is
    fetched, and a part that is too large is left alone.
    """
    try:
        with zipfile.ZipFile(path) as package:
            info = package.getinfo("word/document.xml")
            if info.file_size > _LARGEST:
                return {}
            with package.open(info) as part:
                data = part.read(_LARGEST)
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (
        OSError,
        EOFError,
        KeyError,
        ValueError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
    ):
        return {}
    out: dict[str, Side] = {}
    for number, paragraph in enumerate(root.iter(f"{_WORD}p")):
        if number >= _FIRST:
            break
        text = "".join("".join(str(each.text or "") for each in paragraph.iter(f"{_WORD}t")).split())
        if text and (side := _side(paragraph)):
            out.setdefault(text, side)
    return out


def _side(paragraph: etree._Element) -> Side | None:
    justified = paragraph.find(f"{_WORD}pPr/{_WORD}jc")
    side = _SIDES.get(str(justified.get(f"{_WORD}val"))) if justified is not None else None
    if side in {Side.RIGHT, Side.CENTRE}:
        return side
    indent = paragraph.find(f"{_WORD}pPr/{_WORD}ind")
    twips = str(indent.get(f"{_WORD}left") or indent.get(f"{_WORD}start") or "0") if indent is not None else "0"
    tabs = 0
    for item in paragraph.iter(f"{_WORD}t", f"{_WORD}tab"):
        if (item.text or "").strip():
            break
        tabs += item.tag == f"{_WORD}tab" and item.get(f"{_WORD}pos") is None  # others are the stops of the ruler
    return Side.RIGHT if tabs >= _MARGIN or (twips.isdigit() and int(twips) >= _HALF) else side or Side.LEFT


def line(report: Report) -> dict[str, Any]:
    """One file of `shoumi lint --format jsonl`."""
    return {
        "path": report.path,
        "marks": report.marks,
        "advice": [
            {
                "rule": advice.rule,
                "severity": str(advice.severity),
                "where": advice.where,
                "text": _pair(advice.text),
                "instead": _pair(advice.instead),
                "basis": _pair(advice.basis),
            }
            for advice in report.advice
        ],
        "missing": list(report.missing),
    }


def _pair(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def show(report: Report, console: Console, language: Language) -> None:
    """One file for people."""
    console.print(Styled(printable(Path(report.path).name), style="bold"))
    for reason in report.missing:
        said = Text("  not read: {what}", "  未检查：{what}").fill(what=explain(reason))
        console.print(Styled(printable(said.say(language)), style="magenta"))
    for advice in report.advice:
        _advice(advice, console, language)
    if report.advice:
        count = Text("  {n} piece(s) of advice.", "  共{n}条建议。").fill(n=len(report.advice))
    elif report.marks:
        count = Text("  {n} mark(s), no advice.", "  共{n}处标志，未发现问题。").fill(n=report.marks)
    else:
        count = Text("  no mark found, no advice.", "  未发现密级标志，无建议。")
    console.print(count.say(language))


def _advice(advice: Advice, console: Console, language: Language) -> None:
    at = place(advice.where, language) if advice.where else Text("whole document", "全文").say(language)
    head = Styled(f"  {advice.severity.words.say(language)}", style=_STYLES[advice.severity])
    console.print(head, Styled(f"  {printable(at)}  {advice.rule}", style="dim"), sep="")
    console.print(Styled("    " + printable(advice.text.say(language))))
    instead = Text("    write: {what}", "    改为：{what}").fill(what=advice.instead)
    basis = Text("    basis: {what}", "    依据：{what}").fill(what=advice.basis)
    console.print(Styled(printable(instead.say(language)), style="green"))
    console.print(Styled(printable(basis.say(language)), style="dim"))
