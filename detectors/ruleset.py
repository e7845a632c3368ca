"""Rules read from files and proven by their own examples."""

from __future__ import annotations

from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import regex

from config import rules, words
from config.document import closest
from config.errors import ConfigurationError, RuleError
from config.rules import Aggregation, Label, Rule, Steps, step_problem
from config.text import Text
from detectors.dialect import refusal, spelled
from detectors.filters import FILTERS
from detectors.headed import trigger
from detectors.marks import REGIMES
from detectors.numbers import VALIDATORS, validator
from detectors.numbers.national import NATIONAL
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from config.document import Lines

EXAMPLE_DAY = date(2026, 1, 1)  # examples are read as on this day, so that they never grow old
EXAMPLE_KEY = b"examples are not secret"


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
                    _hint(name, known),
                )
        stepped = tuple(_stepped(rule, thresholds.get(rule.id)) for rule in self.rules)
        return msgspec.structs.replace(self, rules=stepped)


def _stepped(rule: Rule, steps: Steps | None) -> Rule:
    if not steps:
        return rule
    least = min(steps)
    return msgspec.structs.replace(rule, level=steps[least], raises_from=least, levels=steps)


class _Source(msgspec.Struct):
    path: Path
    lines: Lines
    index: int

    def error(self, key: str, text: Text, hint: Text | str = "") -> RuleError:
        at = f"$.rules[{self.index}].{key}" if key else f"$.rules[{self.index}]"
        while at not in self.lines and "." in at:
            at = at.rpartition(".")[0]
        return RuleError(
            str(self.path), self.lines.get(at, 1), f"rules[{self.index}]" + (f".{key}" if key else ""), text, hint
        )


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
        self._sources: list[_Source] = []
        self._labels: list[Label] = []
        self._aggregation = Aggregation()
        self._seen: dict[str, Path] = {}
        self._labelled: dict[str, Path] = {}
        self._switches: dict[str, bool] = {}
        self._asked: list[tuple[Path, int, str, str]] = []

    def read(self, path: Path) -> None:
        file, lines = rules.read(path)
        for index, written in enumerate(file.rules):
            rule, source = _spelled(written), _Source(path, lines, index)
            _check(rule, source)
            if rule.id in self._seen:
                before = self._seen[rule.id]
                text = Text(f"'{rule.id}' is already defined in {before}", f"“{rule.id}”已在 {before} 中定义")
                raise source.error("id", text)
            self._seen[rule.id] = path
            self._found.append(_with_words(rule, path.parent))
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
                raise RuleError(str(path), line, key, text, _hint(name, list(self._seen)))
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
        files += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return files


def _check(rule: Rule, source: _Source) -> None:
    """What the shape cannot say."""
    {"marks": _check_regime, "keywords": _check_words, "pattern": _check_patterns}[rule.kind](rule, source)


def _check_regime(rule: Rule, source: _Source) -> None:
    known = [regime.name for regime in REGIMES]
    if rule.regime not in known:
        raise source.error(
            "regime", Text(f"no regime '{rule.regime}'", f"没有“{rule.regime}”制度"), _hint(rule.regime, known)
        )


def _check_patterns(rule: Rule, source: _Source) -> None:
    if not (rule.patterns or rule.columns):
        raise source.error("patterns", Text("a rule needs a pattern", "规则至少需要一个 patterns"))
    for number, pattern in enumerate(rule.patterns):
        _check_expression(f"patterns[{number}]", pattern, source)
    for number, column in enumerate(rule.columns):
        for key, pattern in msgspec.structs.asdict(column).items():
            if pattern or key in ("heads", "values"):
                _check_expression(f"columns[{number}].{key}", pattern, source)
    if falling := step_problem({rule.raises_from: rule.level} | rule.levels):
        raise source.error("levels", falling)
    _check_names(rule, source)
    _check_first(rule, source, native=False)


def _check_expression(key: str, pattern: str, source: _Source) -> None:
    try:
        compiled = regex.compile(pattern, regex.ASCII | regex.MULTILINE)
    except regex.error as problem:
        raise source.error(key, Text(f"is no regular expression: {problem}", f"不是正则表达式：{problem}")) from None
    if compiled.search(""):
        raise source.error(key, Text("matches the empty text", "会匹配空文本"))


def _check_first(rule: Rule, source: _Source, *, native: bool) -> None:
    """One expression that the first pass does not take would leave all rules to the slow search."""
    for number, (written, anchor) in enumerate(zip_longest(rule.patterns, rule.anchors, fillvalue="")):
        pattern = Pattern(written, rule.longest, rule.caseless, anchor)
        key = "anchors" if anchor else "patterns"
        _refuse(f"{key}[{number}]", refusal(pattern.first, caseless=pattern.caseless, native=native), source)
    for number, column in enumerate(rule.columns):
        _refuse(f"columns[{number}].heads", refusal(trigger(column.heads), native=native), source)


def _refuse(key: str, what: str, source: _Source) -> None:
    if what:
        text = Text("Vectorscan does not take it: {what}", "Vectorscan 不支持：{what}").fill(what=what)
        raise source.error(key, text, Text("write it another way", "请改用其他写法"))


def _check_names(rule: Rule, source: _Source) -> None:
    """Validator and filters must be known."""
    if rule.validator and validator(rule.validator) is None:
        raise source.error(
            "validator",
            Text(f"no validator '{rule.validator}'", f"没有校验器“{rule.validator}”"),
            _hint(rule.validator, [*VALIDATORS, *NATIONAL]),
        )
    for number, name in enumerate(rule.filters):
        if name not in FILTERS:
            raise source.error(
                f"filters[{number}]", Text(f"no filter '{name}'", f"没有过滤器“{name}”"), _hint(name, list(FILTERS))
            )


def _check_words(rule: Rule, source: _Source) -> None:
    near = rule.near
    for key, given in (("words", rule.words or rule.file), ("near", near is None or near.words or near.file)):
        if not given:
            raise source.error(key, Text("a word list needs words or a file", "词表至少需要 words 或 file"))
    for key, lines in (("words", rule.words), ("except", rule.exceptions), ("near.words", near.words if near else ())):
        for number, line in enumerate(lines):
            try:
                words.parse(line)
            except words.TermError as problem:
                raise source.error(f"{key}[{number}]", problem.text) from None


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


def _with_words(rule: Rule, folder: Path) -> Rule:
    """The rule with the words of its files in it."""
    if rule.file:
        rule = msgspec.structs.replace(rule, words=rule.words + words.read(folder / rule.file), file="")
    if rule.near and rule.near.file:
        near = msgspec.structs.replace(rule.near, words=rule.near.words + words.read(folder / rule.near.file), file="")
        rule = msgspec.structs.replace(rule, near=near)
    return rule


def _verify(ruleset: RuleSet, sources: list[_Source]) -> None:
    from detectors.engine import Engine  # the engine needs this module's shapes

    engine = Engine(ruleset, EXAMPLE_KEY)
    for rule, source in zip(ruleset.rules, sources, strict=True):
        if rule.kind == "pattern" and (rule.columns or not engine.native):
            _check_first(rule, source, native=True)
    for rule, source in zip(ruleset.rules, sources, strict=True):
        for kind, examples in (("hits", rule.hits), ("misses", rule.misses)):
            for number, example in enumerate(examples):
                if engine.fires(rule, example, EXAMPLE_DAY) != (kind == "hits"):
                    said = (
                        Text("is not found", "未命中")
                        if kind == "hits"
                        else Text("is found, but must not be", "不应命中却命中了")
                    )
                    text = Text("{rule}: the example “{example}” {said}", "{rule}：示例“{example}”{said}").fill(
                        rule=rule.id, example=example, said=said
                    )
                    hint = Text("correct the rule, or the example", "请修正规则或示例")
                    raise source.error(f"{kind}[{number}]", text, hint)


def _hint(word: str, known: list[str]) -> Text:
    near = closest(word, known)
    if near:
        return Text(f"did you mean '{near}'?", f"是否想写“{near}”？")
    return Text("use one of " + ", ".join(known), "可用：" + "、".join(known))
