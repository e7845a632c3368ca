"""The text in pictures and in pages that are pictures, in a worker that has the recogniser loaded."""

from __future__ import annotations

import ctypes
import io
import time
from collections.abc import Iterator
from typing import Any

from agent.extract.image import ocr
from agent.extract.kits import Kit
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_PIXELS = 24_000_000  # of a picture; a larger one is scaled down to it
_MOST_PIXELS = 180_000_000  # of a picture before it is unpacked: more is a bomb
_MOST_FRAMES = 200
_DPI = 200
_POINT = 72.0
_PAGE_PIXELS = 6_000_000  # A3 at 200 dpi


def picture(data: bytes, reading: Reading) -> Iterator[Segment]:
    """The lines of a picture; of each frame, where it has several.

    Raises:
        NeedsKitError: this worker has no recogniser.
        NotReadError: a kind that cannot be unpacked, or larger than any picture.
    """
    reading.need(Kit.OCR)
    from PIL import Image, ImageOps

    try:
        opened = Image.open(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - Pillow has an exception for every format
        raise NotReadError(Reason.UNSUPPORTED) from None
    with opened:
        frames = min(getattr(opened, "n_frames", 1), _MOST_FRAMES)
        several = frames > 1 and opened.format in ("TIFF", "MPO")  # the others move, and show the same
        for number in range(1, frames + 1 if several else 2):
            place = f"page {number}" if several else ""
            if not _time_left(reading, place):
                return
            opened.seek(number - 1)
            if opened.width * opened.height > _MOST_PIXELS:
                raise NotReadError(Reason.TOO_LARGE, place)
            opened.draft("RGB", (4000, 4000))
            upright = ImageOps.exif_transpose(opened)
            if upright.width * upright.height > _PIXELS:
                upright.thumbnail((5000, 5000))
            yield from _lines(upright, place, number if several else None)


def page(page: Any, number: int, reading: Reading) -> Iterator[Segment]:
    """The lines of a PDF page, drawn as a person sees it; where text is not to be recognised that is noted.

    Raises:
        NeedsKitError: this worker has no recogniser.
    """
    place = f"page {number}"
    if not reading.ledger.ocr:
        reading.miss(Reason.OCR_OFF, place)
        return
    reading.need(Kit.OCR)
    if _time_left(reading, place):
        yield from _lines(_drawn(page), place, number)


def _time_left(reading: Reading, place: str) -> bool:
    if time.monotonic() < reading.ledger.ocr_deadline:
        return True
    reading.miss(Reason.TIMEOUT, f"{place} (text in pictures)".strip())
    return False


def _lines(drawn: Any, place: str, number: int | None) -> Iterator[Segment]:
    lines = ocr.recognise(drawn)
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
