"""What this PC keeps about people and their files, shown to those people."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from agent.act.quarantine import Kept, Quarantine
from agent.control import Ask, Peer, call
from agent.home import Site
from agent.report.identity import Identity, load_identity
from agent.report.spool import KEPT_DAYS, Spool
from agent.scan.lines import encode
from agent.scan.table import COLOURS
from config.errors import IdentityError
from config.events import Event
from config.levels import Level
from config.text import Language, Text, printable

_MOST = 2000  # events in one answer
_STATES = {
    "waiting": Text("waiting", "待上报"),
    "delivered": Text("reported", "已上报"),
    "parked": Text("refused by the collector", "收集端拒收"),
}


class Status(Ask, frozen=True, tag="status"):
    """What was reported about me?"""


class Reported(msgspec.Struct, frozen=True):
    """One event as its person sees it: what officers see, masked as theirs is."""

    time: int  # UTC, milliseconds
    level: Level
    file: str
    reason: Text
    ticket: str
    state: str
    note: str


class Reports(msgspec.Struct, frozen=True):
    """What was reported, newest first."""

    url: str
    agent: str
    lines: tuple[Reported, ...]


def reports(site: Site, identity: Identity, spool: Spool) -> Callable[[Peer, Status, int | None], Reports]:
    """The answer to :class:`Status`: everybody hears of own files only, root of all."""

    def answer(peer: Peer, _ask: Status, _file: int | None) -> Reports:
        own = (line for line in spool.history() if peer.uid == 0 or line[2].actor.user.uid == str(peer.uid))
        return Reports(site.settings.collector, identity.enrolled.agent_id, tuple(map(_reported, islice(own, _MOST))))

    return answer


def show_status(site: Site, console: Console, language: Language) -> None:
    """Whether the agent is enrolled, and everything reported in the last ninety days, as officers see it.

    Who may not look into the agent's home asks the agent, and hears of own files only.
    """
    if site.home.exists() and not os.access(site.home, os.R_OK | os.X_OK):
        told = call(site, Status(), Reports)
        _enrolled(told.url, told.agent, console, language)
        _show(told.lines, console, language)
        return
    try:
        _enrolled(site.settings.collector, load_identity(site.home).enrolled.agent_id, console, language)
    except IdentityError as problem:
        line = Text("{why}: {what}", "{why}：{what}").fill(why=problem.text, what=problem.hint)
        console.print(Styled(line.say(language)))
    path = site.home / "spool.db"
    if not path.exists():
        console.print(Text("Nothing was ever reported from this PC.", "本机尚无上报记录。").say(language))
        return
    spool = Spool(path, reserve=0)
    try:
        _show(tuple(map(_reported, spool.history())), console, language)
    finally:
        spool.close()


def _enrolled(url: str, agent: str, console: Console, language: Language) -> None:
    line = Text("Enrolled at {url} as {id}.", "已在 {url} 注册，编号 {id}。").fill(url=url, id=agent)
    console.print(Styled(line.say(language)))


def _reported(line: tuple[str, str, Event]) -> Reported:
    state, note, event = line
    facts = event.unmapped
    return Reported(event.time, facts.level, event.file.path, facts.reason, facts.ticket, state, note)


def _show(lines: Sequence[Reported], console: Console, language: Language) -> None:
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
    for one in lines:
        shown = _STATES[one.state].say(language) + (f" ({one.note})" if one.note else "")
        level = Styled(one.level.text.say(language), style=COLOURS[one.level])
        words = (one.file, one.reason.say(language), one.ticket, shown)
        grid.add_row(_when(one.time), level, *(Styled(printable(word)) for word in words))
    head = Text("Reported in the last {days} days: {count}", "最近 {days} 天上报：{count} 条").fill(
        days=KEPT_DAYS, count=len(lines)
    )
    console.print(Styled(head.say(language), style="bold"))
    if lines:
        console.print(grid)


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
