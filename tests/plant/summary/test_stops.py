"""Stops out of minutes: as many and as long as those that the minutes were made of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made_summaries import filled

from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element, Loss
from plant.production.minutes import ProductionMinutes
from plant.summary.stops import stops_in

START = 1_790_000_040_000 // MINUTE_MS * MINUTE_MS


def at(*spans: tuple[int, int, Element, int, float]) -> ProductionMinutes:
    """Spans of minutes of line 3: first, past the last, element, reason, seconds of each."""
    return ProductionMinutes.concat(
        filled(
            3,
            Window(START + first * MINUTE_MS, START + last * MINUTE_MS),
            element=element,
            loss=Loss.NONE if element in {Element.APT, Element.UNKNOWN, Element.NOT_PLANNED} else Loss.BREAKDOWN,
            reason=reason,
            seconds=seconds,
        )
        for first, last, element, reason, seconds in spans
    )


def lengths(minutes: ProductionMinutes) -> list[tuple[float, float, float]]:
    """Begin and end in minutes after the start, and length in minutes, of each stop."""
    found = stops_in(minutes)
    return [
        ((start - START) / MINUTE_MS, (end - START) / MINUTE_MS, length / MINUTE_MS)
        for start, end, length in zip(found.start.tolist(), found.end.tolist(), found.length_ms.tolist(), strict=True)
    ]


def test_minutes_that_follow_each_other_are_one_stop():
    """It begins within its first minute and ends within its last one."""
    minutes = at(
        (0, 5, Element.APT, -1, 60.0),
        (5, 6, Element.APT, -1, 45.0),
        (5, 6, Element.ADET, 2, 15.0),
        (6, 20, Element.ADET, 2, 60.0),
        (20, 21, Element.ADET, 2, 30.0),
        (20, 21, Element.APT, -1, 30.0),
        (21, 30, Element.APT, -1, 60.0),
    )
    assert lengths(minutes) == [(5.75, 20.5, 14.75)]
    found = stops_in(minutes)
    assert (found.line[0], found.reason[0], found.loss[0], bool(found.open[0])) == (3, 2, Loss.BREAKDOWN, False)


def test_breaks_and_gaps_do_not_end_a_stop_but_missing_minutes_do():
    """Neither adds to its length."""
    for element in (Element.NOT_PLANNED, Element.UNKNOWN):
        bridged = at((0, 5, Element.ADET, 2, 60.0), (5, 8, element, -1, 60.0), (8, 10, Element.ADET, 2, 60.0))
        assert lengths(bridged) == [(0, 10, 7)]
    assert lengths(at((0, 5, Element.ADET, 2, 60.0), (8, 10, Element.ADET, 2, 60.0))) == [(0, 5, 5), (8, 10, 2)]


def test_a_line_that_ran_for_a_moment_stopped_twice():
    """The minute between is the end of the first stop."""
    minutes = at(
        (0, 5, Element.ADET, 2, 60.0),
        (5, 6, Element.ADET, 2, 40.0),
        (5, 6, Element.APT, -1, 20.0),
        (6, 9, Element.ADET, 2, 60.0),
        (9, 10, Element.APT, -1, 60.0),
    )
    assert [round(each[2], 3) for each in lengths(minutes)] == [round(5 + 40 / 60, 3), 3]


def test_the_reason_that_took_most_of_it_is_its_reason():
    """Set-up is another stop, also when it follows at once."""
    minutes = at((0, 2, Element.ADET, 4, 60.0), (2, 9, Element.ADET, 2, 60.0), (9, 12, Element.AUST, 5, 60.0))
    found = stops_in(minutes)
    assert found.reason.tolist() == [2, 5]
    assert found.length_ms.tolist() == [9 * MINUTE_MS, 3 * MINUTE_MS]
    assert found.open.tolist() == [False, True]


@given(st.lists(st.tuples(st.sampled_from(list(Element)), st.integers(1, 30)), max_size=12))
def test_no_second_of_a_stop_is_lost(spans):
    """The lengths of all stops are the stopped time, whatever comes in between."""
    edges = np.cumsum([0, *(length for _, length in spans)]).tolist()
    minutes = at(*((edges[i], edges[i + 1], element, 1, 60.0) for i, (element, _) in enumerate(spans)))
    stopped = np.isin(minutes.element, (Element.ADET, Element.AUST, Element.ADOT))
    found = stops_in(minutes)
    assert found.length_ms.sum() == round(1_000 * minutes.seconds[stopped].sum())
    assert (found.end >= found.start + found.length_ms).all()


def test_without_minutes_there_are_no_stops():
    """An empty time."""
    assert len(stops_in(ProductionMinutes.empty())) == 0
