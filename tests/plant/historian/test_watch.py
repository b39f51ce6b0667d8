"""`plant.historian.watch`: what a replay tells about a gap."""

from __future__ import annotations

import numpy as np
import pytest

from plant.historian.watch import NEVER, Watch

DRUM, SCREW, BETA = 0, 4, 5
"""Positions of a tag of each unit; drum and screw share the edge node of their site."""


@pytest.fixture
def watch(tags) -> Watch:
    """All tags, nobody watched in [1000, 2000)."""
    watch = Watch(list(tags))
    watch.add_gap(1000, 2000)
    return watch


def told(watch: Watch, *readings: tuple[int, int]) -> dict[int, tuple[int, int]]:
    """What has become known of one tag of each unit by readings of (position, time)."""
    position, time = (np.array(column) for column in zip(*readings, strict=True))
    known_from, known_to = watch.replayed(position, time)
    return {tag: (int(known_from[tag]), int(known_to[tag])) for tag in (DRUM, SCREW, BETA) if known_from[tag] < NEVER}


def unknown(watch: Watch, position: int) -> list[tuple[int, int]]:
    """Spans that are left of one tag, those of no length left out."""
    spans = watch.unwatched(np.array([position]), np.array([position], np.int32))
    return [(a, b) for a, b in zip(spans.begin.tolist(), spans.end.tolist(), strict=True) if a < b]


def test_without_a_replay_the_whole_gap_is_unknown(watch) -> None:
    """Late readings of before the gap tell nothing about it."""
    assert told(watch, (DRUM, 900), (BETA, 10)) == {}
    assert unknown(watch, DRUM) == unknown(watch, BETA) == [(1000, 2000)]


def test_a_replay_tells_of_all_tags_of_its_node(watch) -> None:
    """From its first reading to its newest, and from the gap's beginning if it begins before it."""
    assert told(watch, (DRUM, 900), (DRUM, 1399)) == {DRUM: (1000, 1400), SCREW: (1000, 1400)}
    assert unknown(watch, SCREW) == [(1400, 2000)]
    assert unknown(watch, BETA) == [(1000, 2000)]
    assert told(watch, (SCREW, 1399)) == {}
    assert told(watch, (SCREW, 1599), (BETA, 1499)) == {DRUM: (1400, 1600), SCREW: (1400, 1600), BETA: (1499, 1500)}
    assert unknown(watch, BETA) == [(1000, 1499), (1500, 2000)]


def test_an_older_part_that_comes_later_widens_what_is_known(watch) -> None:
    """A replay that brings its beginning last makes everything since known again."""
    told(watch, (BETA, 1499))
    assert told(watch, (BETA, 1200)) == {BETA: (1200, 1500)}
    assert unknown(watch, BETA) == [(1000, 1200), (1500, 2000)]


def test_readings_after_the_gap_tell_nothing_about_it(watch) -> None:
    """What is late but of watched time changes no gap."""
    assert told(watch, (DRUM, 2000), (DRUM, 5000)) == {}


def test_the_next_known_instant_skips_what_nobody_knows(watch) -> None:
    """Rows of a gap's unknown rest need not be made: making goes on at its end."""
    told(watch, (DRUM, 900), (DRUM, 1399))
    both = np.array([DRUM, BETA])
    assert watch.next_known(both, 1300) == 1300
    assert watch.next_known(both, 1400) == 2000
    assert watch.next_known(np.array([BETA]), 1000) == 2000
    assert watch.next_known(both, 2000) == 2000


def test_only_so_many_gaps_are_remembered(tags) -> None:
    """The oldest go first; an empty one is none."""
    watch = Watch(list(tags))
    watch.add_gap(5, 5)
    for begin in range(0, 4000, 100):
        watch.add_gap(begin, begin + 50)
    spans = unknown(watch, DRUM)
    assert len(spans) == 32
    assert spans[-1] == (3900, 3950)
