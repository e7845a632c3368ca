"""What msgspec says of a value that does not fit, in words for the author of the file, with what to write instead."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Complaint = tuple[Text, Text]  # what is wrong, what to do

_TYPES = {
    "str": Text("a text", "文字"),
    "int": Text("a whole number", "整数"),
    "float": Text("a number", "数字"),
    "bool": Text("true or false", "true 或 false"),
    "array": Text("a list", "列表"),
    "object": Text("a group of keys", "一组键值"),
    "null": Text("empty", "空值"),
}


def _kind(words: str) -> Text:
    kinds = [_TYPES.get(word, Text(word, word)) for word in words.split(" | ")]
    return Text(" or ".join(kind.en for kind in kinds), "或".join(kind.zh for kind in kinds))


_PARSERS = (  # how the readers of YAML and of expressions begin their complaints
    ("found character that cannot start", "该行开头有不允许的字符"),
    ("found unknown escape", "双引号内有无效的转义"),
    ("mapping values are not allowed", "此处不应出现冒号"),
    ("did not find expected", "缩进、引号或括号不一致"),
    ("found unexpected end", "引号或括号未闭合"),
    ("missing )", "缺少“)”"),
    ("unbalanced parenthesis", "括号不成对"),
    ("unterminated character set", "“[”未闭合"),
    ("bad character range", "字符范围颠倒"),
    ("bad escape", "无效的转义"),
    ("nothing to repeat", "重复符之前没有内容"),
    ("multiple repeat", "重复符连用"),
)


def in_chinese(why: str) -> str:
    """What a parser says, in Chinese where it is one of the common complaints."""
    return next((f"{words}（{why}）" for begin, words in _PARSERS if why.startswith(begin)), why)


def explain(message: str, words: Sequence[str]) -> Complaint:
    """What is wrong with a value, and a hint; ``words`` are the keys or values allowed at its place."""
    for pattern, say in _SAID:
        if match := pattern.match(message):
            return say(match, words)
    return Text(message, f"取值不对：{message}"), Text("", "")


def closest(word: str, words: Sequence[str]) -> str:
    """The nearest of ``words``, or an empty string: for "did you mean"."""
    return next(iter(difflib.get_close_matches(word, words, 1)), "")


def _unknown(match: re.Match[str], words: Sequence[str]) -> Complaint:
    listed = ", ".join(words)
    near = closest(match[1], words)
    hint = (
        Text(f"did you mean '{near}'?", f"是否应为“{near}”？")
        if near
        else Text(f"keys here: {listed}", f"此处可用的键：{listed}")
    )
    return Text(f"unknown key '{match[1]}'", f"未知的键“{match[1]}”"), hint


def _missing(match: re.Match[str], _words: Sequence[str]) -> Complaint:
    return Text(f"the key '{match[1]}' is missing", f"缺少键“{match[1]}”"), Text(
        f"add '{match[1]}:' here", f"请在此处添加“{match[1]}:”"
    )


def _not_allowed(match: re.Match[str], words: Sequence[str]) -> Complaint:
    listed = ", ".join(words)
    named = (level.id for level in Level if level.text.zh == match[1] and level.id in words)
    near = closest(match[1], words) or next(named, "")
    question = Text(f"; did you mean '{near}'?", f"；是否应为“{near}”？") if near else Text("", "")
    return Text(f"'{match[1]}' is not allowed here", f"“{match[1]}”不是允许的值"), Text(
        f"one of {listed}{question.en}", f"可用：{listed}{question.zh}"
    )


def _other_kind(match: re.Match[str], words: Sequence[str]) -> Complaint:
    wanted, got = (_kind(word) for word in match.groups())
    text = Text("should be {wanted}, but is {got}", "应为{wanted}，实际为{got}").fill(wanted=wanted, got=got)
    if "array" in match[1]:
        return text, Text(
            "write it in [ ], or each part on a line that begins with -", "请写在 [ ] 中，或每项一行并以 - 开头"
        )
    if "object" in match[1] and words:
        listed = ", ".join(words)
        return text, Text(
            f"write {{ {words[0]}: … }}; keys here: {listed}", f"请写 {{ {words[0]}: … }}；此处可用的键：{listed}"
        )
    return text, Text("", "")


def _empty(_match: re.Match[str], _words: Sequence[str]) -> Complaint:
    return Text("is empty", "为空"), Text("write at least one", "请至少写一项")


def _beyond(match: re.Match[str], _words: Sequence[str]) -> Complaint:
    edge = match[2].removesuffix(".0")
    if match[1] == "<=":
        return Text("is too large", "过大"), Text(f"at most {edge}", f"最大为 {edge}")
    return Text("is too small", "过小"), Text(f"at least {edge}", f"最小为 {edge}")


def _misshapen(_match: re.Match[str], _words: Sequence[str]) -> Complaint:
    return Text("is no name of this kind", "不符合命名格式"), Text(
        "small letters and digits in two or more parts with dots between, such as own.project-number",
        "由小写字母和数字组成，至少两段，以点分隔，例如 own.project-number",
    )


_SAID: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Sequence[str]], Complaint]], ...] = (
    (re.compile(r"Object contains unknown field `(.+)`"), _unknown),
    (re.compile(r"Object missing required field `(.+)`"), _missing),
    (re.compile(r"Invalid enum value '?(.*?)'?$"), _not_allowed),
    (re.compile(r"Expected `(.+?)`, got `(.+?)`"), _other_kind),
    (re.compile(r"Expected `(?:array|str|object)` of length >= 1$"), _empty),
    (re.compile(r"Expected `\w+` (<=|>=) ([\d.]+)"), _beyond),
    (re.compile(r"Expected `str` matching regex '\^\[a-z\]\["), _misshapen),
)
