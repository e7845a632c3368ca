"""The way of one picture: is anything on it, where, which way up, what does it say, in which order."""

from __future__ import annotations

import math
from typing import Any

import cv2
import msgspec
import numpy as np
from PIL import Image

from agent.extract.image import pixels
from agent.extract.image.faint import faint
from agent.extract.image.networks import Networks
from agent.extract.image.ocr import Line
from agent.extract.image.order import Piece, arrange
from agent.extract.image.regions import Region, find

_PIXELS = 1.15e6  # of a page as it is searched for text; an A4 page at 110 dpi
_QUICK_PIXELS = 0.3e6  # of the top quarter
_FAINT_PIXELS = 0.35e6  # of the watermark, whose letters are large
_CLOSER = 1.5  # times a side, at least, where the text turns out to be small
_MOST_PIXELS = 9e6  # of a picture as it is searched closest
_BAND_PIXELS = 1.6e6  # of one band of it: the network takes 350 bytes of memory a pixel
_OVERLAP = 60  # rows
_SMALL = 13.0  # pixels of a line as searched; below that neighbours run together
_ENLARGED = 2.0  # times; small screenshots are searched enlarged
_CERTAIN = 0.5  # a piece less certain than that says nothing
_CLEAR = 0.8  # the same for a watermark, of which rests of other text are made
_ASKED = 9  # lines that are asked which way up they stand
_INK = 24  # pixels of sharp contrast that a page with a word on it has at least


class Recogniser:
    """The networks and the order in which they are used; one picture at a time."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        cv2.ocl.setUseOpenCL(False)
        pixels.warm()
        self._networks = Networks()
        page = np.full((1400, 1000, 3), 255, np.uint8)
        cv2.putText(page, "WARM 2026", (100, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
        cv2.putText(page, "PALE 2026", (100, 700), cv2.FONT_HERSHEY_SIMPLEX, 6, (225, 225, 225), 8)
        self.read(page)  # whatever is made or loaded on first use is made and loaded now

    def read(self, picture: Any, *, quick: bool = False) -> list[Line]:
        """The lines of a picture; of its top quarter only when ``quick``."""
        picture = _colours(picture)
        if quick:
            picture = picture[: max(64, picture.shape[0] // 4)]
        if min(picture.shape[:2]) < 8 or not _inked(picture):
            return []
        regions = self._regions(picture, quick)
        picture, regions = self._upright(picture, regions)
        pieces = self._pieces(picture, regions)
        return arrange(pieces) if quick else arrange(pieces) + self._watermark(picture, pieces)

    def _pieces(self, picture: Any, regions: list[Region]) -> list[Piece]:
        pieces = []
        for region in regions:
            text, score = self._words(picture, region)
            if text.strip() and score >= _CERTAIN:
                pieces.append(Piece(text.strip(), score, region))
        return pieces

    def _watermark(self, picture: Any, known: list[Piece]) -> list[Line]:
        """What stands under the page in pale letters and was not read with the rest."""
        layer = faint(picture)
        if layer is None:
            return []
        scale = picture.shape[1] / layer.shape[1]
        regions = find(self._networks, layer, min(1.0, math.sqrt(_FAINT_PIXELS / (layer.shape[0] * layer.shape[1]))))
        regions = [r for r in regions if not any(r.remains_of(piece.region, scale) for piece in known)]
        said = {piece.text for piece in known}
        found = [
            p for p in self._pieces(layer, regions) if p.score >= _CLEAR and p.text not in said and len(p.text) > 1
        ]
        return [msgspec.structs.replace(line, faint=True) for line in arrange(found)]

    def _regions(self, picture: Any, quick: bool) -> list[Region]:
        """Where text is; looked for again closer, as long as it turns out to be small, in bands of one look's size."""
        height, width = picture.shape[:2]
        scale = min(_ENLARGED, math.sqrt((_QUICK_PIXELS if quick else _PIXELS) / (height * width)))
        regions = find(self._networks, picture, scale)
        for _ in range(0 if quick else 2):
            heights = sorted(min(region.width, region.height) * scale for region in regions)
            low = heights[len(heights) // 3] if heights else _SMALL
            if low >= _SMALL or scale >= 1:
                break
            closer = max(_CLOSER * scale, scale * _SMALL * 1.3 / low)
            scale = min(1.0, closer, max(scale, math.sqrt(_MOST_PIXELS / (height * width))))
            regions = self._in_bands(picture, scale)
        return regions

    def _in_bands(self, picture: Any, scale: float) -> list[Region]:
        height, width = picture.shape[:2]
        tall = max(256, int(_BAND_PIXELS / (width * scale * scale)))  # rows of the picture in one band
        if tall >= height:
            return find(self._networks, picture, scale)
        found = []
        for top in range(0, height, tall):
            first, last = max(0, top - _OVERLAP), min(height, top + tall + _OVERLAP)
            for region in find(self._networks, picture[first:last], scale):
                region.y += first
                if top <= region.y < top + tall:  # each region belongs to the band that its middle lies in
                    found.append(region)
        return found

    def _upright(self, picture: Any, regions: list[Region]) -> tuple[Any, list[Region]]:
        """Turn a picture whose text runs up, down or backwards."""
        _height, _width = picture.shape[:2]
        if sum(r.height for r in regions if r.tall) > sum(r.width for r in regions if not r.tall):
            picture, regions = _turned(picture, regions, 1)
        asked = sorted((r for r in regions if not r.tall), key=lambda r: -r.width)[:_ASKED]
        votes = [self._networks.upside_down(r.cut(picture)) for r in asked]
        if votes and sum(votes) > 0.5 * len(votes) and self._reads_better_turned(picture, asked):
            picture, regions = _turned(picture, regions, 2)
        return picture, regions

    def _reads_better_turned(self, picture: Any, regions: list[Region]) -> bool:
        """Whether lines make more sense on their head: a page turned wrongly is lost, so the vote is tested."""
        better = 0.0
        for region in regions[:: max(1, len(regions) // 3)]:
            crop = region.cut(picture)
            crop = crop[:, : 12 * crop.shape[0]]
            if crop.size:
                better += self._networks.read(np.rot90(crop, 2))[1] - self._networks.read(crop)[1]
        return better > 0

    def _words(self, picture: Any, region: Region) -> tuple[str, float]:
        crop = region.cut(picture)
        if not crop.size:
            return "", 0.0
        if not region.tall:
            return self._networks.read(crop)
        # Up, down, or characters one under another.
        ways = [np.rot90(crop), np.rot90(crop, 3)]
        side = crop.shape[1]
        count = min(40, max(1, round(crop.shape[0] / side)))
        cells = np.array_split(crop, count)
        lowest = min(cell.shape[0] for cell in cells)
        ways.append(np.hstack([cell[:lowest] for cell in cells]))
        return max((self._networks.read(way) for way in ways), key=lambda found: found[1] if found[0] else -1)


def _turned(picture: Any, regions: list[Region], quarters: int) -> tuple[Any, list[Region]]:
    height, width = picture.shape[:2]
    return np.ascontiguousarray(np.rot90(picture, quarters)), [r.turned(quarters, width, height) for r in regions]


def _colours(picture: Any) -> Any:
    """Any picture as blue, green and red bytes."""
    if isinstance(picture, Image.Image):
        picture = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    if picture.ndim == 2:
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(picture[:, :, :3])


def _inked(picture: Any) -> bool:
    """Whether anything on the picture is sharp enough to be text; an empty page is not searched."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if max(grey.shape) > 2000:
        grey = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    edges = cv2.absdiff(cv2.dilate(grey, np.ones((3, 3), np.uint8)), cv2.erode(grey, np.ones((3, 3), np.uint8)))
    return int((edges > 24).sum()) >= _INK
