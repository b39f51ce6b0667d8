"""Three zones of hot air, one behind the other, through which wet goods travel: what all dryers share.

Each zone has its burner (`firing.py`). Water leaves the goods at a rate that is proportional to the water that is left
and to how much hotter the air is than the goods, which stay near the wet bulb: dw/dt = -k w (T - T_wet) / (T_norm -
T_wet), the falling-rate period of drying with k fitted per zone. It is solved exactly in each slot of the dryer, so
moisture follows from temperatures, load and how long the goods really lay there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from simulators.world.energy import EVAPORATION_MJ_T, GAS_MJ_M3, NORM_AIR_C, STONE_MJ_T_K
from simulators.world.firing import FireState, Firing
from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, Ints, wander
from simulators.world.kind import Inputs
from simulators.world.lag import LagState

NAMES = ("zone1", "zone2", "zone3")
TEMPERATURES = tuple(f"{name}_temperature" for name in NAMES)
SET_POINTS = tuple(f"{name}_temperature_sp" for name in NAMES)


@dataclass(frozen=True, slots=True)
class Program:
    """How a kind of dryer dries; the same for all of its units.

    Attributes:
        air_c: Air of the zones where the model has no normal range, degC.
        decades: ln of how much drier the goods are behind each zone than before it, at norm.
        wet_c: Wet bulb near which goods stay while they are wet, degC.
        goods_k: The goods leave this much warmer than they came, K.
        closeness: By this share goods dry slower when the dryer is twice as full: the air is wetter.
        fresh_share, fresh_k: Share of the heat that fresh air takes, and by how much it is warmed at norm, K.
        standing, store_s, settle_s: As in `Firing`.
        ripple_s, ripple_k: Memory and deviation of the zones' ripple.
    """

    air_c: tuple[float, float, float]
    decades: tuple[float, float, float]
    wet_c: float
    goods_k: float
    closeness: float
    fresh_share: float
    fresh_k: float
    standing: float
    store_s: float
    settle_s: float
    ripple_s: float
    ripple_k: float

    @property
    def left(self) -> tuple[float, float, float]:
        """Share of the water that came in which is left behind each zone at norm."""
        left = np.exp(-np.cumsum(self.decades))
        return float(left[0]), float(left[1]), float(left[2])


@dataclass(frozen=True, slots=True)
class ZonesState:
    """Air and burners of the zones, and the ripple of the air, K; shapes (3, units)."""

    fire: FireState
    ripple_k: Floats

    @property
    def shown(self) -> dict[str, Floats]:
        """Temperatures by metric key."""
        return dict(zip(TEMPERATURES, self.fire.heat_c + self.ripple_k, strict=True))


@dataclass(frozen=True, slots=True)
class Dried:
    """What a step of drying did; shapes (units,).

    Attributes:
        gas_m3h: Of all burners.
        evaporated_t: Water that left the goods, t.
        heat_mj: That went into the goods and their water; `waste_mj` through walls and chimney.
    """

    gas_m3h: Floats
    evaporated_t: Floats
    heat_mj: Floats
    waste_mj: Floats


@dataclass(frozen=True, slots=True)
class Zones:
    """Parameters of the zones of all dryers of a kind.

    Attributes:
        program: How they dry.
        normal: Normal range of each zone; its middle is the programme.
        firing: The burners, shape (3, units).
        per_s_k: Share of the water that goods lose in a second per kelvin above the wet bulb, shape (3, units).
        efficiency: Share of the fired heat, less what the walls lose, that goes into goods and water at norm.
        dry_t: Dry mass of one m2 of goods, t.
    """

    program: Program
    normal: tuple[Band, ...]
    firing: Firing
    per_s_k: Floats
    efficiency: Floats
    dry_t: Floats

    @classmethod
    def of(cls, group: Group, program: Program, *, lag_s: Floats, norm_m3h: Floats, norm_t_h: Floats, dry_t: Floats,
           usual_m2h: Floats) -> Self:  # fmt: skip
        """The zones of a kind.

        Args:
            group: Units of the kind.
            program: How they dry.
            lag_s: Time from end to end, s, shape (units,).
            norm_m3h: Gas at usual load, shape (units,).
            norm_t_h: Water that comes in then, t/h, likewise.
            dry_t: Dry mass of one m2, t, likewise.
            usual_m2h: Usual load, m2/h, likewise.
        """
        pairs = zip(TEMPERATURES, program.air_c, strict=True)
        normal = tuple(group.band(key, c - 10.0, c + 10.0) for key, c in pairs)
        usual_c = np.array([band.at(0.5) for band in normal])
        entry, left = np.array([1.0, *program.left[:2]]), np.array(program.left)
        warming = usual_m2h * dry_t * STONE_MJ_T_K * program.goods_k
        norm_mj_h = (entry - left)[:, None] * norm_t_h * EVAPORATION_MJ_T + np.array([[1.0], [0.0], [0.0]]) * warming
        firing = Firing(
            usual_c,
            norm_m3h * norm_mj_h / norm_mj_h.sum(axis=0),
            program.standing,
            program.store_s,
            program.settle_s,
        )
        efficiency = norm_mj_h.sum(axis=0) / (norm_m3h * (1.0 - program.standing) * GAS_MJ_M3)
        per_s = np.array(program.decades)[:, None] * len(NAMES) / lag_s
        return cls(program, normal, firing, per_s / (usual_c - program.wet_c), efficiency, dry_t)

    @property
    def recipe(self) -> dict[str, Floats]:
        """Set points at the middle of the normal ranges."""
        return {key: band.at(0.5) for key, band in zip(SET_POINTS, self.normal, strict=True)}

    def profile(self, slots: int) -> Floats:
        """Share of the water that came in which is left, by how many slots ago that was, at norm; shape (slots,)."""
        per_slot = np.array(self.program.decades)[_zone_of_age(slots)] * len(NAMES) / slots
        left: Floats = np.exp(-(np.cumsum(per_slot) - 0.5 * per_slot))
        return left

    def start(self, inputs: Inputs) -> ZonesState:
        """At the programme and usual load; out and cooler where it is not ready."""
        usual = self.firing.usual_c
        heat = np.where(inputs.ready > 0, usual, inputs.air_c + 0.7 * (usual - inputs.air_c))
        need = (1.0 - self.program.standing) * self.firing.norm_m3h * inputs.running
        fire = self.firing.start(heat, need, inputs.ready, inputs.air_c)
        return ZonesState(fire, self.program.ripple_k * inputs.normal[:3])

    def dry(
        self, state: ZonesState, inside: LagState, entered_m2: Floats, fullness: Floats, inputs: Inputs
    ) -> tuple[ZonesState, LagState, Dried]:
        """Take water out of what is inside, and fire for it.

        Args:
            state: The zones.
            inside: The goods.
            entered_m2: That came in during this step, shape (units,).
            fullness: What is inside against usual, 1 at norm, shape (units,).
            inputs: Of the step.
        """
        program, firing = self.program, self.firing
        pull = np.maximum(0.0, state.fire.heat_c - program.wet_c)
        pull = pull * np.maximum(0.3, 1.0 - program.closeness * (fullness - 1.0))
        kept = np.exp(self.per_s_k * pull * -inputs.dt_s)
        first, slots = _zones_of_slots(inside.water.shape[1])
        drier = inside.dried(np.repeat(kept.T, slots, axis=1))
        evaporated = np.add.reduceat(inside.water - drier.water, first, axis=1).T
        heat = evaporated * EVAPORATION_MJ_T
        heat[0] += entered_m2 * self.dry_t * STONE_MJ_T_K * program.goods_k
        cold = 1.0 + program.fresh_share * (NORM_AIR_C - inputs.air_c) / program.fresh_k
        need = heat * (cold / (self.efficiency * GAS_MJ_M3 * inputs.dt_h))
        sets = np.array([inputs.set_points[key] for key in SET_POINTS])
        fire, walls = firing.step(
            state.fire, sets + inputs.heat_add, need, inputs.ready, inputs.gas_supply, inputs.air_c, inputs.dt_s
        )
        ripple = wander(state.ripple_k, inputs.normal[:3], inputs.dt_s, program.ripple_s, program.ripple_k)
        heat_mj = heat.sum(axis=0)
        waste_mj = (need + walls).sum(axis=0) * (GAS_MJ_M3 * inputs.dt_h) - heat_mj
        done = Dried(fire.gas_m3h.sum(axis=0), evaporated.sum(axis=0), heat_mj, waste_mj)
        return ZonesState(fire, ripple), drier, done

    def stored_mj(self, state: ZonesState) -> Floats:
        """Heat in walls and air above 0 degC, MJ, shape (units,)."""
        stored: Floats = (self.firing.capacity_mj_k * state.fire.heat_c).sum(axis=0)
        return stored


@lru_cache(maxsize=8)
def _zone_of_age(slots: int) -> Ints:
    """Zone in which goods are by how many slots ago they came in; shape (slots,)."""
    return np.arange(slots) * len(NAMES) // slots


@lru_cache(maxsize=8)
def _zones_of_slots(slots: int) -> tuple[Ints, Ints]:
    """The first slot of each zone, and how many slots it has; shapes (3,)."""
    count = np.bincount(_zone_of_age(slots), minlength=len(NAMES))
    return np.cumsum(count) - count, count
