"""``shoumi agent install`` and ``uninstall``: files into place, or away; run twice, the second changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from agent.disk import replace
from agent.home import SYSTEM, find
from agent.install.files import FREE, RULES, SERVICE, UNIT, Placed, rendered
from agent.report.identity import load_identity
from config.errors import ShoumiError, UsageError
from config.text import Language, Text, printable

_RUNNING = Path("/run/systemd/system")  # there while systemd is the first process: sd_booted(3)
_SECONDS = 60


def install(home: Path | None, root: Path | None, console: Console, language: Language, *, dry_run: bool) -> None:
    """Write the service, the udev rule and its helper, and start what can be started.

    Args:
        home: where the agent lives; that of the system when None.
        root: a folder to write below instead of ``/``, for images; nothing is started then.
        console: where it says what it did.
        language: of what it says.
        dry_run: say what would be written, and write nothing.

    Raises:
        UsageError: not Linux, not root, or no enrolled agent in ``home``.
    """
    home = (home or SYSTEM).absolute()
    _may(root, dry_run=dry_run)
    placed = rendered(home)
    if root is None and not dry_run:
        _enrolled(home)
    changed = [one for one in placed if _put(one, root, console, language, dry_run=dry_run)]
    if root is not None or dry_run:
        said = Text("Nothing was started: this is not the running system.", "未启动任何服务：并非当前运行的系统。")
        console.print(said.say(language))
    elif not _RUNNING.is_dir():
        said = Text(
            "systemd does not run here. Start the agent yourself: shoumi agent run --home {home}",
            "此处未运行 systemd，请自行启动客户端：shoumi agent run --home {home}",
        )
        console.print(said.fill(home=home).say(language))
    else:
        started = list(_start(restart=bool(changed)))
        for command, problem in started:
            _say(
                console, language, Text("failed: {command}: {problem}", "失败：{command}：{problem}"), command, problem
            )
    _next(home, root, console, language)


def uninstall(root: Path | None, console: Console, language: Language, *, dry_run: bool) -> None:
    """Stop the service and take the files away. The agent's home, its quarantine and spool stay.

    Raises:
        UsageError: not Linux, or not root.
    """
    _may(root, dry_run=dry_run)
    live = root is None and not dry_run
    if live and _RUNNING.is_dir():
        for command, problem in _commands(["systemctl", "disable", "--now", SERVICE]):
            _say(
                console, language, Text("failed: {command}: {problem}", "失败：{command}：{problem}"), command, problem
            )
    for path in (UNIT, RULES, FREE):
        there = _below(root, path)
        if not there.exists():
            continue
        if not dry_run:
            there.unlink()
        word = Text("would remove {path}", "将删除 {path}") if dry_run else Text("removed {path}", "已删除 {path}")
        console.print(printable(word.fill(path=there).say(language)))
    if live:
        if FREE.parent.is_dir() and not any(FREE.parent.iterdir()):
            FREE.parent.rmdir()
        list(_commands(["systemctl", "daemon-reload"], ["udevadm", "control", "--reload"]))
    said = Text(
        "Done. Spool, quarantine and keys stay in the agent's home ({home} unless another was named). Unplug media and "
        "plug them in again: they are then mounted as before.",
        "完成。待上报事件、隔离区和密钥保留在客户端目录（默认 {home}）。请重新插拔移动介质，之后将恢复原有挂载方式。",
    )
    console.print(said.fill(home=SYSTEM).say(language))


def _may(root: Path | None, *, dry_run: bool) -> None:
    if sys.platform != "linux":
        raise UsageError(
            Text("the service is for Linux with systemd", "服务仅支持使用 systemd 的 Linux"),
            Text("start `shoumi agent run` when people log in", "请在用户登录时启动 `shoumi agent run`"),
        )
    if root is None and not dry_run and os.geteuid() != 0:
        raise UsageError(
            Text("this needs root", "需要 root 权限"),
            Text(
                "run it with sudo, or see what it would do with --dry-run",
                "请使用 sudo 运行，或用 --dry-run 查看将执行的操作",
            ),
        )


def _enrolled(home: Path) -> None:
    """A rule that closes media without an agent to open them helps nobody."""
    try:
        site = find(home)
        load_identity(site.home)
        site.policy()
    except ShoumiError as problem:
        hint = Text(
            f"first run: shoumi agent enrol --home {home} --collector URL --token TOKEN",
            f"请先运行：shoumi agent enrol --home {home} --collector 地址 --token 令牌",
        )
        raise UsageError(problem.text, hint) from None


def _put(one: Placed, root: Path | None, console: Console, language: Language, *, dry_run: bool) -> bool:
    path, data = _below(root, one.path), one.text.encode()
    try:
        same = path.read_bytes() == data and path.stat().st_mode & 0o777 == one.mode
    except OSError:
        same = False
    if same:
        word = Text("unchanged {path}", "未变化 {path}")
    elif dry_run:
        word = Text("would write {path}", "将写入 {path}")
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, data, one.mode)
        path.chmod(one.mode)  # whatever the umask
        word = Text("wrote {path}", "已写入 {path}")
    console.print(printable(word.fill(path=path).say(language)))
    if dry_run and not same:
        console.print(printable(one.text, "\n\t"), style="dim", markup=False)
    return not same


def _below(root: Path | None, path: Path) -> Path:
    return path if root is None else root.absolute() / path.relative_to("/")


def _start(*, restart: bool) -> Iterator[tuple[str, str]]:
    """Make the running system know the files; yields commands that failed, and why."""
    yield from _commands(
        ["systemctl", "daemon-reload"],
        ["udevadm", "control", "--reload"],
        ["systemctl", "enable", SERVICE],
        ["systemctl", "restart" if restart else "start", SERVICE],
    )


def _commands(*commands: list[str]) -> Iterator[tuple[str, str]]:
    for command in commands:
        if command[0] == "udevadm" and not shutil.which("udevadm"):
            continue
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
            problem = done.stderr.decode("utf-8", "replace").strip() if done.returncode else ""
        except (OSError, subprocess.SubprocessError) as trouble:
            problem = str(trouble)
        if problem:
            yield " ".join(command), problem


def _say(console: Console, language: Language, text: Text, command: str, problem: str) -> None:
    console.print(printable(text.fill(command=command, problem=problem).say(language)), style="red", markup=False)


def _next(home: Path, root: Path | None, console: Console, language: Language) -> None:
    if root is not None:
        step = Text(
            "Next, on that system: shoumi agent enrol --home {home} …, then systemctl enable --now {service}",
            "下一步（在目标系统上）：shoumi agent enrol --home {home} …，然后 systemctl enable --now {service}",
        )
    else:
        step = Text(
            "Next: shoumi doctor --home {home} says what this computer can enforce; media that are plugged in now are "
            "taken over when they are plugged in again.",
            "下一步：运行 shoumi doctor --home {home} 查看本机防护能力；已插入的移动介质请重新插拔后接管。",
        )
    console.print(printable(step.fill(home=home, service=SERVICE).say(language)))
