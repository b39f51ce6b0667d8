"""Where a site's name stands beside its marker, so that no two names and no name and marker cover each other.

The map scales with the screen, the letters do not: a side is chosen that works at the narrowest and at wider maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.geo.outline import ASPECT

WIDTHS_PX = (330.0, 480.0, 720.0, 960.0)
"""Map widths that a placing is judged at, from a phone to a wall screen."""
LETTER_PX = 7.2
"""Mean width of a letter of a name."""
HEIGHT_PX = 18.0
MARKER_PX = 22.0
"""A marker with the room around it, width and height."""
GAP_PX = 3.0


class Side(StrEnum):
    """Where the name stands, seen from the marker; in the order in which a reader likes it."""

    RIGHT = "right"
    LEFT = "left"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the screen, px."""

    left: float
    top: float
    right: float
    bottom: float

    def covered(self, other: Box) -> float:
        """Area that both share, px2."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


def box(place: tuple[float, float], letters: int, side: Side, width: float) -> Box:
    """The name's rectangle on a map of that width, for a marker at `place` (shares of width and height)."""
    x, y = place[0] * width, place[1] * width / ASPECT
    long, reach = letters * LETTER_PX, MARKER_PX / 2 + GAP_PX
    if side is Side.RIGHT:
        return Box(x + reach, y - HEIGHT_PX / 2, x + reach + long, y + HEIGHT_PX / 2)
    if side is Side.LEFT:
        return Box(x - reach - long, y - HEIGHT_PX / 2, x - reach, y + HEIGHT_PX / 2)
    if side is Side.ABOVE:
        return Box(x - long / 2, y - reach - HEIGHT_PX, x + long / 2, y - reach)
    return Box(x - long / 2, y + reach, x + long / 2, y + reach + HEIGHT_PX)


def marker(place: tuple[float, float], width: float) -> Box:
    """The marker's rectangle on a map of that width."""
    x, y = place[0] * width, place[1] * width / ASPECT
    half = MARKER_PX / 2
    return Box(x - half, y - half, x + half, y + half)


def sides(places: Sequence[tuple[float, float]], letters: Sequence[int]) -> list[Side]:
    """A side for each name, in their order: the one that covers the least, the most crowded marker choosing first."""
    chosen: dict[int, Side] = {}
    for i in sorted(range(len(places)), key=lambda i: -_crowd(places, i)):
        chosen[i] = min(Side, key=lambda side: _cost(i, side, places, letters, chosen))
    return [chosen[i] for i in range(len(places))]


def _crowd(places: Sequence[tuple[float, float]], i: int) -> float:
    x, y = places[i]
    return sum(1 / (0.01 + (x - u) ** 2 + (y - v) ** 2) for k, (u, v) in enumerate(places) if k != i)


def _cost(
    i: int, side: Side, places: Sequence[tuple[float, float]], letters: Sequence[int], chosen: dict[int, Side]
) -> float:
    """Area, px2, that this name would cover of markers and placed names and have outside the map, over all widths."""
    cost = 0.0
    for width in WIDTHS_PX:
        own = box(places[i], letters[i], side, width)
        inside = own.covered(Box(0, 0, width, width / ASPECT))
        cost += (own.right - own.left) * (own.bottom - own.top) - inside
        cost += sum(own.covered(marker(place, width)) for place in places)
        cost += sum(own.covered(box(places[k], letters[k], taken, width)) for k, taken in chosen.items())
    return cost
