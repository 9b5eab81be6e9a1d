"""Projections of the sky onto a figure; east is to the left, as one sees it from below."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Projection(Protocol):
    """From ICRS degrees to the pixels of a figure, `width` by `height`, from its top left."""

    @property
    def width(self) -> int:
        """How wide the figure is."""

    @property
    def height(self) -> int:
        """How high the figure is."""

    def project(self, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
        """Return x and y of each position."""


@dataclass(frozen=True, slots=True)
class WholeSky:
    """Hammer's equal-area projection of the whole sky, with 0 h in the middle."""

    width: int = 720
    height: int = 360

    def project(self, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
        """Return x and y of each position; 12 h is at the right edge or at the left."""
        longitude = np.radians((ra + 180) % 360 - 180)
        latitude = np.radians(dec)
        flat = np.cos(latitude)
        scale = 1 / np.sqrt(1 + flat * np.cos(longitude / 2))
        x = self.width / 2 * (1 - flat * np.sin(longitude / 2) * scale)
        y = self.height / 2 * (1 - np.sin(latitude) * scale)
        return x, y


@dataclass(frozen=True, slots=True)
class Field:
    """The zenithal equidistant projection (ARC) of a circle, with north up.

    `ra`, `dec` and `radius` are the circle's, in degrees. What is outside of it falls outside.
    """

    ra: float
    dec: float
    radius: float
    width: int = 480
    height: int = 480
    margin: int = 24

    @property
    def scale(self) -> float:
        """Pixels per degree."""
        return (self.width / 2 - self.margin) / self.radius

    def project(self, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
        """Return x and y of each position."""
        away = np.radians(ra - self.ra)
        latitude, middle = np.radians(dec), np.radians(self.dec)
        east = np.cos(latitude) * np.sin(away)
        half = np.sin(away / 2) ** 2
        north = np.sin(latitude - middle) + 2 * np.sin(middle) * np.cos(latitude) * half
        towards = np.cos(latitude - middle) - 2 * np.cos(middle) * np.cos(latitude) * half
        sine = np.hypot(east, north)
        angle = np.degrees(np.arctan2(sine, towards))
        stretch = self.scale * np.divide(angle, sine, out=np.full_like(sine, 0.0), where=sine > 0)
        return self.width / 2 - stretch * east, self.height / 2 - stretch * north
