"""All units of one kind of physics, and the parameters that the model gives them, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plant.model.enterprise import Unit
from simulators.world.inertia import Floats

Nearest = Callable[[Unit, str], float | None]
"""The value of a `simulation` parameter of the nearest unit up the material graph that has it, None without one."""


@dataclass(frozen=True, slots=True)
class Band:
    """The normal range of a metric, per unit: its low end and its width."""

    low: Floats
    width: Floats

    @classmethod
    def stacked(cls, bands: Sequence[Band]) -> Band:
        """Those of several metrics, one above the other, shape (metrics, units)."""
        return cls(np.array([band.low for band in bands]), np.array([band.width for band in bands]))

    @property
    def high(self) -> Floats:
        """The high end."""
        return self.low + self.width

    def at(self, share: Floats | float) -> Floats:
        """The value at a share of the range, 0 at its low end, 1 at its high end; may lie outside."""
        return self.low + self.width * share


COMPONENTS = ("gypsum", "sand", "perlite", "lime", "additive")
"""What dry mixes are weighed from; a silo with any other material holds the binder, the first of them."""
BINDERS = frozenset({"", "stucco", "gypsum"})
"""What the model calls the material of a silo of stucco."""


@dataclass(frozen=True, slots=True)
class Group:
    """Units in the order of the model.

    Attributes:
        nearest: Looks up parameters in the material graph.
        sources: For each unit the units that feed it.
        source_kinds: Their kinds of physics; `taker_kinds` those of the units that it feeds.
        products: Slugs of all products; `Inputs.product` counts in it.
    """

    units: tuple[Unit, ...]
    nearest: Nearest
    sources: tuple[tuple[Unit, ...], ...]
    source_kinds: tuple[frozenset[str], ...]
    taker_kinds: tuple[frozenset[str], ...]
    products: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.units)

    def number(self, name: str, default: float) -> Floats:
        """A parameter of each unit's `simulation`, or the kind's own default, shape (units,)."""
        return np.array([numeric(unit.simulation, name, default) for unit in self.units], np.float64)

    def by_product(self, name: str, default: float) -> Floats:
        """A parameter that products may change (``<name>_<product>`` beside ``<name>``), shape (products, units)."""
        plain = self.number(name, default)
        rows = [
            [numeric(unit.simulation, f"{name}_{product}", plain[i]) for i, unit in enumerate(self.units)]
            for product in self.products
        ]
        return np.array(rows, np.float64).reshape(len(self.products), len(self.units))

    def upstream(self, name: str, default: float) -> Floats:
        """A parameter of the nearest unit, itself included, up the material graph, shape (units,)."""
        found = [self.nearest(unit, name) for unit in self.units]
        return np.array([default if value is None else value for value in found], np.float64)

    def band(self, key: str, low: float, high: float) -> Band:
        """The metric's normal range in the model, or the kind's own."""
        ranges = [_normal(unit, key, low, high) for unit in self.units]
        return Band(np.array([a for a, _ in ranges]), np.array([b - a for a, b in ranges]))


def of_product(table: Floats, product: Floats) -> Floats:
    """From a (products, units) table the value of each unit's present product, shape (units,)."""
    return table[product.astype(np.intp), np.arange(table.shape[1])]


def component(material: str) -> int:
    """Place in `COMPONENTS` of what a silo holds."""
    return COMPONENTS.index(material) if material in COMPONENTS else 0


def numeric(simulation: Mapping[str, float | str], name: str, default: float) -> float:
    """A number among simulation parameters; texts and missing ones give the default."""
    value = simulation.get(name)
    return default if value is None or isinstance(value, str) else float(value)


def text(simulation: Mapping[str, float | str], name: str) -> str:
    """A text among simulation parameters; empty when missing."""
    value = simulation.get(name)
    return value if isinstance(value, str) else ""


def choices(texts: str) -> Sequence[str]:
    """The parts of a comma separated text."""
    return tuple(part.strip() for part in texts.split(",") if part.strip())


def _normal(unit: Unit, key: str, low: float, high: float) -> tuple[float, float]:
    for metric in unit.metrics:
        if metric.key == key and metric.normal is not None:
            return metric.normal.low, metric.normal.high
    return low, high
