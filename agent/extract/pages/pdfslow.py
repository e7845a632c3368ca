"""The second reader of PDF, in Python: slower by far, but it finds its way through files that pdfium gives up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LAParams, LTChar, LTComponent, LTContainer, LTTextLine
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from agent.extract.reading import Reading
from config.verdict import Reason, Segment


def read(file: BinaryIO, reading: Reading, problem: Exception) -> Iterator[Segment]:
    """Per page its lines. That pdfium failed with ``problem`` stays in the coverage unless text is found."""
    try:
        document = PDFDocument(PDFParser(file))
    except (PDFPasswordIncorrect, PDFEncryptionError):
        reading.miss(Reason.ENCRYPTED)
        return
    except Exception:  # noqa: BLE001 - pdfminer.six fails in a dozen ways; the first reader's words are clearer
        reading.fail(problem)
        return
    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=LAParams(all_texts=True))
    interpreter = PDFPageInterpreter(resources, device)
    found = False
    try:
        for number, page in enumerate(PDFPage.create_pages(document), 1):
            reading.tick()
            interpreter.process_page(page)
            lines: list[str] = []
            _lines(device.get_result(), lines, [])
            if lines:
                found = True
                yield Segment("\n".join(lines), f"page {number}", page=number)
    except Exception as second:  # noqa: BLE001 - the same; what was read stays
        reading.fail(second)
        return
    if not found:
        reading.fail(problem)


def _lines(item: LTContainer[LTComponent], lines: list[str], loose: list[str]) -> None:
    """Lines of text boxes, and of figures, whose characters pdfminer.six leaves loose."""
    for part in item:
        if isinstance(part, LTTextLine):
            if text := part.get_text().strip("\n"):
                lines.append(text)
        elif isinstance(part, LTChar):
            loose.append(part.get_text())
        elif isinstance(part, LTContainer):
            inner: list[str] = []
            _lines(part, lines, inner)
            if inner:
                lines.append("".join(inner))
