"""The offline map: projection, view, outline and names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from dashboard.geo import labels
from dashboard.geo.outline import ASPECT, View, clipped, land
from dashboard.geo.projection import Conic


@dataclass(frozen=True)
class Place:
    """The part of a site that a map needs."""

    longitude: float
    latitude: float


EIGHT = [
    Place(38.67, 55.32), Place(44.51, 48.71), Place(53.20, 54.65), Place(56.38, 51.47),
    Place(40.19, 44.29), Place(61.40, 55.16), Place(27.68, 53.78), Place(46.03, 51.53),
]  # fmt: skip
LETTERS = [11, 9, 10, 9, 6, 9, 5, 7]


def test_projection_agrees_with_the_worked_example_of_its_source() -> None:
    """Snyder (1987), page 296: sphere of radius 1, parallels 33 and 45, centre 23 N 96 W, point 35 N 75 W."""
    projection = Conic(-96.0, (33.0, 45.0))
    assert projection.cone == pytest.approx(0.6304777, abs=1e-6)
    x, y = projection(np.array([-75.0, -96.0]), np.array([35.0, 23.0]))
    assert (x[0] - x[1]) / 6371.0 == pytest.approx(0.2966785, abs=1e-6)
    assert (y[1] - y[0]) / 6371.0 == pytest.approx(0.2462112, abs=1e-6)


def test_cone_at_the_equator_is_a_cylinder() -> None:
    """Mercator (its limit) takes over where the cone constant is 0, without a jump."""
    flat, nearly = Conic(10.0, (-2.0, 2.0)), Conic(10.0, (-1.9, 2.1))
    at = (np.array([13.0]), np.array([4.0]))
    assert flat(*at)[0] == pytest.approx(nearly(*at)[0], rel=5e-3)
    assert flat(*at)[1] - flat(np.array([10.0]), np.array([0.0]))[1] == pytest.approx(
        nearly(*at)[1] - nearly(np.array([10.0]), np.array([0.0]))[1], rel=5e-3
    )


@pytest.mark.parametrize("sites", [EIGHT, [Place(37.6, 55.7)], [Place(158.0, 53.0), Place(-170.0, 60.0)]])
def test_every_site_is_inside_the_view_with_room_for_its_name(sites: list[Place]) -> None:
    """The view comes from the sites, wherever they are, a single one and both sides of the date line included."""
    view = View.of(sites)
    for site in sites:
        x, y = view.place(site.longitude, site.latitude)
        assert 0.1 < x < 0.9
        assert 0.1 < y < 0.9


def test_north_is_up_and_east_is_right() -> None:
    """Positions are shares from the left top."""
    view = View.of(EIGHT)
    minsk, chelyabinsk = view.place(27.68, 53.78), view.place(61.40, 55.16)
    assert minsk[0] < chelyabinsk[0]
    assert view.place(40.19, 44.29)[1] > minsk[1]


def test_outline_is_one_small_shape_within_the_view() -> None:
    """It travels with the first page: a few kB, nothing outside the drawing."""
    outline = View.of(EIGHT).outline()
    assert outline.startswith("<svg")
    assert 1_000 < len(outline) < 20_000
    numbers = [
        float(n)
        for n in outline.split(' d="')[1].split('"')[0].replace("M", "L").replace("Z", "").split("L")[1].split()
    ]
    assert 0 <= numbers[0] <= 1000
    assert 0 <= numbers[1] <= 1000 / ASPECT + 0.1


def test_near_sites_can_be_told_from_each_other() -> None:
    """Two workshops 57 km apart: the view is so narrow that their markers stand apart."""
    near = [Place(53.2, 56.85), Place(53.99, 57.05)]
    view = View.of(near)
    a, b = (view.place(site.longitude, site.latitude) for site in near)
    assert abs(a[0] - b[0]) > 0.06
    assert view.width < 1_000


@pytest.mark.parametrize(("sites", "km"), [(EIGHT, 500), ([Place(53.2, 56.85), Place(53.99, 57.05)], 100)])
def test_the_scale_is_a_round_distance(sites: list[Place], km: int) -> None:
    """At most a quarter of the width, which it is drawn as."""
    distance, share = View.of(sites).scale()
    assert distance == km
    assert 0.1 <= share <= 0.25


def test_graticule_crosses_every_view() -> None:
    """Some meridians and parallels, however near or far one looks, and not too many."""
    for sites in (EIGHT, [Place(53.2, 56.85), Place(53.99, 57.05)], [Place(37.6, 55.7)]):
        assert 4 <= View.of(sites).graticule().count("M") <= 60


def test_inland_seas_are_open() -> None:
    """A point of the Caspian is inside an even number of rings, one of the steppe inside an odd number."""

    def rings_around(lon: float, lat: float) -> int:
        return sum(_inside(ring, lon, lat) for ring in land())

    assert rings_around(50.5, 42.0) % 2 == 0
    assert rings_around(46.0, 50.0) % 2 == 1


def _inside(ring: np.ndarray, lon: float, lat: float) -> bool:
    x, y = ring[:-1, 0], ring[:-1, 1]
    u, v = ring[1:, 0], ring[1:, 1]
    crosses = (y > lat) != (v > lat)
    return bool(np.count_nonzero(crosses & (lon < (u - x) * (lat - y) / np.where(v == y, 1, v - y) + x)) % 2)


def test_clipping_cuts_a_square_at_its_middle() -> None:
    """The cut runs on the edge; what is outside is gone."""
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    half = clipped(square, 0, 1.0, 5.0)
    assert half[:, 0].min() == 1.0
    assert half[:, 0].max() == 2.0
    assert len(clipped(square, 0, 3.0, 5.0)) == 0


@pytest.mark.parametrize("width", [330.0, 358.0, 420.0, 600.0, 800.0, 1100.0])
def test_names_do_not_cover_each_other_at_any_width(width: float) -> None:
    """From a phone to a wall screen."""
    view = View.of(EIGHT)
    places = [view.place(site.longitude, site.latitude) for site in EIGHT]
    sides = labels.sides(places, LETTERS)
    boxes = [labels.box(*row, width) for row in zip(places, LETTERS, sides, strict=True)]
    for i, own in enumerate(boxes):
        assert own.left >= 0
        assert own.right <= width
        assert all(own.covered(other) == 0 for other in boxes[:i])
