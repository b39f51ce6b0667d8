"""When a device says that it measured."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from plant.mapping.moments import Moment
from plant.mapping.paths import JsonPath

PATH = JsonPath.parse("ts")
MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
TEN = 1_795_428_000_000
"""2026-11-23 10:00 UTC."""


@pytest.mark.parametrize(
    ("kind", "zone", "value", "time"),
    [
        ("iso8601", None, "2026-11-23T10:00:00Z", TEN),
        ("iso8601", None, "2026-11-23T13:00:00.250+03:00", TEN + 250),
        ("iso8601", MOSCOW, "2026-11-23 13:00:00", TEN),
        ("iso8601", BERLIN, "2026-11-23T10:00:00Z", TEN),
        ("epoch_s", None, 1_795_428_000.25, TEN + 250),
        ("epoch_s", None, "1795428000", TEN),
        ("epoch_ms", None, TEN, TEN),
        ("epoch_us", None, TEN * 1_000 + 400, TEN),
        ("epoch_ns", None, TEN * 1_000_000, TEN),
        ("%d.%m.%Y %H:%M:%S", MOSCOW, "23.11.2026 13:00:00", TEN),
        ("%Y-%m-%dT%H:%M:%S%z", None, "2026-11-23T13:00:00+0300", TEN),
    ],
)
def test_every_way_to_write_a_time_means_the_same(kind: str, zone: ZoneInfo | None, value: object, time: int):
    """A zone that is written in the time itself wins over the mapping's."""
    assert Moment(PATH, kind, zone).read(value) == time


@pytest.mark.parametrize(
    ("kind", "zone", "value"),
    [
        ("iso8601", None, "2026-11-23T10:00:00"),
        ("iso8601", MOSCOW, "yesterday"),
        ("iso8601", MOSCOW, 1_795_428_000),
        ("iso8601", None, None),
        ("epoch_s", None, "2026"[:0]),
        ("epoch_s", None, float("nan")),
        ("epoch_s", None, float("inf")),
        ("epoch_ms", None, -5),
        ("epoch_ms", None, 0),
        ("epoch_ms", None, 10**30),
        ("epoch_ms", None, 10**400),
        ("epoch_ms", None, [TEN]),
        ("%d.%m.%Y", None, "23.11.2026"),
        ("iso8601", None, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_is_no_time_is_none(kind: str, zone: ZoneInfo | None, value: object):
    """A local time of no known zone is none either."""
    assert Moment(PATH, kind, zone).read(value) is None


def test_an_hour_that_comes_twice_is_taken_for_the_first():
    """When clocks are set back, in zones that do so."""
    first = Moment(PATH, "iso8601", BERLIN).read("2026-10-25T02:30:00")
    assert first == Moment(PATH, "iso8601").read("2026-10-25T02:30:00+02:00")
