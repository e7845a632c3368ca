"""How a marked paper is to be kept, in words beside its mark (严禁外传, 注意保管), and words for a paper (文件, 件)."""

from __future__ import annotations

import re

FORBID = (
    r"(?:未经(?:书面)?(?:许可|授权|允许|批准|同意)[，,]?)?(?:请勿|严禁|不得|禁止|勿)(?:擅自|对外|私自)?"
    r"(?:外传|传播|扩散|转发|外泄|泄露|公开|复制|复印|摘抄|翻印|拍照|截屏|带出|对外传播|对外){1,2}"
)
KEEP = r"(?:请|注意|妥善){1,3}(?:保管|保存|保密)"
PAPER = re.compile(r"(?:文件|资料|材料)")
_SHORT = re.compile(r"[件级]")
_WORDS = re.compile(
    rf"(?:文件|资料|材料|信息|件)?[，,、·!！—-]?(?:内部(?:文件|资料|材料|使用)[，,、·]?)?(?:{FORBID}|{KEEP})[】\])）]?[!！。]?"
)


def is_handling(text: str) -> bool:
    """Whether all of it, without white space, says how the paper is to be kept."""
    return _WORDS.fullmatch(text) is not None


def handled(after: str, following: str) -> bool:
    """What follows a level, or the next line, says so: 机密文件 注意保管."""
    return is_handling(after) or (PAPER.fullmatch(after) is not None and is_handling(following))


def carried(after: str, *, placed: bool) -> bool:
    """What follows a level only names the paper: 机密件; in a header or footer 机密文件 too."""
    return _SHORT.fullmatch(after) is not None or (placed and PAPER.fullmatch(after) is not None)
