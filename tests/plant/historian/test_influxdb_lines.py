"""Line protocol as text."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plant.historian.influxdb import lines
from plant.historian.influxdb.layout import Layout
from plant.model.enterprise import Enterprise, Metric, Role, Text, Unit
from plant.model.tags import TagTable
from plant.readings import BAD, GOOD, STALE, Columns

NAME = Text("имя", "name")
KEYS = ("heat", "with space", "with,comma")


class OneLine(Enterprise):
    """An enterprise of which the layout needs no more than its units."""

    units = tuple(
        Unit(slug, NAME, "generic", "alpha", "area", "kiln", "gate",
             tuple(Metric(key, NAME, Role.VALUE, stored_as=key) for key in KEYS), storage=f"alpha/kiln/{slug}")
        for slug in ("drum", "screw")
    )  # fmt: skip


LAYOUT = Layout(TagTable(object.__new__(OneLine)))
Row = tuple[int, int, float, int]


def text(rows: Iterable[Row], spelled: Iterable[int] = ()) -> list[str]:
    """Lines of (tag, time, value, quality)."""
    columns = Columns.of(*zip(*rows, strict=True))
    mask = np.zeros(len(columns), np.bool_)
    mask[list(spelled)] = True
    return "\n".join(lines.readings(LAYOUT, "raw", columns, mask)).split("\n")


def test_a_unit_and_an_instant_are_one_line() -> None:
    """Readings come in any order; lines are sorted by unit and time, fields keep the order in which they came."""
    rows = [(3, 7, 1.5, GOOD), (2, 9, 2.0, GOOD), (1, 7, -0.25, GOOD), (0, 9, 1e300, GOOD), (0, 7, 3.0, GOOD)]
    assert text(rows) == [
        r"raw,site=alpha,line=kiln,unit=drum with\ space=-0.25,heat=3.0 7",
        r"raw,site=alpha,line=kiln,unit=drum with\,comma=2.0,heat=1e+300 9",
        "raw,site=alpha,line=kiln,unit=screw heat=1.5 7",
    ]


def test_quality_is_told_when_it_is_not_good_or_has_to_be_spelled() -> None:
    """A value that is no number tells its quality alone, wherever it stands in its line; nothing says NaN."""
    rows = [
        (0, 1, math.nan, STALE),
        (1, 1, 2.0, GOOD),
        (2, 1, math.inf, GOOD),
        (3, 1, 4.0, BAD),
        (4, 1, 5.0, GOOD),
    ]
    assert text(rows, spelled=[4]) == [
        r"raw,site=alpha,line=kiln,unit=drum heat__q=500i,with\ space=2.0,with\,comma__q=0i 1",
        r"raw,site=alpha,line=kiln,unit=screw heat=4.0,heat__q=0i,with\ space=5.0,with\ space__q=192i 1",
    ]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_numbers_are_told_exactly(values: list[float]) -> None:
    """What a line says of a number reads back as that very number, and never looks like an integer."""
    told = [line.split(" ")[1].partition("=")[2] for line in text([(0, t, v, GOOD) for t, v in enumerate(values)])]
    assert [float(number) for number in told] == values
    assert not [number for number in told if number.lstrip("-").isdigit()]


def test_a_request_ends_with_a_line(monkeypatch) -> None:
    """Long batches go in several requests, none of which tears a line; together they say the same."""
    rows = [(tag, time, float(tag), GOOD) for time in range(4) for tag in range(6)]
    whole = text(rows)
    monkeypatch.setattr(lines, "BATCH_ROWS", 4)
    columns = Columns.of(*zip(*rows, strict=True))
    parts = list(lines.readings(LAYOUT, "raw", columns, np.zeros(len(columns), np.bool_)))
    assert [part.count("\n") + 1 for part in parts] == [2, 2, 2, 2]
    assert "\n".join(parts).split("\n") == whole
