"""``shoumi request``: asking for a lending (外借), seeing what became of it, and giving it back."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text as Styled

from agent import given, home
from agent.control import call
from agent.home import Site
from agent.lending.returns import GivenBack
from agent.lending.words import STATES, GiveBack, Lend, Line, Lines, Listing, Withdraw
from agent.scan.lines import encode
from agent.scan.table import COLOURS
from config.errors import UsageError
from config.lending import MAX_DAYS, MAX_USES, State
from config.text import Language, Text, printable, readable

_STYLES = {State.OVERDUE: "bold red", State.REVOKED: "bold red", State.APPROVED: "green", State.OUT: "yellow"}


def run(options: argparse.Namespace) -> int:
    """Ask; or list, withdraw, return."""
    site = home.find(options.home)
    words = {"list": _list, "withdraw": _withdraw, "return": _return}
    act = words.get(options.what, _ask)
    if act in (_withdraw, _return) and not options.id:
        raise UsageError(
            Text(f"`shoumi request {options.what}` needs a number", f"`shoumi request {options.what}` 需要编号"),
            Text("`shoumi request list` shows them", "请用 `shoumi request list` 查看"),
        )
    if act in (_list, _ask) and options.id:
        raise UsageError(
            Text(f"what is “{options.id}”?", f"无法理解“{options.id}”"),
            Text("one file at a time, and --to before the device", "一次一个文件，介质前请加 --to"),
        )
    return act(site, options)


def _ask(site: Site, options: argparse.Namespace) -> int:
    if not options.to or not (options.reason or "").strip():
        raise UsageError(
            Text("--to and --reason are needed", "必须给出 --to 和 --reason"),
            Text(
                "such as: shoumi request FILE --to /media/you/STICK --reason “meeting at the client's”",
                "例如：shoumi request 文件 --to /media/您/U盘 --reason “赴甲方开会”",
            ),
        )
    for name, value, most in (("--days", options.days, MAX_DAYS), ("--uses", options.uses, MAX_USES)):
        if value is not None and not 1 <= value <= most:
            raise UsageError(Text(f"{name} is 1 to {most}", f"{name} 的范围是 1 到 {most}"))
    if len(options.reason) > 500:
        raise UsageError(Text("--reason: at most 500 characters", "--reason 最多 500 个字符"))
    (path,) = given.existing([Path(options.what)])
    to = options.to
    if os.path.sep in to or os.path.ismount(to):  # a folder, not a label
        to = os.path.realpath(to)
    file = _open(path)
    try:
        ask = Lend(readable(path.name), readable(to), options.reason.strip(), options.days or 0, options.uses)
        answer = call(site, ask, Lines, file)
    finally:
        os.close(file)
    (line,) = answer.lines
    if options.format == "jsonl":
        _write(answer.lines)
        return 0
    done = Text(
        "No. {no}: {file} ({level}) to {medium}, {days} day(s). Your officer decides; `shoumi request list` shows it. "
        "Do not copy it before.",
        "编号 {no}：{file}（{level}）外借至 {medium}，{days} 天。待保密管理员审批；可用 `shoumi request list` 查看。"
        "批准前请勿复制。",
    )
    level, file_name, medium = line.level.text, printable(line.file), printable(line.medium)
    _say(done.fill(no=line.id[:12], file=file_name, level=level, medium=medium, days=line.days), options.language)
    if answer.said.en:
        _say(answer.said, options.language)
    return 0


def _list(site: Site, options: argparse.Namespace) -> int:
    lines = call(site, Listing(), Lines).lines
    if options.format == "jsonl":
        _write(lines)
    elif lines:
        given.paper().print(_table(lines, options.language))
    else:
        _say(Text("You have asked for nothing to be lent.", "您没有外借申请。"), options.language)
    return 0


def _withdraw(site: Site, options: argparse.Namespace) -> int:
    (line,) = call(site, Withdraw(options.id), Lines).lines
    if options.format == "jsonl":
        _write([line])
    else:
        done = Text("No. {no} is withdrawn.", "编号 {no} 已撤回。")
        _say(done.fill(no=line.id[:12]), options.language)
    return 0


def _return(site: Site, options: argparse.Namespace) -> int:
    answer = call(site, GiveBack(options.id, options.erase), GivenBack)
    if options.format == "jsonl":
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        return 0 if answer.done else 1
    if answer.done and answer.erased:
        _say(
            Text(
                "Erased {count} file(s), looked through the device again, found none: returned. Thank you.",
                "已擦除 {count} 个文件，复查介质未再发现：已归还，谢谢。",
            ).fill(count=answer.erased),
            options.language,
        )
        return 0
    if answer.done:
        _say(Text("The device holds no copy: returned. Thank you.", "介质中已无副本：已归还，谢谢。"), options.language)
        return 0
    _say(Text("Not returned yet:", "尚未归还："), options.language)
    for head, places in (
        (Text("still there", "仍在介质上"), answer.found),
        (
            Text("changed since, so it was not erased: move or remove it yourself", "内容已改动，未擦除，请自行处理"),
            answer.changed,
        ),
        (Text("cannot be read", "无法读取"), answer.unread),
    ):
        for place in places:
            _say(
                Text("  {place} ({head})", "  {place}（{head}）").fill(place=printable(place), head=head),
                options.language,
            )
    if answer.problem.en:
        _say(answer.problem, options.language)
    elif not options.erase and answer.found:
        _say(Text("Erase it with --erase.", "可加 --erase 擦除。"), options.language)
    return 1


def _open(path: Path) -> int:
    """The file, for the agent to read; it is asked for what this person may read and nothing else."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as problem:
        raise UsageError(
            Text(f"{path} cannot be read: {problem.strerror}", f"无法读取 {path}：{problem.strerror}")
        ) from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise UsageError(
            Text(f"{path} is no document", f"{path} 不是文档"), Text("ask for each file by itself", "请逐个文件申请")
        )
    return file


def _table(lines: Sequence[Line], language: Language) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for head in (
        Text("No.", "编号"),
        Text("State", "状态"),
        Text("Level", "密级"),
        Text("File", "文件"),
        Text("To", "介质"),
        Text("Due", "归还期限"),
        Text("Uses left", "剩余次数"),
        Text("Note", "备注"),
    ):
        grid.add_column(head.say(language), overflow="fold")
    for line in lines:
        state = STATES[line.state].say(language)
        if line.state is State.REQUESTED and not line.heard:
            state += Text(" (not sent yet)", "（尚未送达）").say(language)
        note = "; ".join([*line.copies, *([line.note] if line.note else [])])
        grid.add_row(
            line.id[:12],
            Styled(state, style=_STYLES.get(line.state, "")),
            Styled(line.level.text.say(language), style=COLOURS[line.level]),
            Styled(printable(line.file)),
            Styled(printable(line.medium)),
            f"{datetime.fromtimestamp(line.until / 1000).astimezone():%Y-%m-%d %H:%M}" if line.until else "",
            str(line.left) if line.until else "",
            Styled(printable(note)),
        )
    return grid


def _write(lines: Sequence[Line]) -> None:
    for line in lines:
        sys.stdout.buffer.write(encode(msgspec.to_builtins(line)))


def _say(text: Text, language: Language) -> None:
    given.paper().print(Styled(text.say(language)))
