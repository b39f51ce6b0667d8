"""From the rows of a type to metrics: every rule about a single metric, each with its own sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plant.model.enterprise import COUNTERS, ChartKind, Control, Datatype, Limits, Metric, Role, Span, Text
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
    Role.LOT: Datatype.STRING,
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
LEAST_SUBGROUP: Final = 2
_ANALOG: Final = frozenset({Datatype.DOUBLE, Datatype.FLOAT})
_SINGLE: Final = frozenset({Role.STATE, Role.MODE, Role.PRODUCED, Role.GOOD, Role.REJECT})
_NUMBERS_ONLY: Final = ("span", "normal", "limits", "deadband", "unit")


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
            others = [each for each in rows if each != key]
            mend = f"add '{lacking}'; if it is meant to change another row, {did_you_mean(key, others)}"
            mistakes.add(row.location, f"metric '{key}' lacks '{lacking}'", mend)
            continue
        _check_kind(key, row, measures, mistakes)
        _check_counter(key, row, mistakes)
        _check_ranges(key, row, mistakes)
        _check_control(key, row, rows, mistakes)
        metrics.append(_metric(key, row, spec.name, spec.role))
    _check_single_roles(rows, mistakes)
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
        control=_control(spec),
        deadband=spec.deadband or 0.0,
        writable=bool(spec.writable),
        rollover=spec.rollover,
        stored_as=spec.was or key,
        retired=spec.retired,
        replaces=spec.replaces,
        simulation={name: value for layer in row.layers for name, value in layer.spec.simulation.items()},
    )


def _control(spec: MetricSpec) -> Control | None:
    written = spec.control
    if written is None:
        return None
    usual = Control()
    return Control(
        written.chart or usual.chart, written.every_min or usual.every_min, written.around, written.lower, written.upper
    )


def _check_control(key: str, row: Row, rows: Mapping[str, Row], mistakes: Mistakes) -> None:
    """What is critical is a measured number with a specification."""
    control, where = row.spec.control, row.where("control")
    if control is None:
        return
    if row.spec.role is not Role.VALUE or datatype(row.spec) not in _ANALOG:
        problem = f"metric '{key}' cannot be charted: it is no measured value"
        mistakes.add(where, problem, "remove 'control'; it goes with role 'value' and datatype 'double' or 'float'")
    lower, upper = control.lower, control.upper
    if lower is None and upper is None:
        mistakes.add(where, f"critical metric '{key}' has no specification", "add 'lower' or 'upper', or both")
    elif lower is not None and upper is not None and lower >= upper:
        mistakes.add(where, f"the specification [{lower:g}, {upper:g}] of '{key}' holds nothing", "swap its limits")
    if control.chart is ChartKind.XBAR_S and (control.every_min or Control().every_min) < LEAST_SUBGROUP:
        mistakes.add(where, f"a subgroup of '{key}' has one minute", "write 'every_min: 2' or more, or 'chart: i_mr'")
    around = rows.get(control.around) if control.around is not None else None
    if control.around is not None and (around is None or around.spec.role is not Role.SET_POINT):
        points = [each for each, other in rows.items() if other.spec.role is Role.SET_POINT]
        problem = f"'{control.around}' is no set point of the unit of '{key}'"
        mistakes.add(where, problem, did_you_mean(control.around, points))


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
        problem = f"metric '{key}' with role {role} is in '{spec.unit or ''}'"
        mistakes.add(row.where("unit", "role"), problem, f"its unit must be '{measure}'")
    if kind not in _ANALOG and spec.decimals:
        mistakes.add(row.where("decimals"), f"metric '{key}' of datatype {kind} has no decimals", "remove 'decimals'")
    for extra in _NUMBERS_ONLY if kind is Datatype.STRING else ():
        if getattr(spec, extra):
            mistakes.add(row.where(extra), f"metric '{key}' is a text and has no {extra}", f"remove '{extra}'")


def _check_counter(key: str, row: Row, mistakes: Mistakes) -> None:
    """Counters are numbers of something; only they roll over."""
    spec, role, kind = row.spec, row.spec.role, datatype(row.spec)
    if role not in COUNTERS:
        if spec.rollover is not None:
            problem = f"metric '{key}' with role {role} does not count, so it never rolls over"
            mend = f"remove 'rollover', or give it the role of a counter: {', '.join(sorted(COUNTERS))}"
            mistakes.add(row.where("rollover"), problem, mend)
        return
    if not spec.unit:
        mistakes.add(row.where("role"), f"counter '{key}' has no unit", "say what it counts, such as 'unit: m2'")
    if kind in {Datatype.STRING, Datatype.BOOLEAN}:
        mistakes.add(row.where("datatype"), f"counter '{key}' cannot be a {kind}", "write 'double' or 'int64'")


def _check_ranges(key: str, row: Row, mistakes: Mistakes) -> None:
    """Limits, normal range and deadband fit the span and each other."""
    spec, span = row.spec, row.spec.span
    limits = spec.limits.model_dump(exclude_none=True) if spec.limits is not None else {}
    values = list(limits.values())
    if values != sorted(set(values)):
        problem = f"limits of '{key}' are out of order ({_listed(limits)})"
        mistakes.add(row.where("limits"), problem, "they rise: ll < l < h < hh")
    if span is None:
        if spec.writable and datatype(spec) not in {Datatype.STRING, Datatype.BOOLEAN}:
            problem = f"metric '{key}' accepts commands but has no span"
            mistakes.add(row.where("writable"), problem, "add 'span: [low, high]', or a command could ask for anything")
        if spec.normal is not None or limits:
            problem = f"metric '{key}' has a range but no span"
            mistakes.add(row.where("normal", "limits"), problem, "add 'span: [low, high]'")
        return
    outside = {name: value for name, value in limits.items() if not span.low <= value <= span.high}
    if outside:
        problem = f"limits of '{key}' are outside its span {_shown(span)} ({_listed(outside)})"
        mistakes.add(row.where("limits"), problem, "widen the span or move the limits")
    normal = spec.normal
    if normal is not None and not span.low <= normal.low < normal.high <= span.high:
        problem = f"normal range {_shown(normal)} of '{key}' is outside its span {_shown(span)}"
        mistakes.add(row.where("normal"), problem, "widen the span or move the range")
    if spec.deadband is not None and spec.deadband > span.high - span.low:
        problem = f"deadband {spec.deadband:g} of '{key}' is wider than its span {_shown(span)}"
        mend = "no change would ever be reported; about 0.5 % of the span is usual"
        mistakes.add(row.where("deadband"), problem, mend)


def _shown(span: Span) -> str:
    return f"[{span.low:g}, {span.high:g}]"


def _listed(limits: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in limits.items())


def _check_single_roles(rows: Mapping[str, Row], mistakes: Mistakes) -> None:
    """A unit has one state, one mode and one counter of each kind of product, or figures would have to choose."""
    seen: dict[Role, str] = {}
    for key, row in rows.items():
        role = row.spec.role
        if role is None or role not in _SINGLE or row.spec.retired is not None:
            continue
        if (other := seen.setdefault(role, key)) != key:
            problem = f"metrics '{other}' and '{key}' both have role {role}"
            mistakes.add(row.where("role"), problem, "a unit has one: give the other role 'value', or retire it")


def _check_history(rows: Mapping[str, Row], mistakes: Mistakes) -> None:
    """`was` and `replaces` keep each history apart and readable."""
    stored: dict[str, str] = {}
    replaced: dict[str, str] = {}
    for key, row in rows.items():
        spec = row.spec
        storage = spec.was or key
        if spec.was == key:
            mistakes.add(row.where("was"), f"metric '{key}' was never called otherwise", "remove 'was'")
        if (other := stored.setdefault(storage, key)) != key:
            problem = f"metrics '{other}' and '{key}' would both be stored as '{storage}'"
            mistakes.add(row.where("was"), problem, "'was' names the first key of this metric alone")
        if spec.replaces is None:
            continue
        _check_replacement(key, row, rows, mistakes)
        if (other := replaced.setdefault(spec.replaces, key)) != key:
            problem = f"both '{other}' and '{key}' replace '{spec.replaces}'"
            mistakes.add(row.where("replaces"), problem, "a metric is replaced once: let the newer replace the older")


def _check_replacement(key: str, row: Row, rows: Mapping[str, Row], mistakes: Mistakes) -> None:
    """What is replaced is another metric of the unit, retired, and in the same unit of measure."""
    spec, where, old_key = row.spec, row.where("replaces"), str(row.spec.replaces)
    old = rows.get(old_key)
    if old is None or old_key == key:
        problem = f"metric '{key}' replaces '{old_key}', which is no other metric of the unit"
        mistakes.add(where, problem, did_you_mean(old_key, [each for each in rows if each != key]))
        return
    if old.spec.retired is None:
        problem = f"metric '{key}' replaces '{old_key}', which is still measured"
        mistakes.add(where, problem, f"say since when not: give '{old_key}' a 'retired: 2026-11-30'")
    if (old.spec.unit or "") != (spec.unit or ""):
        problem = f"metric '{key}' in '{spec.unit}' replaces '{old_key}' in '{old.spec.unit}'"
        mistakes.add(where, problem, "one history has one unit of measure: leave 'replaces' out")
