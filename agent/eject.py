"""`shoumi eject`: everything written out, the medium unmounted, and a word that it may be pulled."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console

from agent import home
from agent.act.person import seated
from agent.arrivals import Arrivals
from agent.control import Ask, Peer, call
from config.errors import UsageError
from config.text import Text, printable


class Eject(Ask, frozen=True, tag="eject"):
    """``medium`` is a mount point, a label or a serial number; empty for the only one."""

    medium: str = ""


class Ejected(msgspec.Struct, frozen=True):
    """Which one it was."""

    name: str


def ejecting(arrivals: Arrivals) -> Callable[[Peer, Eject, int | None], Ejected]:
    """The answer to :class:`Eject`."""

    def answer(peer: Peer, ask: Eject, _file: int | None) -> Ejected:
        here = seated(None)
        if peer.uid and here and peer.uid not in here:
            raise UsageError(Text("only who sits at this computer ejects media", "只有本机当前登录用户可以弹出介质"))
        known = arrivals.guard.media if arrivals.guard else {}
        fitting = {
            path: medium
            for path, medium in known.items()
            if not ask.medium or ask.medium in {os.fspath(path), medium.label, medium.serial}
        }
        if len(fitting) != 1:
            names = ", ".join(f"{path} ({medium.name})" for path, medium in known.items()) or "-"
            raise UsageError(
                Text(f"'{ask.medium}' is {len(fitting)} media", f"“{ask.medium}”对应 {len(fitting)} 个介质"),
                Text(f"name one of: {names}", f"请指定其中之一：{names}"),
            )
        ((path, medium),) = fitting.items()
        if not (arrivals.guard and arrivals.guard.eject(path)):
            raise UsageError(
                Text("it is still being written to", "仍在写入"),
                Text(
                    "wait, close what uses it, and try again; do not pull it yet",
                    "请稍候，关闭占用程序后重试；暂勿拔出",
                ),
            )
        return Ejected(medium.name)

    return answer


def run(options: argparse.Namespace) -> int:
    """Ask the agent."""
    site = home.find(options.home)
    word = options.medium
    if word and Path(word).exists():
        word = os.path.realpath(word)
    done = call(site, Eject(word), Ejected)
    said = Text("“{name}” may be pulled now.", "“{name}”现在可以拔出。").fill(name=printable(done.name))
    Console(highlight=False, soft_wrap=True).print(said.say(options.language), markup=False)
    return 0
