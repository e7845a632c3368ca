"""Where text stands in a picture: differentiable binarisation (Liao et al., AAAI 2020) on the network's density."""

from __future__ import annotations

from typing import Any

import cv2
import msgspec
import numpy as np

from agent.extract.image.networks import Networks

_LIKELY = 0.3  # density from which a pixel counts as text
_SURE = 0.5  # mean density of a region that is kept
_GROW = 1.6  # the network sees the core of a line; its outline lies this much further out (area over length)
_MOST = 1500  # regions of one picture
_TALL = 1.5  # times as high as wide: the text runs up or down
_STEEP = 70.0  # degrees from which a long region is called tall instead of sloping


class Region(msgspec.Struct):
    """A box around a piece of text, turned about its middle; ``width`` runs along ``angle`` (degrees, clockwise)."""

    x: float
    y: float
    width: float
    height: float
    angle: float

    @property
    def tall(self) -> bool:
        """Whether the text runs up or down."""
        return self.height >= _TALL * self.width

    def turned(self, quarters: int, width: int, height: int) -> Region:
        """The region in a picture of ``width`` and ``height`` after ``quarters`` turns to the left."""
        region = self
        for _ in range(quarters % 4):
            region = _level(region.y, width - region.x, region.height, region.width, region.angle)
            width, height = height, width
        return region

    def remains_of(self, other: Region, scale: float) -> bool:
        """Whether this region, found in a picture ``scale`` times smaller, is what is left of a line read before."""
        x, y = self.x * scale - other.x, self.y * scale - other.y
        return (
            abs(x) < other.width / 2
            and abs(y) < other.height / 2
            and self.height * scale < 1.6 * other.height
            and abs(self.angle - other.angle) < 15
        )

    def cut(self, picture: Any) -> Any:
        """The region as a picture of its own, upright."""
        width, height = max(1, round(self.width)), max(1, round(self.height))
        if abs(self.angle) * width < 60:  # less than a pixel of slope at either end
            top, left = max(0, round(self.y - height / 2)), max(0, round(self.x - width / 2))
            return picture[top : top + height, left : left + width]
        turn = cv2.getRotationMatrix2D((self.x, self.y), self.angle, 1.0)
        turn[:, 2] += np.array((width / 2 - self.x, height / 2 - self.y))
        return cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def find(networks: Networks, picture: Any, scale: float) -> list[Region]:
    """The regions of a picture that is looked at ``scale`` times as large."""
    height, width = picture.shape[:2]
    wide, high = (max(32, round(side * scale / 32) * 32) for side in (width, height))
    shrunk = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    density = networks.density(shrunk)
    likely = cv2.dilate((density > _LIKELY).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(likely, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines[:_MOST]:
        (x, y), (along, across), angle = cv2.minAreaRect(outline)
        if min(along, across) < 3 or _mean(density, cv2.boxPoints(((x, y), (along, across), angle))) < _SURE:
            continue
        margin = along * across * _GROW / (along + across)
        region = _level(x, y, along + margin, across + margin, angle)
        across_scale, along_scale = height / high, width / wide
        found.append(
            Region(
                region.x * along_scale,
                region.y * across_scale,
                region.width * along_scale,
                region.height * across_scale,
                region.angle,
            )
        )
    return found


def _level(x: float, y: float, width: float, height: float, angle: float) -> Region:
    """The same box with its width along the text: the smaller angle, or the long side where that is not steep."""
    while angle > 45:
        width, height, angle = height, width, angle - 90
    while angle <= -45:
        width, height, angle = height, width, angle + 90
    if height > 3 * width:
        other = angle + 90 if angle <= 0 else angle - 90
        if abs(other) <= _STEEP:
            width, height, angle = height, width, other
    return Region(x, y, width, height, angle)


def _mean(density: Any, corners: Any) -> float:
    left, top = (max(0, int(value)) for value in corners.min(axis=0))
    right, bottom = (int(value) + 2 for value in corners.max(axis=0))
    part = density[top:bottom, left:right]
    if not part.size:
        return 0.0
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])
