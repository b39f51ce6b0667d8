"""What the metrics of a birth certificate mean in the model: found once, at birth, then only numbers are looked up.

A name that the model does not know is refused with its reason; the reason sits in the binding itself as a negative
number, so that the hot path needs no branch per value: refused rows are masked out and counted a batch at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from collectors.reasons import Reason
from plant.model.enterprise import Enterprise, Metric, Unit
from plant.model.tags import TagTable, TextTag
from plant.sparkplug.columns import Key
from plant.sparkplug.datatypes import DataType, accessor
from plant.sparkplug.samples import BirthRow
from plant.sparkplug.topic import NodeId, Source

IGNORED = -1
"""Binding of an edge node's own metrics (versions, diagnostics): legal, but no part of the model."""
REFUSALS: Mapping[int, Reason] = {
    -2: Reason.UNKNOWN_NODE,
    -3: Reason.UNKNOWN_DEVICE,
    -4: Reason.UNKNOWN_METRIC,
    -5: Reason.WRONG_TYPE,
}
"""Reasons by the negative number that stands for them in `Binding.tags`."""
TEXTS = frozenset({DataType.STRING, DataType.TEXT, DataType.UUID})
NAMED = 5
"""How many metrics a doubt names; a hostile birth may hold thousands."""
_CODES = {reason: code for code, reason in REFUSALS.items()}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a birth that the model contradicts.

    Attributes:
        reason: Key to count by.
        count: How many metrics.
        text: One sentence that names the first of them and what the model says.
    """

    reason: Reason
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Binding:
    """The metrics of one edge node or device.

    Attributes:
        unit: The unit that it speaks for; None for an edge node itself and for strangers.
        tags: For each row of the birth its index in the tag table, or a negative number: see `REFUSALS`.
        texts: Text metrics by row of the birth.
        doubts: What an engineer should look at.
        mismatched: Tags of which the birth names another unit of measure than the model.
        key: Its numbers as `plant.sparkplug.columns` reads them; None when its aliases do not allow it.
    """

    unit: Unit | None
    tags: list[int]
    texts: Mapping[int, TextTag]
    doubts: tuple[Doubt, ...]
    mismatched: tuple[int, ...] = ()
    key: Key | None = None


class Binder:
    """Finds units and tags by Sparkplug names: group = site, node = gateway, device = unit, metric = metric key.

    Args:
        enterprise: The model.
        tags: Its numeric tags.
        sites: Slugs of the sites that this collector serves.
    """

    def __init__(self, enterprise: Enterprise, tags: TagTable, sites: Sequence[str]) -> None:
        self._tags = tags
        self._measures = enterprise.measures
        served = [site for site in enterprise.sites if site.slug in sites]
        self._nodes = {NodeId(site.slug, gateway.slug) for site in served for gateway in site.gateways}
        self._units = {
            Source(site.slug, unit.gateway, unit.slug): unit
            for site in served
            for unit in site.units
            if unit.retired is None
        }

    def bind(self, source: Source, rows: Sequence[BirthRow]) -> Binding:
        """Find what each row of a birth means.

        Args:
            source: Who was born.
            rows: Its metrics.
        """
        binding = self._bound(source, rows)
        return replace(binding, key=Key.of(rows, binding.tags))

    def _bound(self, source: Source, rows: Sequence[BirthRow]) -> Binding:
        stranger = self._stranger(source)
        if stranger is not None:
            return Binding(None, [_CODES[stranger.reason]] * len(rows), {}, (stranger,))
        unit = self._units.get(source)
        if unit is None:
            return Binding(None, [IGNORED] * len(rows), {}, ())
        return self._bind_unit(unit, rows)

    def _stranger(self, source: Source) -> Doubt | None:
        if source.node_id not in self._nodes:
            return Doubt(Reason.UNKNOWN_NODE, 1, f"no site that is served here has a gateway '{source.node_id}'")
        if source.device is not None and source not in self._units:
            return Doubt(Reason.UNKNOWN_DEVICE, 1, f"gateway '{source.node_id}' has no unit '{source.device}'")
        return None

    def _bind_unit(self, unit: Unit, rows: Sequence[BirthRow]) -> Binding:
        metrics = {metric.key: metric for metric in unit.metrics if metric.retired is None}
        numbers = self._tags.of_unit(unit)
        bound: list[int] = []
        texts: dict[int, TextTag] = {}
        doubts: dict[Reason, list[str]] = {}
        mismatched: list[int] = []
        for position, row in enumerate(rows):
            metric = metrics.get(row.name)
            refusal = _refusal(row, metric)
            if metric is None or refusal is not None:
                reason = refusal or Reason.UNKNOWN_METRIC
                bound.append(_CODES[reason])
                doubts.setdefault(reason, []).append(f"'{row.name}' of datatype {row.datatype}")
                continue
            if not self._same_measure(metric, row.engineering_unit):
                mismatch = f"'{row.name}' in '{row.engineering_unit}' for '{metric.unit}'"
                doubts.setdefault(Reason.UNIT_MISMATCH, []).append(mismatch)
                mismatched.append(numbers[metric.key].index)
            if metric.is_numeric:
                bound.append(numbers[metric.key].index)
            else:
                bound.append(IGNORED)
                texts[position] = TextTag(unit, metric)
        told = tuple(_doubt(reason, names) for reason, names in doubts.items())
        return Binding(unit, bound, texts, told, tuple(mismatched))

    def _same_measure(self, metric: Metric, named: str) -> bool:
        if not named or not metric.unit:
            return True
        name = self._measures[metric.unit]
        return named in {metric.unit, name.ru, name.en}


def _refusal(row: BirthRow, metric: Metric | None) -> Reason | None:
    if metric is None:
        return Reason.UNKNOWN_METRIC
    access = accessor(row.datatype)
    fits = row.datatype in TEXTS if not metric.is_numeric else access is not None and access.numeric
    return None if fits else Reason.WRONG_TYPE


def _doubt(reason: Reason, names: Sequence[str]) -> Doubt:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return Doubt(reason, len(names), f"birth declares {', '.join(names[:NAMED])}{more}")
