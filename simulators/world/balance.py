"""Balances of mass, water and heat of a site between two states of the world: what an auditor would add up.

Each figure comes from a book of its own (counters, stores, what is inside machines, what kinds of physics noted), so
that a leak anywhere shows as an error here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plant.model.enterprise import Role, Unit
from simulators.world.energy import GAS_MJ_M3
from simulators.world.group import BINDERS, numeric, text
from simulators.world.inertia import Bools, Floats
from simulators.world.kinds.meter import SITE
from simulators.world.state import BOOKS, ENERGY, GAS, GOOD, PRODUCED, REJECT, WATER, WorldState
from simulators.world.structure import Structure

FIRED = ("dryer_mill", "calciner", "board_dryer", "block_dryer")
"""Kinds with a burner."""
METERED = (("power", "kWh", ENERGY, Role.ENERGY), ("gas", "m3", GAS, Role.GAS), ("water", "m3", WATER, Role.WATER))
"""Name, measure, row of `WorldState.totals` and role of what intakes count."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One balance: what came in is what went out plus what the stock gained.

    Attributes:
        name: What is balanced, such as ``stucco``; `site` is the slug, `unit` the measure of all figures.
        came, went, gained: Amounts by name.
    """

    name: str
    site: str
    unit: str
    came: Mapping[str, float]
    went: Mapping[str, float]
    gained: Mapping[str, float]

    @property
    def missing(self) -> float:
        """What came and is nowhere; below 0 for what was made of nothing."""
        return sum(self.came.values()) - sum(self.went.values()) - sum(self.gained.values())

    @property
    def error(self) -> float:
        """The part of what came that is missing; 0 when nothing came."""
        came = sum(self.came.values())
        return self.missing / came if came else 0.0


def balances(fixed: Structure, before: WorldState, after: WorldState, site: str) -> tuple[Balance, ...]:
    """All balances of a site between two states; those of processes that it does not have are left out.

    Args:
        fixed: What does not change.
        before: State at the beginning.
        after: State at the end.
        site: Slug.
    """
    books = _Audit(fixed, before, after, site)
    found = (
        _stone(books),
        _milling(books),
        _calcining(books),
        _stucco(books),
        _mixes(books),
        _boards(books),
        _blocks(books),
        _board_water(books),
        _block_water(books),
        *(_heat(books, kind) for kind in FIRED),
        *_meters(books),
    )
    return tuple(each for each in found if any(each.came.values()))


class _Audit:
    """The books of a site: differences between two states, added up over the units of a kind."""

    def __init__(self, fixed: Structure, before: WorldState, after: WorldState, site: str) -> None:
        self.fixed, self.before, self.after, self.site = fixed, before, after, site
        slugs = [each.slug for each in fixed.roster.sites]
        self.here: Bools = fixed.roster.site == slugs.index(site)
        self.totals: Floats = after.totals - before.totals
        self.stores: Floats = after.stores.amount - before.stores.amount
        self.store_water: Floats = after.stores.water - before.stores.water

    def rows(self, *kinds: str) -> Bools:
        """Units of some kinds at the site."""
        chosen = np.zeros(len(self.here), np.bool_)
        for kind in kinds:
            chosen[self.fixed.roster.slices.get(kind, slice(0, 0))] = True
        return chosen & self.here

    def total(self, quantity: int, chosen: Bools) -> float:
        """What counters of the chosen units counted."""
        return float(self.totals[quantity, chosen].sum())

    def booked(self, name: str, chosen: Bools) -> float:
        """What the chosen units noted in one of `BOOKS`."""
        row = BOOKS.index(name)
        return float((self.after.books[row] - self.before.books[row])[chosen].sum())

    def inside(self, kind: str, name: str) -> float:
        """Change of what machines of a kind hold, by a name of `Kind.held`."""
        if kind not in self.fixed.kinds:
            return 0.0
        physics, here = self.fixed.kinds[kind], self.here[self.fixed.roster.slices[kind]]
        now, then = physics.held(self.after.kinds[kind])[name], physics.held(self.before.kinds[kind])[name]
        return float((now - then)[here].sum())

    def parameter(self, name: str, chosen: Bools) -> Floats:
        """A parameter of the chosen units, 0 where the model has none."""
        units = [self.fixed.roster.units[row] for row in np.flatnonzero(chosen)]
        return np.array([numeric(unit.simulation, name, 0.0) for unit in units])

    def silos(self, *, of_sand: bool) -> Bools:
        """Silos that hold something else than the binder, or those with the binder."""
        sand = np.array([_holds_other(unit) for unit in self.fixed.roster.units], np.bool_)
        return self.rows("silo") & (sand if of_sand else ~sand)

    def downstream(self, kind: str) -> Bools:
        """Units that material of a kind's machines reaches."""
        graph = self.fixed.graph
        reached = self.rows(kind)
        while True:
            further = reached.copy()
            further[graph.taker[reached[graph.source]]] = True
            if (further == reached).all():
                return reached
            reached = further

    def balance(
        self, name: str, unit: str, came: Mapping[str, float], went: Mapping[str, float], gained: Mapping[str, float]
    ) -> Balance:
        """A balance of this site."""
        return Balance(name, self.site, unit, came, went, gained)


def _stone(books: _Audit) -> Balance:
    """Wet stone: dug or from the yard, to the mills."""
    before_mill = books.rows("conveyor", "crusher") & ~books.downstream("dryer_mill")
    from_outside = before_mill & books.fixed.graph.outside
    return books.balance(
        "stone",
        "t",
        {"from outside": books.booked("taken", from_outside)},
        {"to mills": books.booked("taken", books.rows("dryer_mill")), "spilt": books.booked("spilt", before_mill)},
        {"on belts and piles": float(books.stores[before_mill].sum()), "hoppers": books.inside("crusher", "amount")},
    )


def _milling(books: _Audit) -> Balance:
    mills = books.rows("dryer_mill")
    return books.balance(
        "milling",
        "t",
        {"wet stone": books.booked("taken", mills)},
        {
            "water evaporated": books.booked("evaporated", mills),
            "to calciners": books.booked("taken", books.rows("calciner")),
        },
        {"bins": float(books.stores[mills].sum())},
    )


def _calcining(books: _Audit) -> Balance:
    calciners = books.rows("calciner")
    return books.balance(
        "calcining",
        "t",
        {"dried stone": books.booked("taken", calciners)},
        {
            "stucco": books.total(GOOD, calciners),
            "water evaporated": books.booked("evaporated", calciners),
            "calcined water": books.booked("crystal", calciners),
        },
        {},
    )


def _stucco(books: _Audit) -> Balance:
    """Stucco that calciners counted, by what lines made of it; mixers take what is not sand."""
    calciners, formers, moulders = books.rows("calciner"), books.rows("board_former"), books.rows("block_moulder")
    elevators = books.rows("conveyor") & books.downstream("calciner")
    holding = calciners | elevators | books.silos(of_sand=False)
    sand_silos = books.silos(of_sand=True)
    sand = books.booked("taken", sand_silos) - float(books.stores[sand_silos].sum())
    boards_t = books.totals[PRODUCED, formers] @ books.parameter("stucco_kg_m2", formers) / 1000.0
    blocks_t = books.totals[PRODUCED, moulders] @ books.parameter("stucco_kg_m2", moulders) / 1000.0
    return books.balance(
        "stucco",
        "t",
        {"calcined": books.total(GOOD, calciners)},
        {
            "boards": float(boards_t),
            "blocks": float(blocks_t),
            "dry mixes": books.booked("taken", books.rows("dosing_mixer")) - sand,
            "spilt": books.booked("spilt", elevators),
        },
        {"silos and belts": float(books.stores[holding].sum()), "moulds": books.inside("block_moulder", "amount")},
    )


def _mixes(books: _Audit) -> Balance:
    mixers, packers = books.rows("dosing_mixer"), books.rows("packer")
    return books.balance(
        "dry mixes",
        "t",
        {"from silos": books.booked("taken", mixers), "bagged": books.booked("added", mixers)},
        {"good bags": books.total(GOOD, packers), "rejected bags": books.total(REJECT, packers)},
        {"hoppers": float(books.stores[mixers].sum()), "mixers": books.inside("dosing_mixer", "amount")},
    )


def _boards(books: _Audit) -> Balance:
    stackers, between = books.rows("board_stacker"), books.rows("board_former", "board_dryer")
    return books.balance(
        "boards",
        "m2",
        {"formed": books.total(PRODUCED, books.rows("board_former"))},
        {"good": books.total(GOOD, stackers), "rejected": books.total(REJECT, stackers)},
        {"dryers": books.inside("board_dryer", "amount"), "belts": float(books.stores[between].sum())},
    )


def _blocks(books: _Audit) -> Balance:
    dryers, moulders = books.rows("block_dryer"), books.rows("block_moulder")
    return books.balance(
        "blocks",
        "m2",
        {"moulded": books.total(PRODUCED, moulders)},
        {"good": books.total(GOOD, dryers), "rejected": books.total(REJECT, dryers)},
        {"tunnels": books.inside("block_dryer", "amount"), "queues": float(books.stores[moulders].sum())},
    )


def _board_water(books: _Audit) -> Balance:
    """Kneading water: bound in setting, dried off, or still in the boards."""
    formers, dryers = books.rows("board_former"), books.rows("board_dryer")
    return books.balance(
        "water of boards",
        "t",
        {"kneading water": books.total(WATER, formers)},
        {
            "bound": books.booked("bound", formers),
            "dried off": books.booked("evaporated", dryers),
            "in stacked boards": float(books.store_water[books.rows("board_stacker")].sum()),
        },
        {
            "belts": float(books.store_water[formers | dryers].sum()),
            "dryers": books.inside("board_dryer", "water_t"),
        },
    )


def _block_water(books: _Audit) -> Balance:
    moulders, dryers = books.rows("block_moulder"), books.rows("block_dryer")
    behind = books.rows("palletizer") & books.downstream("block_dryer")
    return books.balance(
        "water of blocks",
        "t",
        {"kneading water": books.total(WATER, moulders)},
        {
            "bound": books.booked("bound", moulders),
            "dried off": books.booked("evaporated", dryers),
            "in rejected blocks": books.booked("scrapped_water", dryers),
            "in released blocks": float(books.store_water[dryers | behind].sum()),
        },
        {
            "queues": float(books.store_water[moulders].sum()),
            "moulds and tanks": books.inside("block_moulder", "water_t"),
            "tunnels": books.inside("block_dryer", "water_t"),
        },
    )


def _heat(books: _Audit, kind: str) -> Balance:
    """Gas that the meters of a kind counted, by where its heat went."""
    machines = books.rows(kind)
    return books.balance(
        f"heat of {kind}",
        "MJ",
        {"gas": books.total(GAS, machines) * GAS_MJ_M3},
        {"process": books.booked("heat_mj", machines), "walls and chimney": books.booked("waste_mj", machines)},
        {"warmth": books.inside(kind, "heat_mj")},
    )


def _meters(books: _Audit) -> list[Balance]:
    """What all units of the site used, against its intakes."""
    units, meters = books.fixed.roster.units, books.rows("meter")
    intakes = [row for row in np.flatnonzero(meters) if text(units[row].simulation, "of") == SITE]
    found = []
    for name, unit, quantity, role in METERED:
        shown = [row for row in intakes if units[row].with_role(role) is not None]
        if shown:
            used = {"units": books.total(quantity, books.here & ~meters)}
            found.append(books.balance(name, unit, used, {"intake": float(books.totals[quantity, shown].sum())}, {}))
    return found


def _holds_other(unit: Unit) -> bool:
    return text(unit.simulation, "material") not in BINDERS
