"""What this machine can enforce, and what not, said plainly."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text as Styled

from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted
from agent.home import Site
from agent.report.identity import load_identity
from agent.watch.removable import mounted
from config.errors import ShoumiError
from config.levels import Level
from config.limits import Limits
from config.policy import Place, load_policy
from config.text import Language, Text, printable

State = Literal["ok", "limited", "broken"]
_SIGNS = {
    "ok": Styled("✓ ", style="green"),
    "limited": Styled("! ", style="yellow"),
    "broken": Styled("✗ ", style="red"),
}


def examine(site: Site, console: Console, language: Language) -> int:
    """Print every capability; 2 when something that should work is broken, else 0."""
    worst = 0
    for state, text in _findings(site):
        console.print(_SIGNS[state], Styled(printable(text.say(language))), sep="")
        worst = max(worst, 2 if state == "broken" else 0)
    return worst


def _findings(site: Site) -> Iterator[tuple[State, Text]]:
    yield from _configuration(site)
    yield from _reading()
    yield from _watching()
    yield from _media(site)


def _configuration(site: Site) -> Iterator[tuple[State, Text]]:
    try:
        policy = site.policy()
        yield (
            "ok",
            Text("policy {path}: version {n}", "策略 {path}：版本 {n}").fill(
                path=site.folder / site.settings.policy, n=policy.version
            ),
        )
    except ShoumiError as problem:
        yield "broken", problem.text
    try:
        enrolled = load_identity(site.home).enrolled
        yield (
            "ok",
            Text("enrolled as {id} at {url}", "已注册：{id}，{url}").fill(
                id=enrolled.agent_id, url=site.settings.collector
            ),
        )
    except ShoumiError as problem:
        yield "broken", Text("{why}: {hint}", "{why}：{hint}").fill(why=problem.text, hint=problem.hint)


def _reading() -> Iterator[tuple[State, Text]]:
    with Sandbox(Setup(Limits(), None, b"\0" * 32, Level.INTERNAL), 1) as sandbox:
        layers = sandbox.layers()
    holds = ", ".join(name for name, there in layers.items() if there)
    yield (
        "ok" if holds else "limited",
        Text("sandbox for reading files: {layers}", "文件解析沙箱：{layers}").fill(layers=holds or "-"),
    )
    lacks = ", ".join(name for name, there in layers.items() if not there)
    if lacks:
        yield (
            "limited",
            Text("this kernel or user lacks: {layers}", "当前内核或用户不支持：{layers}").fill(layers=lacks),
        )
    try:
        import hyperscan  # noqa: F401

        yield "ok", Text("matching: one pass for all rules (Vectorscan)", "匹配：单次扫描全部规则（Vectorscan）")
    except ImportError:
        yield (
            "limited",
            Text("matching: one rule at a time, slower (no Vectorscan here)", "匹配：逐条规则，较慢（无 Vectorscan）"),
        )
    if find_spec("pybit7z"):
        yield (
            "ok",
            Text("archives: 7-Zip reads what is rare or has a password", "压缩包：由 7-Zip 读取少见格式和带密码的文件"),
        )
    else:
        yield (
            "limited",
            Text(
                "archives: no 7-Zip here; chm, arj, disk images and archives with passwords stay unread",
                "压缩包：无 7-Zip，chm、arj、磁盘映像和带密码的压缩包无法读取",
            ),
        )
    if ocr_wanted(None):
        yield "ok", Text("text in pictures and scans is recognised", "可识别图片和扫描件中的文字")
    else:
        yield (
            "limited",
            Text(
                "text in pictures and scans is not read; `make install-ocr` adds it",
                "不识别图片和扫描件中的文字；运行 `make install-ocr` 可安装",
            ),
        )


def _watching() -> Iterator[tuple[State, Text]]:
    yield (
        "limited",
        Text(
            "copies are found just after they land and taken away; they are not yet kept from landing",
            "副本在写入后立即被发现并移走；暂不能在写入前阻止",
        ),
    )
    if sys.platform == "linux":
        limit = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text())
        state: State = "ok" if limit >= 65_536 else "limited"
        yield (
            state,
            Text(
                f"the kernel tells of changes in up to {limit} folders; the rest is swept",
                f"内核最多通知 {limit} 个目录的变化，其余定期检查",
            ),
        )
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        yield (
            "limited",
            Text(
                "not root: media of other users, and files one may not read, are out of reach",
                "非 root：无法检查其他用户的介质和无权读取的文件",
            ),
        )
    desktop = shutil.which("notify-send") is not None
    yield (
        "ok" if desktop else "limited",
        (
            Text("messages appear on the desktop", "消息显示在桌面")
            if desktop
            else Text("messages appear on the terminal only (no notify-send)", "消息仅显示在终端（无 notify-send）")
        ),
    )


def _media(site: Site) -> Iterator[tuple[State, Text]]:
    try:
        policy = load_policy(site.folder / site.settings.policy)
    except ShoumiError:
        return  # said above
    media = mounted()
    for path, medium in media.items():
        zone = policy.zone(Place(path, medium))
        keys = ("bus", "vendor", "product", "serial", "label")
        facts = " ".join(f"{key}={getattr(medium, key)}" for key in keys if getattr(medium, key))
        line = Text("{path}: {zone}, may hold {level}; {facts}", "{path}：{zone}，可存放{level}；{facts}")
        yield "ok", line.fill(path=path, zone=zone.words, level=zone.clearance.text, facts=facts)
    if not media:
        yield "ok", Text("no removable medium is mounted now", "当前没有已挂载的移动介质")
