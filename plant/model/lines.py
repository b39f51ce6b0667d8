"""Work centres with their units: line types unfolded, counted units numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plant.model.enterprise import Metric, Text
from plant.model.layers import Layer, Layered, joined_parameters
from plant.model.metric import build, text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import EnterpriseSpec, LineTypeSpec, TextSpec, UnitSpec
from plant.model.templates import Template, join_rows, resolve


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What all lines of the enterprise draw on."""

    spec: EnterpriseSpec
    measures: Mapping[str, Text]
    templates: Mapping[str, Template]

    @classmethod
    def of(cls, spec: EnterpriseSpec, mistakes: Mistakes) -> Catalogue:
        """The catalogue of a file."""
        measures = {key: Text(name.ru, name.en) for key, name in spec.measures.items()}
        return cls(spec, measures, resolve(spec, measures, mistakes))


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit whose type and layers are known, and whose place in the site is not yet checked.

    Attributes:
        number: Which of the counted ones, from 1; None if it is not counted.
        written: All layers of its spec.
    """

    slug: str
    number: int | None
    written: Layered[UnitSpec]
    template: Template
    name: Text
    metrics: tuple[Metric, ...]
    simulation: Mapping[str, float | str]

    @property
    def stored_as(self) -> str:
        """First slug, or ``line/unit`` if it came from another line; a family's gets the unit's number."""
        was = self.written.spec.was
        if was is None:
            return self.slug
        return was if self.number is None or _given_alone(self.written, self.slug, "was") else f"{was}-{self.number}"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line whose units are known.

    Attributes:
        units: Units by slug; one whose type is unknown is missing.
        families: The slugs behind each name that stands for several units, or for one.
        complete: False if its line type is unknown, so that nothing can be said of what is missing.
    """

    slug: str
    area: str
    location: Location
    written: Layered[LineTypeSpec]
    name: Text
    storage: str
    units: Mapping[str, PlannedUnit]
    families: Mapping[str, tuple[str, ...]]
    complete: bool

    def lacks(self, slug: str) -> bool:
        """Whether the line surely has no such unit, not even one with a mistake of its own."""
        return self.complete and slug not in self.families and not any(slug in each for each in self.families.values())


def plan(catalogue: Catalogue, site: str, area: str, slug: str, mistakes: Mistakes) -> PlannedLine:
    """The line of that slug with all its units; what is wrong goes to `mistakes`."""
    own = catalogue.spec.sites[site].areas[area].lines[slug]
    location: Location = ("sites", site, "areas", area, "lines", slug)
    layers: list[Layer[LineTypeSpec]] = [Layer(location, own)]
    complete = own.use is None or own.use in catalogue.spec.line_types
    if own.use is not None and complete:
        layers.insert(0, Layer(("line_types", own.use), catalogue.spec.line_types[own.use]))
    elif own.use is not None:
        mend = did_you_mean(own.use, catalogue.spec.line_types)
        mistakes.add((*location, "use"), f"unknown line type '{own.use}'", mend)
    written = Layered.of(*layers)
    if written.spec.name is None and complete:
        mistakes.add(location, f"line '{slug}' has no name", "add 'name: {ru: ..., en: ...}'")
    units, families = _units(catalogue, written, mistakes)
    name = text(written.spec.name) if written.spec.name is not None else Text(slug, slug)
    return PlannedLine(slug, area, location, written, name, own.was or slug, units, families, complete)


def _units(
    catalogue: Catalogue, line: Layered[LineTypeSpec], mistakes: Mistakes
) -> tuple[dict[str, PlannedUnit], dict[str, tuple[str, ...]]]:
    """The units by slug, and the families."""
    written = [(layer.location, layer.spec.units) for layer in line.layers]
    counted = {key: spec.count for _, units in written for key, spec in units.items() if spec.count is not None}
    singles = {f"{key}-{number}" for key, count in counted.items() for number in range(1, count + 1)}
    families: dict[str, tuple[str, ...]] = {}
    planned: dict[str, PlannedUnit] = {}
    for key in dict.fromkeys(key for _, units in written for key in units if key not in singles):
        layers = _layers(written, key)
        numbers: list[int | None] = [None] if key not in counted else list(range(1, counted[key] + 1))
        slugs = [key if number is None else f"{key}-{number}" for number in numbers]
        families[key] = tuple(slugs)
        for slug, number in zip(slugs, numbers, strict=True):
            own = layers if number is None else layers + _layers(written, slug)
            unit = _unit(catalogue, slug, number, Layered.of(*own), families, mistakes)
            if unit is not None:
                planned[slug] = unit
    return planned, families


def _layers(written: list[tuple[Location, dict[str, UnitSpec]]], key: str) -> list[Layer[UnitSpec]]:
    return [Layer((*location, "units", key), units[key]) for location, units in written if key in units]


def _unit(
    catalogue: Catalogue,
    slug: str,
    number: int | None,
    written: Layered[UnitSpec],
    families: Mapping[str, tuple[str, ...]],
    mistakes: Mistakes,
) -> PlannedUnit | None:
    spec = written.spec
    if spec.type is None:
        others = [each for family in families.values() for each in family if each != slug]
        mistakes.add(
            written.location,
            f"unit '{slug}' has no type",
            f"add 'type: ...'; if it is meant to change another unit, {did_you_mean(slug, others)}",
        )
        return None
    template = catalogue.templates.get(spec.type)
    concrete = [each for each, one in catalogue.templates.items() if not one.abstract]
    if template is None or template.abstract:
        problem = f"unknown unit type '{spec.type}'" if template is None else f"unit type '{spec.type}' is abstract"
        mistakes.add(written.where("type"), problem, did_you_mean(spec.type, concrete))
        return None
    changed = [(layer.location, layer.spec.metrics) for layer in written.layers if layer.spec.metrics]
    return PlannedUnit(
        slug,
        number,
        written,
        template,
        _name(slug, written, template, number),
        build(join_rows(template.rows, *changed), catalogue.measures, mistakes) if changed else template.metrics,
        {**template.simulation, **joined_parameters(*(layer.spec for layer in written.layers))},
    )


def _name(slug: str, written: Layered[UnitSpec], template: Template, number: int | None) -> Text:
    """The unit's name; the name of a family gets the number behind it."""
    given: TextSpec | None = written.spec.name
    name = Text(given.ru, given.en) if given is not None else template.type.name
    if number is None or _given_alone(written, slug, "name"):
        return name
    return Text(f"{name.ru} {number}", f"{name.en} {number}")


def _given_alone(written: Layered[UnitSpec], slug: str, key: str) -> bool:
    """Whether the key is given for this one of a counted family, not for all of them."""
    return written.where(key)[-2:] == (slug, key)
