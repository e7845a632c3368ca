"""Why a rule does not find its own example, or finds one that it must not: what its author has to change.

The rule is loosened until it fires, then tightened again key by key: what may not be tightened stood in the way.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from config.rules import Confidence, Rule
from config.text import Text
from detectors.engine import Engine
from detectors.normal import Normal
from detectors.ruleset import EXAMPLE_DAY, EXAMPLE_KEY, RuleSet
from detectors.score import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.verdict import Finding

_LOOSE: Mapping[str, Any] = MappingProxyType(
    {
        "anchors": (),
        "longest": 400,
        "filters": (),
        "validator": "",
        "exceptions": (),
        "near": None,
        "at_least": 1,
        "whole": False,
        "cased": False,
        "confidence": Confidence(0.99, 0.0),
    }
)
_HINTS = MappingProxyType(
    {
        "anchors": Text(
            "an anchor does not occur in it: give a part that every match has, or leave 'anchors' out",
            "其中没有 anchors 的内容：请写每个命中都含有的部分，或删去 anchors",
        ),
        "longest": Text(
            "the hit has {length} characters: write 'longest: {length}' or more",
            "该命中有 {length} 个字符：请写 longest: {length} 或更大",
        ),
        "filters": Text("a filter drops it: {filters}", "被过滤器排除：{filters}"),
        "validator": Text(
            "the validator '{validator}' refuses “{value}”: are its check digits right?",
            "校验器“{validator}”不接受“{value}”：校验位是否正确？",
        ),
        "exceptions": Text("a phrase of 'except' covers it", "被 except 中的短语排除"),
        "near": Text("no word of 'near' stands within {within} characters", "{within} 个字符内没有 near 中的词"),
        "at_least": Text("it holds fewer than {at_least} different terms", "其中不同的词语少于 {at_least} 个"),
        "whole": Text(
            "the term is part of a longer word: 'whole: false' finds it", "词语处于更长的单词之中：whole: false 可命中"
        ),
        "cased": Text("its capitals differ: leave 'cased' out to find it", "大小写不同：删去 cased 即可命中"),
        "confidence": Text(
            "its score is below the threshold of {threshold} %: raise 'base' or lower 'threshold', or add a word "
            "that stands in it to 'context.raises'",
            "得分低于阈值 {threshold}%：请提高 base、补充 context.raises，或降低 threshold",
        ),
    }
)
_NOTHING = MappingProxyType(
    {
        "pattern": Text("no pattern matches the plain text “{plain}”", "没有表达式匹配规范化后的文本“{plain}”"),
        "keywords": Text("none of the {terms} terms stands in it", "{terms} 个词语均不在其中"),
        "marks": Text("the regime reads no mark in it", "该标志体系未识别出标志"),
    }
)
_TAKEN = Text("a rule that is surer of it takes its place: {others}", "由把握更大的规则命中：{others}")
_FOUND = Text("found is “{value}”, {score} %: {reason}", "命中“{value}”，{score}%：{reason}")


def missed(rule: Rule, example: str, engine: Engine) -> Text:
    """Why a rule does not find an example; ``engine`` holds all rules."""
    if rule.kind == "marks":
        return _NOTHING["marks"]
    if _finding(rule, example):
        others = sorted({finding.rule for finding in engine.detect(example, EXAMPLE_DAY).findings})
        return _TAKEN.fill(others=", ".join(others))
    loose = msgspec.structs.replace(rule, **_LOOSE)
    if not _finding(loose, example):
        return _NOTHING[rule.kind].fill(plain=Normal(example).text, terms=len(rule.words))
    for key in _LOOSE:
        tight = msgspec.structs.replace(loose, **{key: getattr(rule, key)})
        if _finding(tight, example):
            loose = tight
    needed = [_HINTS[key] for key in _LOOSE if getattr(loose, key) != getattr(rule, key)]
    hit = _finding(loose, example)
    value = example[hit.start : hit.end] if hit else ""
    return together(needed).fill(
        length=len(value),
        value=value,
        filters=", ".join(rule.filters),
        validator=rule.validator,
        within=rule.near.within if rule.near else 0,
        at_least=rule.at_least,
        threshold=round(rule.confidence.threshold * 100),
    )


def found(rule: Rule, example: str, engine: Engine) -> Text:
    """What a rule finds in an example in which it must find nothing, and why."""
    seen = engine.detect(example, EXAMPLE_DAY)
    if rule.kind == "marks":
        return together(tuple(mark.reason for mark in seen.marks))
    hit = next(finding for finding in seen.findings if finding.rule == rule.id)
    value = example[hit.start : hit.end]
    return _FOUND.fill(value=value, score=round(hit.confidence * 100), reason=hit.reason)


def _finding(rule: Rule, example: str) -> Finding | None:
    """The first thing that a rule finds by itself."""
    alone = Engine(RuleSet((rule,)), EXAMPLE_KEY)
    return next(iter(alone.detect(example, EXAMPLE_DAY).findings), None)
