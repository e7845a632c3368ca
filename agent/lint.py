"""``shoumi lint``: what is wrong with the marks of documents, said to their drafter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
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
from detectors.marks.lint.draft import Draft

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}


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
    draft = Draft(extracted.segments, marks, today)
    missing = extracted.coverage.reasons or ((extracted.error,) if extracted.error else ())
    return Report(extracted.path, tuple(lint(draft)), len(marks), tuple(missing))


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
