"""Minutes and stops for the tests of the morning summary, made by hand or at random."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from made_minutes import LOSSES, NOTHING

from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element
from plant.production.lines import LineTable
from plant.production.minutes import DTYPES, ProductionMinutes
from plant.production.stops import Stops


def line_of(table: LineTable, path: str) -> int:
    """Index of ``site/line``."""
    index = table.by_storage(path)
    assert index is not None
    return index


def filled(line: int, window: Window, **each: float) -> ProductionMinutes:
    """Every minute of a window of a line, all the same; 60 s of production unless told otherwise."""
    count = (window.end_ms - window.start_ms) // MINUTE_MS
    row = {**dict.fromkeys(DTYPES, 0), **NOTHING, "element": Element.APT, "seconds": 60.0, "line": line, **each}
    columns = {name: np.full(count, row[name], dtype) for name, dtype in DTYPES.items()}
    columns["time"] = window.start_ms + np.arange(count) * MINUTE_MS
    return ProductionMinutes(**columns)


def scattered(seed: int, table: LineTable, window: Window, count: int = 4_000) -> ProductionMinutes:
    """So many rows at random over all lines and a window; most minutes have none."""
    rng = np.random.default_rng(seed)
    element = rng.integers(0, len(Element), count)
    losses = [LOSSES[Element(each)] for each in element.tolist()]
    produced = np.where(element == Element.APT, rng.uniform(0, 60, count), 0.0)
    good = produced * rng.uniform(0.9, 1.0, count)
    columns: dict[str, Any] = {
        "line": rng.integers(0, len(table), count),
        "time": window.start_ms + rng.integers(0, (window.end_ms - window.start_ms) // MINUTE_MS, count) * MINUTE_MS,
        "order": rng.integers(0, 4, count),
        "product": rng.integers(-1, len(table.products), count),
        "element": element,
        "loss": np.array([each[int(rng.integers(len(each)))] for each in losses]),
        "reason": rng.integers(-1, 5, count),
        "cause": rng.integers(-1, 5, count),
        "seconds": rng.uniform(0, 60, count),
        "produced": produced,
        "good": good,
        "reject": produced - good,
        "produced_ideal_s": produced * 0.9,
        "good_ideal_s": good * 0.9,
        "gas_m3": rng.uniform(0, 2, count),
        "energy_kwh": rng.uniform(0, 2, count),
        "water_m3": rng.uniform(0, 2, count),
        "provisional": rng.random(count) < 0.05,
    }
    rows = ProductionMinutes(**{name: columns[name].astype(dtype) for name, dtype in DTYPES.items()})
    return rows.sorted()


def stops(*rows: dict[str, int]) -> Stops:
    """Stops by column; a breakdown of which nothing else is known unless told otherwise."""
    nothing = {"element": Element.ADET, "loss": 1, "reason": -1, "cause": -1, "length_ms": 0, "open": 0}
    complete = [{**nothing, **row} for row in rows]
    return Stops(
        *(
            np.array([row[each.name] for row in complete], np.bool_ if each.name == "open" else np.int64)
            for each in fields(Stops)
        )
    )
