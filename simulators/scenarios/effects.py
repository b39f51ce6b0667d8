"""The kinds of effect that a scenario's steps may have: one row each.

An effect sets one field of what acts on the world (`simulators.world.influence`) for some units, tags or edge nodes.
When several act on the same place at once, factors multiply, offsets add, and whatever is true for one is true for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulators.world.influence import ANOTHER_PRODUCT
from simulators.world.orderbook import LEAST_SIZE

Values = NDArray[Any]
"""A column of `Influences`, `SensorFaults` or `NodeFault`: numbers, whole numbers or truth values."""
Compose = Callable[[Values, Values], Values]
"""What is there and what comes on top, to what both do together."""


class On(StrEnum):
    """What an effect acts on."""

    UNITS = "units"
    TAGS = "tags"
    NODES = "nodes"


class Kind(StrEnum):
    """How an effect acts in time and what its step has to say."""

    LEVEL = "level"
    """`to` holds for a while, and is come to and left gradually where there is a `ramp` or a `fade`."""
    SWITCH = "switch"
    """Holds for a while and has no number."""
    MOMENT = "moment"
    """Happens once."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One kind of effect.

    Attributes:
        field: Of `Influences`, `SensorFaults` or `NodeFault`, by what it acts `on`.
        compose: How two of them on one place act together.
        neutral: Value that changes nothing.
        low: Least value of `to`; `high` the largest.
        set_to: Value of effects without `to`.
        says: What `to` means, with its unit.
    """

    field: str
    on: On
    kind: Kind
    compose: Compose
    neutral: float
    low: float = 0.0
    high: float = 0.0
    set_to: float = 0.0
    says: str = ""


def _latest(_: Values, new: Values) -> Values:
    return new


def _either_lost(one: Values, other: Values) -> Values:
    """Of what passes the first, the second takes its share too."""
    both: Values = one + other - one * other
    return both


def _factor(field: str, low: float, high: float, says: str, on: On = On.UNITS) -> Effect:
    return Effect(field, on, Kind.LEVEL, np.multiply, 1.0, low, high, says=says)


def _offset(field: str, low: float, high: float, says: str, on: On = On.UNITS) -> Effect:
    return Effect(field, on, Kind.LEVEL, np.add, 0.0, low, high, says=says)


EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "gas_supply": _factor("gas_supply", 0.0, 1.5, "share of the usual gas pressure"),
        "power_supply": _factor("power_supply", 0.0, 1.0, "0 for a loss of power"),
        "supply": _factor("supply", 0.0, 1.5, "share of the material that it would take"),
        "pace": _factor("pace_factor", 0.05, 1.5, "factor on the speed that the crew allows"),
        "wear_rate": _factor("wear_rate", 0.0, 1e4, "factor on the speed of wear"),
        "wear": _offset("wear_add", 0.0, 3.0, "wear on top of its own, 1 is worn out"),
        "moisture": _offset("moisture_add", -0.05, 0.2, "free water of the stone, kg/kg"),
        "air": _offset("air_add", -50.0, 50.0, "outdoor temperature, K"),
        "impurity": _offset("impurity", -0.1, 0.3, "purity that the stone lacks, kg/kg"),
        "heat": _offset("heat_add", -80.0, 80.0, "air of the dryer zones, K"),
        "fill_bias": _offset("fill_bias_kg", -5.0, 5.0, "what is filled into a bag too much, kg"),
        "scrap": _offset("scrap_add", 0.0, 1.0, "share of rejects on top of the usual"),
        "fail": Effect("fail", On.UNITS, Kind.MOMENT, np.logical_or, 0.0, set_to=1.0),
        "cut_order": Effect("cut_order", On.UNITS, Kind.MOMENT, np.logical_or, 0.0, set_to=1.0),
        "order_size": _factor("order_size", LEAST_SIZE, 10.0, "factor on the quantities of orders"),
        "hold": Effect("hold", On.UNITS, Kind.SWITCH, np.logical_or, 0.0, set_to=1.0),
        "other_product": Effect("product_actual", On.UNITS, Kind.SWITCH, _latest, -1.0, set_to=ANOTHER_PRODUCT),
        "reason_delay": Effect("reason_delay_s", On.UNITS, Kind.LEVEL, np.maximum, 0.0, 0.0, 86_400.0, says="delay, s"),
        "freeze": Effect("freeze", On.TAGS, Kind.SWITCH, np.logical_or, 0.0, set_to=1.0),
        "gain": _factor("gain", -2.0, 5.0, "factor on what is shown", On.TAGS),
        "drift": _offset("offset", -10.0, 10.0, "added to what is shown, in widths of the normal range", On.TAGS),
        "count_loss": Effect("count_loss", On.TAGS, Kind.LEVEL, _either_lost, 0.0, -1.0, 1.0, says="share not counted"),
        "offline": Effect("offline", On.NODES, Kind.SWITCH, np.logical_or, 0.0, set_to=1.0),
        "clock_offset": _offset("clock_offset_ms", -86_400.0, 86_400.0, "how far its clock is ahead, s", On.NODES),
        "duplicate": Effect("duplicate", On.NODES, Kind.LEVEL, _either_lost, 0.0, 0.0, 1.0, says="share sent twice"),
        "late": Effect("late", On.NODES, Kind.LEVEL, _either_lost, 0.0, 0.0, 1.0, says="share held back, by `by`"),
    }
)
"""By the name that stands in scenario files."""
