"""What is done to a world on purpose: to its physics, to its instruments, and to the messages that tell of it.

All three are plain values for one moment, made from injected scenarios by `simulators.scenarios`; their neutral
elements change nothing, bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np

from simulators.world.inertia import Bools, Floats, Ints

ORDERED, ANOTHER_PRODUCT = -1, -2
"""In `Influences.product_actual`."""
A = TypeVar("A", Floats, Bools, Ints)


@dataclass(frozen=True, slots=True)
class Influences:
    """What acts on the physics in a step; arrays of shape (units,). Neutral values in brackets.

    Attributes:
        gas_supply: Share of the gas pressure that is there (1).
        power_supply: 1 with electric power, 0 without (1).
        supply: Share of the material that it would take that can be had; 0 while loaders stand (1).
        pace_factor: On the speed at which the crew lets the machine work (1).
        wear_rate: Factor on how fast it wears (1); `wear_add` comes on top of its wear, as a damaged bearing does (0).
        fail: Fails in this step, unless it is down already (False); `cause` (`transitions.Cause`) of that and of holds.
        repair_s: Length of the repair that begins in this step, s (NaN: drawn as usual).
        hold: Kept from running by the crew (False).
        cut_order: The line's present order ends in this step, and one for another product follows (False).
        order_size: On the quantities of the line's orders; where it changes, the line is planned anew (1).
        moisture_add: On the free water of the stone, kg/kg (0); `air_add` on the outdoor air, K (0).
        impurity: Taken off the purity of the stone that a kiln burns, kg/kg, which slows setting (0).
        heat_add: On the air of dryer zones, K (0).
        fill_bias_kg: On what a packer fills into a bag, kg (0).
        scrap_add: On the usual share of rejects, 0 to 1 (0).
        product_actual: Place of the product that is really made, `ORDERED` for the one that the order names (that),
            `ANOTHER_PRODUCT` for the next one of the line's products.
        reason_delay_s: The controller gives the reason of a stop that much later, s (0).
    """

    gas_supply: Floats
    power_supply: Floats
    supply: Floats
    pace_factor: Floats
    wear_rate: Floats
    wear_add: Floats
    fail: Bools
    cause: Ints
    repair_s: Floats
    hold: Bools
    cut_order: Bools
    order_size: Floats
    moisture_add: Floats
    air_add: Floats
    impurity: Floats
    heat_add: Floats
    fill_bias_kg: Floats
    scrap_add: Floats
    product_actual: Ints
    reason_delay_s: Floats

    @staticmethod
    @lru_cache(maxsize=8)
    def none(units: int) -> Influences:
        """The neutral element for so many units; its arrays are read-only."""
        one, zero, no = _fixed(np.ones(units)), _fixed(np.zeros(units)), _fixed(np.zeros(units, np.bool_))
        return Influences(
            gas_supply=one,
            power_supply=one,
            supply=one,
            pace_factor=one,
            wear_rate=one,
            wear_add=zero,
            fail=no,
            cause=_fixed(np.zeros(units, np.int64)),
            repair_s=_fixed(np.full(units, np.nan)),
            hold=no,
            cut_order=no,
            order_size=one,
            moisture_add=zero,
            air_add=zero,
            impurity=zero,
            heat_add=zero,
            fill_bias_kg=zero,
            scrap_add=zero,
            product_actual=_fixed(np.full(units, ORDERED, np.int64)),
            reason_delay_s=zero,
        )


@dataclass(frozen=True, slots=True)
class SensorFaults:
    """What is wrong with instruments now; arrays of shape (tags,) in the order of `Display.tag`.

    The true state never knows of it. Neutral values in brackets.

    Attributes:
        freeze: Shows what it showed last (False).
        gain: Factor on what it shows (1); `offset` is added after it, in the unit of the metric (0).
        count_loss: Share of what comes by that a counter misses (0).
    """

    freeze: Bools
    gain: Floats
    offset: Floats
    count_loss: Floats

    @staticmethod
    @lru_cache(maxsize=8)
    def none(tags: int) -> SensorFaults:
        """The neutral element for so many tags; its arrays are read-only."""
        zero = _fixed(np.zeros(tags))
        return SensorFaults(_fixed(np.zeros(tags, np.bool_)), _fixed(np.ones(tags)), zero, zero)


@dataclass(frozen=True, slots=True)
class NodeFault:
    """What is wrong with the connection of one edge node.

    Attributes:
        offline: Cut off from the broker without a farewell; connecting again fails until it is over.
        clock_offset_ms: Its clock is so much ahead (behind, if negative), ms: all its timestamps are.
        duplicate: Share of its data messages that are sent twice, 0 to 1.
        late: Share of its data messages that are held back by `late_ms`, 0 to 1.
    """

    offline: bool = False
    clock_offset_ms: int = 0
    duplicate: float = 0.0
    late: float = 0.0
    late_ms: int = 0


SOUND = NodeFault()
"""A connection without fault."""


@dataclass(frozen=True, slots=True)
class TransportFaults:
    """Faults by edge node (``group/node``); nodes that are not listed have none.

    When a broker restarts, all its nodes are listed as offline.
    """

    nodes: Mapping[str, NodeFault] = field(default_factory=dict)

    def of(self, node: str) -> NodeFault:
        """What is wrong with ``group/node`` now."""
        return self.nodes.get(node, SOUND)


@dataclass(frozen=True, slots=True)
class Injection:
    """A scenario that has been let loose on a world; plain enough to be saved and sent.

    Attributes:
        id: Chosen by whoever injects, unique among those that are not over.
        scenario: Name of a shipped scenario, or the path of its file.
        start_ms: World time at which its clock begins, UTC ms; in the past, it begins in the next step.
        targets: In place of the scenario's own: what each of its roles means here (``site``, ``unit``, ...).
        parameters: ``stretch`` (1) multiplies all its times, ``strength`` (1) how far its values go from neutral.
    """

    id: str
    scenario: str
    start_ms: int
    targets: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)


def _fixed(array: A) -> A:
    array.setflags(write=False)
    return array
