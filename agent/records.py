"""What this PC keeps about people and their files, shown to those people."""

from __future__ import annotations

import sys
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from agent.act.quarantine import Kept, Quarantine
from agent.home import Site
from agent.report.identity import load_identity
from agent.report.spool import KEPT_DAYS, Spool
from agent.scan.lines import encode
from agent.scan.table import COLOURS
from config.errors import IdentityError
from config.text import Language, Text, printable

_STATES = {
    "waiting": Text("waiting", "待上报"),
    "delivered": Text("reported", "已上报"),
    "parked": Text("refused by the collector", "收集端拒收"),
}


def show_status(site: Site, console: Console, language: Language) -> None:
    """Whether the agent is enrolled, and everything reported in the last ninety days, as officers see it."""
    try:
        enrolled = load_identity(site.home).enrolled
        line = Text("Enrolled at {url} as {id}.", "已在 {url} 注册，编号 {id}。").fill(
            url=site.settings.collector, id=enrolled.agent_id
        )
    except IdentityError as problem:
        line = Text("{why}: {what}", "{why}：{what}").fill(why=problem.text, what=problem.hint)
    console.print(Styled(line.say(language)))
    path = site.home / "spool.db"
    if not path.exists():
        console.print(Text("Nothing was ever reported from this PC.", "本机尚无上报记录。").say(language))
        return
    spool = Spool(path, reserve=0)
    try:
        grid = Table(box=None, pad_edge=False, header_style="bold")
        for head in (
            Text("When", "时间"),
            Text("Level", "密级"),
            Text("File", "文件"),
            Text("Why", "原因"),
            Text("No.", "编号"),
            Text("State", "状态"),
        ):
            grid.add_column(head.say(language), overflow="fold")
        count = 0
        for state, note, event in spool.history():
            facts = event.unmapped
            shown = _STATES[state].say(language) + (f" ({note})" if note else "")
            level = Styled(facts.level.text.say(language), style=COLOURS[facts.level])
            words = (event.file.path, facts.reason.say(language), facts.ticket, shown)
            grid.add_row(_when(event.time), level, *(Styled(printable(word)) for word in words))
            count += 1
        head = Text("Reported in the last {days} days: {count}", "最近 {days} 天上报：{count} 条").fill(
            days=KEPT_DAYS, count=count
        )
        console.print(Styled(head.say(language), style="bold"))
        if count:
            console.print(grid)
    finally:
        spool.close()


def show_quarantine(site: Site, console: Console, language: Language, *, as_lines: bool) -> None:
    """Every file in quarantine."""
    kept = Quarantine(site.home / "quarantine", load_identity(site.home).enrolled.recipient).list()
    if as_lines:
        for one in kept:
            sys.stdout.buffer.write(encode(_line(one)))
        return
    if not kept:
        console.print(Text("The quarantine is empty.", "隔离区为空。").say(language))
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for head in (
        Text("Id", "编号"),
        Text("When", "时间"),
        Text("Level", "密级"),
        Text("Was at", "原位置"),
        Text("No.", "工单"),
    ):
        grid.add_column(head.say(language), overflow="fold")
    for one in kept:
        facts = one.event.unmapped
        level = Styled(facts.level.text.say(language), style=COLOURS[facts.level])
        grid.add_row(one.id[:8], _when(one.sealed), level, Styled(printable(one.path)), Styled(facts.ticket))
    console.print(grid)


def _line(kept: Kept) -> dict[str, object]:
    facts = kept.event.unmapped
    return {
        "id": kept.id,
        "path": kept.path,
        "size": kept.size,
        "sha256": kept.sha256,
        "sealed": kept.sealed,
        "level": facts.level.id,
        "ticket": facts.ticket,
    }


def _when(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000).astimezone():%Y-%m-%d %H:%M}"
