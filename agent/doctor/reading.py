"""How files are read here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from agent.doctor.lines import Line
from agent.extract.sandbox.pool import Sandbox, Setup, ocr_wanted
from config.levels import Level
from config.limits import Limits
from config.text import Text


def reading() -> Iterator[Line]:
    """The sandbox, and the parts that read what is rare."""
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
