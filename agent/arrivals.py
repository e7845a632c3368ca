"""Media that come and go: handed to the guard where it can keep copies from landing, else watched after the fact."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from agent.guard.desk import Desk
from agent.lending.office import Office
from agent.supervisor import can_guard
from agent.watch.files import Watch
from agent.watch.removable import mounted
from config.events import Channel, Medium
from config.policy import LOCAL, Place
from config.text import Text


class Keeper(Protocol):
    """Who guards media (:class:`agent.guard.guard.Guard`)."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def came(self, path: Path, medium: Medium) -> bool: ...

    def holds(self, path: Path) -> bool: ...

    def eject(self, path: Path) -> bool: ...

    @property
    def media(self) -> dict[Path, Medium]: ...

    @property
    def roots(self) -> dict[Path, Path]: ...

    @property
    def problems(self) -> Iterator[Text]: ...

    @property
    def sound(self) -> bool: ...


class Arrivals:
    """What happens when a medium is mounted, and when it is gone. ``guard`` is None where there can be none."""

    def __init__(self, home: Path, desk: Desk, watch: Watch, office: Office) -> None:
        self._desk, self._watch, self._office = desk, watch, office
        self.guard: Keeper | None = None
        if sys.platform == "linux" and can_guard():
            from agent.guard.guard import Guard

            self.guard = Guard(home, desk, self._taken, watch.remove)
        office.returns.media, office.returns.seen_at = self.roots, self._seen_at

    def came(self, path: Path, medium: Medium) -> None:
        """A medium is mounted."""
        carried = medium.channel is Channel.REMOVABLE
        if carried and self.guard is not None and self.guard.came(path, medium):
            return
        if carried:
            self._office.inserted(path, medium)
        zone = self._desk.policy.zone(Place(path, medium))
        if zone is LOCAL:  # no zone speaks of it: it may hold everything
            return
        line = Text(
            "Watching {zone} “{name}” at {path}: may hold {level}.",
            "正在监视{zone}“{name}”（{path}）：可存放{level}文件。",
        )
        self._desk.notifier.say(line.fill(zone=zone.words, name=medium.name, path=path, level=zone.clearance.text))
        self._watch.add(path, medium)

    def went(self, path: Path) -> None:
        """It is gone, or looks so: what the guard holds is only mounted otherwise, and it knows itself when it goes."""
        if self.guard is None or not self.guard.holds(path):
            self._watch.remove(path)

    def start(self) -> None:
        """Look for media that nobody has mounted too, from now on."""
        if self.guard is not None:
            self.guard.start()

    def stop(self) -> None:
        """Give back what the guard holds."""
        if self.guard is not None:
            self.guard.stop()

    @property
    def guards(self) -> bool:
        """Whether copies to media are kept from landing, not just found afterwards."""
        return self.guard is not None

    @property
    def sound(self) -> bool:
        """Whether every gateway answers; waits for those that do not."""
        return self.guard is None or self.guard.sound

    @property
    def problems(self) -> list[Text]:
        """What is not as it should be with media, in words."""
        return [*self.guard.problems] if self.guard else []

    def roots(self) -> dict[Path, Medium]:
        """What is plugged in, by the folder to reach it through: lent copies are erased past the gateway."""
        there = mounted()
        if self.guard is None:
            return there
        held = self.guard.media
        ways = {root: held[path] for root, path in self.guard.roots.items() if path in held}
        return {path: medium for path, medium in (there | held).items() if path not in self.guard.roots.values()} | ways

    def way(self, path: Path) -> Path:
        """By which the agent reads a file: past the gateway, so that its reading keeps nobody from unmounting."""
        ways = self.guard.roots if self.guard else {}
        root = next((root for root, seen in ways.items() if seen in path.parents), None)
        return path if root is None else root / path.relative_to(ways[root])

    def _seen_at(self, root: Path) -> Path | None:
        return self.guard.roots.get(root) if self.guard else None

    def _taken(self, path: Path, medium: Medium) -> None:
        ways = self.guard.roots if self.guard else {}
        self._office.inserted(next((root for root, seen in ways.items() if seen == path), path), medium)
        self._watch.add(path, medium, once=True)  # what is written from now on is judged by the gateway
