"""Unit types with everything that they take over from the types they extend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plant.model.enterprise import Metric, Text, UnitType
from plant.model.layers import Layer, Layered, joined_parameters
from plant.model.metric import Row, build, text
from plant.model.mistakes import Mistakes, did_you_mean
from plant.model.schema import EnterpriseSpec, MetricSpec, UnitTypeSpec

GENERIC = "generic"
"""The kind of physics that always exists."""


@dataclass(frozen=True, slots=True)
class Template:
    """A resolved unit type.

    Attributes:
        abstract: Only there to be extended; units cannot be of it.
        rows: Its rows and those it took over.
        metrics: The same as metrics, for units that change none of them.
    """

    type: UnitType
    abstract: bool
    rows: Mapping[str, Row]
    metrics: tuple[Metric, ...]
    simulation: Mapping[str, float | str]


def resolve(spec: EnterpriseSpec, measures: Mapping[str, Text], mistakes: Mistakes) -> dict[str, Template]:
    """All unit types by slug."""
    found = {}
    for slug, written in spec.unit_types.items():
        chain = _chain(slug, spec.unit_types, mistakes)
        rows = join_rows({}, *((("unit_types", each), spec.unit_types[each].metrics) for each in chain))
        physics = next((kind for each in reversed(chain) if (kind := spec.unit_types[each].physics)), GENERIC)
        found[slug] = Template(
            type=UnitType(slug, text(written.name), physics),
            abstract=written.abstract,
            rows=rows,
            metrics=build(rows, measures, mistakes),
            simulation=joined_parameters(*(spec.unit_types[each] for each in chain)),
        )
    return found


def join_rows(rows: Mapping[str, Row], *more: tuple[tuple[str | int, ...], Mapping[str, MetricSpec]]) -> dict[str, Row]:
    """Rows with the layers of `more` (the location of the owner of `metrics`, and its rows) put over them."""
    joined = dict(rows)
    for owner, metrics in more:
        for key, spec in metrics.items():
            layer = Layer((*owner, "metrics", key), spec)
            joined[key] = joined[key].over(layer) if key in joined else Layered.of(layer)
    return joined


def _chain(slug: str, types: Mapping[str, UnitTypeSpec], mistakes: Mistakes) -> list[str]:
    """The type and those it extends, most general first."""
    chain = [slug]
    while (base := types[chain[-1]].extends) is not None:
        where = ("unit_types", chain[-1], "extends")
        if base not in types:
            mistakes.add(where, f"unknown unit type '{base}'", did_you_mean(base, set(types) - {chain[-1]}))
            break
        if base in chain:
            mistakes.add(where, f"unit type '{slug}' extends itself by way of '{base}'", "break the circle")
            break
        chain.append(base)
    return chain[::-1]
