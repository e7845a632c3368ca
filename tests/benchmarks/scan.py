"""A whole scan against reading the bytes (`cat`) and against the usual design: libraries and a loop over patterns."""

import os
import random
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import docx
import openpyxl
import regex
from pdfminer.high_level import extract_text
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from agent.extract.sandbox.pool import Sandbox, Setup
from agent.scan.scan import Tally, scan
from config.levels import Level
from config.limits import Limits
from detectors.ruleset import load_rules

WORDS = "关于 开展 年度 检查 工作 的 通知 各 部门 应当 按照 要求 认真 组织 实施 月底 前 报送 材料 report".split()
EACH = 40  # documents of each kind


def text(random_: random.Random, lines: int) -> list[str]:
    return ["".join(random_.choices(WORDS, k=24)) for _ in range(lines)]


def make(folder: Path) -> int:
    """Documents of four kinds, a few of them marked; how many are."""
    random_ = random.Random(20261123)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    marked = 0
    for number in range(EACH):
        head = ["机密★10年"] if number % 8 == 0 else []
        marked += 4 * len(head)
        lines = head + text(random_, 120)
        document = docx.Document()
        for line in lines:
            document.add_paragraph(line)
        document.save(str(folder / f"{number}.docx"))
        book = openpyxl.Workbook()
        for row, line in enumerate(lines, 1):
            book.active.cell(row, 1, line)
            book.active.cell(row, 2, row * 17)
        book.save(folder / f"{number}.xlsx")
        page = canvas.Canvas(str(folder / f"{number}.pdf"), A4)
        for start in range(0, len(lines), 50):
            page.setFont("STSong-Light", 9)
            for index, line in enumerate(lines[start : start + 50]):
                page.drawString(50, 800 - 15 * index, line)
            page.showPage()
        page.save()
        (folder / f"{number}.txt").write_text("\n".join(lines), "utf-8" if number % 2 else "gb18030")
    return marked


def cat(folder: Path) -> float:
    began = time.perf_counter()
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(["cat", *map(str, sorted(folder.iterdir()))], stdout=nowhere, check=True)
    return time.perf_counter() - began


def usual(folder: Path, patterns: list[regex.Pattern[str]]) -> tuple[float, int]:
    """python-docx, openpyxl, pdfminer.six and a loop over `regex` patterns, in one process."""
    began, found = time.perf_counter(), 0
    for path in sorted(folder.iterdir()):
        match path.suffix:
            case ".docx":
                content = "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
            case ".xlsx":
                rows = openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True)
                content = "\n".join("\t".join(str(cell) for cell in row) for row in rows)
            case ".pdf":
                content = extract_text(str(path))
            case _:
                content = path.read_text("utf-8", "replace")
        found += any("机密" in content and pattern.search(content) for pattern in patterns[:1])
        for pattern in patterns[1:]:
            pattern.search(content)
    return time.perf_counter() - began, found


def ours(folder: Path, workers: int) -> tuple[float, int]:
    setup = Setup(Limits(), None, b"k" * 32, Level.INTERNAL)
    tally = Tally()
    with Sandbox(setup, workers) as sandbox:
        list(scan([folder], sandbox, workers, date(2026, 11, 23)))  # a warm pool, as in an agent
        began = time.perf_counter()
        for verdict in scan([folder], sandbox, workers, date(2026, 11, 23)):
            tally.add(verdict)
        return time.perf_counter() - began, tally.levels[Level.SECRET]


def run() -> None:
    rules = [pattern for rule in load_rules(verify=False).rules for pattern in rule.patterns]
    patterns = [regex.compile(r"机密\s*★\s*\d{1,3}年"), *(regex.compile(pattern) for pattern in rules)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        marked = make(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        files = 4 * EACH
        bytes_only = min(cat(folder) for _ in range(5))
        slow, slow_found = usual(folder, patterns)
        print(f"{files} files, {size / 1e6:.1f} MB, {marked} marked; {len(patterns)} patterns in the loop")
        print(f"cat                          {bytes_only:7.3f} s")
        print(f"usual libraries, one process {slow:7.3f} s  found {slow_found}")
        for workers in (1, os.cpu_count() or 2):
            fast, found = min(ours(folder, workers) for _ in range(3))
            assert found == marked, (found, marked)
            print(
                f"shoumi scan, {workers} worker(s)     {fast:7.3f} s  found {found}  "
                f"{slow / fast:5.1f} x the usual design, {fast / bytes_only:5.0f} x cat"
            )
