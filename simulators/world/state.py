"""The state of a world: everything that changes, so that saving it saves the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.world.inertia import Bools, Floats, Ints
from simulators.world.kinds.generic import SignalState
from simulators.world.machines import MachineState
from simulators.world.plan import PlanState
from simulators.world.stores import StoreState
from simulators.world.weather import WeatherState

PRODUCED, GOOD, REJECT, ENERGY, GAS, WATER = range(6)
"""Rows of `WorldState.totals`."""
SELF_KEPT = ("added", "spilt", "evaporated", "crystal", "bound", "scrapped_water", "heat_mj", "waste_mj")
"""Rows of `WorldState.books` that kinds fill in themselves, by the names of the fields of `Outputs`."""
BOOKS = ("taken", "made", *SELF_KEPT)
"""Rows of `WorldState.books`."""


@dataclass(frozen=True, slots=True)
class WorldState:
    """Nested frozen dataclasses of arrays, mappings of them, and numbers; never changed in place.

    Attributes:
        begun_ms: UTC ms at which the world began; `time_ms` the present.
        kinds: State of each kind of physics by name.
        set_points: By kind and metric key, shape (units of the kind,).
        totals: Counted since the world began: produced, good, reject, kWh, m3 of gas, m3 of water; shape (6, units).
        books: True flows since the world began that no meter shows, shape (`BOOKS`, units); balances need them.
        counted: Made in the last step in the line's measure, shape (units,).
        starved: In the last step; `blocked` likewise; shape (units,).
        supplied: May go on if it was suspended, shape (units,).
        command: Last command to each unit, shape (units,).
        product: Place of the product that is really made, which an order may not know, shape (units,).
        numbers: True values of everything that is shown, laid out as in `display`.
    """

    begun_ms: int
    time_ms: int
    machines: MachineState
    stores: StoreState
    weather: WeatherState
    plan: PlanState
    signals: SignalState
    kinds: Mapping[str, Any]
    set_points: Mapping[str, Mapping[str, Floats]]
    totals: Floats
    books: Floats
    counted: Floats
    starved: Bools
    blocked: Bools
    supplied: Bools
    command: Ints
    product: Floats
    numbers: Floats
