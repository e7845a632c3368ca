"""Extraction against the packages that offices' scripts use, on the same generated documents in the same run.

    python -m tests.benchmarks.office

Figures are processor seconds of this process and its children; the sandbox's start is left out, as it is paid once.
"""

import io
import tempfile
import time
from pathlib import Path

import docx
import openpyxl
from pdfminer.high_level import extract_text

from agent.extract.sandbox.pool import Sandbox, Setup
from tests.benchmarks.processor import cpu
from tests.documents import excel, pdf, word

SENTENCE = "为了加强对文件的管理，现将有关事项通知如下，请认真贯彻执行。第{}条 "
FILES = 30


def by_python_docx(data):
    document = docx.Document(io.BytesIO(data))
    rows = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + rows)


def by_openpyxl(data):
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return "\n".join(str(value) for sheet in book for row in sheet.values for value in row if value is not None)


def by_pdfminer(data):
    return extract_text(io.BytesIO(data))


KINDS = (
    (
        "docx",
        "python-docx",
        by_python_docx,
        lambda: word(*[SENTENCE.format(n) * 3 for n in range(100)], header="机密★10年"),
    ),
    (
        "xlsx",
        "openpyxl read_only",
        by_openpyxl,
        lambda: excel([[n, f"客户{n}", n * 1.5, SENTENCE.format(n)] for n in range(1000)]),
    ),
    ("pdf", "pdfminer.six", by_pdfminer, lambda: pdf(*[[SENTENCE.format(n) for n in range(35)] for _ in range(5)])),
)


def run() -> None:
    """Print files a second and the ratio for each kind."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(Setup()) as sandbox:
        sandbox.layers()
        for kind, name, read, make in KINDS:
            data = make()
            paths = [Path(folder) / f"{number}.{kind}" for number in range(FILES)]
            for path in paths:
                path.write_bytes(data)
            sandbox.extract(paths[0])
            start, clock = cpu(), time.perf_counter()
            for _ in range(5):
                for path in paths:
                    assert sandbox.extract(path).coverage.inspected
            ours, wall = (cpu() - start) / 5, (time.perf_counter() - clock) / 5
            start = cpu()
            for path in paths:
                assert read(path.read_bytes())
            theirs = cpu() - start
            print(
                f"office {kind}: {FILES / ours:.0f} files/s of processor time, {1000 * wall / FILES:.1f} ms a file; "
                f"{name} {FILES / theirs:.0f} files/s; RATIO {theirs / ours:.1f}"
            )


if __name__ == "__main__":
    run()
