"""Palletizer: stacks bags or blocks on pallets and wraps them in film; what it makes leaves for the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.group import Group
from simulators.world.inertia import Floats, approach
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

PIECES_PER_MIN = 30.0
"""A layer palletizer keeps up with the fastest rotary packer."""
LARGEST_BAG_T = 0.03
"""The heaviest bag it lifts, t."""
FILM_PALLETS = 250.0
"""A reel of stretch film wraps about 250 pallets."""
NEW_REEL = 8.0
"""The reel is changed when this much is left, %."""
RATE_S = 900.0
"""Pallets an hour are shown smoothed over a quarter of an hour, a few pallets."""


@dataclass(frozen=True, slots=True)
class PalletizerState:
    """Pieces on the present pallet; film left, %; smoothed pallets an hour. Shapes (units,)."""

    pieces: Floats
    film: Floats
    rate_h: Floats


@dataclass(frozen=True, slots=True)
class Palletizer(Kind[PalletizerState]):
    """Parameters of all palletizers.

    Attributes:
        per_pallet: Bags or blocks.
        block_m2: Face of a block, 0 on lines that stack bags; the mass of a bag comes with the bags.
        power_kw: Rated.
    """

    WORK: ClassVar[Work] = Work(
        minor_every_h=5.0, minor_s=110.0, start_s=20.0, life_h=3000.0, standing=0.4, stopped=0.05
    )

    per_pallet: Floats
    block_m2: Floats
    power_kw: Floats

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: bags_per_pallet, power_kw, and block_m2 of the moulder up the line."""
        return cls(
            group,
            group.number("bags_per_pallet", 48.0),
            group.upstream("block_m2", 0.0),
            group.number("power_kw", 25.0),
        )

    def start(self, inputs: Inputs) -> PalletizerState:
        """Amid a pallet and a reel."""
        pieces = self.per_pallet * inputs.uniform[0]
        rate = 0.9 * inputs.pace / self._piece(self.zero) / self.per_pallet * inputs.running
        return PalletizerState(pieces, NEW_REEL + 90.0 * inputs.uniform[1], rate)

    def demand(self, state: PalletizerState, inputs: Inputs) -> Floats:  # noqa: ARG002 - it takes what comes
        """As many pieces as it could stack."""
        largest = np.where(self.block_m2 > 0.0, self.block_m2, LARGEST_BAG_T)
        return PIECES_PER_MIN * largest * inputs.running * inputs.dt_s / 60.0

    def step(self, state: PalletizerState, inputs: Inputs, taken: Taken) -> tuple[PalletizerState, Outputs]:
        """Stack; a full pallet is wrapped and leaves."""
        came = taken.amount / self._piece(taken.label)
        pieces = state.pieces + came
        pallets = np.floor(pieces / self.per_pallet)
        film = state.film - 100.0 * pallets / FILM_PALLETS
        rate = approach(state.rate_h, came / self.per_pallet / inputs.dt_h, inputs.dt_s, RATE_S)
        after = PalletizerState(pieces - pallets * self.per_pallet, np.where(film < NEW_REEL, 100.0, film), rate)
        shown = {"pallet_rate": rate, "bags_per_pallet": self.per_pallet, "film_stock": after.film}
        load = np.minimum(1.0, came / np.maximum(1e-9, PIECES_PER_MIN * inputs.dt_s / 60.0))
        return after, Outputs(shown, made=taken.amount, bad=taken.bad, water=taken.water, load=load, produced=pallets)

    def _piece(self, bag_kg: Floats) -> Floats:
        """One piece in the measure of the unit that feeds it: m2 for blocks, t for bags."""
        bag_t = np.where(bag_kg > 0.0, bag_kg / 1000.0, LARGEST_BAG_T)
        return np.where(self.block_m2 > 0.0, self.block_m2, bag_t)
