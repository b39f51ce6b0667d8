"""`plant.historian.gaps`: marks where nobody watched."""

from __future__ import annotations

import math

import numpy as np

from plant.historian.gaps import Spans, interrupted
from plant.readings import GOOD, STALE, Columns

A, B = 3, 8


def spans(*rows: tuple[int, int, int]) -> Spans:
    """Spans of (tag, begin, end)."""
    tag, begin, end = zip(*rows, strict=True)
    return Spans(np.array(tag, np.int32), np.array(begin, np.int64), np.array(end, np.int64))


def rows(columns: Columns) -> list[tuple[int, int, float, int]]:
    """Columns as tuples."""
    return list(
        zip(*(column.tolist() for column in (columns.tag, columns.time, columns.value, columns.quality)), strict=True)
    )


def test_a_span_ends_a_value_and_gives_it_back() -> None:
    """Unknown from the beginning of the span; from its end on the tag holds what it read last."""
    held = Columns.of([A, B], [50, 60], [1.0, 2.0], [GOOD, STALE])
    samples = Columns.of([A], [150], [4.0], [GOOD])
    found = rows(interrupted(samples, held, spans((A, 110, 120), (A, 130, 140), (B, 110, 140)), 100, 200))
    assert [row[:2] for row in found] == [(A, 110), (A, 120), (A, 130), (A, 140), (A, 150), (B, 110), (B, 140)]
    assert [row[3] for row in found] == [STALE, GOOD, STALE, GOOD, GOOD, STALE, STALE]
    assert found[1][2] == found[3][2] == 1.0
    assert math.isnan(found[0][2])


def test_a_reading_inside_a_span_is_known_and_is_what_holds_after_it() -> None:
    """A replayed reading counts from its own time, and its value is the one that the end of the span gives back."""
    samples = Columns.of([A, A], [110, 115], [7.0, 8.0], [GOOD, GOOD])
    found = rows(interrupted(samples, Columns.of([A], [1], [1.0], [GOOD]), spans((A, 110, 120)), 100, 200))
    assert found == [(A, 110, 7.0, GOOD), (A, 115, 8.0, GOOD), (A, 120, 8.0, GOOD)]


def test_spans_reach_over_the_edges_of_the_window() -> None:
    """A span that began before the window makes its start unknown; one that ends after it gives nothing back."""
    held = Columns.of([A, B], [50, 50], [1.0, 2.0], [GOOD, GOOD])
    found = rows(interrupted(Columns.empty(), held, spans((A, 20, 150), (B, 150, 900)), 100, 200))
    assert [row[:2] for row in found] == [(A, 100), (A, 150), (B, 150)]


def test_a_tag_without_readings_gets_no_marks() -> None:
    """Nothing held and nothing read leaves nothing to mark; so does an empty span, or none at all."""
    held = Columns.of([B], [50], [2.0], [GOOD])
    assert rows(interrupted(Columns.empty(), held, spans((A, 110, 120), (B, 130, 130)), 100, 200)) == []
    assert rows(interrupted(Columns.empty(), Columns.empty(), spans((A, 110, 120)), 100, 200)) == []
    first = Columns.of([A], [150], [1.0], [GOOD])
    assert rows(interrupted(first, Columns.empty(), spans((A, 110, 120), (A, 160, 170)), 100, 200))[0] == (
        A,
        150,
        1.0,
        GOOD,
    )
