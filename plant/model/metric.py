"""From the rows of a type to metrics: every rule about a single metric, each with its own sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plant.model.enterprise import COUNTERS, Datatype, Limits, Metric, Role, Text
from plant.model.layers import Layered
from plant.model.mistakes import Mistakes, did_you_mean
from plant.model.schema import MetricSpec, TextSpec

Row = Layered[MetricSpec]

_DATATYPES: Final = {
    Role.STATE: Datatype.INT32,
    Role.MODE: Datatype.INT32,
    Role.REASON: Datatype.STRING,
    Role.ORDER: Datatype.STRING,
    Role.PRODUCT: Datatype.STRING,
}
"""Datatype of the roles that have only one."""
_MEASURES: Final = {
    Role.POWER: "kW",
    Role.ENERGY: "kWh",
    Role.GAS_FLOW: "m3/h",
    Role.GAS: "m3",
    Role.WATER_FLOW: "m3/h",
    Role.WATER: "m3",
}
"""Unit of measure of the roles that have only one, so that consumptions add up."""
_ANALOG: Final = frozenset({Datatype.DOUBLE, Datatype.FLOAT})


def text(spec: TextSpec) -> Text:
    """The frozen form of a name."""
    return Text(spec.ru, spec.en)


def datatype(spec: MetricSpec) -> Datatype:
    """The datatype as written, or the one that goes with the role."""
    if spec.datatype is not None:
        return spec.datatype
    return _DATATYPES.get(spec.role, Datatype.DOUBLE) if spec.role is not None else Datatype.DOUBLE


def build(rows: Mapping[str, Row], measures: Mapping[str, Text], mistakes: Mistakes) -> tuple[Metric, ...]:
    """The metrics of one unit or type, in the order of the rows; what is wrong goes to `mistakes`."""
    metrics = []
    for key, row in rows.items():
        spec = row.spec
        if spec.name is None or spec.role is None:
            lacking = "name" if spec.name is None else "role"
            mend = f"add '{lacking}', or did you mean to change another row? {did_you_mean(key, set(rows) - {key})}"
            mistakes.add(row.location, f"metric '{key}' lacks '{lacking}'", mend)
            continue
        _check_kind(key, row, measures, mistakes)
        _check_ranges(key, row, mistakes)
        metrics.append(_metric(key, row, spec.name, spec.role))
    _check_history(rows, mistakes)
    return tuple(metrics)


def _metric(key: str, row: Row, name: TextSpec, role: Role) -> Metric:
    spec = row.spec
    limits = spec.limits
    kind = datatype(spec)
    return Metric(
        key=key,
        name=text(name),
        role=role,
        datatype=kind,
        unit=spec.unit or "",
        decimals=spec.decimals if spec.decimals is not None else int(kind in _ANALOG),
        span=spec.span,
        normal=spec.normal,
        limits=Limits(limits.ll, limits.l, limits.h, limits.hh) if limits is not None else Limits(),
        deadband=spec.deadband or 0.0,
        writable=bool(spec.writable),
        rollover=spec.rollover,
        stored_as=spec.was or key,
        retired=spec.retired,
        replaces=spec.replaces,
        simulation={name: value for layer in row.layers for name, value in layer.spec.simulation.items()},
    )


def _check_kind(key: str, row: Row, measures: Mapping[str, Text], mistakes: Mistakes) -> None:
    """Role, datatype and unit of measure go together."""
    spec, role, kind = row.spec, row.spec.role, datatype(row.spec)
    needed = _DATATYPES.get(role) if role is not None else None
    if needed is not None and kind is not needed:
        mistakes.add(row.where("datatype"), f"metric '{key}' has role {role} but datatype {kind}", f"write '{needed}'")
    if spec.unit and spec.unit not in measures:
        mistakes.add(row.where("unit"), f"unknown unit of measure '{spec.unit}'", did_you_mean(spec.unit, measures))
    measure = _MEASURES.get(role) if role is not None else None
    if measure is not None and spec.unit != measure:
        mistakes.add(row.where("unit"), f"metric '{key}' has role {role}", f"its unit must be '{measure}'")
    if role in COUNTERS:
        if not spec.unit:
            mistakes.add(row.where("role"), f"counter '{key}' has no unit", "say what it counts, such as 'unit: m2'")
        if kind in {Datatype.STRING, Datatype.BOOLEAN}:
            mistakes.add(row.where("datatype"), f"counter '{key}' cannot be a {kind}", "write 'double' or 'int64'")
    elif spec.rollover is not None:
        mend = "remove 'rollover', or give it a counter's role: " + ", ".join(sorted(COUNTERS))
        mistakes.add(
            row.where("rollover"), f"metric '{key}' with role {role} does not count, so it never rolls over", mend
        )
    if kind not in _ANALOG and spec.decimals:
        mistakes.add(row.where("decimals"), f"metric '{key}' of datatype {kind} has no decimals", "remove 'decimals'")
    if kind is Datatype.STRING:
        for extra in ("span", "normal", "limits", "deadband", "unit"):
            if getattr(spec, extra):
                mistakes.add(row.where(extra), f"metric '{key}' is a text and has no {extra}", f"remove '{extra}'")


def _check_ranges(key: str, row: Row, mistakes: Mistakes) -> None:
    """Limits, normal range and deadband fit the span and each other."""
    spec, span = row.spec, row.spec.span
    given = spec.limits.model_dump(exclude_none=True) if spec.limits is not None else {}
    values = list(given.values())
    if values != sorted(set(values)):
        shown = ", ".join(f"{name} {value:g}" for name, value in given.items())
        mistakes.add(row.where("limits"), f"limits of '{key}' are out of order ({shown})", "they rise: ll < l < h < hh")
    if span is None:
        if spec.normal is not None or values:
            mistakes.add(
                row.where("normal", "limits"), f"metric '{key}' has a range but no span", "add 'span: [low, high]'"
            )
        return
    shown = f"[{span.low:g}, {span.high:g}]"
    for name, value in given.items():
        if not span.low <= value <= span.high:
            mistakes.add(
                row.where("limits"),
                f"limit {name} {value:g} of '{key}' is outside its span {shown}",
                "widen the span or move the limit",
            )
    if spec.normal is not None and not span.low <= spec.normal.low < spec.normal.high <= span.high:
        wrong = f"[{spec.normal.low:g}, {spec.normal.high:g}]"
        mistakes.add(
            row.where("normal"),
            f"normal range {wrong} of '{key}' is outside its span {shown}",
            "widen the span or move the range",
        )
    if spec.deadband is not None and spec.deadband > span.high - span.low:
        mistakes.add(
            row.where("deadband"),
            f"deadband {spec.deadband:g} of '{key}' is wider than its span {shown}",
            "a change would never be reported: about 0.5 % of the span is usual",
        )


def _check_history(rows: Mapping[str, Row], mistakes: Mistakes) -> None:
    """`was`, `retired` and `replaces` keep each history apart and readable."""
    stored: dict[str, str] = {}
    replaced: dict[str, str] = {}
    for key, row in rows.items():
        spec = row.spec
        storage = spec.was or key
        if spec.was == key:
            mistakes.add(row.where("was"), f"metric '{key}' was never called otherwise", "remove 'was'")
        if storage in stored:
            problem = f"metrics '{stored[storage]}' and '{key}' would both be stored as '{storage}'"
            mistakes.add(row.where("was"), problem, "'was' names the first key of this metric alone")
        stored.setdefault(storage, key)
        if spec.replaces is None:
            continue
        _check_replacement(key, row, rows, mistakes)
        if spec.replaces in replaced:
            problem = f"both '{replaced[spec.replaces]}' and '{key}' replace '{spec.replaces}'"
            mistakes.add(row.where("replaces"), problem, "a metric is replaced once; chain them")
        replaced.setdefault(spec.replaces, key)


def _check_replacement(key: str, row: Row, rows: Mapping[str, Row], mistakes: Mistakes) -> None:
    spec = row.spec
    old_key = str(spec.replaces)
    where = row.where("replaces")
    old = rows.get(old_key)
    if old is None or old_key == key:
        mistakes.add(
            where,
            f"metric '{key}' replaces '{old_key}', which is no other metric of the unit",
            did_you_mean(old_key, set(rows) - {key}),
        )
        return
    if old.spec.retired is None:
        mistakes.add(
            where,
            f"metric '{key}' replaces '{old_key}', which is still measured",
            f"give '{old_key}' a date: 'retired: 2026-11-30'",
        )
    if (old.spec.unit or "") != (spec.unit or ""):
        mistakes.add(
            where,
            f"metric '{key}' in '{spec.unit}' replaces '{old_key}' in '{old.spec.unit}'",
            "one history has one unit of measure: leave 'replaces' out",
        )
