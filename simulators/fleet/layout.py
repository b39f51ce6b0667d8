"""Which metric of which device of which edge node every tag is, so that a scan is dealt out with arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Datatype, Enterprise, Metric, Site, Unit
from plant.model.tags import TagTable, text_tags
from plant.readings import GOOD
from plant.sparkplug.datatypes import DataType, Value
from plant.sparkplug.edge import EdgeDefinition, MetricDefinition

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
    """New values of one device, all of one time.

    Attributes:
        device: Sparkplug device id.
        indices: Positions in the device's definitions.
        values: Python values, None for null.
        qualities: One per value; None when all are good.
    """

    device: str
    indices: list[int]
    values: list[Value | None]
    qualities: list[int] | None


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
        self._whole = np.array([tag.metric.datatype in _WHOLE for tag in tags], np.bool_)
        self._texts = [
            (numbers.get(text.unit.path, -1), places.get(text.unit.path, {}).get(text.metric.key, -1))
            for text in text_tags(enterprise)
        ]

    def deal(
        self,
        rows: NDArray[np.intp],
        values: NDArray[np.float64],
        qualities: NDArray[np.uint16],
        texts: Iterable[tuple[int, str]] = (),
    ) -> list[list[Change]]:
        """Changes for each of `nodes`, in its order.

        Args:
            rows: Tags that have something to say, ascending.
            values: Values of all tags, NaN for null; those of whole-numbered metrics are rounded.
            qualities: Qualities of all tags.
            texts: Changed texts: position in `plant.model.tags.text_tags` and the text.
        """
        changes: dict[int, Change] = {}
        for device, indices, column, codes in self._numbers(rows, values, qualities):
            changes[device] = Change(self._device_names[device], indices, column, codes)
        for position, text in texts:
            device, metric = self._texts[position]
            if device >= 0:
                change = changes.setdefault(device, Change(self._device_names[device], [], [], None))
                change.indices.append(metric)
                change.values.append(text)
                if change.qualities is not None:
                    change.qualities.append(GOOD)
        dealt: list[list[Change]] = [[] for _ in self.nodes]
        for device, change in changes.items():
            dealt[self._node_of_device[device]].append(change)
        return dealt

    def _numbers(
        self, rows: NDArray[np.intp], values: NDArray[np.float64], qualities: NDArray[np.uint16]
    ) -> Iterable[tuple[int, list[int], list[Value | None], list[int] | None]]:
        rows = rows[self._device[rows] >= 0]
        if len(rows) == 0:
            return
        devices = self._device[rows]
        metrics = self._metric[rows].tolist()
        chosen = np.where(self._whole[rows], np.rint(values[rows]), values[rows])
        column: list[Value | None] = chosen.tolist()
        for null in np.flatnonzero(np.isnan(chosen)).tolist():
            column[null] = None
        codes = qualities[rows].tolist()
        all_good = bool((qualities[rows] == GOOD).all())
        edges = [0, *(np.flatnonzero(np.diff(devices)) + 1).tolist(), len(rows)]
        for begin, end in itertools.pairwise(edges):
            own_codes = None if all_good else codes[begin:end]
            yield int(devices[begin]), metrics[begin:end], column[begin:end], own_codes


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
