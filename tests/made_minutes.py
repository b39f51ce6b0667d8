"""Production minutes made by hand, or at random as the contract allows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from plant.kpi.lines import LineSet
from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element, Loss
from plant.production.minutes import DTYPES, ProductionMinutes

START = 1_790_006_400_000
"""A full hour, and so the start of a minute."""
NOTHING = {"order": 0, "product": -1, "reason": -1, "cause": -1}
LOSSES = {
    Element.NOT_PLANNED: (Loss.NONE,),
    Element.APT: (Loss.NONE,),
    Element.ADET: (Loss.BREAKDOWN, Loss.MINOR_STOP, Loss.EXTERNAL, Loss.START_UP, Loss.WAITING),
    Element.ADOT: (Loss.NO_ORDER,),
    Element.AUST: (Loss.SETUP,),
    Element.UNKNOWN: (Loss.NONE,),
}
"""Which losses go with an element."""


def window(minutes: int, first: int = 0) -> Window:
    """So many minutes, from minute `first` after `START`."""
    return Window(START + first * MINUTE_MS, START + (first + minutes) * MINUTE_MS)


def lines(*indices: int, measure: str = "m2") -> LineSet:
    """Lines that count in one measure."""
    return LineSet(indices, (measure,) * len(indices))


def made(rows: Iterable[Mapping[str, float]]) -> ProductionMinutes:
    """Rows by column; `minute` counts from `START`, a row without seconds has 60, other columns have nothing."""
    complete = [
        {
            **dict.fromkeys(DTYPES, 0),
            **NOTHING,
            "element": Element.APT,
            "seconds": 60.0,
            "time": START + int(row.get("minute", 0)) * MINUTE_MS,
            **{name: value for name, value in row.items() if name != "minute"},
        }
        for row in rows
    ]
    columns = {name: np.array([row[name] for row in complete], dtype) for name, dtype in DTYPES.items()}
    return ProductionMinutes(**columns)


def run(line: int, first: int, count: int, **each: float) -> list[dict[str, float]]:
    """So many minutes of a line that are all the same."""
    return [{"line": line, "minute": minute, **each} for minute in range(first, first + count)]


def drawn(seed: int, line_count: int, minute_count: int, missing: float = 0.02) -> ProductionMinutes:
    """Minutes at random: one or two rows each, now and then none."""
    rng = np.random.default_rng(seed)
    rows = []
    for line in range(line_count):
        for minute in range(minute_count):
            if rng.random() < missing:
                continue
            first = float(rng.integers(0, 61))
            rows += [_drawn(rng, line, minute, seconds) for seconds in (first, 60.0 - first) if seconds > 0]
    return made(rows)


def _drawn(rng: np.random.Generator, line: int, minute: int, seconds: float) -> dict[str, float]:
    element = Element(int(rng.choice(len(Element), p=[0.1, 0.6, 0.12, 0.06, 0.06, 0.06])))
    loss = LOSSES[element][int(rng.integers(len(LOSSES[element])))]
    produced = float(rng.uniform(0, 0.98 * seconds)) if element is Element.APT else 0.0
    good = produced * float(rng.uniform(0.9, 1.0))
    return {
        "line": line,
        "minute": minute,
        "order": int(rng.integers(0, 4)),
        "product": int(rng.integers(-1, 3)),
        "element": element,
        "loss": loss,
        "reason": int(rng.integers(-1, 5)),
        "cause": int(rng.integers(-1, 5)),
        "seconds": seconds,
        "produced": produced,
        "good": good,
        "reject": produced - good,
        "produced_ideal_s": produced,
        "good_ideal_s": good,
        "gas_m3": float(rng.uniform(0, 2)),
        "energy_kwh": float(rng.uniform(0, 3)),
        "water_m3": float(rng.uniform(0, 0.1)),
        "provisional": int(rng.random() < 0.05),
    }
