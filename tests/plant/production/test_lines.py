"""Which units and counters stand for a line: roles and the material graph decide, never names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plant.model.load import load
from plant.model.tags import TagTable
from plant.production.lines import LineTable, ProductionLine
from plant.production.signals import order_number


@pytest.fixture(scope="module")
def table() -> LineTable:
    """The lines of the gypsum plants."""
    return LineTable(TagTable(load("gypsum")))


def _counters(table: LineTable, row: ProductionLine) -> dict[str, list[str]]:
    names = ("produced", "good", "reject", "gas", "energy", "water")
    return {name: [table.tags[tag].storage.split("/", 1)[1] for tag in getattr(row, name)] for name in names}


def _line(table: LineTable, storage: str) -> ProductionLine:
    found = table.by_storage(storage)
    assert found is not None
    return table[found]


def test_boards_are_counted_at_the_wet_knife_and_behind_the_dryer(table: LineTable) -> None:
    """Produced at the former, good and reject at the stacker, joined by their lots; power at the line's own meter."""
    row = _line(table, "minsk/boards")
    assert _counters(table, row) == {
        "produced": ["boards/former/produced_total"],
        "good": ["boards/stacker/good_total"],
        "reject": ["boards/stacker/reject_total"],
        "gas": ["boards/dryer/gas_total"],
        "energy": ["utilities/power-boards/energy_total"],
        "water": ["boards/former/water_total"],
    }
    lots = [table.units[source.unit].ref for source in (row.formed_lot, row.dried_lot) if source is not None]
    assert lots == ["boards/former", "boards/stacker"]
    assert (row.measure, row.minor_ms, table.units[row.constraint].ref) == ("m2", 300_000, "boards/former")


def test_a_line_without_a_dryer_books_at_once(table: LineTable) -> None:
    """Bags are produced and good at the packer; a mixer tells the order; nobody needs lots."""
    row = _line(table, "minsk/dry-mix")
    assert row.formed_lot is row.dried_lot is None
    assert _counters(table, row)["produced"] == ["dry-mix/packer/produced_total"]
    assert row.order is not None
    assert table.units[row.order.unit].ref == "dry-mix/mixer"


def test_what_is_only_counted_as_good_is_produced_too(table: LineTable) -> None:
    """A kiln counts its stucco once; it tells no orders and makes one product."""
    row = _line(table, "minsk/binder-1")
    assert row.produced == row.good
    assert row.order is None
    assert table.products[table.only_product()[row.index]] == "stucco"


def test_a_site_meter_is_nobodys_consumption(table: LineTable) -> None:
    """Intakes of a site are not the utilities' own, and a meter that lines share is none of theirs."""
    assert _counters(table, _line(table, "minsk/utilities"))["gas"] == []
    assert _counters(table, _line(table, "minsk/utilities"))["energy"] == ["utilities/power-air/energy_total"]
    assert _counters(table, _line(table, "voskresensk/binder-1"))["energy"] == []


def test_the_nearest_counter_upstream_counts(plant) -> None:
    """If the constraint does not count, the unit before the output does that counts in the same measure."""
    enterprise = plant.table.tags.enterprise
    (site,) = enterprise.sites
    boards = replace(site.line("boards"), constraint="dryer")
    area = replace(site.areas[0], lines=(boards, *site.areas[0].lines[1:]))
    other = LineTable(TagTable(replace(enterprise, sites=(replace(site, areas=(area,)),))))
    assert _counters(other, other[0])["produced"] == ["boards/former/produced"]


def test_every_line_of_the_shipped_models_has_a_row() -> None:
    """Whatever they make: each has a constraint, and those that make something have counters and ideal rates."""
    for name in ("gypsum", "print-farm"):
        table = LineTable(TagTable(load(name)))
        assert len(table) == sum(len(list(site.lines)) for site in table.tags.enterprise.sites)
        for row in table:
            assert table.by_storage(row.storage) == row.index
            assert bool(row.line.output) == bool(row.produced) == bool(row.good)


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), ("  ", 0), ("boards-00417", 417), ("417", 417), ("boards-2-00417", 417), ("1С-77/б", 77)],
)
def test_the_number_of_an_order(text: str, number: int) -> None:
    """The last digits of its name."""
    assert order_number(text) == number


@pytest.mark.parametrize("text", ["trial run", "00", "batch x"])
def test_an_order_without_a_number_is_an_order(text: str) -> None:
    """It gets one of its own, above all others and always the same."""
    assert order_number(text) == order_number(text) > 1 << 32
