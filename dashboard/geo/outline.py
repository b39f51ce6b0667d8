"""The map of an enterprise: a view that holds all of its sites, and the land in it as an SVG shape.

The shape is a mask: the page paints it with a colour of the theme, so one picture serves light and dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import floor, log10
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from dashboard.geo.projection import Conic
from plant.model.enterprise import Site

LAND = Path(__file__).with_name("land.json")
ASPECT = 1.5
"""Width over height of every map."""
LEAST_WIDTH_KM = 2_800.0
"""A narrower view would show no coast by which one knows where it is."""
LEAST_APART = 1 / 14
"""Two sites are at least this share of the width apart, so that their markers can be told from each other."""
MARGIN = 0.17
"""Room around the outermost sites for their labels, as a share of the view's width."""
KM_A_DEGREE = 111.2
"""Of latitude, on a sphere of the mean radius."""
MOST_PARALLELS = 9
REACH_DEG = 70.0
"""Land further away than this from the middle of the view is never in it."""
WIDTH = 1000
"""Width of the drawing in its own units."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """What the map shows: a window on the projected Earth.

    Attributes:
        projection: From degrees to kilometres.
        left: West edge, km; likewise `top`, the north edge.
        width: East to west, km; the height is `width` / `ASPECT`.
    """

    projection: Conic
    left: float
    top: float
    width: float

    @classmethod
    def of(cls, sites: Sequence[Site]) -> View:
        """The smallest view of the fixed aspect that holds all sites and the margin for their labels."""
        longitudes, latitudes = [site.longitude for site in sites], [site.latitude for site in sites]
        projection = Conic.around(longitudes, latitudes)
        x, y = projection(np.array([projection.beside(lon) for lon in longitudes]), np.array(latitudes))
        inner = max(float(np.ptp(x)), float(np.ptp(y)) * ASPECT)
        width = max(inner / (1 - 2 * MARGIN), min(LEAST_WIDTH_KM, _nearest(x, y) / LEAST_APART))
        left = float(x.min() + x.max() - width) / 2
        top = float(y.min() + y.max() - width / ASPECT) / 2
        return cls(projection, left, top, width)

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Position of a place, in shares (0 to 1) of the view's width and height from its left top."""
        x, y = self._scaled(np.array([[self.projection.beside(longitude), latitude]]))[0] / (WIDTH, WIDTH / ASPECT)
        return float(x), float(y)

    def _scaled(self, degrees: Points) -> Points:
        x, y = self.projection(degrees[:, 0], degrees[:, 1])
        return np.column_stack((x - self.left, y - self.top)) * (WIDTH / self.width)

    def scale(self) -> tuple[int, float]:
        """A round distance of about a quarter of the width, km, and which share of the width it is."""
        wanted = self.width / 4
        power = 10 ** floor(log10(wanted))
        distance = max(step * power for step in (1, 2, 5) if step * power <= wanted)
        return int(distance), distance / self.width

    def graticule(self) -> str:
        """Meridians and parallels as an SVG document of black lines, so that a view without a coast is a map too."""
        step = next(step for step in (1, 2, 5, 10, 20) if self.width / (KM_A_DEGREE * step) <= MOST_PARALLELS)
        middle_lon, middle_lat = self.projection.meridian, sum(self.projection.parallels) / 2
        reach = np.arange(-REACH_DEG, REACH_DEG + 1)
        paths = []
        for turn in range(-int(REACH_DEG), int(REACH_DEG) + 1):
            longitude, latitude = round(middle_lon) + turn, round(middle_lat) + turn
            if longitude % step == 0:
                paths.append(self._line(np.full(len(reach), longitude), middle_lat + reach))
            if latitude % step == 0 and abs(latitude) < 90:
                paths.append(self._line(middle_lon + reach, np.full(len(reach), latitude)))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {WIDTH / ASPECT:.1f}">'
            f'<path fill="none" stroke="black" stroke-width="1.5" d="{"".join(paths)}"/></svg>'
        )

    def _line(self, longitudes: Points, latitudes: Points) -> str:
        """A line through these places as far as it is near the view; degrees."""
        points = self._scaled(np.column_stack((longitudes, latitudes)))
        near = (np.abs(points - (WIDTH / 2, WIDTH / ASPECT / 2)) <= WIDTH).all(axis=1)
        if np.count_nonzero(near) < 2:
            return ""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points[near])

    def outline(self) -> str:
        """The land in this view as an SVG document, filled with black."""
        middle_lon, middle_lat = self.projection.meridian, sum(self.projection.parallels) / 2
        paths = []
        for ring in land():
            for turn in (-360.0, 0.0, 360.0):  # a view may reach over the date line
                near = clipped(ring + np.array([turn, 0.0]), 0, middle_lon - REACH_DEG, middle_lon + REACH_DEG)
                near = clipped(near, 1, middle_lat - REACH_DEG, middle_lat + REACH_DEG)
                if len(near) == 0:
                    continue
                shown = clipped(clipped(self._scaled(near), 0, 0, WIDTH), 1, 0, WIDTH / ASPECT)
                if len(shown) >= 3:
                    paths.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shown) + "Z")
        # Lakes such as the Caspian are rings inside a ring: the even-odd rule leaves them open.
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {WIDTH / ASPECT:.1f}">'
            f'<path fill-rule="evenodd" d="{"".join(paths)}"/></svg>'
        )


def _nearest(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Distance of the two places that are nearest to each other, km; infinite for a single one."""
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(apart, np.inf)
    return float(apart.min())


@cache
def land() -> tuple[Points, ...]:
    """Rings of all land, degrees, as `build_outline` wrote them."""
    return tuple(np.cumsum(np.array(ring).reshape(-1, 2), axis=0) / 100 for ring in orjson.loads(LAND.read_bytes()))


def clipped(ring: Points, axis: int, low: float, high: float) -> Points:
    """The part of a polygon between two values of one axis (Sutherland and Hodgman, 1974, one side at a time)."""
    if len(ring) == 0 or ring[:, axis].max() < low or ring[:, axis].min() > high:
        return np.empty((0, 2))
    if ring[:, axis].min() < low:
        ring = _cut(ring, axis, low, above=True)
    if len(ring) and ring[:, axis].max() > high:
        ring = _cut(ring, axis, high, above=False)
    return ring


def _cut(ring: Points, axis: int, edge: float, *, above: bool) -> Points:
    inside = ring[:, axis] >= edge if above else ring[:, axis] <= edge
    kept: list[Points] = []
    for i in range(len(ring)):
        point, before = ring[i], ring[i - 1]
        if inside[i] != inside[i - 1]:
            share = (edge - before[axis]) / (point[axis] - before[axis])
            kept.append(before + share * (point - before))
        if inside[i]:
            kept.append(point)
    return np.array(kept) if kept else np.empty((0, 2))
