"""Which metric of which device of which edge node every tag is, so that a scan is dealt out with arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Datatype, Enterprise, Metric, Site, Unit
from plant.model.tags import TagTable, text_tags
from plant.readings import GOOD
from plant.sparkplug.datatypes import DataType, Value
from plant.sparkplug.edge import EdgeDefinition, MetricDefinition
from simulators.fleet.told import Told

DATATYPES = {
    Datatype.DOUBLE: DataType.DOUBLE,
    Datatype.FLOAT: DataType.FLOAT,
    Datatype.INT32: DataType.INT32,
    Datatype.INT64: DataType.INT64,
    Datatype.BOOLEAN: DataType.BOOLEAN,
    Datatype.STRING: DataType.STRING,
}
"""How the model's datatypes travel."""

_WHOLE = frozenset({Datatype.INT32, Datatype.INT64, Datatype.BOOLEAN})


@dataclass(frozen=True, slots=True)
class Change:
    """New values of one device as columns.

    Attributes:
        number: Of the device among all of the layout.
        device: Sparkplug device id.
        indices: Positions in the device's definitions.
        times: Source times, UTC ms.
        values: Python values, None for null.
        qualities: One per value.
    """

    number: int
    device: str
    indices: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    values: list[Value | None] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)

    def add(self, index: int, time_ms: int, value: Value) -> None:
        """One more good value."""
        self.indices.append(index)
        self.times.append(time_ms)
        self.values.append(value)
        self.qualities.append(GOOD)


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One edge node: its Sparkplug definition and the units behind its devices."""

    definition: EdgeDefinition
    units: dict[str, Unit]

    def metric(self, device: str, index: int) -> Metric:
        """The metric at a position of a device's definitions."""
        return live_metrics(self.units[device])[index]


class Layout:
    """Edge nodes of some sites, and the way from tag rows to their devices.

    Args:
        enterprise: The model.
        tags: Its tag table.
        sites: Sites whose gateways are simulated here.

    Attributes:
        nodes: Edge nodes, site by site.
    """

    def __init__(self, enterprise: Enterprise, tags: TagTable, sites: Sequence[Site]) -> None:
        self.nodes = tuple(plan for site in sites for plan in _plans(site))
        self._device_names: list[str] = []
        self._node_of_device: list[int] = []
        numbers: dict[tuple[str, ...], int] = {}
        for node, plan in enumerate(self.nodes):
            for name, unit in plan.units.items():
                numbers[unit.path] = len(self._device_names)
                self._device_names.append(name)
                self._node_of_device.append(node)
        places = {unit.path: _places(unit) for plan in self.nodes for unit in plan.units.values()}
        self._device = np.array([numbers.get(tag.unit.path, -1) for tag in tags], np.int64)
        self._metric = np.array([places.get(tag.unit.path, {}).get(tag.metric.key, -1) for tag in tags], np.int64)
        self._device[self._metric < 0] = -1
        self._node = np.append(np.array(self._node_of_device, np.int64), len(self.nodes))[self._device]
        self._whole = np.array([tag.metric.datatype in _WHOLE for tag in tags], np.bool_)
        self._texts = [
            (numbers.get(text.unit.path, -1), places.get(text.unit.path, {}).get(text.metric.key, -1))
            for text in text_tags(enterprise)
        ]
        nobody = len(self.nodes)
        self._node_of_text = [nobody if at < 0 else self._node_of_device[at] for at, _ in self._texts]

    def deal(self, told: Told, only: Sequence[int] | None = None) -> list[list[Change]]:
        """Changes for each of `nodes`, in its order; all values of one device make one `Change`.

        Args:
            told: Values of any tags; those of whole-numbered metrics are rounded.
            only: Places of the nodes that are to have theirs, None for all.
        """
        if only is not None:
            told = self._of_nodes(told, only)
        changes = {change.number: change for change in self._numbers(told)}
        for place, time, text in told.texts:
            number, metric = self._texts[place]
            if number >= 0:
                change = changes.setdefault(number, Change(number, self._device_names[number]))
                change.add(metric, time, text)
        dealt: list[list[Change]] = [[] for _ in self.nodes]
        for number, change in changes.items():
            dealt[self._node_of_device[number]].append(change)
        return dealt

    def shifted(self, told: Told, offsets_ms: Sequence[int]) -> Told:
        """The same with the times that wrong clocks put on it.

        Args:
            told: With true times.
            offsets_ms: How far each node's clock is ahead, ms, in the order of `nodes`.
        """
        ahead = np.array([*offsets_ms, 0], np.int64)
        if not ahead.any():
            return told
        texts = tuple((place, time + int(ahead[self._node_of_text[place]]), text) for place, time, text in told.texts)
        return replace(told, times=told.times + ahead[self._node[told.rows]], texts=texts)

    def counts(self, told: Told) -> NDArray[np.int64]:
        """How many values of it belong to each of `nodes`, shape (nodes,)."""
        places = [*self._node[told.rows].tolist(), *(self._node_of_text[place] for place, _, _ in told.texts)]
        return np.bincount(places, minlength=len(self.nodes) + 1)[:-1]

    def _of_nodes(self, told: Told, places: Sequence[int]) -> Told:
        wanted = np.zeros(len(self.nodes) + 1, np.bool_)
        wanted[list(places)] = True
        rows = wanted[self._node[told.rows]]
        texts = tuple(text for text in told.texts if wanted[self._node_of_text[text[0]]])
        return Told(told.rows[rows], told.times[rows], told.values[rows], told.qualities[rows], texts)

    def _numbers(self, told: Told) -> Iterable[Change]:
        rows = told.rows
        order = np.argsort(self._device[rows], kind="stable")  # within a device the order of the scans stays
        order = order[self._device[rows[order]] >= 0]
        rows = rows[order]
        if len(rows) == 0:
            return
        values = told.values[order]
        values = np.where(self._whole[rows], np.rint(values), values)
        column: list[Value | None] = values.tolist()
        for null in np.flatnonzero(np.isnan(values)).tolist():
            column[null] = None
        metrics = self._metric[rows].tolist()
        times = told.times[order].tolist()
        qualities = told.qualities[order].tolist()
        numbers = self._device[rows]
        edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(rows)]
        for begin, end in itertools.pairwise(edges):
            number, part = int(numbers[begin]), slice(begin, end)
            name = self._device_names[number]
            yield Change(number, name, metrics[part], times[part], column[part], qualities[part])


def live_metrics(unit: Unit) -> tuple[Metric, ...]:
    """The metrics that a device publishes, in the order of its definitions."""
    return tuple(metric for metric in unit.metrics if metric.retired is None)


def _places(unit: Unit) -> dict[str, int]:
    return {metric.key: index for index, metric in enumerate(live_metrics(unit))}


def _plans(site: Site) -> Iterable[NodePlan]:
    for gateway in site.gateways:
        units = {unit.slug: unit for unit in site.units if unit.gateway == gateway.slug and unit.retired is None}
        devices = {slug: tuple(_definition(metric) for metric in live_metrics(unit)) for slug, unit in units.items()}
        definition = EdgeDefinition(site.slug, gateway.slug, devices, primary_host=site.primary_host)
        yield NodePlan(definition, units)


def _definition(metric: Metric) -> MetricDefinition:
    return MetricDefinition(metric.key, DATATYPES[metric.datatype], metric.writable)
