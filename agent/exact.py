"""`shoumi exact`: tables of customers or staff registered as keyed digests, so that their rows are recognised.

What is written is described, with what it protects and what not, in :mod:`detectors.exactindex`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agent import home, signer, tables
from config.errors import ShoumiError, UsageError
from config.levels import Level
from config.signed import read_header
from config.text import Language, Text, printable
from detectors.cells import NAMES, SAMPLE, Kind, guess
from detectors.exactindex import MOST_COLUMNS, MOST_ROWS, Builder, Summary, choose_anchors, open_index, unfit

KIND = "exact"
Options = argparse.Namespace


def add(options: Options) -> int:
    """Register a table, or with ``--dry-run`` say what would be registered."""
    signer.check_name(options.name)
    site = home.find(options.home)
    paper, language = Console(highlight=False, soft_wrap=True), options.language
    begin = time.monotonic()
    table = tables.open_table(options.file, options.table)
    places = tables.pick(table, options.file, _named(options.columns))
    rows = ([row[at] for at in places] for row in table.rows)
    sample = list(islice(rows, SAMPLE))
    columns = [(table.heads[at], guess([row[n] for row in sample])) for n, at in enumerate(places)]
    kept = [n for n, (_, kind) in enumerate(columns) if kind is not Kind.OTHER]
    if (why := unfit(columns, options.need)) or len(kept) > MOST_COLUMNS:
        why = why or Text(f"more than {MOST_COLUMNS} columns", f"超过 {MOST_COLUMNS} 列")
        hint = Text("name columns that tell persons apart with --columns", "请用 --columns 指定能区分个人的列")
        raise UsageError(Text(f"{options.file}: {why.en}", f"{options.file}：{why.zh}"), hint)
    builder = Builder(
        [columns[n] for n in kept], need=options.need, within=options.within, level=Level.parse(options.level)
    )
    for row in _progress(chain(sample, rows), language):
        if builder.summary.rows >= MOST_ROWS:
            raise UsageError(Text(f"more than {MOST_ROWS} rows", f"超过 {MOST_ROWS} 行"))
        builder.add([row[n] for n in kept])
    payload = builder.finish(options.raises_from)
    _summary(builder.summary, columns, options.need, table.notes, paper, language)
    if options.dry_run:
        done = Text("Nothing was written (--dry-run).", "未写入任何内容（--dry-run）。")
    else:
        path = signer.write_register(site.home, KIND, options.name, payload)
        done = Text(
            "{path} is written: {size} KB in {seconds} s. Keep it from those who must not learn who is in the table.",
            "已写入 {path}：摘要 {size} KB，用时 {seconds} 秒。据此可核实某人是否在表中，请妥善保管。",
        ).fill(path=path, size=len(payload) // 1024, seconds=f"{time.monotonic() - begin:.1f}")
    paper.print(done.say(language))
    return 0


def show(options: Options) -> int:
    """What is registered here."""
    site, paper = home.find(options.home), Console(highlight=False, soft_wrap=True)
    for path in sorted(site.registers.glob("*" + signer.SUFFIX)):
        try:
            with path.open("rb") as file:
                header = read_header(file)
                begin = file.tell()
            if header.kind != KIND or path.stat().st_size == begin:
                continue
            head = open_index(path, begin).head
        except ShoumiError as problem:
            paper.print(printable(problem.text.say(options.language)))
            continue
        line = Text(
            "{name}  version {version}: {rows} rows, {need} of {count} columns ({titles}) within {within} characters, "
            "level {level}",
            "{name}  版本 {version}：{rows} 行，{count} 列（{titles}）中 {need} 列出现在 {within} 个字符内，"
            "密级 {level}",
        ).fill(
            name=header.name,
            version=header.version,
            rows=head.rows,
            need=head.need,
            count=len(head.columns),
            titles=", ".join(column.title for column in head.columns),
            within=head.within,
            level=head.level.text,
        )
        paper.print(printable(line.say(options.language)), markup=False)
    return 0


def remove(options: Options) -> int:
    """Withdraw a table: an empty register of the next version takes its place."""
    signer.withdraw(home.find(options.home).home, KIND, options.name)
    done = Text("'{name}' is withdrawn; its digests are gone.", "“{name}”已撤销，其摘要已删除。").fill(
        name=options.name
    )
    Console(highlight=False).print(done.say(options.language))
    return 0


def _named(columns: str) -> list[str]:
    return [name.strip() for name in columns.replace("，", ",").split(",") if name.strip()]


def _progress(rows: Iterable[list[str]], language: Language) -> Iterator[list[str]]:
    told = Console(stderr=True)
    if not told.is_terminal:
        yield from rows
        return
    parts = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*parts, console=told, transient=True) as bar:
        task = bar.add_task(Text("rows", "行").say(language), total=None)
        for number, row in enumerate(rows):
            if number % 1_000 == 0:
                bar.update(task, completed=number)
            yield row


def _summary(
    summary: Summary,
    columns: list[tuple[str, Kind]],
    need: int,
    notes: tables.Notes,
    paper: Console,
    language: Language,
) -> None:
    def say(en: str, zh: str, **fields: object) -> None:
        paper.print(printable(Text(en, zh).fill(**fields).say(language)), markup=False)

    say("{rows} rows", "共 {rows} 行", rows=summary.rows)
    for title, kind in columns:
        if kind is Kind.OTHER:
            say(
                "  {title}: dates, amounts, blanks or few different values; not indexed",
                "  {title}：日期、金额、空白或取值很少，不建索引",
                title=title,
            )
            continue
        say(
            "  {title}: {kind}; {indexed} indexed, {blank} blank, {unfit} too short or of another form, "
            "{common} too common",
            "  {title}：{kind}；索引 {indexed}，空白 {blank}，过短或形式不符 {unfit}，过于常见 {common}",
            title=title,
            kind=NAMES[kind],
            indexed=summary.indexed[title],
            blank=summary.blank[title],
            unfit=summary.unfit[title],
            common=summary.common[title],
        )
    for count, en, zh in (
        (summary.repeated, "{n} rows repeat an earlier one", "{n} 行与前面的行重复"),
        (
            summary.weak,
            f"{{n}} rows have fewer than {need} indexed values and cannot be recognised",
            f"{{n}} 行可索引的值不足 {need} 个，无法识别",
        ),
        (
            notes.rounded,
            "{n} numbers lost their last digits in the spreadsheet (more than 15): format those cells as text",
            "{n} 个数字超过 15 位，末位已被电子表格舍入：请将单元格设为文本格式后重新录入",
        ),
        (
            notes.wide,
            "{n} rows have more cells than there are heads; the others were left out",
            "{n} 行的单元格多于表头，多出的未读取",
        ),
    ):
        if count:
            say("  " + en, "  " + zh, n=count)
    kinds = [kind for _, kind in columns if kind is not Kind.OTHER]
    if any(anchor and not kind.telling for anchor, kind in zip(choose_anchors(kinds, need), kinds, strict=True)):
        say(
            "  names or texts must be looked for in every text, which takes longer; a larger --need avoids it",
            "  需在所有文本中查找姓名或文本列，速度较慢；增大 --need 可避免",
        )
