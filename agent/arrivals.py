"""Media that come and go: handed to the guard where it can keep copies from landing, else watched after the fact."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from agent.act.notify import Notifier
from agent.guard.desk import Desk
from agent.lending.office import Office
from agent.supervisor import can_guard
from agent.watch.files import Watch
from config.events import Medium
from config.policy import LOCAL, Place, Policy
from config.text import Text


class Keeper(Protocol):
    """Who keeps media (:class:`agent.guard.custody.Custody`)."""

    taken: Callable[[Path, Medium], None]
    given: Callable[[Path], None]

    def again(self) -> None: ...

    def came(self, path: Path, medium: Medium) -> bool: ...

    def holds(self, path: Path) -> bool: ...

    @property
    def problems(self) -> Iterator[Text]: ...

    @property
    def sound(self) -> bool: ...

    def stop(self) -> None: ...


class Arrivals:
    """What happens when a medium is mounted, and when it is gone."""

    def __init__(self, home: Path, desk: Desk, watch: Watch, office: Office) -> None:
        self._watch, self._office = watch, office
        self._notifier: Notifier = desk.notifier
        self._policy: Policy = desk.policy
        self.custody: Keeper | None = None
        if sys.platform == "linux" and can_guard():
            from agent.guard.custody import Custody

            self.custody = Custody(home, desk, self._notifier.say)
            self.custody.taken, self.custody.given = self._taken, watch.remove
            self.custody.again()

    @property
    def problems(self) -> list[Text]:
        """What is not as it should be with media, in words."""
        return [*self.custody.problems] if self.custody else []

    @property
    def sound(self) -> bool:
        """Whether every gateway takes questions."""
        return self.custody.sound if self.custody else True

    def came(self, path: Path, medium: Medium) -> None:
        """A medium is mounted."""
        if self.custody is not None and self.custody.came(path, medium):
            return
        self._office.inserted(path, medium)
        zone = self._policy.zone(Place(path, medium))
        if zone is LOCAL:  # no zone speaks of it: it may hold everything
            return
        line = Text(
            "Watching {zone} “{name}” at {path}: may hold {level}.",
            "正在监视{zone}“{name}”（{path}）：可存放{level}文件。",
        )
        self._notifier.say(line.fill(zone=zone.words, name=medium.name, path=path, level=zone.clearance.text))
        self._watch.add(path, medium)

    def went(self, path: Path) -> None:
        """It is gone, or looks so: what the guard holds is only mounted otherwise, and it knows itself when it goes."""
        if self.custody is None or not self.custody.holds(path):
            self._watch.remove(path)

    def stop(self) -> None:
        """Give back what the guard holds."""
        if self.custody is not None:
            self.custody.stop()

    def _taken(self, path: Path, medium: Medium) -> None:
        self._office.inserted(path, medium)
        self._watch.add(path, medium, once=True)  # what is written from now on is judged by the gateway
