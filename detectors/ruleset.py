"""Rules read from files and proven by their own examples."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config import rules
from config.errors import ConfigurationError, RuleError
from config.rules import Aggregation, Label, Rule, Steps
from config.text import Text
from detectors import rulecheck
from detectors.dialect import spelled
from detectors.rulecheck import Source, hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from config.document import Lines

EXAMPLE_DAY = date(2026, 1, 1)  # examples are read as on this day, so that they never grow old
EXAMPLE_KEY = b"examples are not secret"
_MISSED = Text("{rule}: the example “{example}” is not found", "{rule}：示例“{example}”未命中")
_FOUND = Text("{rule}: the example “{example}” is found, but must not be", "{rule}：示例“{example}”不应命中却命中了")
_SUFFIXES = frozenset({".yaml", ".yml"})


class RuleSet(msgspec.Struct, frozen=True):
    """Rules in the order of their files."""

    rules: tuple[Rule, ...]
    labels: tuple[Label, ...] = ()
    aggregation: Aggregation = Aggregation()

    def names(self) -> dict[str, Text]:
        """Rule id to the name people read."""
        return {rule.id: rule.name for rule in self.rules}

    def with_thresholds(self, thresholds: Mapping[str, Steps]) -> RuleSet:
        """The same rules with the steps of a policy in place of their own.

        Args:
            thresholds: rule id to its steps (``Policy.thresholds``); a count below the first step raises nothing.

        Raises:
            ConfigurationError: an id that is none of these rules; the hint names the nearest one.
        """
        known = [rule.id for rule in self.rules if rule.kind != "marks"]
        for name in thresholds:
            if name not in known:
                raise ConfigurationError(
                    "policy",
                    0,
                    f"thresholds.{name}",
                    Text(f"no rule '{name}' that counts values", f"没有可计数的规则“{name}”"),
                    hint(name, known),
                )
        stepped = tuple(_stepped(rule, thresholds.get(rule.id)) for rule in self.rules)
        return msgspec.structs.replace(self, rules=stepped)


def _stepped(rule: Rule, steps: Steps | None) -> Rule:
    if not steps:
        return rule
    least = min(steps)
    return msgspec.structs.replace(rule, level=steps[least], raises_from=least, levels=steps)


def load_rules(paths: Sequence[Path] | None = None, *, verify: bool = True) -> RuleSet:
    """Read rule files, or folders of them; without paths, the rules that are shipped.

    ``verify`` runs every rule's own hits and misses through the engine. Agents load once with it; their workers need
    not do it again. Rules that rest (``enabled: false``) are left out unless a file's ``enable`` names them; what
    ``disable`` names is left out too; of two files that disagree the later one decides.

    Raises:
        RuleError: a file cannot be read, a rule is wrong, or it fails one of its examples.
    """
    loading = _Loading()
    for path in _files(paths if paths is not None else (rules.SHIPPED,)):
        loading.read(path)
    return loading.finish(verify=verify)


class _Loading:
    """Rule files while they are read."""

    def __init__(self) -> None:
        self._found: list[Rule] = []
        self._sources: list[Source] = []
        self._labels: list[Label] = []
        self._aggregation = Aggregation()
        self._seen: dict[str, Path] = {}
        self._labelled: dict[str, Path] = {}
        self._switches: dict[str, bool] = {}
        self._asked: list[tuple[Path, int, str, str]] = []

    def read(self, path: Path) -> None:
        file, lines = rules.read(path)
        for index, written in enumerate(file.rules):
            rule, source = _spelled(written), Source(path, lines, index)
            rulecheck.check(rule, source)
            if rule.id in self._seen:
                before = self._seen[rule.id]
                text = Text(f"'{rule.id}' is already defined in {before}", f"“{rule.id}”已在 {before} 中定义")
                hint = Text(
                    "give one of them another id; to replace a shipped rule, list its id under 'disable'",
                    "请为其中之一另取 id；如要替换自带规则，请将其 id 列入 disable",
                )
                raise source.error("id", text, hint)
            self._seen[rule.id] = path
            self._found.append(_with_words(rule, path.parent, source))
            self._sources.append(source)
        for key, state in (("enable", True), ("disable", False)):
            for index, name in enumerate(getattr(file, key)):
                self._switches[name] = state
                self._asked.append((path, lines.get(f"$.{key}[{index}]", 1), f"{key}[{index}]", name))
        self._labels += _labels(file.labels, path, lines, self._labelled)
        self._aggregation = file.aggregation or self._aggregation

    def finish(self, *, verify: bool) -> RuleSet:
        for path, line, key, name in self._asked:
            if name not in self._seen:
                text = Text(f"no rule '{name}' in the files read", f"所读文件中没有规则“{name}”")
                raise RuleError(str(path), line, key, text, hint(name, list(self._seen)))
        whole = RuleSet(tuple(self._found), tuple(self._labels), self._aggregation)
        if verify:
            _verify(whole, self._sources)  # resting rules too: they must hold when they are switched on
        active = tuple(rule for rule in self._found if self._switches.get(rule.id, rule.enabled))
        return msgspec.structs.replace(whole, rules=active)


def _labels(given: Sequence[Label], path: Path, lines: Lines, seen: dict[str, Path]) -> Sequence[Label]:
    """The labels of a file, each given a level only once."""
    for index, label in enumerate(given):
        key = label.id.casefold()
        if key in seen:
            raise RuleError(
                str(path),
                lines.get(f"$.labels[{index}].id", lines.get(f"$.labels[{index}]", 1)),
                f"labels[{index}].id",
                Text(f"'{label.id}' already has a level in {seen[key]}", f"“{label.id}”已在 {seen[key]} 中设定密级"),
            )
        seen[key] = path
    return given


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        files += sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES) if path.is_dir() else [path]
    return files


def _spelled(rule: Rule) -> Rule:
    """The rule with characters in place of their numbers."""
    columns = tuple(
        msgspec.structs.replace(
            column, **{key: spelled(value) for key, value in msgspec.structs.asdict(column).items()}
        )
        for column in rule.columns
    )
    patterns, anchors = tuple(map(spelled, rule.patterns)), tuple(map(spelled, rule.anchors))
    return msgspec.structs.replace(rule, patterns=patterns, anchors=anchors, columns=columns)


def _with_words(rule: Rule, folder: Path, source: Source) -> Rule:
    """The rule with the words of its files in it."""
    if rule.file:
        listed = rule.words + source.words("file", folder / rule.file)
        rule = msgspec.structs.replace(rule, words=listed, file="")
    if rule.near and rule.near.file:
        listed = rule.near.words + source.words("near.file", folder / rule.near.file)
        rule = msgspec.structs.replace(rule, near=msgspec.structs.replace(rule.near, words=listed, file=""))
    return rule


def _verify(ruleset: RuleSet, sources: list[Source]) -> None:
    from detectors.diagnosis import found, missed  # it and the engine need this module's shapes
    from detectors.engine import Engine

    engine = Engine(ruleset, EXAMPLE_KEY)
    for rule, source in zip(ruleset.rules, sources, strict=True):
        if rule.kind == "pattern" and not engine.native:
            rulecheck.check_first(rule, source, native=True)
    for rule, source in zip(ruleset.rules, sources, strict=True):
        for kind, examples in (("hits", rule.hits), ("misses", rule.misses)):
            for number, example in enumerate(examples):
                if engine.fires(rule, example, EXAMPLE_DAY) != (kind == "hits"):
                    text, why = (_MISSED, missed) if kind == "hits" else (_FOUND, found)
                    said = text.fill(rule=rule.id, example=example)
                    raise source.error(f"{kind}[{number}]", said, why(rule, example, engine))
