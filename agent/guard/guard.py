"""The guard of this machine's media: custody, the devices nobody has mounted, and lineage, put together."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.guard.ancestry import FileAncestry
from agent.guard.attach import Attach
from agent.guard.custody import Custody
from agent.guard.desk import Desk
from agent.guard.lineage import Lineage
from agent.watch.devices import Devices
from config.events import Medium
from config.signing import utc_now
from config.text import Text
from config.verdict import Verdict

log = logging.getLogger(__name__)


class Guard:
    """From construction until :meth:`stop`; ``taken`` and ``given`` are told of media that can be read."""

    def __init__(
        self, home: Path, desk: Desk, taken: Callable[[Path, Medium], None], given: Callable[[Path], None]
    ) -> None:
        self._desk, self._problem = desk, ""
        self._lineage = self._listen(home)
        self._custody = Custody(home, desk, desk.notifier.say)
        self._custody.taken, self._custody.given = taken, given
        attach = Attach(self._custody, desk.policy)
        self._devices = Devices(attach.came, attach.went)

    def start(self) -> None:
        """Take over what an earlier run held, and devices that nobody has mounted, now and from now on."""
        self._custody.again()
        self._devices.look()
        self._devices.start()

    def stop(self) -> None:
        """Give all media back."""
        self._devices.stop()
        self._custody.stop()
        if self._lineage is not None:
            self._lineage.close()

    def came(self, path: Path, medium: Medium) -> bool:
        """Somebody mounted a medium; false when it is to be watched as it is."""
        return self._custody.came(path, medium)

    def holds(self, path: Path) -> bool:
        """Whether what is mounted there is in custody."""
        return self._custody.holds(path)

    def eject(self, path: Path) -> bool:
        """Write out everything and unmount; false when that does not come to an end."""
        return self._custody.eject(path)

    @property
    def media(self) -> dict[Path, Medium]:
        """The media in custody, by where people see them."""
        return {held.path: held.medium for held in self._custody.media}

    @property
    def roots(self) -> dict[Path, Path]:
        """Folders through which the agent alone reaches a medium itself, past its gateway; where people see each."""
        return {
            Path(f"/proc/self/fd/{held.private.descriptor}"): held.path for held in self._custody.media if held.private
        }

    @property
    def problems(self) -> Iterator[Text]:
        """What is not as it should be, in words."""
        yield from self._custody.problems
        if self._lineage is not None:
            yield from self._lineage.problems
        else:
            yield Text(
                f"which program read what is not known: {self._problem}", f"无法得知程序读取了哪些文件：{self._problem}"
            )

    @property
    def sound(self) -> bool:
        """Whether every gateway answers; waits for those that do not."""
        return self._custody.sound

    def _listen(self, home: Path) -> Lineage | None:
        try:
            lineage = Lineage(home, self._judge, {os.getpid()})
        except (OSError, sqlite3.Error) as problem:
            log.warning("no lineage here: %s", problem)
            self._problem = str(problem)
            return None
        self._desk.ancestry = FileAncestry(lineage)
        return lineage

    def _judge(self, descriptor: int, path: str) -> Verdict:
        return self._desk.sandbox.verdict_of(descriptor, path, utc_now().astimezone().date())
