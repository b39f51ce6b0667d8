"""What happens to tags and targets when one model takes the place of another.

Tags are matched by the path under which their history is stored, so a renaming (`was`) is a renaming and not a loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from plant.model.enterprise import Enterprise, Limits, Line, Metric, Quantity, Span, Unit


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
        path: ``site/area/line/unit/metric`` or ``site/area/line`` today; in the old model for what is gone.
        detail: What was and what is.
    """

    fate: Fate
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A metric of a unit, numeric or text."""

    unit: Unit
    metric: Metric

    @property
    def path(self) -> str:
        return "/".join((*self.unit.path, self.metric.key))

    @property
    def retired(self) -> bool:
        return self.unit.retired is not None or self.metric.retired is not None


def differences(old: Enterprise, new: Enterprise) -> list[Difference]:
    """All differences, by fate (losses first) and then in the order of the models."""
    before, after = _rows(old), _rows(new)
    found = [*_gone(before, after), *_kept(before, after), *_added(before, after), *_lines(old, new)]
    order = list(Fate)
    return sorted(found, key=lambda each: order.index(each.fate))


def _rows(enterprise: Enterprise) -> dict[str, _Row]:
    """Every metric by the path under which it is stored."""
    return {
        f"{unit.storage}/{metric.stored_as}": _Row(unit, metric) for unit in enterprise.units for metric in unit.metrics
    }


def _gone(before: Mapping[str, _Row], after: Mapping[str, _Row]) -> Iterator[Difference]:
    for storage, row in before.items():
        if storage in after:
            continue
        if row.retired:
            yield Difference(Fate.REMOVED, row.path, "was retired, is no longer in the model")
        else:
            mend = f"keep it with 'retired: DATE', or give its new name 'was: {row.metric.stored_as}'"
            yield Difference(Fate.LOST, row.path, f"its history would be lost: {mend} (on a unit or line likewise)")


def _kept(before: Mapping[str, _Row], after: Mapping[str, _Row]) -> Iterator[Difference]:
    for storage, row in before.items():
        now = after.get(storage)
        if now is None:
            continue
        if now.path != row.path:
            yield Difference(Fate.RENAMED, now.path, f"was {row.path}")
        if now.retired and not row.retired:
            since = now.metric.retired or now.unit.retired
            yield Difference(Fate.RETIRED, now.path, f"since {since}")
        elif row.retired and not now.retired:
            yield Difference(Fate.CHANGED, now.path, "retired -> in service")
        yield from _changes(now.path, _facts(row.metric), _facts(now.metric))


def _added(before: Mapping[str, _Row], after: Mapping[str, _Row]) -> Iterator[Difference]:
    for storage, row in after.items():
        if storage in before:
            continue
        if row.metric.replaces is not None:
            yield Difference(Fate.REPLACED, row.path, f"replaces {row.metric.replaces}")
        else:
            yield Difference(Fate.ADDED, row.path, row.metric.name.en)


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
        **rates,
    }


def _span(span: Span | None) -> str:
    return "-" if span is None else f"[{span.low:g}, {span.high:g}]"


def _limits(limits: Limits) -> str:
    given = {"ll": limits.ll, "l": limits.l, "h": limits.h, "hh": limits.hh}
    return ", ".join(f"{name} {value:g}" for name, value in given.items() if value is not None) or "-"


def _quantity(quantity: Quantity | None) -> str:
    return "-" if quantity is None else f"{quantity.amount:g} {quantity.unit}"
