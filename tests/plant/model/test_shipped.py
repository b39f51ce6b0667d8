"""What the shipped models promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

import pytest

from plant.model.enterprise import Datatype, Enterprise, Role, SiteStatus, Text
from plant.model.load import load, shipped
from plant.model.tags import TagTable

BIG = ("voskresensk", "volgograd", "minsk")


@pytest.fixture(scope="module", params=shipped())
def model(request: pytest.FixtureRequest) -> Enterprise:
    """Each shipped model."""
    return load(request.param)


@pytest.fixture(scope="module")
def gypsum() -> Enterprise:
    """The eight plants."""
    return load("gypsum")


def live_tags(enterprise: Enterprise) -> Counter[str]:
    """Live numeric tags by site."""
    return Counter(tag.unit.site for tag in TagTable(enterprise) if tag.is_live)


def commands(enterprise: Enterprise) -> Counter[str]:
    """Live command tags by site, one for each machine."""
    return Counter(tag.unit.site for tag in TagTable(enterprise).with_role(Role.COMMAND))


def texts(enterprise: Enterprise) -> Iterator[Text]:
    """Every name that people see."""
    yield enterprise.name
    yield from enterprise.measures.values()
    things = chain(enterprise.unit_types.values(), enterprise.products.values(), enterprise.sites)
    yield from (each.name for each in things)
    for site in enterprise.sites:
        yield from (
            each.name for each in chain(site.areas, site.lines, site.units, site.specific, site.calendar.shifts)
        )
    yield from (metric.name for unit in enterprise.units for metric in unit.metrics)


def test_two_models_are_shipped() -> None:
    """The second proves that the enterprise is data."""
    assert shipped() == ["gypsum", "print-farm"]


def test_the_group_has_its_eight_plants(gypsum: Enterprise) -> None:
    """Eight subdivisions, only Voskresensk is on trial."""
    slugs = ["voskresensk", "volgograd", "absalyamovo", "orenburg", "maykop", "chelyabinsk", "minsk", "saratov"]
    assert [site.slug for site in gypsum.sites] == slugs
    assert [site.slug for site in gypsum.sites if site.status is SiteStatus.TRIAL] == ["voskresensk"]


def test_the_group_has_the_size_of_a_group(gypsum: Enterprise) -> None:
    """2 500 to 3 500 tags; a large site has 350 to 450 in 60 to 90 units, besides one command tag for each machine."""
    tags = live_tags(gypsum)
    assert 2500 <= tags.total() <= 3500
    for slug in BIG:
        assert 350 <= (tags - commands(gypsum))[slug] <= 450
        assert 60 <= len(list(gypsum.site(slug).units)) <= 90


def test_the_lines_are_those_of_the_plants(gypsum: Enterprise) -> None:
    """Each plant has its production lines, and a binder shop and utilities besides."""
    made = {
        site.slug: [line.slug for line in site.lines if line.area not in {"binder", "utilities"}]
        for site in gypsum.sites
    }
    assert made == {
        "voskresensk": ["boards", "dry-mix-1", "dry-mix-2", "dry-mix-3", "blocks"],
        "volgograd": ["boards", "dry-mix-1", "dry-mix-2", "blocks"],
        "absalyamovo": ["boards", "dry-mix"],
        "orenburg": ["quarry", "dry-mix", "blocks"],
        "maykop": ["quarry", "dry-mix", "blocks"],
        "chelyabinsk": ["dry-mix-1", "dry-mix-2"],
        "minsk": ["boards", "dry-mix", "blocks"],
        "saratov": ["dry-mix", "blocks"],
    }
    assert all({"binder", "utilities"} <= {area.slug for area in site.areas} for site in gypsum.sites)


def test_the_second_enterprise_is_another_one() -> None:
    """Two workshops, 100 to 200 tags besides the commands, and no word about gypsum."""
    model = load("print-farm")
    assert len(model.sites) == 2
    assert 100 <= (live_tags(model) - commands(model)).total() <= 200
    words = " ".join(f"{text.ru} {text.en}" for text in texts(model)).lower()
    assert not any(word in words for word in ("gypsum", "гипс", "stucco", "вяжущ"))
    assert {each.physics for each in model.unit_types.values()} == {"generic"}


def test_every_name_is_there_in_both_languages(model: Enterprise) -> None:
    """A Russian name is Russian where words are meant: no name is left in the other language."""
    assert all(text.ru and text.en for text in texts(model))
    russian = [text.ru for text in texts(model) if len(text.ru) > 5]
    assert all(any("а" <= letter <= "я" for letter in name.lower()) for name in russian)
    english = [text.en for text in texts(model)]
    assert not any("а" <= letter <= "я" for name in english for letter in name.lower())


def test_it_says_that_it_is_a_demonstration(model: Enterprise) -> None:
    """Nobody may take the figures for those of a real plant."""
    assert model.note is not None
    assert "Демонстрационная" in model.note.ru
    assert "Demonstration" in model.note.en


def test_feeds_lead_to_units_and_not_in_circles(model: Enterprise) -> None:
    """The material graph of a site resolves and ends somewhere."""
    for site in model.sites:
        graph = {unit.ref: set(unit.feeds) for unit in site.units}
        while graph:
            ends = {ref for ref, feeds in graph.items() if not feeds & graph.keys()}
            assert ends
            assert all(feeds <= {unit.ref for unit in site.units} for feeds in graph.values())
            graph = {ref: feeds for ref, feeds in graph.items() if ref not in ends}


def test_every_line_with_output_has_a_target_that_its_rates_can_reach(model: Enterprise) -> None:
    """A plan is 50 to 95 % of what the shift could make at the fastest ideal rate."""
    for site in model.sites:
        hours = 24 / len(site.calendar.shifts)
        for line in site.lines:
            if line.output is not None:
                assert line.shift_target is not None
                assert 0.5 <= line.shift_target.amount / (hours * max(line.ideal_rates.values())) <= 0.95


def test_report_by_exception_has_deadbands(model: Enterprise) -> None:
    """Measured analog values have a span and a deadband of 0.1 to 2 % of it."""
    measured = [
        metric
        for unit in model.units
        for metric in unit.metrics
        if metric.datatype is Datatype.DOUBLE and not metric.is_counter and metric.role is not Role.SET_POINT
    ]
    for metric in measured:
        assert metric.span is not None, metric.key
        assert 0.001 <= metric.deadband / (metric.span.high - metric.span.low) <= 0.02, metric.key


def test_set_points_can_be_written_within_their_span(model: Enterprise) -> None:
    """A writable number has a span, or a command could ask for anything."""
    writable = [metric for unit in model.units for metric in unit.metrics if metric.writable and metric.is_numeric]
    assert writable
    assert all(metric.span is not None for metric in writable)


def test_every_machine_takes_commands(model: Enterprise) -> None:
    """What has a mode takes a mode and a PackML command."""
    for unit in model.units:
        mode, command = unit.with_role(Role.MODE), unit.with_role(Role.COMMAND)
        if mode is not None:
            assert mode.writable
            assert command is not None
            assert command.writable
            assert command.datatype is Datatype.INT32


def test_each_site_has_specific_consumptions_with_targets(model: Enterprise) -> None:
    """Gas or power per good product, against a target."""
    for site in model.sites:
        assert site.specific
        assert all(each.target is not None for each in site.specific)


def test_the_binder_shops_feed_the_plan(gypsum: Enterprise) -> None:
    """Calciners make what boards and blocks need at plan, with something left for dry mixes."""
    per_m2 = {"boards": 0.007, "blocks": 0.072}
    for site in gypsum.sites:
        plan = {line.slug: line.shift_target.amount for line in site.lines if line.shift_target is not None}
        stucco = sum(amount for slug, amount in plan.items() if slug.startswith("binder"))
        taken = sum(plan[slug] * share for slug, share in per_m2.items() if slug in plan)
        mixes = sum(amount for slug, amount in plan.items() if slug.startswith("dry-mix"))
        assert taken + 0.35 * mixes <= stucco * 1.05, site.slug
