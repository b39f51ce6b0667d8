"""`plant.rollup` against a slow reference that a reader can check by eye."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.historian.protocol import TierColumns
from plant.readings import BAD, GOOD, STALE, Columns
from plant.rollup import combine, newest, rollup

Sample = tuple[int, float, int]
START = 1_700_000_040_000
WIDTH = 100


def reference(
    samples: list[Sample], held: tuple[float, int] | None, start: int, end: int, width: int
) -> Iterator[dict]:
    """The rows of one tag, ms by ms: what holds at each instant is looked up by walking the samples."""

    def at(instant: int) -> float:
        value, quality = held or (math.nan, BAD)
        for time, sample, sample_quality in samples:
            if time <= instant:
                value, quality = sample, sample_quality
        return value if quality == GOOD and math.isfinite(value) else math.nan

    for begin in range(start, end, width):
        finish = min(begin + width, end)
        values = [at(instant) for instant in range(begin, finish)]
        good = [value for value in values if not math.isnan(value)]
        yield {
            "time": begin,
            "mean": math.fsum(good) / len(good) if good else math.nan,
            "low": min(good, default=math.nan),
            "high": max(good, default=math.nan),
            "last": values[-1],
            "count": sum(begin <= time < finish for time, _, _ in samples),
            "good_ms": len(good),
        }


def columns(by_tag: dict[int, list[Sample]]) -> Columns:
    """Columns of (time, value, quality) lists by tag."""
    rows = [(tag, *sample) for tag, samples in by_tag.items() for sample in samples]
    return Columns.of(*zip(*rows, strict=True)).latest_written() if rows else Columns.empty()


def held_columns(by_tag: dict[int, tuple[float, int]]) -> Columns:
    """What was held before `START`, (value, quality) by tag."""
    return columns({tag: [(START - 5, value, quality)] for tag, (value, quality) in by_tag.items()})


def expect(rows: TierColumns, wanted: list[dict]) -> None:
    """Rows equal dicts by column name, the mean but for rounding."""
    assert len(rows) == len(wanted)
    for name in ("tag", "time", "count", "good_ms"):
        assert getattr(rows, name).tolist() == [row[name] for row in wanted], name
    for name in ("low", "high", "last"):
        np.testing.assert_array_equal(getattr(rows, name), [row[name] for row in wanted], name)
    np.testing.assert_allclose(rows.mean, [row["mean"] for row in wanted], rtol=1e-9, atol=1e-9)


values = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, math.nan, math.inf]))
qualities = st.sampled_from([GOOD, GOOD, GOOD, BAD, STALE])
offsets = st.integers(0, 399)
histories = st.dictionaries(
    st.integers(0, 5), st.dictionaries(offsets, st.tuples(values, qualities), max_size=8), max_size=4
).map(lambda tags: {tag: [(START + at, *sample) for at, sample in sorted(h.items())] for tag, h in tags.items()})
holds = st.dictionaries(st.integers(0, 5), st.tuples(values, qualities), max_size=4)


def test_a_mean_is_of_the_step_and_not_of_the_samples() -> None:
    """Ten held for 50 s and then 0 for 10 s is 8.33 over the minute, and 500 unit-seconds."""
    rows = rollup(columns({3: [(0, 10.0, GOOD), (50_000, 0.0, GOOD)]}), Columns.empty(), 0, 60_000, 60_000)
    assert rows.mean[0] == pytest.approx(500 / 60)
    assert (rows.low[0], rows.high[0], rows.last[0], rows.count[0], rows.good_ms[0]) == (0, 10, 0, 2, 60_000)


def test_a_known_tag_has_a_row_without_samples() -> None:
    """A held value fills rows without samples: count 0, last is what holds; it does not expire by age."""
    rows = rollup(Columns.empty(), columns({7: [(-10_000_000, 4.0, GOOD)]}), 0, 180_000, 60_000)
    assert rows.time.tolist() == [0, 60_000, 120_000]
    assert rows.last.tolist() == [4.0, 4.0, 4.0]
    assert rows.count.tolist() == [0, 0, 0]
    assert rows.good_ms.tolist() == [60_000] * 3


def test_quality_ends_a_value() -> None:
    """After the quality leaves 192 nothing is known: no mean, no last, no good time, until it is 192 again."""
    rows = rollup(
        columns({0: [(0, 5.0, GOOD), (15_000, math.nan, STALE), (130_000, 6.0, GOOD)]}),
        Columns.empty(),
        0,
        180_000,
        60_000,
    )
    assert rows.good_ms.tolist() == [15_000, 0, 50_000]
    np.testing.assert_array_equal(rows.mean, [5.0, math.nan, 6.0])
    np.testing.assert_array_equal(rows.last, [math.nan, math.nan, 6.0])
    assert rows.count.tolist() == [2, 0, 1]


def test_a_sample_on_the_edge_replaces_the_held_value() -> None:
    """A value that is replaced in the first ms of a row never held in it, so it is no low and no high."""
    rows = rollup(columns({0: [(0, 5.0, GOOD)]}), held_columns({0: (99.0, GOOD)}), 0, 60_000, 60_000)
    assert (rows.low[0], rows.high[0], rows.mean[0]) == (5.0, 5.0, 5.0)


def test_nothing_makes_nothing() -> None:
    """No tags or no time give no rows, and combining no rows gives none."""
    assert len(rollup(Columns.empty(), Columns.empty(), 0, 60_000, 60_000)) == 0
    assert len(rollup(Columns.empty(), held_columns({1: (1.0, GOOD)}), 60_000, 60_000, 60_000)) == 0
    assert len(combine(TierColumns.empty(), 3_600_000)) == 0


def test_a_mean_never_leaves_what_was_measured() -> None:
    """Rounding of weights never lifts the mean of a constant above it, even at the edge of float64."""
    big = float(np.finfo(np.float64).max)
    samples = columns({0: [(at, big, GOOD) for at in range(0, 60_000, 7)]})
    rows = rollup(samples, Columns.empty(), 0, 60_000, 60_000)
    assert (rows.mean[0], rows.low[0], rows.high[0]) == (big, big, big)


@given(histories, holds, st.integers(1, 400), st.sampled_from([20, 100, 130]))
def test_rollup_equals_the_reference(
    samples: dict[int, list[Sample]], held: dict[int, tuple[float, int]], span: int, width: int
) -> None:
    """Every row of every tag is what one finds by looking up each millisecond."""
    end = START + span
    samples = {tag: inside for tag, all_ in samples.items() if (inside := [s for s in all_ if s[0] < end])}
    rows = rollup(columns(samples), held_columns(held), START, end, width)
    wanted = [
        {"tag": tag} | row
        for tag in sorted(samples.keys() | held.keys())
        for row in reference(samples.get(tag, []), held.get(tag), START, end, width)
    ]
    expect(rows, wanted)


@given(histories, holds, st.sets(st.integers(1, 19), max_size=5))
def test_any_partition_combines_to_the_whole(
    samples: dict[int, list[Sample]], held: dict[int, tuple[float, int]], cuts: set[int]
) -> None:
    """Rows made slice by slice, each from what the slice before left held, combine to the rows of the whole window."""
    end, width, narrow = START + 400, 200, 20
    for tag in samples.keys() | held.keys():  # known from the start, so that each slice has the tag
        held.setdefault(tag, (math.nan, BAD))
    all_samples, carried = columns(samples), held_columns(held)
    bounds = [START, *(START + cut * narrow for cut in sorted(cuts)), end]
    parts = []
    for a, b in pairwise(bounds):
        inside = all_samples.take((all_samples.time >= a) & (all_samples.time < b))
        parts.append(rollup(inside, carried, a, b, narrow))
        carried = newest(Columns.concat((carried, inside)).latest_written())
    combined = combine(TierColumns.concat(parts).latest_written(), width)
    whole = rollup(all_samples, held_columns(held), START, end, width)
    expect(combined, [{name: column[i] for name, column in whole.arrays.items()} for i in range(len(whole))])
