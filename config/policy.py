"""What an organisation allows: zones, their clearance, and what happens to a document above it.

The first zone whose ``match`` fits a place decides. A place that no zone fits is ``local`` with the highest clearance.
"""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from config.access import Access
from config.document import Lines, check, read
from config.errors import ConfigurationError
from config.events import Action, Channel, Medium
from config.lending import MAX_DAYS
from config.levels import Level
from config.rules import Steps, step_problem
from config.text import Text

Words = str | tuple[str, ...]
_GLOB = frozenset("*?[")
_MEDIUM_KEYS = ("mount", "bus", "vendor", "product", "serial", "label", "filesystem", "uuid", "channel")
_OUTSIDE = frozenset(Channel) - {Channel.REMOVABLE}  # what the agent can watch, but not stand in the way of
UNINSPECTED, UNFINISHED = "uninspected", "unfinished"  # keys of coaching, beside levels and rules
_RULE = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+(-[a-z0-9]+)*)+")  # as config.rules has it


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
    channel: Channel | tuple[Channel, ...] = ()
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
    on_unfinished: Action = Action.BLOCK  # for what was not read to its end: too large, too deep, too long
    access: Access = Access.GATEWAY  # what a medium of this zone may be used as

    @property
    def words(self) -> Text:
        """What people call it."""
        return self.text or Text(self.name, self.name)

    @property
    def is_watched_only(self) -> bool:
        """Whether nothing can stand in the way of a copy there: a folder, or a channel that is no removable medium."""
        match = self.match
        media = match.removable or any(getattr(match, key) for key in _MEDIUM_KEYS if key != "channel")
        channels = set(_words(match.channel))
        return bool(channels and channels <= _OUTSIDE) or bool(match.path and not media and not channels)


LOCAL = Zone(
    "local",
    Level.TOP_SECRET,
    text=Text("this computer", "本机"),
    on_uninspected=Action.ALLOW,
    on_unfinished=Action.ALLOW,
    access=Access.TRUSTED,
)


class Lending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How copies are lent."""

    days: Annotated[int, msgspec.Meta(ge=1, le=MAX_DAYS)] = 2  # until a lent copy is due back, when nothing is said


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``policy.yaml``."""

    version: int
    zones: tuple[Zone, ...]
    exam_level: Level = Level.INTERNAL  # what an exam paper counts as
    help: Text = Text("Ask your secrecy officer.", "请联系本单位安全保密管理员。")  # what staff can do next
    passwords: tuple[str, ...] = ()  # tried on sealed files; whoever may read the policy reads them
    thresholds: dict[str, Steps] = {}  # rule id to its steps, in place of what the rule says
    coaching: dict[str, Text] = {}  # rule id, level, "uninspected" or "unfinished": what staff should know about it
    lending: Lending = Lending()
    digest: str = ""  # of the file; set when it is loaded

    def zone(self, place: Place) -> Zone:
        """The zone a place belongs to."""
        return next((zone for zone in self.zones if fits(zone.match, place)), LOCAL)

    def coach(self, words: Iterable[str]) -> Text | None:
        """The first coaching text for any of these rule ids, levels and states, the nearest first; None without one."""
        return next((self.coaching[word] for word in words if word in self.coaching), None)

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
    _check_coaching(policy, lines, path)
    zones = tuple(_anchored(zone, path.parent) for zone in policy.zones)
    return msgspec.structs.replace(policy, zones=zones, digest=hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def _check_coaching(policy: Policy, lines: Lines, path: Path) -> None:
    levels = [level.id for level in Level]
    for key, text in policy.coaching.items():
        at = f"coaching.{key}"
        line = lines.get(f"$.{at}", lines.get("$.coaching", 1))
        if key not in {*levels, UNINSPECTED, UNFINISHED} and not _RULE.fullmatch(key):
            words = ", ".join([*levels, UNINSPECTED, UNFINISHED])
            raise ConfigurationError(
                str(path),
                line,
                at,
                Text(f"'{key}' is neither a rule id nor a level", f"“{key}”既不是规则编号也不是密级"),
                Text(
                    f"write a rule id such as cn.resident-id or mark.cn, or one of: {words}",
                    f"请写规则编号（如 cn.resident-id、mark.cn）或以下之一：{words}",
                ),
            )
        if not text.en.strip() or not text.zh.strip():
            raise ConfigurationError(
                str(path),
                line,
                at,
                Text("says nothing in one of the two languages", "缺少一种语言的内容"),
                Text("write {en: …, zh: …}", "请写成 {en: …, zh: …}"),
            )


def _watchable(path: str, word: str) -> bool:
    return path == word or Path(path).is_dir()


def _doubts(zone: Zone) -> Iterator[Text]:
    match = zone.match
    medium = {key for key in _MEDIUM_KEYS if getattr(match, key)}
    channels = set(_words(match.channel)) & _OUTSIDE
    if not match.path and not match.removable and not medium and zone.clearance < Level.TOP_SECRET:
        yield Text(
            f"zone '{zone.name}' names neither a path nor a removable medium, so nothing watches it",
            f"区域“{zone.name}”既未指定路径也未指定移动介质，不会被监视",
        )
    if zone.access is Access.TRUSTED and zone.clearance < Level.TOP_SECRET:
        yield Text(
            f"zone '{zone.name}' is trusted, so nothing is checked before it is written there, but it may not hold "
            "every level: copies above its clearance are found only after they landed",
            f"区域“{zone.name}”设为 trusted，写入前不检查，但其密级上限并非最高：超出上限的副本只能在写入后发现",
        )
    if zone.access in {Access.READ_ONLY, Access.BLOCK} and (
        channels or (match.path and not medium and not match.removable)
    ):
        yield Text(
            f"zone '{zone.name}': access '{zone.access}' holds for removable media only; these places are watched, "
            "not closed",
            f"区域“{zone.name}”：access“{zone.access}”仅对移动介质有效；这些位置只会被监视，不会被关闭",
        )
    if (
        zone.clearance > Level.PUBLIC
        and not channels
        and medium
        and medium <= {"channel", "label", "mount", "filesystem"}
    ):
        known = sorted(medium - {"channel"})
        yield Text(
            f"zone '{zone.name}' knows a medium by what its user can change ({', '.join(known)}); "
            "add its serial number",
            f"区域“{zone.name}”仅凭用户可更改的信息（{'、'.join(known)}）识别介质；请加上序列号",
        )


def fits(match: Match, place: Place) -> bool:
    """Whether a place is one of those meant."""
    if match.path and not any(_inside(place.path, word) for word in _words(match.path)):
        return False
    carried = place.medium is not None and place.medium.channel is Channel.REMOVABLE
    if match.removable is not None and match.removable != carried:
        return False
    if match.channel and place.medium is None:
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
