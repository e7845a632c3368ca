"""The files of the service, with the paths of this installation in them."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import files
from pathlib import Path

import msgspec

from config.errors import UsageError
from config.text import Text

SERVICE = "shoumi-agent.service"
UNIT = Path("/etc/systemd/system") / SERVICE
RULES = Path("/etc/udev/rules.d/60-shoumi.rules")
FREE = Path("/usr/local/lib/shoumi/free")
# The agent keeps a file here for every device it holds, named MAJOR:MINOR: udev then leaves that one alone.
TAKEN = Path("/run/shoumi/taken")
_UNSAFE = frozenset("\"'\\\n\r$`%@{}")


class Placed(msgspec.Struct, frozen=True):
    """One file of the service."""

    path: Path
    text: str
    mode: int = 0o644


def rendered(home: Path) -> tuple[Placed, ...]:
    """All of them, for an agent that lives in ``home`` (absolute).

    Raises:
        UsageError: a path holds signs that mean something else to systemd or udev.
    """
    program = Path(sys.executable).parent / "shoumi"
    blockdev = shutil.which("blockdev", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/usr/sbin/blockdev"
    for path in (home, program):
        if _UNSAFE & set(str(path)) or not path.is_absolute():
            raise UsageError(
                Text(f"{path} cannot stand in a service's file", f"路径 {path} 不能写入服务文件"),
                Text("use an absolute path of plain letters", "请使用由普通字符组成的绝对路径"),
            )
    words = {
        "HOME": f'"{home}"',
        "SHOUMI": f'"{program}"',
        "FREE": str(FREE),
        "BLOCKDEV": blockdev,
        "TAKEN": str(TAKEN),
    }
    return (
        Placed(FREE, _filled("free.sh", words), 0o755),
        Placed(RULES, _filled("60-shoumi.rules", words)),
        Placed(UNIT, _filled(SERVICE, words)),
    )


def _filled(name: str, words: dict[str, str]) -> str:
    text = files("agent.install").joinpath(name).read_text("utf-8")
    for key, word in words.items():
        text = text.replace(f"@{key}@", word)
    return text
