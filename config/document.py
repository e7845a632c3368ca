"""YAML files as typed shapes: every complaint names file, line, key and what to write instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from config.complaint import explain, in_chinese
from config.errors import ConfigurationError
from config.text import Text

T = TypeVar("T")
Lines = dict[str, int]  # "$.zones[0].clearance" -> line
_SLIP = Text("check indentation, quotes and colons on this line", "请检查该行的缩进、引号和冒号")
_SLIPS = (  # what YAML says, or a sign of the line, and what is most often meant
    ("\t", Text("indent with spaces: YAML takes no tabs", "请用空格缩进：YAML 不接受制表符")),
    ("escape", Text("put it in single quotes, where \\ stands for itself", "请改用单引号，其中 \\ 即其本身")),
    ("mapping values", Text("put a text that holds a colon in quotes", "含冒号的文字请加引号")),
    ("expected '-'", Text("begin this line in the column of the keys above it", "该行应与上方各键左对齐")),
)
MAX_BYTES = 4 * 2**20  # a policy is a few kilobytes; more is an accident or an attack


def load(path: Path, shape: type[T], error: type[ConfigurationError] = ConfigurationError) -> T:
    """Read one YAML file into ``shape`` (a msgspec struct that forbids unknown fields).

    Raises:
        ConfigurationError: unreadable, not YAML, a key twice, an unknown key, or a value of the wrong type.
    """
    data, lines = read(path, error)
    return check(data, lines, path, shape, error)


def read(path: Path, error: type[ConfigurationError] = ConfigurationError) -> tuple[Any, Lines]:
    """Plain data and the line of every key, without a shape yet."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise error(str(path), 0, "", *unreadable(problem)) from None
    if len(raw) > MAX_BYTES:
        raise error(str(path), 0, "", Text("is larger than 4 MiB", "大于 4 MiB"))
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except UnicodeDecodeError as problem:
        line, text, hint = miscoded(raw, problem)
        raise error(str(path), line, "", text, hint) from None
    except yaml.MarkedYAMLError as problem:
        line = (problem.problem_mark.line if problem.problem_mark else 0) + 1
        line = min(line, raw.count(b"\n") + 1)  # what is missing at the end is missed on its last line
        why = problem.problem or "is not YAML"
        written = raw.decode("utf-8-sig").split("\n")[line - 1]
        hint = next((hint for sign, hint in _SLIPS if sign in (why if len(sign) > 1 else written)), _SLIP)
        raise error(str(path), line, "", Text(why, f"YAML 语法错误：{in_chinese(why)}"), hint) from None
    except yaml.YAMLError as problem:
        raise error(str(path), 1, "", Text(f"is not YAML: {problem}", f"不是 YAML：{problem}")) from None
    lines: Lines = {"$": 1}
    return (None if node is None else _plain(node, "$", lines, path, error, set())), lines


def unreadable(problem: OSError) -> tuple[Text, Text]:
    """Why a file cannot be read, and what to do."""
    if isinstance(problem, FileNotFoundError):
        return Text("does not exist", "文件不存在"), Text("correct its name, or make it", "请更正文件名，或创建该文件")
    if isinstance(problem, PermissionError):
        return Text("may not be read by this user", "当前用户无权读取"), Text("change its permissions", "请修改其权限")
    why = problem.strerror or type(problem).__name__
    return Text(f"cannot be read: {why}", f"无法读取：{why}"), Text("", "")


def miscoded(raw: bytes, problem: UnicodeDecodeError) -> tuple[int, Text, Text]:
    """The first line that is not UTF-8, what that means, and what to do."""
    line = raw[: problem.start].count(b"\n") + 1
    return line, Text("is not UTF-8", "不是 UTF-8 编码"), Text("save it as UTF-8", "请另存为 UTF-8")


def check(data: Any, lines: Lines, path: Path, shape: type[T], error: type[ConfigurationError]) -> T:
    """Give plain data its shape, or say which key is wrong and what would be right."""
    try:
        return msgspec.convert({} if data is None else data, shape, str_keys=True)  # an empty file sets nothing
    except msgspec.ValidationError as problem:
        message, _, where = str(problem).partition(" - at `")
        at = "$" + where.rstrip("`").rpartition("$")[2]  # of a key it says "key` in `$.there"
        unknown = re.match(r"Object contains unknown field `(.+)`", message)
        line = _line(f"{at}.{unknown[1]}" if unknown else at, lines)
        raise error(str(path), line, _key(at), *explain(message, _words(shape, at))) from None


def _plain(node: yaml.Node, at: str, lines: Lines, path: Path, error: type[ConfigurationError], above: set[int]) -> Any:
    if id(node) in above:
        raise error(str(path), node.start_mark.line + 1, _key(at), Text("refers to itself", "引用了自身"))
    above = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _plain(key_node, at, lines, path, error, above)
            line = key_node.start_mark.line + 1
            if type(key) is int:  # a count, such as a threshold; true and false are no counts
                key = str(key)
            if not isinstance(key, str):
                raise error(
                    str(path),
                    line,
                    at,
                    Text(f"the key {key!r} must be a word", f"键 {key!r} 必须是文字"),
                    Text("put it in quotes", "请加引号"),
                )
            if key in out:
                raise error(
                    str(path),
                    line,
                    key,
                    Text("stands here twice", "重复出现"),
                    Text("remove one of the two", "请删除其中一个"),
                )
            lines[f"{at}.{key}"] = line
            out[key] = _plain(value_node, f"{at}.{key}", lines, path, error, above)
        return out
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            lines[f"{at}[{index}]"] = child.start_mark.line + 1
        return [_plain(child, f"{at}[{index}]", lines, path, error, above) for index, child in enumerate(node.value)]
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as problem:
        raise error(
            str(path),
            node.start_mark.line + 1,
            _key(at),
            Text(f"cannot be understood: {problem}", f"无法识别：{problem}"),
        ) from None


def _key(at: str) -> str:
    return at.removeprefix("$").lstrip(".")


def _line(at: str, lines: Lines) -> int:
    while at not in lines and at != "$":
        at = re.sub(r"(\.[^.\[\]]+|\[[^\]]*\])$", "", at) or "$"
    return lines.get(at, 1)


def _words(shape: Any, at: str) -> list[str]:
    """The keys or values allowed at a path of :mod:`msgspec`, such as ``$.zones[0].clearance``."""
    return _allowed(_at(msgspec.inspect.type_info(shape), re.findall(r"\.([^.\[]+)|\[([^\]]*)\]", at)))


def _at(info: Any, steps: list[tuple[str, str]]) -> Any:
    inspect = msgspec.inspect
    if isinstance(info, inspect.UnionType):
        rooms = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
        found = (_at(kind, steps) for kind in rooms)
        return next((kind for kind in found if kind is not None and _allowed(kind)), None)
    if not steps:
        return info
    (name, _), *rest = steps
    if name and isinstance(info, inspect.StructType):
        kinds = (field.type for field in info.fields if field.encode_name == name)
        return next((_at(kind, rest) for kind in kinds), None)
    if isinstance(info, inspect.DictType):
        return _at(info.value_type, rest)
    item = getattr(info, "item_type", None)
    return _at(item, rest) if item is not None and not name else None


def _allowed(info: Any) -> list[str]:
    if isinstance(info, msgspec.inspect.StructType):
        return [field.encode_name for field in info.fields]
    if isinstance(info, msgspec.inspect.EnumType):
        return [str(member.value) for member in info.cls]
    if isinstance(info, msgspec.inspect.LiteralType):
        return [str(value) for value in info.values]
    return []
