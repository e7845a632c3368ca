"""A scan as people read it: a table of what needs attention, and a summary that says how much was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Styled

from agent.scan.scan import Tally
from config.coverage import explain
from config.levels import Level
from config.places import place
from config.text import Language, Text, printable
from config.verdict import Verdict

COLOURS = {
    Level.PUBLIC: "green",
    Level.INTERNAL: "blue",
    Level.CONFIDENTIAL: "yellow",
    Level.SECRET: "dark_orange",
    Level.TOP_SECRET: "bold red",
}
_HEADS = [Text("Level", "密级"), Text("File", "文件"), Text("Why", "依据"), Text("Where", "位置")]


def progress(verdicts: Iterable[Verdict], tally: Tally, console: Console, language: Language) -> Iterator[Verdict]:
    """Pass verdicts on and count them; on a terminal a live line says how far the scan is."""
    if not console.is_terminal:
        for verdict in verdicts:
            tally.add(verdict)
            yield verdict
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24, pulse_style="cyan"),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}  {task.fields[found]}"),
        TimeElapsedColumn(),
    )
    words = Text("scanning", "正在扫描").say(language)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(words, total=None, rate="", found="")
        for verdict in verdicts:
            tally.add(verdict)
            found = Text(f"{tally.sensitive} sensitive", f"发现 {tally.sensitive} 个涉密敏感").say(language)
            bar.update(task, completed=tally.files, rate=f"{decimal(int(tally.bytes / tally.seconds))}/s", found=found)
            yield verdict


def table(verdicts: list[Verdict], console: Console, language: Language, base: Path) -> None:
    """What is above public, and what could not be read, the most sensitive first."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for head in _HEADS:
        grid.add_column(head.say(language), overflow="fold")
    for verdict in sorted(verdicts, key=lambda one: (-one.level.rank, one.path)):
        grid.add_row(*_row(verdict, language, base))
    if verdicts:
        console.print(grid)


def summary(tally: Tally, console: Console, language: Language) -> None:
    """How many files of which level, and how much of all was inspected."""
    share = 100 * tally.inspected / tally.files if tally.files else 100.0
    levels = ", ".join(
        f"{level.text.say(language)} {tally.levels[level]}" for level in reversed(Level) if tally.levels[level]
    )
    if unknown := tally.files - tally.levels.total():
        levels += ", " * bool(levels) + Text(f"not known {unknown}", f"未知 {unknown}").say(language)
    line = Text(
        "{files} files, {size} in {seconds} s. {levels}. Inspected in full: {share} %.",
        "共 {files} 个文件，{size}，用时 {seconds} 秒。{levels}。完整检查：{share} %。",
    ).fill(
        files=tally.files,
        size=decimal(tally.bytes),
        seconds=f"{tally.seconds:.1f}",
        levels=levels or "-",
        share=f"{share:.1f}",
    )
    console.print(Styled(line.say(language)))
    if tally.reasons:
        reasons = ", ".join(f"{explain(kind).say(language)} {count}" for kind, count in tally.reasons.most_common())
        console.print(
            Styled(Text(f"Not read, or only in part: {reasons}", f"未检查或部分检查：{reasons}").say(language))
        )


def why(verdict: Verdict, language: Language) -> tuple[str, str]:
    """What raises a file and where it stands: the strongest mark first, then findings, then what was not read."""
    reasons, places = [], []
    for mark in sorted(verdict.marks, key=lambda one: -one.raises.rank)[:2]:
        reasons.append(mark.text)
        places.append(place(mark.where, language))
    for finding in sorted(verdict.findings, key=lambda one: -one.level.rank)[: 3 - len(reasons)]:
        reasons.append(f"{finding.name.say(language) or finding.rule} {finding.times}")
        places.append(place(finding.where, language))
    if not reasons or not verdict.coverage.inspected:
        shown = [explain(reason).say(language) for reason in verdict.coverage.reasons[:2]]
        if shown:
            reasons.append("(" + "; ".join(shown) + ")")
    return "\n".join(reasons), "\n".join(places)


def _row(verdict: Verdict, language: Language, base: Path) -> tuple[Styled, Styled, Styled, Styled]:
    reasons, places = why(verdict, language)
    path = Path(verdict.path)
    shown = path.relative_to(base) if path.is_relative_to(base) else path
    level = verdict.level.text.say(language)
    if verdict.level is Level.PUBLIC:
        partly = verdict.coverage.partly
        level = (Text("read in part", "部分检查") if partly else Text("not read", "未检查")).say(language)
    style = COLOURS[verdict.level] if verdict.level > Level.PUBLIC else "magenta"
    return (
        Styled(level, style=style),
        Styled(printable(str(shown))),
        Styled(printable(reasons)),
        Styled(printable(places), style="dim"),
    )
