"""What happens to tags and targets when one model takes the place of another.

Units and metrics are matched by the path under which their history is stored, so that a renaming (`was`) is no loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plant.model.enterprise import Control, Enterprise, Limits, Line, MaintenanceWindow, Metric, Quantity, Span, Unit


class Fate(StrEnum):
    """What happened."""

    LOST = "lost"
    """Gone without `retired`: its history can no longer be read."""
    REMOVED = "removed"
    """Gone after it had been retired."""
    RENAMED = "renamed"
    RETIRED = "retired"
    REPLACED = "replaced"
    CHANGED = "changed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two models.

    Attributes:
        path: ``site/area/line``, ``.../unit`` or ``.../unit/metric`` today; in the old model for what is gone.
        detail: What was and what is.
    """

    fate: Fate
    path: str
    detail: str


def differences(old: Enterprise, new: Enterprise) -> list[Difference]:
    """All differences, by fate (losses first) and then in the order of the models."""
    before = {unit.storage: unit for unit in old.units}
    after = {unit.storage: unit for unit in new.units}
    found: list[Difference] = []
    for storage, unit in before.items():
        found += _same_unit(unit, after[storage]) if storage in after else [_gone_unit(unit)]
    for storage, unit in after.items():
        if storage not in before:
            found.append(Difference(Fate.ADDED, _path(unit), f"{unit.type} with {len(unit.metrics)} metrics"))
    found += _lines(old, new)
    order = list(Fate)
    return sorted(found, key=lambda each: order.index(each.fate))


def _gone_unit(unit: Unit) -> Difference:
    if unit.retired is not None:
        return Difference(Fate.REMOVED, _path(unit), f"was retired on {unit.retired}")
    stored = unit.storage.split("/", 1)[1]
    mend = f"keep it with 'retired: DATE', or give what it is called now 'was: {stored}'"
    return Difference(Fate.LOST, _path(unit), f"the history of {len(unit.metrics)} metrics would be lost: {mend}")


def _same_unit(old: Unit, new: Unit) -> Iterator[Difference]:
    """What happened to a unit that both models have, and to its metrics."""
    if old.path != new.path:
        yield Difference(Fate.RENAMED, _path(new), f"was {_path(old)}")
    yield from _retirement(_path(new), old.retired, new.retired)
    before = {metric.stored_as: metric for metric in old.metrics}
    after = {metric.stored_as: metric for metric in new.metrics}
    for stored, metric in before.items():
        if stored in after:
            yield from _same_metric(new, metric, after[stored])
        elif metric.retired is not None:
            yield Difference(Fate.REMOVED, _path(old, metric), f"was retired on {metric.retired}")
        else:
            mend = f"keep it with 'retired: DATE', or give what it is called now 'was: {stored}'"
            yield Difference(Fate.LOST, _path(old, metric), f"its history would be lost: {mend}")
    for stored, metric in after.items():
        if stored in before:
            continue
        if metric.replaces is not None:
            yield Difference(Fate.REPLACED, _path(new, metric), f"replaces {metric.replaces}")
        else:
            yield Difference(Fate.ADDED, _path(new, metric), metric.name.en)


def _same_metric(unit: Unit, old: Metric, new: Metric) -> Iterator[Difference]:
    if old.key != new.key:
        yield Difference(Fate.RENAMED, _path(unit, new), f"was {old.key}")
    yield from _retirement(_path(unit, new), old.retired, new.retired)
    yield from _changes(_path(unit, new), _facts(old), _facts(new))


def _retirement(path: str, old: date | None, new: date | None) -> Iterator[Difference]:
    if old is None and new is not None:
        yield Difference(Fate.RETIRED, path, f"since {new}")
    elif old != new:
        yield Difference(Fate.CHANGED, path, f"retired {old} -> {new or 'in service'}")


def _path(unit: Unit, metric: Metric | None = None) -> str:
    return "/".join((*unit.path, *([metric.key] if metric is not None else [])))


def _lines(old: Enterprise, new: Enterprise) -> Iterator[Difference]:
    """Targets and ideal rates of lines that both models have."""
    before = {line.storage: line for site in old.sites for line in site.lines}
    for site in new.sites:
        for line in site.lines:
            was = before.get(line.storage)
            if was is not None:
                path = f"{line.site}/{line.area}/{line.slug}"
                yield from _changes(path, _line_facts(was), _line_facts(line))


def _changes(path: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    for name in before | after:
        was, now = before.get(name, "-"), after.get(name, "-")
        if was != now:
            yield Difference(Fate.CHANGED, path, f"{name} {was} -> {now}")


def _facts(metric: Metric) -> dict[str, str]:
    """What changes the meaning, the range or the traffic of a metric."""
    return {
        "role": metric.role.value,
        "datatype": metric.datatype.value,
        "unit": metric.unit or "-",
        "span": _span(metric.span),
        "normal": _span(metric.normal),
        "limits": _limits(metric.limits),
        "control": _control(metric.control),
        "deadband": f"{metric.deadband:g}",
        "rollover": "-" if metric.rollover is None else f"{metric.rollover:g}",
        "writable": "yes" if metric.writable else "no",
    }


def _line_facts(line: Line) -> dict[str, str]:
    """What changes a line's figures."""
    rates = {f"ideal rate of {product}": f"{rate:g}" for product, rate in line.ideal_rates.items()}
    return {
        "constraint": line.constraint,
        "output": line.output or "-",
        "shift target": _quantity(line.shift_target),
        "calendar": "-" if line.calendar is None else line.calendar.slug,
        **{f"maintenance {each.slug}": _window(each) for each in line.maintenance},
        "minor stop": f"{line.minor_stop_min:g} min",
        **rates,
    }


def _window(window: MaintenanceWindow) -> str:
    again = "once" if window.every_weeks is None else f"every {window.every_weeks} weeks"
    end = "" if window.until is None else f" until {window.until}"
    units = ", ".join(sorted(window.units)) or "all units"
    return f"{again} from {window.first}{end} at {window.start:%H:%M} for {window.hours:g} h, {units}"


def _span(span: Span | None) -> str:
    return "-" if span is None else f"[{span.low:g}, {span.high:g}]"


def _control(control: Control | None) -> str:
    if control is None:
        return "-"
    limits = ", ".join("-" if each is None else f"{each:g}" for each in (control.lower, control.upper))
    around = f" around {control.around}" if control.around else ""
    return f"{control.chart} every {control.every_min} min, [{limits}]{around}"


def _limits(limits: Limits) -> str:
    given = {"ll": limits.ll, "l": limits.l, "h": limits.h, "hh": limits.hh}
    return ", ".join(f"{name} {value:g}" for name, value in given.items() if value is not None) or "-"


def _quantity(quantity: Quantity | None) -> str:
    return "-" if quantity is None else f"{quantity.amount:g} {quantity.unit}"
