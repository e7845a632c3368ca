"""The reasons why something was not inspected, in words."""

from __future__ import annotations

from config.text import Text
from config.verdict import Reason


def explain(reason: str) -> Text:
    """Words for one line of :class:`config.verdict.Coverage`: a reason, or ``reason: part``."""
    kind, _, part = reason.partition(": ")
    chinese = _CHINESE.get(kind, kind)
    return Text(reason, f"{chinese}：{part}" if part else chinese)


_CHINESE: dict[str, str] = {
    Reason.ENCRYPTED: "已加密",
    Reason.PASSWORD: "有密码保护",
    Reason.TOO_LARGE: "过大",
    Reason.TOO_DEEP: "嵌套过深",
    Reason.RATIO: "压缩比异常",
    Reason.CORRUPT: "已损坏",
    Reason.UNSUPPORTED: "格式暂不支持",
    Reason.TIMEOUT: "超时",
    Reason.MEMORY: "占用内存过多",
    Reason.PERMISSION: "无读取权限",
    Reason.VANISHED: "已消失",
    Reason.CHANGED: "读取时被修改",
    Reason.OCR_OFF: "图片文字识别未启用",
}
