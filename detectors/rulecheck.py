"""What the shape of a rule cannot say: keys that belong together, expressions that hold, names that are known."""

from __future__ import annotations

from itertools import chain, zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
import regex

from config import words
from config.complaint import closest, in_chinese
from config.errors import RuleError
from config.rules import Rule, step_problem
from config.text import Text
from detectors.dialect import refusal
from detectors.filters import FILTERS
from detectors.headed import trigger
from detectors.marks import REGIMES
from detectors.numbers import VALIDATORS, validator
from detectors.numbers.national import NATIONAL
from detectors.numbers.weighted import FORM
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.document import Lines

_PATTERN = frozenset({"patterns", "caseless", "anchors", "longest", "validator", "filters", "columns"})
_LIST = frozenset({"words", "file", "except", "near", "whole", "cased", "at_least"})
_COUNTED = frozenset({"level", "context", "confidence", "raises_from", "levels"})
_IDLE = MappingProxyType(
    {
        "pattern": _LIST | {"regime"},
        "keywords": _PATTERN | {"regime"},
        "marks": _PATTERN | _LIST | _COUNTED,
    }
)
"""Keys that say nothing in a rule of a kind."""
_SUM = Text(
    f"write {FORM} with one sign for each remainder, such as sum:1:26:A-Z",
    f"请写 {FORM}，每个余数对应一个字符，例如 sum:1:26:A-Z",
)
_LISTED = 24  # known words a hint gives; of more, only the nearest


class Source(msgspec.Struct):
    """Where a rule stands."""

    path: Path
    lines: Lines
    index: int

    def gives(self, key: str) -> bool:
        """Whether the rule's author wrote a key."""
        return f"$.rules[{self.index}].{key}" in self.lines

    def error(self, key: str, text: Text, hint: Text | str = "") -> RuleError:
        """A complaint about a key, with its line or that of the nearest key around it."""
        at = f"$.rules[{self.index}].{key}" if key else f"$.rules[{self.index}]"
        while at not in self.lines and "." in at:
            at = at.rpartition(".")[0]
        return RuleError(
            str(self.path), self.lines.get(at, 1), f"rules[{self.index}]" + (f".{key}" if key else ""), text, hint
        )

    def words(self, key: str, path: Path) -> tuple[str, ...]:
        """The terms of the file a key names.

        Raises:
            RuleError: there is none, or it holds no term: the key is wrong; or a line of the file is.
        """
        if not path.is_file():
            raise self.error(
                key,
                Text(f"there is no file {path}", f"文件 {path} 不存在"),
                Text(
                    "a list stands in the folder of its rule file, or below it", "词表应与规则文件放在同一文件夹或其下"
                ),
            )
        found = words.read(path)
        if not found:
            raise self.error(
                key,
                Text(f"{path} holds no term", f"{path} 中没有词语"),
                Text("write one term a line; # begins a remark", "每行写一个词语，# 开头为注释"),
            )
        return found


def check(rule: Rule, source: Source) -> None:
    """What is wrong with a rule, as far as it shows without its examples.

    Raises:
        RuleError: something is.
    """
    for key in sorted(_IDLE[rule.kind]):
        if source.gives(key):
            raise source.error(key, *_idle(key, rule.kind))
    {"marks": _check_regime, "keywords": _check_words, "pattern": _check_patterns}[rule.kind](rule, source)
    if rule.kind != "marks":
        _check_level(rule, source)


def hint(word: str, known: list[str]) -> Text:
    """The nearest of the known words; where none is near, those there are."""
    near = closest(word, known)
    if near:
        return Text(f"did you mean '{near}'?", f"是否想写“{near}”？")
    shown = known[:_LISTED]
    more = " …" if len(known) > len(shown) else ""
    return Text("use one of " + ", ".join(shown) + more, "可用：" + "、".join(shown) + more)


def _idle(key: str, kind: str) -> tuple[Text, Text]:
    belongs = "keywords" if key in _LIST else "marks" if key == "regime" else "pattern"
    return (
        Text(f"says nothing in a rule of kind '{kind}'", f"在 kind 为“{kind}”的规则中不起作用"),
        Text(f"remove it, or write 'kind: {belongs}'", f"请删去，或写 kind: {belongs}"),
    )


def _check_regime(rule: Rule, source: Source) -> None:
    known = [regime.name for regime in REGIMES if regime.writes]
    if rule.regime not in known:
        raise source.error(
            "regime", Text(f"no regime '{rule.regime}'", f"没有“{rule.regime}”制度"), hint(rule.regime, known)
        )


def _check_level(rule: Rule, source: Source) -> None:
    if not source.gives("level") and not rule.levels:
        raise source.error(
            "",
            Text(
                "the key 'level' is missing: what the rule finds would raise nothing", "缺少键“level”：命中不会提升密级"
            ),
            Text("add 'level: internal' or a higher one", "请添加 level: internal 或更高的密级"),
        )
    if falling := step_problem({rule.raises_from: rule.level} | rule.levels):
        raise source.error("levels", falling, Text("let the level rise with the count", "个数越多，密级应越高"))


def _check_patterns(rule: Rule, source: Source) -> None:
    if not (rule.patterns or rule.columns):
        raise source.error(
            "patterns",
            Text("a rule needs a pattern", "规则至少需要一个 patterns"),
            Text("add 'patterns:', or 'kind: keywords' for a word list", "请添加 patterns:；词表请写 kind: keywords"),
        )
    for key, sources in (("patterns", rule.patterns), ("anchors", tuple(filter(None, rule.anchors)))):
        for number, pattern in enumerate(sources):
            _check_expression(pattern, source, f"{key}[{number}]")
    for number, column in enumerate(rule.columns):
        for key, pattern in msgspec.structs.asdict(column).items():
            if pattern or key in ("heads", "values"):
                _check_expression(pattern, source, f"columns[{number}].{key}")
    if rule.anchors and len(rule.anchors) != len(rule.patterns):
        many, few = len(rule.anchors), len(rule.patterns)
        raise source.error(
            "anchors",
            Text(f"there are {many} anchors for {few} patterns", f"{few} 个表达式却有 {many} 个 anchors"),
            Text("give one for each, '' where a pattern needs none", "请逐一对应；不需要的写 ''"),
        )
    _check_columns(rule, source)
    _check_names(rule, source)
    check_first(rule, source, native=False)


def _check_columns(rule: Rule, source: Source) -> None:
    for number, column in enumerate(rule.columns):
        for key, pattern in msgspec.structs.asdict(column).items():
            if pattern or key in ("heads", "values"):
                _check_expression(pattern, source, f"columns[{number}].{key}")


def check_first(rule: Rule, source: Source, *, native: bool) -> None:
    """Whether the first pass takes a rule's expressions: one that it does not would leave all to the slow search.

    Raises:
        RuleError: it does not; without ``native``, only what is known to be refused is looked for.
    """
    for number, (written, anchor) in enumerate(zip_longest(rule.patterns, rule.anchors, fillvalue="")):
        pattern = Pattern(written, rule.longest, rule.caseless, anchor)
        key = "anchors" if anchor else "patterns"
        _refuse(f"{key}[{number}]", refusal(pattern.first, caseless=pattern.caseless, native=native), source)
    for number, column in enumerate(rule.columns):
        _refuse(f"columns[{number}].heads", refusal(trigger(column.heads), native=native), source)


def _refuse(key: str, what: str, source: Source) -> None:
    if what:
        text = Text("Vectorscan does not take it: {what}", "Vectorscan 不支持：{what}").fill(what=what)
        raise source.error(key, text, Text("write it another way", "请改用其他写法"))


def _check_expression(pattern: str, source: Source, key: str) -> None:
    try:
        compiled = regex.compile(pattern, regex.ASCII | regex.MULTILINE)
    except regex.error as problem:
        text = Text(f"is no regular expression: {problem}", f"不是正则表达式：{in_chinese(str(problem))}")
        raise source.error(key, text, _where(pattern, getattr(problem, "pos", None))) from None
    if compiled.search(""):
        raise source.error(
            key,
            Text("matches the empty text", "会匹配空文本"),
            Text(
                "let one part stand at least once: + or {1,9} in place of * or {0,9}",
                "请让某一部分至少出现一次：以 + 或 {1,9} 代替 * 或 {0,9}",
            ),
        )


def _where(pattern: str, position: int | None) -> Text:
    if position is None or position >= len(pattern):
        return Text("at its end: is every ( and [ closed?", "在结尾处：每个 ( 和 [ 是否都已闭合？")
    near = pattern[position : position + 12]
    return Text(
        f"at “{near}”; a sign that is meant as such takes a \\ before it", f"位于“{near}”；表示符号本身时，其前请加 \\"
    )


def _check_names(rule: Rule, source: Source) -> None:
    """Validator and filters must be known."""
    if rule.validator and validator(rule.validator) is None:
        raise source.error(
            "validator",
            Text(f"no validator '{rule.validator}'", f"没有校验器“{rule.validator}”"),
            _SUM if rule.validator.startswith("sum") else hint(rule.validator, [*VALIDATORS, FORM, *NATIONAL]),
        )
    for number, name in enumerate(rule.filters):
        if name not in FILTERS:
            raise source.error(
                f"filters[{number}]", Text(f"no filter '{name}'", f"没有过滤器“{name}”"), hint(name, list(FILTERS))
            )


def _check_words(rule: Rule, source: Source) -> None:
    near = rule.near
    for key, given in (("words", rule.words or rule.file), ("near", near is None or near.words or near.file)):
        if not given:
            raise source.error(
                key,
                Text("a word list needs words or a file", "词表至少需要 words 或 file"),
                Text("add 'words: [ … ]' or 'file: NAME.txt'", "请添加 words: [ … ] 或 file: 文件名.txt"),
            )
    for key, line in chain(
        _each("words", rule.words), _each("except", rule.exceptions), _each("near.words", near.words if near else ())
    ):
        try:
            words.parse(line)
        except words.TermError as problem:
            raise source.error(key, problem.text, words.FORM) from None


def _each(key: str, lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((f"{key}[{number}]", line) for number, line in enumerate(lines))
