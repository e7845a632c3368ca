"""Telling the person at the PC what happened: on the terminal of the agent, and on the desktop where there is one."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text as Styled

from config.events import Done, Event, Kind
from config.text import Language, Text, printable

log = logging.getLogger(__name__)
DESKTOP_SECONDS = 2.0  # a desktop that does not answer must not hold up the next file
_BETWEEN = 3.0  # seconds between two desktop messages; what comes faster is counted into the next
_WAITING = 500  # messages for a terminal that does not take them
_HEAD = {
    Done.QUARANTINED: Text("Copy stopped", "已阻止复制"),
    Done.LEFT: Text("Please check this copy", "请核对此次复制"),
    Done.HELD: Text("This copy must not stay here", "该副本不应留在此处"),
    Done.GONE: Text("This copy should not have been made", "不应进行此次复制"),
    Done.REFUSED: Text("Copy stopped", "已阻止复制"),
    Done.RELEASED: Text("Copy made under a lending", "已按外借审批放行"),
}
_TAIL = {
    Done.QUARANTINED: Text(
        "It was taken off {medium} and sealed in quarantine: nothing is lost. "
        "If you copied it, your original is untouched; if you moved it, the officers can give it back.",
        "该文件已从{medium}移出并封存于隔离区，内容未丢失。如为复制，原文件未受影响；如为移动，可由管理员解封归还。",
    ),
    Done.LEFT: Text("It was left where it is and reported.", "文件未被移动，已记录上报。"),
    Done.HELD: Text(
        "It could not be sealed yet and was left where it is; the agent keeps trying. Please do not hand it on.",
        "暂时无法封存，文件仍在原处，客户端将持续重试。请勿传递该文件。",
    ),
    Done.GONE: Text("It was gone before it could be sealed, and was reported.", "封存前文件已不在原处，已记录上报。"),
    Done.REFUSED: Text(
        "Nothing was written to {medium}. Your original is untouched.", "{medium}上未写入任何内容，原文件未受影响。"
    ),
    Done.RELEASED: Text(
        "It was written to {medium} and entered in the register. Please return it in time.",
        "文件已写入{medium}并登记，请按期归还。",
    ),
}


def words(event: Event, name: str, help_text: Text) -> tuple[Text, Text]:
    """Headline and body of the message about an event; ``name`` is the file's own name, which stays on this PC."""
    facts = event.unmapped
    medium = facts.zone_text
    if facts.medium and facts.medium.name:
        medium = Text("{zone} “{name}”", "{zone}“{name}”").fill(zone=facts.zone_text, name=facts.medium.name)
    what = Text("{head}: {name}: {reason}.", "{head}：{name}：{reason}。")
    head = what.fill(head=_HEAD[facts.done], name=name, reason=facts.reason)
    body = Text("{tail}\n{help} No. {ticket}", "{tail}\n{help} 编号 {ticket}").fill(
        tail=_TAIL[facts.done].fill(medium=medium), help=help_text, ticket=facts.ticket
    )
    return head, body


class Notifier:
    """Tells people, and never fails or waits because of it: a thread of its own speaks to terminal and desktop."""

    def __init__(
        self, language: Language, help_text: Text, *, stream: Console | None = None, desktop: bool = True
    ) -> None:
        self._language, self._help = language, help_text
        self._console = stream or Console(stderr=True, highlight=False, soft_wrap=True)
        self._desktop = desktop and sys.platform == "linux" and shutil.which("notify-send") is not None
        self._last, self._unsaid = 0.0, 0
        self._queue: queue.Queue[Callable[[], None]] = queue.Queue(_WAITING)
        threading.Thread(target=self._speak, name="notify", daemon=True).start()

    def tell(self, event: Event, name: str) -> None:
        """Say what happened to one file."""
        self._put(lambda: self._tell(event, name))

    def say(self, text: Text) -> None:
        """A line about the agent itself."""
        self._put(lambda: self._console.print(Styled(printable(text.say(self._language)))))

    def finish(self, seconds: float = 2.0) -> None:
        """Wait until all is said, but not for ever."""
        said = threading.Event()
        self._put(said.set)
        said.wait(seconds)

    def _put(self, speech: Callable[[], None]) -> None:
        try:
            self._queue.put_nowait(speech)
        except queue.Full:  # a terminal that was stopped (Ctrl-S); the report is on its way all the same
            log.info("a message could not be shown")

    def _speak(self) -> None:
        while True:
            speech = self._queue.get()
            try:
                speech()
            except (Exception, SystemExit) as problem:  # noqa: BLE001 - rich exits on a closed terminal; we go on
                log.info("a message could not be shown: %s", problem)

    def _tell(self, event: Event, name: str) -> None:
        head, body = (text.say(self._language) for text in words(event, printable(name), self._help))
        style = "bold yellow" if event.unmapped.kind is Kind.UNINSPECTED else "bold red"
        self._console.print(Styled(f"\n{head}", style=style))
        self._console.print(Styled(body))
        if not self._desktop:
            return
        if time.monotonic() - self._last < _BETWEEN:
            self._unsaid += 1
            return
        more, self._unsaid, self._last = self._unsaid, 0, time.monotonic()
        if more:
            body += "\n" + Text(f"(and {more} more just before)", f"（此前另有 {more} 条）").say(self._language)
        _show(head, body)


def _show(head: str, body: str) -> None:
    for user, environment in _sessions():
        try:
            subprocess.run(
                ["notify-send", "--app-name=shoumi", "--urgency=critical", "--", head, body],
                user=user,
                env=environment,
                timeout=DESKTOP_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
            )
        except (OSError, subprocess.SubprocessError):  # no desktop after all: the terminal and the console have said it
            continue


def _sessions() -> Iterator[tuple[int | None, dict[str, str]]]:
    """Whose desktops to speak to: every session when we are root, else our own."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        for bus in Path("/run/user").glob("*/bus"):
            if bus.parent.name.isdigit():
                yield int(bus.parent.name), {"PATH": path, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"}
    elif "DBUS_SESSION_BUS_ADDRESS" in os.environ:
        yield None, dict(os.environ)
