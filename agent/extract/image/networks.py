"""The three networks of PP-OCR, run by ONNX Runtime: where text is, whether it is upside down, what it says."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

_HEIGHT = 48  # pixels; lines are read at this height
_NARROWEST, _WIDEST = 160, 3200  # pixels of a line as it is read
_TURN_WIDTH = 192


def _session(name: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the sandbox allows no thread
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # sizes differ from line to line; an arena would keep the sum of them
    options.enable_mem_pattern = False
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ImportError("rapidocr is not installed")
    model = (Path(spec.origin).parent / "models" / name).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Networks:
    """The networks, loaded; each is asked about one picture at a time: batches are slower a line on a processor."""

    def __init__(self) -> None:
        self._detection = _session("PP-OCRv6_det_small.onnx")
        self._recognition = _session("PP-OCRv6_rec_small.onnx")
        self._turning = _session("ch_ppocr_mobile_v2.0_cls_mobile.onnx")
        known = self._recognition.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ["", *known, " "]

    def density(self, picture: Any) -> Any:
        """How likely each pixel belongs to a line of text, 0 to 1; both sides must be multiples of 32."""
        return self._run(self._detection, picture)[0, 0]

    def upside_down(self, line: Any) -> float:
        """How likely a cropped line stands on its head, 0 to 1."""
        height, width = line.shape[:2]
        shown = height * _TURN_WIDTH // _HEIGHT * 3 // 2  # a whole long line would be squeezed beyond recognition
        middle = line[:, max(0, (width - shown) // 2) : (width + shown) // 2]
        return float(self._run(self._turning, _fit(middle, _TURN_WIDTH, _TURN_WIDTH))[0, 1])

    def read(self, line: Any) -> tuple[str, float]:
        """What a cropped line says, and how sure that is, 0 to 1."""
        steps = self._run(self._recognition, _fit(line, _NARROWEST, _WIDEST))[0]
        best = steps.argmax(axis=1)
        # Connectionist temporal classification: repeats are one character, class 0 parts them.
        kept = [at for at in range(len(best)) if best[at] and (not at or best[at] != best[at - 1])]
        if not kept:
            return "", 0.0
        text = "".join(self._characters[best[at]] if best[at] < len(self._characters) else "" for at in kept)
        return text, float(np.mean([steps[at, best[at]] for at in kept]))

    def _run(self, session: Any, picture: Any) -> Any:
        values = picture.astype(np.float32) / 127.5 - 1
        values = np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis])
        return session.run(None, {session.get_inputs()[0].name: values})[0]


def _fit(line: Any, narrowest: int, widest: int) -> Any:
    """A crop at the height that the networks read, filled up with grey, which is nothing to them."""
    height, width = line.shape[:2]
    wanted = max(8, min(widest, round(width * _HEIGHT / height)))
    shrinks = height > _HEIGHT
    scaled = cv2.resize(line, (wanted, _HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    full = max(narrowest, -(-wanted // 8) * 8)
    if full == wanted:
        return scaled
    filled = np.full((_HEIGHT, full, 3), 127.5, np.float32)
    filled[:, :wanted] = scaled
    return filled
