"""Which minutes have to be made."""

from __future__ import annotations

import numpy as np

from collectors.production_owed import DEEP, DEEPEST, NEAR, NEVER, Owed, Part
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.production.rebuild import SLICE_MS

T = 1_790_006_400_000
NOTHING = np.full(2, NEVER)


def touched(*oldest: int | None, newest: tuple[int, ...]) -> Owed:
    """Two sites of which readings have come."""
    owed = Owed(len(oldest))
    owed.touch(np.array([NEVER if each is None else each for each in oldest]), np.array(newest))
    return owed


def windows(parts: list[Part], row: int) -> list[tuple[int, int]]:
    """What is made of one site, minutes from T."""
    return [
        ((int(first) - T) // MINUTE_MS, (int(last) - T) // MINUTE_MS)
        for part in parts
        for site, first, last in zip(part.rows, part.first, part.last, strict=True)
        if site == row
    ]


def test_a_pass_reaches_back_and_goes_on_to_the_last_minute_that_is_over() -> None:
    """Of the sites that have told something, and of no others."""
    owed = touched(T + 60_500, None, newest=(T + 200_000, 0))
    parts = owed.take(NEAR, 0, T, NOTHING)
    assert (windows(parts, 0), windows(parts, 1)) == ([(-14, 3)], [])


def test_what_is_told_on_the_stroke_was_counted_before_it() -> None:
    """A reading at the end of the last minute makes that minute owed."""
    owed = touched(T, None, newest=(T, 0))
    assert owed.is_due(NEAR, T)
    assert windows(owed.take(NEAR, 0, T, NOTHING), 0) == [(-16, 0)]


def test_nothing_is_owed_twice_and_the_open_minute_not_yet() -> None:
    """Until it is over, or something comes late."""
    owed = touched(T + 1, None, newest=(T + 100_000, 0))
    owed.take(NEAR, 0, T, NOTHING)
    owed.touch(np.array([T + 70_000, NEVER]), np.array([T + 119_000, 0]))
    assert not owed.is_due(NEAR, T + HOUR_MS)
    owed.touch(NOTHING, np.array([T + 121_000, 0]))
    assert owed.is_due(NEAR, T)
    assert windows(owed.take(NEAR, 0, T, NOTHING), 0) == [(-15 + 1, 2)]
    owed.touch(np.array([T - HOUR_MS, NEVER]), np.zeros(2, np.int64))
    assert windows(owed.take(NEAR, 0, T, NOTHING), 0) == [(-76, 2)]


def test_passes_come_at_their_pace_in_the_time_of_the_data_or_of_the_host() -> None:
    """The deep ones seldom, and late data when their time has come by the clock."""
    owed = touched(T, None, newest=(T + MINUTE_MS, 0))
    for reach in (DEEP, DEEPEST):
        owed.take(reach, 0, T, NOTHING)
    owed.touch(np.array([T + 2 * MINUTE_MS, NEVER]), np.array([T + 5 * MINUTE_MS, 0]))
    assert not owed.is_due(DEEP, T + 1)
    assert owed.is_due(DEEP, T + DEEP.every_ms)
    owed.touch(NOTHING, np.array([T + 6 * MINUTE_MS, 0]))
    assert owed.is_due(DEEP, T + 1)
    assert not owed.is_due(DEEPEST, T + 1)


def test_what_is_given_back_is_owed_again() -> None:
    """Nothing else is."""
    owed = touched(T, T, newest=(T + HOUR_MS, T + HOUR_MS))
    parts = owed.take(DEEPEST, 0, T, NOTHING)
    owed.give_back(DEEPEST, [part for part in parts if part.start >= T - SLICE_MS and 0 in part.rows])
    again = owed.take(DEEPEST, 0, T, NOTHING)
    assert windows(again, 1) == []
    assert set(windows(again, 0)) == {each for each in windows(parts, 0) if each[0] >= -6 * 60}


def test_near_minutes_are_made_of_all_sites_together_and_deep_ones_of_each_alone() -> None:
    """In parts that fit into memory, and none before the first that can be made."""
    owed = touched(T, T, newest=(T + HOUR_MS, T + HOUR_MS))
    assert [part.rows.tolist() for part in owed.take(NEAR, 0, T, NOTHING)] == [[0, 1]]
    deep = owed.take(DEEPEST, T - 10 * HOUR_MS, T, NOTHING)
    assert {len(part.rows) for part in deep} == {1}
    assert max(part.end - part.start for part in deep) == SLICE_MS
    assert windows(deep, 0)[0][0] == -600
    assert [part.start for part in deep] == sorted(part.start for part in deep)
