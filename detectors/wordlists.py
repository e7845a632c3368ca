"""Word lists as a signed register: what its payload holds, and the proof of its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from config import words
from config.errors import ConfigurationError
from config.rules import Rule, RuleFile
from config.text import Text
from detectors.keywords import Keywords

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def pack(rules: Sequence[Rule]) -> bytes:
    """The payload of a signed register of kind ``words``: keyword rules whose files have been read into ``words``."""
    return msgspec.json.encode(RuleFile(tuple(rules)))


def load(path: Path, begin: int, name: str) -> Keywords:
    """Read the payload of a register, and prove every rule by its own examples.

    Raises:
        ConfigurationError: it is not that, or a rule fails an example.
    """
    try:
        file = msgspec.json.decode(path.read_bytes()[begin:], type=RuleFile)
        keywords = Keywords(file.rules)
    except (msgspec.DecodeError, words.TermError):
        raise _unfit(path, Text("holds no word lists", "不含词表")) from None
    if not file.rules:
        raise _unfit(path, Text("holds no word lists", "不含词表"))
    for rule in file.rules:
        if rule.kind != "keywords" or rule.file or (rule.near and rule.near.file):
            raise _unfit(path, Text(f"{name}: {rule.id} is no word list", f"{name}：{rule.id} 不是词表"))
        wrong = [example for example in rule.hits if not keywords.fires(rule, example)]
        wrong += [example for example in rule.misses if keywords.fires(rule, example)]
        if wrong:
            text = Text("{rule} fails its own example “{example}”", "{rule} 未通过自带示例“{example}”")
            raise _unfit(path, text.fill(rule=rule.id, example=wrong[0]))
    return keywords


def _unfit(path: Path, text: Text) -> ConfigurationError:
    return ConfigurationError(
        path.name, 0, "", text, Text("have an officer sign a corrected one", "请由保密管理员修正后重新签发")
    )
