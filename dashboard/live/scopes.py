"""What a page may ask to see live: ``group`` or ``site/<slug>``.

``group`` holds what the overview needs of every site: the state of every unit, and of the units that limit or count a
line the metrics of a few roles. ``site/<slug>`` holds everything of one site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plant.model.enterprise import Enterprise, Role, Unit

GROUP: Final = "group"
GROUP_ROLES: Final = frozenset({Role.RATE, Role.POWER, Role.GAS_FLOW, Role.GOOD})


@dataclass(frozen=True, slots=True)
class Scope:
    """Metric keys by unit path; the state of each of these units belongs to it too."""

    name: str
    metrics: Mapping[str, frozenset[str]]


def scopes(enterprise: Enterprise) -> dict[str, Scope]:
    """All scopes of an enterprise by name."""
    every = [Scope(GROUP, _group(enterprise))]
    for site in enterprise.sites:
        metrics = {_path(unit): frozenset(m.key for m in unit.metrics) for unit in site.units}
        every.append(Scope(f"site/{site.slug}", metrics))
    return {scope.name: scope for scope in every}


def _group(enterprise: Enterprise) -> dict[str, frozenset[str]]:
    metrics: dict[str, frozenset[str]] = {}
    for site in enterprise.sites:
        for line in site.lines:
            for unit in line.units:
                counts = unit.slug in {line.constraint, line.output}
                keys = {m.key for m in unit.metrics if m.role in GROUP_ROLES} if counts else set()
                metrics[_path(unit)] = frozenset(keys)
    return metrics


def _path(unit: Unit) -> str:
    return "/".join(unit.path)
