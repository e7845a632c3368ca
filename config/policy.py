"""What an organisation allows: zones, their clearance, and what happens to a document above it.

The first zone whose ``match`` fits a place decides. A place that no zone fits is ``local`` with the highest clearance.
"""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from config.document import check, read
from config.errors import ConfigurationError
from config.events import Action, Medium
from config.levels import Level
from config.rules import Steps, step_problem
from config.text import Text

Words = str | tuple[str, ...]
_GLOB = frozenset("*?[")
_MEDIUM_KEYS = ("mount", "bus", "vendor", "product", "serial", "label", "filesystem", "uuid")


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """All keys given must fit; a list fits when one of its words does; ``* ? [a-z]`` are wild; case is ignored.

    ``path`` is a folder with all below it, or a pattern. The others speak of the medium a file lies on.
    """

    path: Words = ()
    mount: Words = ()
    bus: Words = ()
    vendor: Words = ()
    product: Words = ()
    serial: Words = ()
    label: Words = ()
    filesystem: Words = ()
    uuid: Words = ()
    removable: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it fits every place."""
        return self == Match()


class Place(msgspec.Struct, frozen=True):
    """Where a file lies: its real path and, when it is on one that can be taken away, the medium."""

    path: Path
    medium: Medium | None = None


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places of one kind, how sensitive a document may be there, and what to do with one that is more."""

    name: str
    clearance: Level
    match: Match = Match()
    text: Text | None = None  # what people call it
    on_violation: Action = Action.QUARANTINE
    on_uninspected: Action = Action.WARN  # for what cannot be read: encrypted, damaged, unknown

    @property
    def words(self) -> Text:
        """What people call it."""
        return self.text or Text(self.name, self.name)


LOCAL = Zone("local", Level.TOP_SECRET, text=Text("this computer", "本机"), on_uninspected=Action.ALLOW)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``policy.yaml``."""

    version: int
    zones: tuple[Zone, ...]
    exam_level: Level = Level.INTERNAL  # what an exam paper counts as
    help: Text = Text("Ask your secrecy officer.", "请联系本单位安全保密管理员。")  # what staff can do next
    passwords: tuple[str, ...] = ()  # tried on sealed files; whoever may read the policy reads them
    thresholds: dict[str, Steps] = {}  # rule id to its steps, in place of what the rule says
    digest: str = ""  # of the file; set when it is loaded

    def zone(self, place: Place) -> Zone:
        """The zone a place belongs to."""
        return next((zone for zone in self.zones if fits(zone.match, place)), LOCAL)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders that zones name by path, patterns expanded to what is there now: these are watched."""
        found: dict[Path, None] = {}
        for zone in self.zones:
            for word in _words(zone.match.path):
                # the word is absolute, which Path.glob does not take
                paths = glob.iglob(word) if _GLOB & set(word) else (word,)  # noqa: PTH207
                found.update(dict.fromkeys(Path(os.path.realpath(path)) for path in paths if _watchable(path, word)))
        return tuple(found)

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What is allowed but hardly meant."""
        return tuple(text for zone in self.zones for text in _doubts(zone))


def load_policy(path: Path) -> Policy:
    """Read and check a policy. Paths in it that are not absolute lie beside the file; ``~`` is the home folder.

    Raises:
        ConfigurationError: with file, line, key and a hint.
    """
    data, lines = read(path)
    policy = check(data, lines, path, Policy, ConfigurationError)
    names: set[str] = set()
    for index, zone in enumerate(policy.zones):
        at = f"zones[{index}]"
        line = lines.get(f"$.{at}.name", 1)
        if zone.name in names or zone.name == LOCAL.name:
            hint = Text(
                "give every zone a name of its own; 'local' is taken", "请为每个区域取不同的名称；“local”已被占用"
            )
            raise ConfigurationError(
                str(path), line, f"{at}.name", Text(f"'{zone.name}' is used twice", f"名称“{zone.name}”重复"), hint
            )
        names.add(zone.name)
        if zone.match.is_empty and index < len(policy.zones) - 1:
            below = policy.zones[index + 1].name
            raise ConfigurationError(
                str(path),
                lines.get(f"$.{at}.match", line),
                f"{at}.match",
                Text(
                    f"fits every place, so '{below}' below it is never reached",
                    f"匹配所有位置，其下的“{below}”永远不会生效",
                ),
                Text("move this zone to the end, or say what it matches", "请把该区域移到最后，或写明匹配条件"),
            )
    for rule, steps in policy.thresholds.items():
        at = f"thresholds.{rule}"
        line = lines.get(f"$.{at}", lines.get("$.thresholds", 1))
        if not steps:
            hint = Text("write for example {10: internal, 500: confidential}", "例如 {10: internal, 500: confidential}")
            raise ConfigurationError(str(path), line, at, Text("has no step", "没有任何档次"), hint)
        if problem := step_problem(steps):
            hint = Text("more values must not give less", "数量越多，密级不得越低")
            raise ConfigurationError(str(path), line, at, problem, hint)
    zones = tuple(_anchored(zone, path.parent) for zone in policy.zones)
    return msgspec.structs.replace(policy, zones=zones, digest=hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def _watchable(path: str, word: str) -> bool:
    return path == word or Path(path).is_dir()


def _doubts(zone: Zone) -> Iterator[Text]:
    match = zone.match
    medium = {key for key in _MEDIUM_KEYS if getattr(match, key)}
    if not match.path and not match.removable and not medium and zone.clearance < Level.TOP_SECRET:
        yield Text(
            f"zone '{zone.name}' names neither a path nor a removable medium, so nothing watches it",
            f"区域“{zone.name}”既未指定路径也未指定移动介质，不会被监视",
        )
    if zone.clearance > Level.PUBLIC and medium and medium <= {"label", "mount", "filesystem"}:
        yield Text(
            f"zone '{zone.name}' knows a medium by what its user can change ({', '.join(sorted(medium))}); "
            "add its serial number",
            f"区域“{zone.name}”仅凭用户可更改的信息（{'、'.join(sorted(medium))}）识别介质；请加上序列号",
        )


def fits(match: Match, place: Place) -> bool:
    """Whether a place is one of those meant."""
    if match.path and not any(_inside(place.path, word) for word in _words(match.path)):
        return False
    if match.removable is not None and match.removable != (place.medium is not None):
        return False
    medium = place.medium or Medium()
    return all(
        any(fnmatch.fnmatchcase(getattr(medium, key).lower(), word.lower()) for word in _words(getattr(match, key)))
        for key in _MEDIUM_KEYS
        if getattr(match, key)
    )


def _inside(path: Path, word: str) -> bool:
    if _GLOB & set(word):
        return any(fnmatch.fnmatchcase(str(part), word) for part in (path, *path.parents))
    return path == Path(word) or Path(word) in path.parents


def _words(words: Words) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words


def _anchored(zone: Zone, folder: Path) -> Zone:
    if not zone.match.path:
        return zone
    paths = tuple(_real(folder, word) for word in _words(zone.match.path))
    return msgspec.structs.replace(zone, match=msgspec.structs.replace(zone.match, path=paths))


def _real(folder: Path, word: str) -> str:
    path = folder / Path(word).expanduser()
    return str(path) if _GLOB & set(word) else os.path.realpath(path)
