"""The text in pictures and in pages that are pictures, in a worker that has the recogniser loaded."""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Iterator
from typing import Any

from agent.extract.image import ocr
from agent.extract.kits import Kit
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_DPI = 200
_POINT = 72.0
_PAGE_PIXELS = 6_000_000  # A3 at 200 dpi
_TOP = 0.25  # of the time of a whole page, for drawing it and reading its top quarter


class _Pace:
    """What a whole page took lately on this machine."""

    seconds = 2.0

    def took(self, seconds: float) -> None:
        self.seconds += 0.2 * (seconds - self.seconds)


_PACE = _Pace()


def picture(data: bytes, reading: Reading) -> Iterator[Segment]:
    """The lines of a picture; of each page, where it has several.

    Raises:
        NeedsKitError: this worker has no recogniser.
        NotReadError: a kind that cannot be unpacked.
    """
    reading.need(Kit.OCR)
    from agent.extract.image import pixels

    for number, count, upright in pixels.pages(data, reading):
        place = f"page {number}" if count > 1 or number > 1 else ""
        if look := _look(reading, place, count - number + 1):
            yield from _lines(upright, place, number if place else None, look)


def page(page: Any, number: int, reading: Reading, left: int = 1) -> Iterator[Segment]:
    """The lines of a PDF page, drawn as a person sees it; where text is not to be recognised that is noted.

    Args:
        page: of pdfium.
        number: from 1.
        reading: the document.
        left: pages of the document still to come, this one included.

    Raises:
        NeedsKitError: this worker has no recogniser.
    """
    place = f"page {number}"
    if not reading.ledger.ocr:
        reading.miss(Reason.OCR_OFF, place)
        return
    reading.need(Kit.OCR)
    # Those to come are pictures to the share that those before were; pages with text take no time.
    share = min(1.0, (reading.ledger.recognised + 1) / number)
    if look := _look(reading, place, math.ceil(left * share)):
        yield from _lines(_drawn(page), place, number, look)


def _look(reading: Reading, place: str, left: int) -> str:
    """How to look at a page when ``left`` are to come: ``whole``, at its ``top`` alone, or not at all.

    A mark stands at the top of its page (GB/T 9704). Once the time no longer suffices for all pages, the tops of all
    are worth more than a few pages whole and the others not at all. The first is looked at whole in any case.
    """
    first = not reading.ledger.recognised
    reading.ledger.recognised += 1
    remaining = reading.ledger.ocr_deadline - time.monotonic()
    if remaining > 0 and (first or remaining >= _PACE.seconds * (1 + _TOP * (left - 1))):
        return "whole"
    reading.miss(Reason.TIMEOUT, f"{place} (text in pictures)".strip())
    return "top" if remaining > 0 else ""


def _lines(drawn: Any, place: str, number: int | None, look: str) -> Iterator[Segment]:
    started = time.monotonic()
    lines = ocr.recognise(drawn, quick=look == "top")
    if look == "whole" and lines:
        _PACE.took(time.monotonic() - started)
    for faint, zone in ((False, Zone.BODY), (True, Zone.WATERMARK)):
        if said := [line.text for line in lines if line.faint is faint]:
            where = f"{place} watermark".strip() if faint else place
            yield Segment("\n".join(said), where, zone, number)


def _drawn(page: Any) -> Any:
    """A page as an array of blue, green and red bytes."""
    import numpy as np
    import pypdfium2.raw as pdfium

    wide, high = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    scale = min(_DPI / _POINT, (_PAGE_PIXELS / max(1.0, wide * high)) ** 0.5)
    width, height = max(1, int(wide * scale)), max(1, int(high * scale))
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGR, None, 0)
    if not bitmap:
        raise MemoryError
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        buffer = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return np.frombuffer(buffer, np.uint8).reshape(height, stride)[:, : width * 3].reshape(height, width, 3)
