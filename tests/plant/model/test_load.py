"""How the written file becomes an enterprise: types, line types, counts, overrides, names, histories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

from plant.model.enterprise import Datatype, Enterprise, Limits, Role, SiteStatus, Span, Text
from plant.model.load import load
from plant.model.tags import TagTable, text_tags

TINY = Path(__file__).with_name("tiny.yaml")
UNIT = "kiln: {type: kiln, feeds: [board-1/former]}"

Edited = Callable[..., Enterprise]


def test_the_tiny_model_has_every_role() -> None:
    """Other tests lean on it: two sites, one on trial, two lines, every role."""
    tiny = load(TINY)
    assert {metric.role for unit in tiny.units for metric in unit.metrics} == set(Role)
    assert [site.status for site in tiny.sites] == [SiteStatus.TRIAL, SiteStatus.PRODUCTION]
    assert [line.slug for line in tiny.sites[0].lines] == ["kiln-1", "board-1"]


def test_a_row_is_taken_over_as_written() -> None:
    """Units, ranges, limits and parameters arrive unchanged; a role gives its only datatype."""
    kiln = load(TINY).site("alpha").line("kiln-1").unit("kiln")
    metric = next(each for each in kiln.metrics if each.key == "temperature")
    assert (metric.name, metric.unit, metric.deadband) == (Text("Температура", "Temperature"), "degC", 0.5)
    assert (metric.span, metric.normal) == (Span(0, 300), Span(150, 160))
    assert metric.limits == Limits(120, 140, 170, 185)
    assert metric.simulation == {"follows": "temperature_sp", "tau_s": 300}
    state = kiln.with_role(Role.STATE)
    assert state is not None
    assert state.datatype is Datatype.INT32


def test_a_type_takes_over_rows_and_changes_only_what_it_names(edited: Edited) -> None:
    """`extends` brings all rows; a row given again changes single keys and keeps its place."""
    enterprise = edited(("      rate: {name", "      power: {span: [0, 90], normal: [10, 80]}\n      rate: {name"))
    kiln = enterprise.site("alpha").line("kiln-1").unit("kiln")
    assert [metric.key for metric in kiln.metrics][:5] == ["state", "mode", "reason", "power", "rate"]
    power = kiln.with_role(Role.POWER)
    assert power is not None
    assert (power.span, power.unit, power.deadband) == (Span(0, 90), "kW", 2)


def test_a_line_takes_over_its_line_type() -> None:
    """`use` brings units, constraint, output, target and rates; the site changes only what it names."""
    tiny = load(TINY)
    alpha, beta = (site.line("board-1") for site in tiny.sites)
    assert (alpha.constraint, alpha.output, alpha.ideal_rates) == ("former", "former", {"board": 3900})
    assert [line.shift_target.amount for line in (alpha, beta) if line.shift_target] == [36000, 30000]
    assert [unit.gateway for line in (alpha, beta) for unit in line.units] == ["board-1", "plant"]


def test_counted_units_are_numbered_and_one_of_them_can_differ(edited: Edited) -> None:
    """`count: 2` makes `kiln-1` and `kiln-2`, numbers their names, and `kiln-2:` changes only the second."""
    enterprise = edited(
        (
            UNIT,
            UNIT.replace("kiln,", "kiln, count: 2,") + "\n              kiln-2: {name: {ru: Вторая, en: Second}}",
        ),
        ("constraint: kiln", "constraint: kiln-1"),
        ("output: kiln", "output: kiln-2"),
    )
    alpha = enterprise.site("alpha")
    first, second = alpha.line("kiln-1").units
    assert (first.slug, first.name, first.feeds) == ("kiln-1", Text("Печь 1", "Kiln 1"), ("board-1/former",))
    assert (second.slug, second.name, second.feeds) == ("kiln-2", Text("Вторая", "Second"), ("board-1/former",))
    assert alpha.specific[0].numerators == ("kiln-1/kiln-1/gas_total", "kiln-1/kiln-2/gas_total")


def test_a_count_of_nothing_leaves_a_unit_of_the_line_type_out(edited: Edited) -> None:
    """`count: 0` removes a unit and what feeds it no longer does; feeds to the whole family find the rest."""
    enterprise = edited(
        ("      former: {type: former}", "      former: {type: former, feeds: [spare]}\n      spare: {type: former}"),
        ("            gateway: board-1\n", "            gateway: board-1\n            units: {spare: {count: 0}}\n"),
    )
    alpha, beta = (site.line("board-1") for site in enterprise.sites)
    assert [(unit.slug, unit.feeds) for unit in alpha.units] == [("former", ())]
    assert [(unit.slug, unit.feeds) for unit in beta.units] == [("former", ("board-1/spare",)), ("spare", ())]


def test_the_history_follows_a_renamed_line_unit_and_metric(edited: Edited) -> None:
    """`was` on line, unit or metric keeps the storage path of old, so that the history stays."""
    enterprise = edited(
        ("            use: boards\n", "            use: boards\n            was: plates\n"),
        (UNIT, "kiln: {type: kiln, was: furnace, feeds: [board-1/former]}"),
        ("role: level,", "role: level, was: fill,"),
    )
    tags = TagTable(enterprise)
    assert tags.by_path("alpha/shop/kiln-1/kiln/level").storage == "alpha/kiln-1/furnace/fill"
    assert tags.by_path("alpha/shop/board-1/former/speed").storage == "alpha/plates/former/speed"
    assert enterprise.site("alpha").line("board-1").storage == "alpha/plates"


def test_the_history_follows_a_unit_to_another_line(edited: Edited) -> None:
    """`was: line/unit` names the place of old; a family that is renamed keeps its numbers."""
    moved = edited((UNIT, "kiln: {type: kiln, was: old-line/furnace}"))
    assert moved.site("alpha").line("kiln-1").unit("kiln").storage == "alpha/old-line/furnace"
    renamed = edited(
        (UNIT, "kiln: {type: kiln, count: 2, was: furnace}"),
        ("constraint: kiln", "constraint: kiln-1"),
        ("output: kiln", "output: kiln-1"),
    )
    storages = [unit.storage for unit in renamed.site("alpha").line("kiln-1").units]
    assert storages == ["alpha/kiln-1/furnace-1", "alpha/kiln-1/furnace-2"]


def test_retired_and_replaced_metrics_stay_readable_and_are_not_live(edited: Edited) -> None:
    """A retired row keeps its tag for the history; the one that replaces it is a tag of its own."""
    enterprise = edited(
        (
            "      level: {",
            '      level_2: {name: {ru: Уровень, en: Level}, role: level, unit: "%", replaces: level}\n      level: {',
        ),
        ('role: level, unit: "%", span: [0, 100], deadband: 0.5}', 'role: level, unit: "%", retired: 2026-11-01}'),
    )
    tags = TagTable(enterprise)
    old, new = (tags.by_path(f"alpha/shop/kiln-1/kiln/{key}") for key in ("level", "level_2"))
    assert (old.is_live, old.metric.retired) == (False, date(2026, 11, 1))
    assert (new.is_live, new.metric.replaces) == (True, "level")


def test_a_calendar_gives_the_production_day() -> None:
    """Shifts keep their order; the day starts with the first, a night shift ends on the next day."""
    calendar = load(TINY).sites[0].calendar
    assert calendar.day_start == time(8)
    assert [(shift.slug, shift.start, shift.end) for shift in calendar.shifts] == [
        ("day", time(8), time(20)),
        ("night", time(20), time(8)),
    ]


def test_texts_are_listed_apart_from_numbers() -> None:
    """Orders, products and reasons are texts: no row in the tag table, one in the text tags."""
    tiny = load(TINY)
    texts = {tag.metric.role for tag in text_tags(tiny)}
    assert texts == {Role.REASON, Role.ORDER, Role.PRODUCT, Role.LOT}
    assert not any(tag.metric.role in texts for tag in TagTable(tiny))
