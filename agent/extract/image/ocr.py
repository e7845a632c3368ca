"""Text recognition: one recogniser a process, made before the sandbox closes; afterwards it only computes.

The networks (PP-OCRv6) come with the extra ``ocr`` and are run by ONNX Runtime on one thread. Nothing here costs
anything until :func:`start` is called: a worker that is not meant to recognise text never loads them.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import msgspec

_NEEDED = ("numpy", "cv2", "onnxruntime", "rapidocr", "PIL")


class Line(msgspec.Struct, frozen=True):
    """A line of recognised text; the box in pixels of the picture as it stands upright."""

    text: str
    score: float  # 0 to 1, of the least certain piece
    left: float
    top: float
    right: float
    bottom: float
    faint: bool = False  # of a watermark under the page


class _State:
    recogniser: Any = None


def available() -> tuple[bool, str]:
    """Whether this machine has what recognition needs, and what is missing."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    return not missing, f"not installed: {', '.join(missing)} (the extra `ocr`)" if missing else ""


def start() -> None:
    """Load the networks and everything they need later. Call it once, before the sandbox closes.

    Raises:
        ImportError: the extra is not installed.
        OSError: its models cannot be read.
    """
    if _State.recogniser is None:
        from agent.extract.image.recogniser import Recogniser

        _State.recogniser = Recogniser()


def ready() -> bool:
    """Whether :func:`start` has been called in this process."""
    return _State.recogniser is not None


def recognise(picture: Any, *, quick: bool = False) -> list[Line]:
    """The lines of a picture from top to bottom, each from left to right.

    Args:
        picture: an array of bytes, grey or BGR, or a Pillow image.
        quick: look at the top quarter only, where a mark stands, at low resolution.
    """
    found: list[Line] = _State.recogniser.read(picture, quick=quick)
    return found
