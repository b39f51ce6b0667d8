from __future__ import annotations

import numpy as np
import pytest

from plant.model.enterprise import Role
from simulators.world.state import ENERGY, GAS, GOOD, PRODUCED, REJECT, WATER


def _counted(day) -> np.ndarray:
    return day.world.state.totals - day.begin.totals


def _kind(day, name: str) -> slice:
    return day.world.fixed.roster.slices[name]


def test_stucco_is_neither_made_nor_lost_between_kettle_and_lines(day) -> None:
    """What the calciners make is what silos and belts gained plus what formers, moulders and mixers used, to 0.1 %."""
    fixed, totals = day.world.fixed, _counted(day)
    stores = day.world.state.stores.amount - day.begin.stores.amount
    made = totals[GOOD, _kind(day, "calciner")].sum()
    stucco = [
        row
        for name in ("silo", "conveyor", "calciner")
        for row in range(*_kind(day, name).indices(10_000))
        if fixed.roster.units[row].simulation.get("material") == "stucco" or name == "calciner"
        or fixed.roster.units[row].slug == "elevator"
    ]  # fmt: skip
    used = 0.0
    for name, per_unit in (("board_former", "stucco_kg_m2"), ("block_moulder", "stucco_kg_m2")):
        rows = _kind(day, name)
        kg = np.array([fixed.roster.units[row].simulation[per_unit] for row in range(rows.start, rows.stop)])
        used += float((totals[PRODUCED, rows] * kg / 1000.0).sum())
    moulders = day.world.state.kinds["block_moulder"].poured_t - day.begin.kinds["block_moulder"].poured_t
    mixers, mixing = _kind(day, "dosing_mixer"), day.world.state.kinds["dosing_mixer"]
    packed = totals[PRODUCED, _kind(day, "packer")]
    mixed = packed + stores[mixers] + mixing.mixed_t - day.begin.kinds["dosing_mixer"].mixed_t
    low, high = 0.25 * mixed.sum(), 0.75 * mixed.sum()
    gypsum_in_mixes = made - stores[stucco].sum() - used - float(moulders.sum())
    assert low < gypsum_in_mixes < high, "mixes hold 25 to 75 % gypsum"
    assert made > 1_000.0


def test_a_dryer_gives_back_every_square_metre(day) -> None:
    """Boards formed are boards before, in and behind the dryer plus boards stacked, good or bad, to a thousandth."""
    totals = _counted(day)
    stores = day.world.state.stores.amount - day.begin.stores.amount
    formed = totals[PRODUCED, _kind(day, "board_former")].sum()
    stacked = totals[[GOOD, REJECT], _kind(day, "board_stacker")].sum()
    inside = day.world.state.kinds["board_dryer"].inside.amount - day.begin.kinds["board_dryer"].inside.amount
    between = stores[_kind(day, "board_former")].sum() + stores[_kind(day, "board_dryer")].sum()
    assert formed == pytest.approx(stacked + inside.sum() + between, rel=1e-6)


def test_blocks_stay_about_a_day_and_none_is_lost(day) -> None:
    """Blocks moulded are blocks in the tunnel and its queues plus blocks released, good or bad."""
    totals = _counted(day)
    stores = day.world.state.stores.amount - day.begin.stores.amount
    moulded = totals[PRODUCED, _kind(day, "block_moulder")].sum()
    released = totals[[GOOD, REJECT], _kind(day, "block_dryer")].sum()
    inside = day.world.state.kinds["block_dryer"].inside.amount - day.begin.kinds["block_dryer"].inside.amount
    assert moulded == pytest.approx(released + inside.sum() + stores[_kind(day, "block_moulder")].sum(), rel=1e-6)


def test_produced_is_good_plus_rejected(day) -> None:
    """Every unit that counts all three counts nothing twice."""
    totals = _counted(day)
    for name in ("packer", "board_stacker", "block_dryer"):
        rows = _kind(day, name)
        assert totals[PRODUCED, rows] == pytest.approx(totals[GOOD, rows] + totals[REJECT, rows], rel=1e-9)


def test_gas_per_tonne_of_stucco(day) -> None:
    """Mill and kettle together burn 30 to 38 m3 a tonne, the kettle alone 25 to 30."""
    totals = _counted(day)
    kettle = totals[GAS, _kind(day, "calciner")].sum()
    both = kettle + totals[GAS, _kind(day, "dryer_mill")].sum()
    stucco = totals[GOOD, _kind(day, "calciner")].sum()
    assert 25.0 < kettle / stucco < 30.0
    assert 30.0 < both / stucco < 38.0


def test_stucco_per_tonne_of_dried_stone(day) -> None:
    """About 0.82 to 0.85 of the dried stone is left after the crystal water is out."""
    tags = day.plant.tags
    rates = [
        (day.minutes[:, of["stucco_rate"].index].sum(), day.minutes[:, of["feed_rate"].index].sum())
        for unit in day.plant.enterprise.units
        if "stucco_rate" in (of := tags.of_unit(unit))
    ]
    stucco, stone = np.array(rates).sum(axis=0)
    assert 0.81 < stucco / stone < 0.86


def test_gas_and_water_per_square_metre(day) -> None:
    """Boards take 0.30 to 0.38 m3 of gas and 4 to 6 l of water a m2, blocks 3.5 to 4.5 m3 of gas."""
    totals = _counted(day)
    boards = totals[[GOOD, REJECT], _kind(day, "board_stacker")].sum()
    assert 0.30 < totals[GAS, _kind(day, "board_dryer")].sum() / boards < 0.38
    assert 0.004 < totals[WATER, _kind(day, "board_former")].sum() / boards < 0.006
    blocks = totals[[GOOD, REJECT], _kind(day, "block_dryer")].sum()
    assert 3.5 < totals[GAS, _kind(day, "block_dryer")].sum() / blocks < 4.5


def test_meters_are_the_sum_of_what_they_stand_for(day) -> None:
    """A site's intake counts exactly what all its units used, and nothing twice."""
    roster, totals = day.world.fixed.roster, _counted(day)
    meters = _kind(day, "meter")
    for quantity, role in ((ENERGY, Role.ENERGY), (GAS, Role.GAS), (WATER, Role.WATER)):
        for row in range(meters.start, meters.stop):
            unit = roster.units[row]
            if unit.simulation["of"] != "site" or unit.with_role(role) is None:
                continue
            others = [i for i, each in enumerate(roster.units) if each.site == unit.site and not meters.start <= i]
            others += [
                i
                for i, each in enumerate(roster.units)
                if each.site == unit.site and i >= meters.stop
            ]  # fmt: skip
            assert totals[quantity, row] == pytest.approx(totals[quantity, others].sum(), rel=1e-9)


def test_power_has_a_standing_part(day) -> None:
    """A mill at no load draws a third to two thirds of what it draws at full load, a stopped one next to nothing."""
    tags = day.plant.tags
    for unit in day.plant.enterprise.units:
        if day.plant.enterprise.unit_types[unit.type].physics != "dryer_mill":
            continue
        of = tags.of_unit(unit)
        state, power = day.minutes[:, of["state"].index], day.minutes[:, of["power"].index]
        running = power[state == 6]
        assert running.min() > 0.3 * running.max()
        if (stopped := power[state == 9]).size:
            assert stopped.max() < 0.1 * running.max()
