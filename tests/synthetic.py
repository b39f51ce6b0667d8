"""A plausible past and present for any model, without simulators: what pages and their tests are shown with.

Each unit runs, with stops drawn from a seed; counters grow while it runs, values stay around the middle of their
normal range. No process: mass is not conserved and nothing follows anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dashboard.live.store import LiveStore
from plant.changes import ChangeDetector
from plant.historian.protocol import HOUR_MS, Historian
from plant.historian.rebuild import rebuild
from plant.messages import CollectorHealth, HealthMessage, NodeHealth, StateMessage, Value, ValuesMessage
from plant.model.enterprise import Enterprise, Metric, Role, Unit
from plant.model.tags import Tag, TagTable
from plant.packml import Mode, State
from plant.readings import GOOD, Columns

STEP_MS = 15_000
FLOWS = {Role.RATE, Role.POWER, Role.GAS_FLOW, Role.WATER_FLOW}
STOPS = (State.HELD, State.SUSPENDED, State.ABORTED, State.STOPPED)


@dataclass(frozen=True)
class Past:
    """Readings of all tags, one every `STEP_MS`, and states by unit path."""

    columns: Columns
    states: dict[tuple[str, ...], np.ndarray]
    times: np.ndarray


def past(enterprise: Enterprise, tags: TagTable, start: int, end: int, seed: int = 7) -> Past:
    """Readings of [start, end), UTC ms."""
    rng = np.random.default_rng(seed)
    times = np.arange(start, end, STEP_MS, dtype=np.int64)
    states = {unit.path: _states(len(times), rng) for unit in enterprise.units}
    columns = []
    for tag in tags:
        values = _values(tag, states[tag.unit.path], rng, enterprise)
        kept = np.flatnonzero(np.concatenate(([True], np.abs(np.diff(values)) > tag.metric.deadband / 2)))
        columns.append(
            Columns(
                np.full(len(kept), tag.index, np.int32),
                times[kept],
                values[kept],
                np.full(len(kept), GOOD, np.uint16),
            )
        )
    return Past(Columns.concat(columns), states, times)


def fill(historian: Historian, tags: TagTable, made: Past) -> None:
    """Write readings, their tiers and their events."""
    historian.write(made.columns)
    historian.write_events(ChangeDetector(tags).events(made.columns))
    start, end = int(made.times[0]), int(made.times[-1]) + STEP_MS
    rebuild(historian, [tag.index for tag in tags], start, end, lambda _: None)


def show(store: LiveStore, enterprise: Enterprise, tags: TagTable, made: Past, now: int) -> None:
    """Tell the live store the newest of everything, as the namespace would."""
    newest = made.columns.latest_written()
    last = dict(zip(newest.tag.tolist(), newest.value.tolist(), strict=True))
    for unit in enterprise.units:
        rows = {key: Value(last[tag.index], now, GOOD) for key, tag in tags.of_unit(unit).items()}
        rows |= {metric.key: Value("A-1042", now, GOOD) for metric in unit.metrics if not metric.is_numeric}
        store.put_values("/".join(unit.path), ValuesMessage(now, rows))
        if unit.with_role(Role.STATE) is not None:
            code = State(int(made.states[unit.path][-1]))
            message = StateMessage(now, code.name, now - 600_000, Mode.PRODUCTION.name, GOOD)
            store.put_state("/".join(unit.path), message)
    beat(store, enterprise, tags, now)


def beat(store: LiveStore, enterprise: Enterprise, tags: TagTable, now: int) -> None:
    """Say that all collectors and edge nodes are there."""
    collector = CollectorHealth("collector-1", now, "duckdb", True, "", 900.0, 120.0, 1, 0)
    for site in enterprise.sites:
        nodes = tuple(NodeHealth(node.slug, True, now, now, 4, 4, 0, 0) for node in site.gateways)
        count = sum(tag.unit.site == site.slug for tag in tags)
        store.put_health(site.slug, HealthMessage(now, count, count, nodes, collector))
    store.connected = True


def stir(store: LiveStore, tags: TagTable, now: int, rng: np.random.Generator, units: int = 10) -> None:
    """Move the values of a few units a little, as a second of a plant does."""
    for index in rng.integers(len(tags), size=units).tolist():
        unit = tags[index].unit
        path = "/".join(unit.path)
        rows = {
            key: replace(value, value=value.value * rng.uniform(0.99, 1.01), time=now)
            if isinstance(value.value, float) and unit_metric_moves(tags, unit, key)
            else value
            for key, value in store.values(path).items()
        }
        store.put_values(path, ValuesMessage(now, rows))


def unit_metric_moves(tags: TagTable, unit: Unit, key: str) -> bool:
    """Whether a value may drift: states, modes and set points do not."""
    tag = tags.of_unit(unit).get(key)
    return tag is not None and tag.metric.role not in {Role.STATE, Role.MODE, Role.SET_POINT}


def _states(count: int, rng: np.random.Generator) -> np.ndarray:
    states = np.full(count, int(State.EXECUTE))
    for _ in range(rng.poisson(count * STEP_MS / HOUR_MS * 0.25)):
        at, length = int(rng.integers(count)), int(rng.lognormal(3.2, 1.0)) + 1
        states[at : at + length] = int(rng.choice([int(stop) for stop in STOPS]))
    return states


def _values(tag: Tag, states: np.ndarray, rng: np.random.Generator, enterprise: Enterprise) -> np.ndarray:
    metric, count = tag.metric, len(states)
    runs = states == int(State.EXECUTE)
    if metric.role is Role.STATE:
        return states.astype(float)
    if metric.role is Role.MODE:
        return np.full(count, float(Mode.PRODUCTION))
    if metric.is_counter:
        a_step = _per_hour(tag, enterprise) * STEP_MS / HOUR_MS
        return np.round(100.0 + np.cumsum(runs * a_step * rng.uniform(0.85, 1.05, count)), 3)
    middle, swing = _level(metric)
    drift = np.cumsum(rng.normal(0, swing / 12, count))
    wave = swing * np.sin(np.arange(count) / rng.uniform(40, 160)) * 0.5 + drift - np.linspace(0, drift[-1], count)
    values = middle + wave
    return np.where(runs, values, 0.0) if metric.role in FLOWS else values


def _level(metric: Metric) -> tuple[float, float]:
    if metric.normal is not None:
        return (metric.normal.low + metric.normal.high) / 2, (metric.normal.high - metric.normal.low) / 3
    if metric.span is not None:
        return (metric.span.low + metric.span.high) / 2, (metric.span.high - metric.span.low) / 10
    return 1.0, 0.1


def _per_hour(tag: Tag, enterprise: Enterprise) -> float:
    """Good product as planned; consumption as its targets want; the rest something."""
    line = enterprise.site(tag.unit.site).line(tag.unit.line)
    ref = f"{tag.unit.line}/{tag.unit.slug}/{tag.metric.key}"
    if tag.metric.role in {Role.GOOD, Role.PRODUCED} and line.shift_target is not None:
        return line.shift_target.amount / 12 * 1.05
    for one in enterprise.site(tag.unit.site).specific:
        if ref in one.numerators and one.target is not None:
            product = sum(_plan(enterprise, tag.unit, other) for other in one.denominators)
            return product * one.target / len(one.numerators)
    return 50.0


def _plan(enterprise: Enterprise, unit: Unit, ref: str) -> float:
    target = enterprise.site(unit.site).line(ref.split("/", maxsplit=1)[0]).shift_target
    return target.amount / 12 if target is not None else 0.0
