"""Lambert's conformal conic projection on a sphere (Snyder, Map Projections: A Working Manual, 1987, section 15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log, pi, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0
"""Mean radius of the Earth."""
POLE = 89.0
"""The cone cannot show the far pole; latitudes stop here, degrees."""
FLAT_CONE = 1e-3
"""Below this cone constant the cone is the cylinder of Mercator, its limit at the equator."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Conic:
    """A cone that touches the Earth along two parallels; east is to the right, y grows to the south.

    Attributes:
        meridian: Longitude that runs straight down, degrees.
        parallels: The two latitudes without distortion, degrees.
    """

    meridian: float
    parallels: tuple[float, float]

    @classmethod
    def around(cls, longitudes: Sequence[float], latitudes: Sequence[float]) -> Conic:
        """The projection for these places: parallels one sixth in from their north and south (Kavrayskiy's rule)."""
        south, north = min(latitudes), max(latitudes)
        inset = (north - south) / 6
        round_earth = np.exp(1j * np.radians(longitudes)).sum()  # a mean that the date line does not disturb
        return cls(float(np.degrees(np.angle(round_earth))), (south + inset, north - inset))

    def beside(self, longitude: float) -> float:
        """The same longitude, written as at most half a turn away from the meridian."""
        return (longitude - self.meridian + 180) % 360 - 180 + self.meridian

    @property
    def cone(self) -> float:
        """Cone constant n: sine of the latitude at which the cone touches (Snyder 15-3)."""
        south, north = (radians(latitude) for latitude in self.parallels)
        if abs(north - south) < FLAT_CONE:
            return sin(south)
        return log(cos(south) / cos(north)) / log(tan(pi / 4 + north / 2) / tan(pi / 4 + south / 2))

    def __call__(self, longitude: Values, latitude: Values) -> tuple[Values, Values]:
        """Kilometres east and south of a fixed point, for degrees."""
        turn = np.radians(longitude - self.meridian)
        stretched = np.tan(pi / 4 + np.radians(np.clip(latitude, -POLE, POLE)) / 2)
        cone, south = self.cone, radians(self.parallels[0])
        if abs(cone) < FLAT_CONE:
            return EARTH_KM * turn, -EARTH_KM * np.log(stretched)
        factor = cos(south) * tan(pi / 4 + south / 2) ** cone / cone
        radius = EARTH_KM * factor / stretched**cone
        at_meridian = EARTH_KM * factor / tan(pi / 4 + radians(sum(self.parallels) / 2) / 2) ** cone
        return radius * np.sin(cone * turn), radius * np.cos(cone * turn) - at_meridian
