"""All alarm rules of a model: `load_rules(enterprise, tags, units, rules_file("gypsum"))`.

The limits of the model are rules already; a rules file adds what a model cannot know (cause, consequence, action,
priority, delays) and the other kinds. What the file does not mention gets general texts and usual delays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from plant.alarms.general import (
    GeneralRules,
    general_texts,
    guidance,
    position_of,
    running,
    storage_key,
    unique,
)
from plant.alarms.rules import Deviation, Guidance, InState, Kind, Limit, Priority, Rate, Rule, Statistical, Test
from plant.alarms.schema import AlarmsSpec, GeneralSpec, GuidanceSpec, LimitName, RowSpec
from plant.model.document import DocumentError, DocumentKind
from plant.model.enterprise import Enterprise, Metric, Role, Text, Unit
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.tags import Tag, TagTable
from plant.packml import State

_DATA: Final = Path(__file__).with_name("data")
SETTLE_MS: Final = 600_000
"""Ten minutes after a start values are where they belong, unless a row says otherwise."""
OFF_DELAY_MS: Final = 5_000
_FLOWS: Final = frozenset({Role.RATE, Role.POWER, Role.GAS_FLOW, Role.WATER_FLOW})
_USUAL: Final = {"level": (0.02, 60_000), "flow": (0.05, 15_000), "other": (0.01, 15_000)}
"""Deadband as a share of the span, and on-delay, by kind of signal (the usual ones of EEMUA 191, appendix 9)."""
_NAMES: Final = {
    LimitName.LL: Text("ниже аварийной уставки", "low low"),
    LimitName.L: Text("ниже уставки", "low"),
    LimitName.H: Text("выше уставки", "high"),
    LimitName.HH: Text("выше аварийной уставки", "high high"),
}
_ABOVE: Final = frozenset({LimitName.H, LimitName.HH})
_URGENT: Final = frozenset({LimitName.LL, LimitName.HH})


class AlarmsError(DocumentError):
    """A rules file that cannot be used."""


_KIND: Final = DocumentKind(AlarmsSpec, "docs/alarms.md", AlarmsError)


def rules_file(model: str, file: str = "") -> Path | None:
    """The file that was named, or the one shipped for a model of that name; None if there is neither."""
    if file:
        return Path(file)
    shipped = _DATA / f"{Path(model).stem}.yaml"
    return shipped if shipped.is_file() and shipped.stem != "general" else None


def load_rules(
    enterprise: Enterprise, tags: TagTable, units: Iterable[Unit], file: Path | None = None
) -> tuple[Rule, ...]:
    """All rules of some units and of their edge nodes.

    Raises:
        AlarmsError: The file cannot be read or does not fit the model; names every mistake with its line.
    """
    units = [unit for unit in units if unit.retired is None]
    texts = general_texts()
    general = GeneralRules(enterprise, tags, texts)
    builder = _Builder(enterprise, tags, texts, units)
    written = () if file is None else _KIND.load(file, builder.rules)
    known = unique((*written, *builder.limits(), *general.of_units(units), *general.of_nodes(units)))
    return tuple(known.values())


def limits_of(metric: Metric) -> dict[LimitName, float]:
    """The alarm limits that the model gives a metric."""
    limits = metric.limits
    values = {LimitName.LL: limits.ll, LimitName.L: limits.l, LimitName.H: limits.h, LimitName.HH: limits.hh}
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Builder:
    """From what is written to rules; what is wrong goes to `mistakes`."""

    enterprise: Enterprise
    tags: TagTable
    texts: GeneralSpec
    units: list[Unit]

    def rules(self, spec: AlarmsSpec, mistakes: Mistakes) -> tuple[Rule, ...]:
        found: list[Rule] = []
        for place, row in enumerate(spec.rules):
            found += self._row(("rules", place), row, mistakes)
        return tuple(found)

    def limits(self) -> Iterator[Rule]:
        """Every limit of the model, with general texts."""
        for unit in self.units:
            for tag in self.tags.of_unit(unit).values():
                for name in limits_of(tag.metric) if tag.is_live else ():
                    said = self.texts.high if name in _ABOVE else self.texts.low
                    yield self._limit(tag, name, None, said)

    def _row(self, where: Location, row: RowSpec, mistakes: Mistakes) -> list[Rule]:
        self._check(where, row, mistakes)
        found: list[Rule] = []
        for tag in self._tags(row):
            given = limits_of(tag.metric)
            found += [self._limit(tag, name, row, _said(row, name)) for name in row.limits if name in given]
            found += self._others(tag, row)
        return found

    def _check(self, where: Location, row: RowSpec, mistakes: Mistakes) -> None:
        """Whether the row reaches anything in the whole model, served here or not."""
        types = sorted(self.enterprise.unit_types)
        for place, pattern in enumerate(row.units):
            if not any(fnmatchcase(each, pattern) for each in types):
                mend = did_you_mean(pattern, types)
                mistakes.add((*where, "units", place), f"no unit type is called '{pattern}'", mend)
        metrics = self._metrics(row)
        if row.metric not in metrics:
            problem = f"no such unit has a numeric metric '{row.metric}'"
            mistakes.add((*where, "metric"), problem, did_you_mean(row.metric, sorted(metrics)))
            return
        if row.deviation is not None and row.deviation.set_point not in metrics:
            problem = f"no such unit has a set point '{row.deviation.set_point}'"
            mend = did_you_mean(row.deviation.set_point, sorted(metrics))
            mistakes.add((*where, "deviation", "set_point"), problem, mend)
        if not (row.limits or row.rate or row.deviation or row.statistical or row.states):
            mend = "add 'limits: [h, hh]', or rate, deviation, statistical or states"
            mistakes.add(where, f"the row about '{row.metric}' watches nothing", mend)
        self._check_limits(where, row, metrics[row.metric], mistakes)

    def _check_limits(self, where: Location, row: RowSpec, metrics: list[Metric], mistakes: Mistakes) -> None:
        given = {name for metric in metrics for name in limits_of(metric)}
        for place, name in enumerate(row.limits):
            if name not in given:
                mend = f"add it to the 'limits' of '{row.metric}' in the model, or remove it here"
                mistakes.add((*where, "limits", place), f"the model has no limit '{name}' of '{row.metric}'", mend)
        if row.states and any(metric.role is not Role.STATE for metric in metrics):
            mend = "states are watched on the metric with role 'state'"
            mistakes.add((*where, "states"), f"'{row.metric}' holds no PackML state", mend)

    def _metrics(self, row: RowSpec) -> dict[str, list[Metric]]:
        """Metrics of the units that a row is about, by key."""
        found: dict[str, list[Metric]] = {}
        for unit in self.enterprise.units:
            if _is_meant(unit, row):
                for metric in unit.metrics:
                    if metric.is_numeric:
                        found.setdefault(metric.key, []).append(metric)
        return found

    def _tags(self, row: RowSpec) -> list[Tag]:
        meant = [self.tags.of_unit(unit).get(row.metric) for unit in self.units if _is_meant(unit, row)]
        return [tag for tag in meant if tag is not None and tag.is_live]

    def _limit(self, tag: Tag, name: LimitName, row: RowSpec | None, said: GuidanceSpec) -> Rule:
        above, metric = name in _ABOVE, tag.metric
        deadband = row.deadband if row is not None and row.deadband is not None else _deadband(metric, name)
        urgent = name in _URGENT
        priority = (row.urgent if urgent else row.priority) if row is not None else _priority(urgent=urgent)
        test = Limit(tag.index, limits_of(metric)[name], above, deadband)
        only_running = not above and metric.role is not Role.LEVEL and metric.normal is not None
        whole = guidance(_named(metric, _NAMES[name]), said, metric.name)
        return self._rule(tag, name, Kind.LIMIT, test, priority, whole, row, only_running=only_running)

    def _others(self, tag: Tag, row: RowSpec) -> Iterator[Rule]:
        """What a row watches besides limits."""
        metric = tag.metric
        if row.rate is not None:
            name = Text("меняется слишком быстро", "changes too fast")
            rate = Rate(tag.index, row.rate.most, row.rate.over)
            yield self._said(tag, "rate", Kind.RATE, rate, name, row)
        if row.deviation is not None and (set_point := self.tags.of_unit(tag.unit).get(row.deviation.set_point)):
            name = Text("отклонение от задания", "away from set point")
            back = row.deadband if row.deadband is not None else row.deviation.most / 5
            deviation = Deviation(tag.index, set_point.index, row.deviation.most, back)
            yield self._said(tag, "deviation", Kind.DEVIATION, deviation, name, row)
        if row.statistical is not None:
            name, chart = Text("необычное значение", "unusual value"), row.statistical
            strange = Statistical(tag.index, chart.samples, chart.every, chart.sigmas, max(metric.deadband, 1e-9))
            yield self._said(tag, "unusual", Kind.STATISTICAL, strange, name, row)
        for state in row.states:
            name = Text(f"состояние {state}", f"state {state}")
            code = InState(tag.index, frozenset({int(State[state])}))
            yield self._said(tag, state.lower(), Kind.STATE, code, name, row, only_running=False)

    def _said(
        self, tag: Tag, target: str, kind: Kind, test: Test, name: Text, row: RowSpec, *, only_running: bool = True
    ) -> Rule:
        said = guidance(_named(tag.metric, name), _said(row), tag.metric.name)
        return self._rule(tag, target, kind, test, row.priority, said, row, only_running=only_running)

    def _rule(
        self,
        tag: Tag,
        target: str,
        kind: Kind,
        test: Test,
        priority: Priority,
        said: Guidance,
        row: RowSpec | None,
        *,
        only_running: bool,
    ) -> Rule:
        if row is not None and row.always is not None:
            only_running = not row.always
        settle_ms = row.settle if row is not None and row.settle is not None else SETTLE_MS
        delay_ms = 0 if kind in {Kind.STATE, Kind.STATISTICAL} else _USUAL[_signal(tag.metric)][1]
        return Rule(
            storage_key(tag, target),
            tag.unit.path,
            f"{tag.metric.key}.{target}",
            kind,
            test,
            priority,
            position_of(tag.unit, row.position if row is not None else None),
            said,
            on_delay_ms=row.on_delay if row is not None and row.on_delay is not None else delay_ms,
            off_delay_ms=row.off_delay if row is not None and row.off_delay is not None else OFF_DELAY_MS,
            latches=row is not None and row.latches,
            suppression=running(tag, self.tags, settle_ms) if only_running else None,
        )


def _is_meant(unit: Unit, row: RowSpec) -> bool:
    return unit.retired is None and any(fnmatchcase(unit.type, pattern) for pattern in row.units)


def _said(row: RowSpec, name: LimitName | None = None) -> GuidanceSpec:
    action = row.at_once if name in _URGENT and row.at_once is not None else row.action
    return GuidanceSpec(cause=row.cause, consequence=row.consequence, action=action)


def _named(metric: Metric, what: Text) -> Text:
    return Text(f"{metric.name.ru}: {what.ru}", f"{metric.name.en}: {what.en}")


def _priority(*, urgent: bool) -> Priority:
    return Priority.MEDIUM if urgent else Priority.LOW


def _signal(metric: Metric) -> str:
    if metric.role is Role.LEVEL:
        return "level"
    return "flow" if metric.role in _FLOWS else "other"


def _deadband(metric: Metric, name: LimitName) -> float:
    """The usual share of the span, but never so wide that a normal value would not clear the alarm."""
    span = metric.span.high - metric.span.low if metric.span is not None else 0.0
    usual = max(_USUAL[_signal(metric)][0] * span, metric.deadband)
    if metric.normal is None:
        return usual
    limit = limits_of(metric)[name]
    room = limit - metric.normal.high if name in _ABOVE else metric.normal.low - limit
    return min(usual, room / 2) if room > 0 else metric.deadband
