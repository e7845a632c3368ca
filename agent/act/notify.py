"""Telling the person at the PC what happened: on the terminal of the agent, and where that person sits."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping

import msgspec
from rich.console import Console
from rich.text import Text as Styled

from agent.act import desktop, terminal
from agent.act.message import Message, left_out, message
from agent.act.person import Person, Writer, account, behind, seated, surroundings, terminals
from agent.act.rate import Rate
from config.events import Done, Event, Kind
from config.text import Language, Text, printable

__all__ = ["Notifier", "Writer"]
log = logging.getLogger(__name__)
_WAITING = 500  # messages for a terminal that does not take them
_KNOWN = 30.0  # seconds for which the bus and the language of a session are taken as they were


class Notifier:
    """Tells people, and never fails or waits because of it: a thread of its own speaks to terminals and desktops.

    Args:
        language: of the agent; a person whose session says another hears that one.
        help_text: what staff can do next; stands under every message.
        coaching: by rule id, level, "uninspected" or "unfinished", what staff should know about it (``Policy``).
        stream: the agent's own terminal.
        desktop: whether to speak to people where they sit, on desktops and terminals.
        rate: how often.
    """

    def __init__(
        self,
        language: Language,
        help_text: Text,
        *,
        coaching: Mapping[str, Text] | None = None,
        stream: Console | None = None,
        desktop: bool = True,
        rate: Rate | None = None,
    ) -> None:
        self._language, self._help, self._coaching = language, help_text, dict(coaching or {})
        self._console = stream or Console(stderr=True, highlight=False, soft_wrap=True)
        self._people = desktop and sys.platform == "linux"
        self._rate = rate or Rate()
        self._around: dict[int, tuple[float, tuple[str, ...], Language | None]] = {}
        self._last: dict[int, Person] = {}  # whom a burst of messages was for
        self._queue: queue.Queue[Callable[[], None]] = queue.Queue(_WAITING)
        threading.Thread(target=self._speak, name="notify", daemon=True).start()

    def tell(self, event: Event, name: str, writer: Writer | None = None) -> None:
        """Say what happened to one file.

        Args:
            event: what happened, as it is reported.
            name: the file's own name, which stays on this PC.
            writer: the process that did it, where that is known; its terminal and session are looked up now, while it
                waits for its answer. Without it the owner of the file is told.
        """
        person = self._whose(event, writer) if self._people else Person(None)
        self._put(lambda: self._tell(event, name, person))

    def say(self, text: Text) -> None:
        """A line about the agent itself."""
        self._put(lambda: self._console.print(Styled(printable(text.say(self._language)))))

    def say_to(self, user: str | int, text: Text) -> None:
        """Say something to one person (account name or number), such as that a lent copy is due; never left out."""
        self._put(lambda: self._say_to(user, text))

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
            try:
                speech = self._queue.get(timeout=self._rate.wait())
            except queue.Empty:
                speech = self._catch_up
            try:
                speech()
            except (Exception, SystemExit) as problem:  # noqa: BLE001 - rich exits on a closed terminal; we go on
                log.info("a message could not be shown: %s", problem)

    def _tell(self, event: Event, name: str, person: Person) -> None:
        said = message(event, printable(name), self._help, self._coaching)
        style = "bold yellow" if event.unmapped.kind is Kind.UNINSPECTED else "bold red"
        style = "bold green" if event.unmapped.done is Done.RELEASED else style
        self._console.print(Styled(f"\n{said.head.say(self._language)}", style=style))
        self._console.print(Styled(said.body.say(self._language)))
        if self._people:
            self._to_people(person, said)

    def _say_to(self, user: str | int, text: Text) -> None:
        self._console.print(Styled(printable(text.say(self._language))))
        uid = account(user)
        if self._people and uid is not None:
            english, chinese = text.en.partition("\n"), text.zh.partition("\n")
            said = Message(Text(english[0], chinese[0]), Text(english[2], chinese[2]), urgent=False)
            self._deliver((uid,), Person(uid), said)

    def _whose(self, event: Event, writer: Writer | None) -> Person:
        if writer is not None:
            return behind(writer)
        owner = event.actor.user.uid
        return Person(int(owner) if owner.isdigit() else None)

    def _to_people(self, person: Person, said: Message) -> None:
        uids = tuple(uid for uid in _reachable(person) if self._rate.admits(uid))
        for uid in _reachable(person):
            self._last[uid] = person
        if uids and (more := max(self._rate.take(uid) for uid in uids)):
            said = msgspec.structs.replace(said, body=left_out(more, said.body))
        self._deliver(uids, person, said)

    def _catch_up(self) -> None:
        """Say to those whose burst is over how much of it was left out."""
        for uid, count in self._rate.due():
            said = Message(left_out(count), Text("", ""))
            self._deliver((uid,), self._last.get(uid, Person(uid)), said)

    def _deliver(self, uids: tuple[int, ...], person: Person, said: Message) -> None:
        """On the desktop of each; where none took it, on the terminal it was done on, else where they are logged in."""
        seen = False
        for uid in uids:
            buses, language = self._surroundings(uid)
            head, body = said.say(language or person.language or self._language)
            seen = desktop.show(head, body, uid, buses, urgent=said.urgent) or seen
        if seen or not uids:
            return
        head, body = said.say(person.language or self._surroundings(uids[0])[1] or self._language)
        places = [(person.terminal, person.uid)] if person.terminal and person.uid is not None else []
        places += [(device, uid) for uid in uids for device in terminals(uid)]
        any(terminal.say(device, f"{head}\n{body}".rstrip(), uid) for device, uid in places)

    def _surroundings(self, uid: int) -> tuple[tuple[str, ...], Language | None]:
        until, buses, language = self._around.get(uid, (0.0, (), None))
        now = time.monotonic()
        if until <= now:
            buses, language = surroundings(uid)
            own = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
            if sys.platform != "win32" and uid == os.geteuid() and own.startswith("unix:"):
                buses = (own, *buses)
            self._around[uid] = (now + _KNOWN, buses, language)
        return buses, language


def _reachable(person: Person) -> tuple[int, ...]:
    """Whom this process may speak to about it: as root anybody, else only its own account."""
    if sys.platform == "win32":
        return ()
    own = os.geteuid()
    return seated(person.uid) if own == 0 else (own,)
