from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.world import grade
from simulators.world.balance import balances
from simulators.world.energy import EVAPORATION_MJ_T, GYPSUM_MJ_T, WATER_OF_GYPSUM
from simulators.world.state import BOOKS, ENERGY, GAS, GOOD, PRODUCED, REJECT, WATER

ALWAYS = {"milling", "calcining", "stucco", "dry mixes", "heat of dryer_mill", "heat of calciner", "power", "gas"}
"""Balances that every site has."""


@pytest.fixture(scope="module")
def audit(day):
    """All balances of the day."""
    world = day.world
    slugs = [site.slug for site in world.fixed.roster.sites]
    return [each for slug in slugs for each in balances(world.fixed, day.begin, world.state, slug)]


def _kind(day, name: str) -> slice:
    return day.world.fixed.roster.slices[name]


def _booked(day, name: str, kind: str) -> float:
    row = BOOKS.index(name)
    return float((day.world.state.books[row] - day.begin.books[row])[_kind(day, kind)].sum())


def test_every_balance_closes(day, audit) -> None:
    """Mass, water and heat: what came went or is still there, to 0.1 % of it, at every site over the day."""
    for each in audit:
        assert abs(each.error) < 1e-3, (each.site, each.name, each)
    for site in day.world.fixed.roster.sites:
        names = {each.name for each in audit if each.site == site.slug}
        assert names >= ALWAYS, site.slug
        for area, balance in (("boards", "water of boards"), ("blocks", "water of blocks"), ("quarry", "stone")):
            if any(line.slug == area for line in site.lines):
                assert balance in names, (site.slug, balance)


def test_balances_add_up_to_a_days_work(audit) -> None:
    """No balance closes because nothing happened: each site made a hundred tonnes and more of stucco."""
    made = {each.site: each.came["calcined"] for each in audit if each.name == "stucco"}
    assert min(made.values()) > 100.0
    assert all(abs(sum(each.came.values())) > 1.0 for each in audit)


def test_stucco_is_known_wherever_it_lies(day) -> None:
    """No silo of stucco forgets or invents any on the way from the kilns, and all of it is a mean of what they made."""
    state, silos = day.world.state, _kind(day, "silo")
    binder = day.world.fixed.kinds["silo"].binder > 0.0
    amount, stucco = state.stores.amount[silos][binder], state.stores.stucco[:, silos][:, binder]
    assert stucco[grade.MASS] == pytest.approx(amount, rel=1e-9)
    for row, low, high in ((grade.SETTING, 0.9, 1.2), (grade.PURITY, 0.85, 0.95), (grade.CONVERSION, 0.9, 1.0)):
        mean = grade.mean(stucco, row)
        assert low < mean.min() < mean.max() < high
        assert np.ptp(mean) > 0.0
    assert not state.stores.stucco[:, silos][:, ~binder].any()
    mixers = _kind(day, "dosing_mixer")
    assert (state.stores.stucco[grade.MASS, mixers] < state.stores.amount[mixers]).all()
    assert state.stores.stucco[grade.MASS, mixers].any()


def test_a_leak_shows(day) -> None:
    """A tonne that vanishes from a silo is missing in the balance of stucco, and in no other."""
    world = day.world
    stores = world.state.stores
    silo = next(
        row
        for row in range(*_kind(day, "silo").indices(10_000))
        if world.fixed.roster.units[row].site == "minsk" and world.fixed.roster.units[row].line == "binder-1"
    )
    amount = stores.amount.copy()
    amount[silo] -= 50.0
    leaking = replace(world.state, stores=replace(stores, amount=amount))
    missing = {each.name: each.missing for each in balances(world.fixed, day.begin, leaking, "minsk")}
    assert missing.pop("stucco") == pytest.approx(50.0, abs=1.0)
    assert all(abs(each) < 1.0 for each in missing.values())


def test_stucco_is_feed_less_its_waters(day) -> None:
    """Over the day stucco = sum of feed (1 - w)(1 - 0.1569 p a) with the kettles' true w, p and a, within 0.1 %."""
    made = float((day.world.state.totals - day.begin.totals)[GOOD, _kind(day, "calciner")].sum())
    assert day.stucco_expected_t == pytest.approx(made, rel=1e-3)


def test_fired_heat_is_that_of_waters_and_warm_stone(day) -> None:
    """The heat that processes booked is evaporation and calcination of the waters that left, and 10 to 40 % warming."""
    for kind in ("dryer_mill", "calciner", "board_dryer", "block_dryer"):
        calcined = _booked(day, "crystal", kind) / WATER_OF_GYPSUM
        waters = _booked(day, "evaporated", kind) * EVAPORATION_MJ_T + calcined * GYPSUM_MJ_T
        warming = _booked(day, "heat_mj", kind) / waters - 1.0
        assert 0.03 < warming < (1.7 if kind == "dryer_mill" else 0.4), kind


def test_produced_is_good_plus_rejected(day) -> None:
    """Every unit that counts all three counts nothing twice."""
    totals = day.world.state.totals - day.begin.totals
    for name in ("packer", "board_stacker", "block_dryer"):
        rows = _kind(day, name)
        assert totals[PRODUCED, rows] == pytest.approx(totals[GOOD, rows] + totals[REJECT, rows], rel=1e-9)


def test_meters_are_the_sum_of_what_they_stand_for(day) -> None:
    """Meters of areas and lines together count no more than the intake, and exactly what their units used."""
    roster, totals = day.world.fixed.roster, day.world.state.totals - day.begin.totals
    meters = _kind(day, "meter")
    for quantity in (ENERGY, GAS, WATER):
        for row in range(meters.start, meters.stop):
            unit = roster.units[row]
            of = {part.strip() for part in str(unit.simulation["of"]).split(",")}
            covered = [
                i
                for i, each in enumerate(roster.units)
                if each.site == unit.site
                and not meters.start <= i < meters.stop
                and (of & {"site", each.line, each.area})
            ]
            assert totals[quantity, row] == pytest.approx(totals[quantity, covered].sum(), rel=1e-9)


def test_power_has_a_standing_part_and_follows_load(day) -> None:
    """Mills at no load draw a third to two thirds of their rated power, the rest with load; stopped ones hardly any."""
    tags, load, power, stopped = day.plant.tags, [], [], []
    for unit in day.plant.enterprise.units:
        if day.plant.enterprise.unit_types[unit.type].physics != "dryer_mill":
            continue
        of = tags.of_unit(unit)
        state, drawn = (
            day.minutes[:, of["state"].index],
            day.minutes[:, of["power"].index] / unit.simulation["power_kw"],
        )
        load.extend(day.minutes[state == 6, of["feed_rate"].index] / unit.simulation["capacity_t_h"])
        power.extend(drawn[state == 6])
        stopped.extend(drawn[state == 9])
    with_load, standing = np.polyfit(load, power, 1)
    assert 0.33 < standing < 0.67
    assert standing + with_load == pytest.approx(1.0, abs=0.05)
    assert not stopped or max(stopped) < 0.1
