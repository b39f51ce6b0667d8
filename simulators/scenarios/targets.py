"""Which units of a world a scenario means: by kind of physics, metrics and place in the material graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plant.errors import ConfigurationError
from plant.model.enterprise import Metric, Site, Unit
from plant.model.mistakes import did_you_mean
from simulators.scenarios.schema import EVERYWHERE, SITE, Pick, Scenario, Target
from simulators.world.roster import Roster

_WHOLE_PATH = 3
"""Slashes in site/area/line/unit."""
Rows = tuple[int, ...]
"""Rows of units, in the order of the model."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in a scenario.

    Attributes:
        site: Where.
        rows: Of units, by the name of the target.
        metrics: Keys of the metrics that whoever injects has chosen, likewise; empty for no choice.
    """

    site: str
    rows: Mapping[str, Rows]
    metrics: Mapping[str, frozenset[str]]


def cast(scenario: Scenario, roster: Roster, chosen: Mapping[str, str]) -> Cast:
    """Find the units that the scenario means.

    Without a site in `chosen`, it is played at the first site of the world that has all of them.

    Args:
        scenario: What is played.
        roster: The units of the world.
        chosen: Targets that whoever injects has chosen: ``site`` by its slug, others by one or more units or metrics
            (``line/unit``, ``line/unit/metric``, or the whole path of either), comma separated.

    Raises:
        ConfigurationError: A choice does not exist, or no site has what the scenario needs; one sentence says so.
    """
    _refuse_unknown(scenario, chosen)
    sites = _sites(scenario, roster, chosen)
    missing = ""
    for site in sites:
        found = _at(scenario, roster, site, chosen)
        if isinstance(found, Cast):
            return found
        missing = missing or found
    where = f"'{sites[0].slug}'" if len(sites) == 1 else "this model"
    raise ConfigurationError(f"scenario '{scenario.scenario}' does not fit {where}: there is no {missing}")


def hit(target: Target, metric: Metric) -> bool:
    """Whether an effect on metrics of this target hits that metric."""
    return (
        target.metric in {None, metric.key}
        and target.role in {None, metric.role}
        and (not target.limited or _limited(metric))
    )


def _refuse_unknown(scenario: Scenario, chosen: Mapping[str, str]) -> None:
    known = [SITE, *scenario.targets]
    for name in chosen:
        if name not in known:
            problem = f"scenario '{scenario.scenario}' has no target '{name}'"
            raise ConfigurationError(f"{problem}; {did_you_mean(name, known)}")


def _sites(scenario: Scenario, roster: Roster, chosen: Mapping[str, str]) -> Sequence[Site]:
    slugs = [site.slug for site in roster.sites]
    if SITE in chosen and chosen[SITE] not in slugs:
        raise ConfigurationError(f"site '{chosen[SITE]}' is not simulated here; {did_you_mean(chosen[SITE], slugs)}")
    named = {part.split("/")[0] for name in chosen for part in _parts(chosen[name]) if part.count("/") >= _WHOLE_PATH}
    fits = [
        site
        for site in roster.sites
        if chosen.get(SITE, site.slug) == site.slug
        and (SITE in chosen or scenario.status in {None, site.status})
        and (not named or site.slug in named)
    ]
    if not fits:
        wanted = f"site with the status '{scenario.status}'" if scenario.status else "site of that name"
        raise ConfigurationError(f"scenario '{scenario.scenario}' does not fit this model: there is no {wanted}")
    return fits


def _at(scenario: Scenario, roster: Roster, site: Site, chosen: Mapping[str, str]) -> Cast | str:
    """The cast at one site, or what it lacks."""
    units = [roster.row[unit.path] for unit in site.units if unit.path in roster.row]
    rows: dict[str, Rows] = {SITE: tuple(units), EVERYWHERE: tuple(range(len(roster.units)))}
    metrics: dict[str, frozenset[str]] = {}
    for name, target in scenario.targets.items():
        if name in chosen:
            named = _named(roster, units, chosen[name])
            if isinstance(named, str):
                return named
            rows[name], metrics[name] = named
            continue
        fits = tuple(row for row in units if _fits(target, roster, row, rows))
        rows[name] = fits if target.pick is Pick.ALL else fits[:1]
        if not rows[name] and not target.optional:
            return _wanted(name, target)
    return Cast(site.slug, rows, metrics)


def _named(roster: Roster, rows: Iterable[int], text: str) -> tuple[Rows, frozenset[str]] | str:
    """Rows of the units that somebody has chosen by name and keys of the metrics chosen of them, or what is missing."""
    places: dict[str, tuple[int, str]] = {}
    for row in rows:
        unit = roster.units[row]
        for name in (unit.ref, "/".join(unit.path)):
            places[name] = row, ""
            places |= {f"{name}/{metric.key}": (row, metric.key) for metric in unit.metrics}
    parts = _parts(text)
    for part in parts:
        if part not in places:
            return f"unit or metric '{part}'; {did_you_mean(part, places)}"
    found = [places[part] for part in parts]
    return tuple(dict.fromkeys(row for row, _ in found)), frozenset(key for _, key in found if key)


def _fits(target: Target, roster: Roster, row: int, rows: Mapping[str, Rows]) -> bool:
    unit = roster.units[row]
    if target.products > _products(roster, unit):
        return False
    if target.physics and roster.kind_of(row) not in target.physics:
        return False
    if target.source is not None and target.source == bool(roster.sources[row]):
        return False
    if target.line_of is not None and unit.path[:3] not in {roster.units[i].path[:3] for i in rows[target.line_of]}:
        return False
    if target.fed_by is not None and not set(roster.sources[row]) & set(rows[target.fed_by]):
        return False
    named = target.metric is not None or target.role is not None or target.limited
    return not named or any(hit(target, metric) for metric in unit.metrics)


def _products(roster: Roster, unit: Unit) -> int:
    """How many products the unit's line makes."""
    site = next(site for site in roster.sites if site.slug == unit.site)
    return len(site.line(unit.line).ideal_rates)


def _limited(metric: Metric) -> bool:
    limits = metric.limits
    return any(limit is not None for limit in (limits.ll, limits.l, limits.h, limits.hh))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _wanted(name: str, target: Target) -> str:
    """What a target asks for, in words."""
    words = [" or ".join(target.physics) or "unit"]
    if target.metric:
        words.append(f"with a metric '{target.metric}'")
    if target.role:
        words.append(f"with a metric of the role '{target.role}'")
    if target.products:
        words.append(f"on a line with {target.products} products or more")
    if target.source:
        words.append("that nobody feeds")
    for phrase, other in (("on the line of", target.line_of), ("fed by", target.fed_by)):
        if other:
            words.append(f"{phrase} '{other}'")
    return f"{' '.join(words)} (target '{name}')"
