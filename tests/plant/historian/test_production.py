"""Production minutes: what `plant.historian.protocol` promises of them, proved for every historian alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plant.historian.protocol import DAY_MS, MINUTE_MS
from plant.model.enterprise import Product
from plant.model.tags import TagTable
from plant.production.minutes import DTYPES, ProductionMinutes
from plant.production.reasons import load_reasons

REASONS = load_reasons()


@pytest.fixture
def tags(tags: TagTable) -> TagTable:
    """Lines ``alpha/kiln`` and ``beta/kiln`` with two products."""
    return _with_products(tags, "board", "block")


def _with_products(tags: TagTable, *slugs: str) -> TagTable:
    name = tags.enterprise.name
    products = {slug: Product(slug, name, "t", 0.0) for slug in slugs}
    return TagTable(replace(tags.enterprise, products=products))


def rows(line: int, *times: int, order: int = 7, **given: float) -> ProductionMinutes:
    """A row a time, with a bit of everything."""
    values = {name: np.full(len(times), 0.1 + 0.2 * place) for place, name in enumerate(DTYPES)}
    codes = {"order": order, "product": 1, "element": 2, "loss": 3, "reason": REASONS.code("mechanical/bearing")}
    codes |= {"cause": 1, "provisional": 0, "line": line} | given
    values |= {name: np.full(len(times), value) for name, value in codes.items()} | {"time": np.array(times)}
    return ProductionMinutes(**{name: values[name].astype(dtype) for name, dtype in DTYPES.items()})


def same(one: ProductionMinutes, other: ProductionMinutes) -> None:
    """Both hold the same rows in the same order, bit by bit."""
    for name, column in one.arrays.items():
        np.testing.assert_array_equal(column, other.arrays[name], name)
        assert column.dtype == DTYPES[name] == other.arrays[name].dtype, name


def test_rows_come_back_whole(bench) -> None:
    """[start, end) of the lines asked for, sorted by line and time, every bit of every column."""
    historian, base = bench.historian, bench.base
    first = rows(1, base, base + MINUTE_MS, seconds=1 / 3)
    second = rows(0, base, good=-1e-300, product=-1, reason=-1, cause=-1, order=(1 << 32) + 5)
    historian.write_production(ProductionMinutes.concat((first, second)))
    same(historian.production([0, 1], base, base + 2 * MINUTE_MS), ProductionMinutes.concat((second, first)))
    same(historian.production([1], base, base + MINUTE_MS), rows(1, base, seconds=1 / 3))
    assert len(historian.production([0], base + MINUTE_MS, base + DAY_MS)) == 0
    assert len(historian.production([], base, base + DAY_MS)) == 0
    same(historian.production([0], base + 1, base), ProductionMinutes.empty())


def test_nothing_is_written_of_nothing(bench) -> None:
    """No rows, no error, nothing there."""
    bench.historian.write_production(ProductionMinutes.empty())
    assert len(bench.historian.production([0, 1], bench.base, bench.base + DAY_MS)) == 0


def test_a_minute_is_replaced_with_all_its_rows(bench) -> None:
    """Written again a minute has the new rows alone, be they fewer or more; its neighbours stay."""
    historian, base = bench.historian, bench.base
    minutes = ProductionMinutes.concat(
        (rows(0, base, order=3), rows(0, base, order=1), rows(0, base, order=2), rows(0, base + MINUTE_MS))
    )
    historian.write_production(minutes)
    historian.write_production(minutes)
    same(historian.production([0], base, base + DAY_MS), minutes)
    historian.write_production(rows(0, base, order=9, seconds=60.0))
    again = ProductionMinutes.concat((rows(0, base, order=9, seconds=60.0), rows(0, base + MINUTE_MS)))
    same(historian.production([0], base, base + DAY_MS), again)
    historian.write_production(minutes.take(np.arange(3)))
    same(historian.production([0], base, base + DAY_MS), minutes)


def test_late_minutes_find_their_place(bench) -> None:
    """Minutes may be written in any order of time."""
    historian, base = bench.historian, bench.base
    times = [base + minute * MINUTE_MS for minute in (5, 1, 3, 2, 4)]
    for time in times:
        historian.write_production(rows(1, time))
    assert historian.production([1], base, base + DAY_MS).time.tolist() == sorted(times)


def test_names_outlast_the_process_and_the_model(durable, tags: TagTable) -> None:
    """After the products changed places the same one is meant; one that is gone is none."""
    base = durable.base
    durable.historian.write_production(
        ProductionMinutes.concat((rows(0, base, product=0), rows(0, base + MINUTE_MS, product=1)))
    )
    historian = durable.reopen(_with_products(tags, "brick", "block"))
    found = historian.production([0], base, base + DAY_MS)
    assert found.product.tolist() == [-1, 1]
    historian.write_production(rows(0, base + MINUTE_MS, product=0))
    historian = durable.reopen(_with_products(tags, "block", "board", "brick"))
    assert historian.production([0], base, base + DAY_MS).product.tolist() == [1, 2]


@pytest.mark.parametrize("place", [0, 1])
def test_they_are_kept_as_long_as_minutes(bench, place: int) -> None:
    """What is older than minute rows are kept goes when the store expires, what is younger stays."""
    if bench.historian.kind == "influxdb":
        limit = bench.base - 88 * DAY_MS  # the server's own policy lets go of older ones, and takes none of them
        bench.historian.write_production(rows(place, limit))
        bench.historian.expire(bench.base)
        assert len(bench.historian.production([place], limit, limit + 1)) == 1
        return
    old, young = bench.base - 91 * DAY_MS, bench.base - 89 * DAY_MS
    bench.historian.write_production(rows(place, old, young))
    bench.historian.expire(bench.base)
    assert bench.historian.production([place], old, bench.base).time.tolist() == [young]
