"""The watermark under a page: pale strokes brought out, the dark text over them taken away."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

_PAPER = 190  # grey level; what is darker as a whole is no page
_DARK = 100  # levels below the paper from which a stroke is text, not watermark
_PALE = 12  # levels below the paper from which a stroke is there at all
_STROKE = 9  # pixels; strokes of text are thinner than that at the size looked at, those of a large watermark wider
_LEAST, _MOST = 0.002, 0.25  # share of a page that a watermark covers
_LONG = 1600  # pixels of the longer side as looked at


def faint(picture: Any) -> Any | None:
    """A picture of the pale strokes alone, in black on white and of another size; none where there are none."""
    scale = min(1.0, _LONG / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    # The darkest colour of three: red heads and stamps are not pale. Specks of a scanner are.
    grey = cv2.medianBlur(small.min(axis=2), 3)
    paper = int(np.median(grey))
    if paper < _PAPER:
        return None
    dark = cv2.dilate((grey < paper - _DARK).astype(np.uint8), np.ones((5, 5), np.uint8))
    under = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((_STROKE, _STROKE), np.uint8))
    under[under < paper - _DARK] = paper
    layer = np.where(dark > 0, under, grey)
    pale = cv2.morphologyEx((layer < paper - _PALE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not _LEAST <= float(pale.mean()) <= _MOST:
        return None
    deepest = max(_PALE, paper - int(np.percentile(layer[pale > 0], 20)))
    stretched = 255 - np.clip((paper - layer.astype(np.int16)) * 230 // deepest, 0, 230)
    return cv2.cvtColor(stretched.astype(np.uint8), cv2.COLOR_GRAY2BGR)
