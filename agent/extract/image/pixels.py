"""The pages and frames of a picture file as pixels, by Pillow, within bounds; only loaded where text is recognised."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import AvifImagePlugin, Image, ImageChops, ImageFile, UnidentifiedImageError

from agent.extract.reading import NotReadError, Reading, reason_of
from config.verdict import Reason

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "ICO", "JPEG2000")
_LARGEST = 80e6  # pixels that are decoded; an A3 page at 600 dots an inch has 70 million
_COLOURED = 42e6  # the same in colour, which takes four times the memory
_PLAIN_MODES = ("1", "L", "P")
_DRAFTED = 180e6  # pixels of a JPEG, which can be decoded at half or a quarter of its size
_KEPT = 12e6  # pixels that are handed on; more add nothing to what can be read
_FRAMES = 12  # of a moving picture, those that differ
_LOOKED_AT = 200  # frames of a moving picture
_ALIKE = 24  # levels by which frames that say the same may differ, anywhere
_MOVING = ("GIF", "WEBP", "PNG", "AVIF")

Image.MAX_IMAGE_PIXELS = None  # size is judged here, before anything is decoded
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the sandbox allows no thread


def pages(data: bytes, reading: Reading) -> Iterator[tuple[int, int, Any]]:
    """Number, count, and picture (grey or RGB, upright) of every page; what is left out is noted.

    Raises:
        NotReadError: Pillow does not know the format.
    """
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError:
        raise NotReadError(Reason.UNSUPPORTED) from None
    except Exception as problem:  # noqa: BLE001 - every decoder has errors of its own
        raise NotReadError(reason_of(problem)) from None
    count = _count(picture, reading)
    moving = picture.format in _MOVING and count > 1
    last = None
    shown = 0
    most = _LOOKED_AT if moving else reading.limits.max_pages
    for index in range(min(count, most)):
        reading.tick()
        part = f"page {index + 1}" if count > 1 else ""
        page = _page(picture, data, index, part, reading)
        if page is None and moving and not _fits(picture):
            return  # the next frame is drawn upon this one
        if page is None:
            continue
        if moving:
            small = page.convert("L").resize((160, 160), Image.Resampling.BOX)
            if last is not None and np.asarray(ImageChops.difference(small, last)).max() < _ALIKE:
                continue
            last = small
            if shown == _FRAMES:
                reading.miss(Reason.TOO_LARGE, f"page {index + 1}")
                return
        shown += 1
        yield index + 1, 1 if moving else count, page
    if count > most:
        reading.miss(Reason.TOO_LARGE, f"page {most + 1}")


def _count(picture: Any, reading: Reading) -> int:
    try:
        return max(1, int(getattr(picture, "n_frames", 1)))
    except Exception as problem:  # noqa: BLE001 - a chain of pages that is broken: those before it are read
        reading.fail(problem)
        return 1


def _page(picture: Any, data: bytes, index: int, part: str, reading: Reading) -> Any:
    try:
        picture.seek(index)
        if not _fits(picture):
            reading.miss(Reason.TOO_LARGE, part)
            return None
        width, height = picture.size
        if width * height > _KEPT:
            picture.draft(None, (width // 2, height // 2))
        try:
            picture.load()
        except (OSError, ValueError, SyntaxError, IndexError) as problem:
            picture = _damaged(data, index)
            reading.fail(problem, part)
        return _plain(picture)
    except Exception as problem:  # noqa: BLE001 - decoders fail in many ways; the other pages are read
        reading.fail(problem, part)
        return None


def _fits(picture: Any) -> bool:
    most = _LARGEST if picture.mode in _PLAIN_MODES else _COLOURED
    return bool(picture.width * picture.height <= (_DRAFTED if picture.format in ("JPEG", "MPO") else most))


def _damaged(data: bytes, index: int) -> Any:
    """What there is of a picture that is cut off."""
    with _lenient():
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        picture.seek(index)
        picture.load()
    return picture


@contextmanager
def _lenient() -> Iterator[None]:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _plain(picture: Any) -> Any:
    """Grey or RGB, of a size that serves, the way up its camera says, on a ground that its letters stand out from."""
    width, height = picture.size
    if picture.mode.startswith(("I", "F")):  # 16 bits and more
        values = np.asarray(picture).astype(np.float32)
        low, high = float(values.min()), float(values.max())
        plain = Image.fromarray(((values - low) * (255 / max(1.0, high - low))).astype(np.uint8))
    elif "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info:
        plain = _on_ground(picture.convert("RGBA"))
    else:
        plain = picture if picture.mode in ("L", "RGB") else picture.convert("L" if picture.mode == "1" else "RGB")
    if width * height > _KEPT:
        shrink = math.sqrt(_KEPT / (width * height))
        plain = plain.resize((max(1, int(width * shrink)), max(1, int(height * shrink))), Image.Resampling.BOX)
    orientation = picture.getexif().get(0x0112, 1) if hasattr(picture, "getexif") else 1
    turn = _TURNS.get(orientation)
    return plain.transpose(turn) if turn is not None else plain.copy()


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _on_ground(picture: Any) -> Any:
    alpha = picture.getchannel("A")
    seen = np.asarray(alpha) > 128
    light = seen.any() and float(np.asarray(picture.convert("L"))[seen].mean()) > 150
    ground = Image.new("RGB", picture.size, "black" if light and not seen.all() else "white")
    ground.paste(picture, mask=alpha)
    return ground


def warm() -> None:
    """Decode one small picture of each kind: Pillow and its libraries load some parts late."""
    Image.init()
    logging.getLogger("PIL").setLevel(logging.CRITICAL)  # damage is told in the coverage
    dot = Image.new("RGB", (16, 16), "white")
    for name in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"):
        buffer = io.BytesIO()
        dot.save(buffer, name)
        with Image.open(io.BytesIO(buffer.getvalue())) as picture:
            _plain(picture)
