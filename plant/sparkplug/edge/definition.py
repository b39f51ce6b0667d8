"""What an edge node is made of, as its driver declares it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from plant.errors import ConfigurationError
from plant.sparkplug.datatypes import DataType, accessor
from plant.sparkplug.names import BD_SEQ, REBIRTH
from plant.sparkplug.topic import check_token

_OWN_NAMES = frozenset((BD_SEQ, REBIRTH))


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric of a node or device.

    Attributes:
        name: Unique in its node or device, also when case is ignored.
        datatype: One that `plant.sparkplug.datatypes.accessor` knows.
        writable: Whether commands for it are passed on.
    """

    name: str
    datatype: DataType
    writable: bool = False


@dataclass(frozen=True, slots=True)
class EdgeDefinition:
    """An edge node with its devices.

    The group and node pair must be unique in the whole installation; nothing here can see that.

    Attributes:
        group: Group id (the site).
        node: Edge node id (the gateway).
        devices: Metrics by device id, in the order of the births.
        node_metrics: Metrics of the node itself, without bdSeq and Node Control/Rebirth.
        primary_host: Host whose STATE gates the births; None publishes at once.

    Raises:
        InvalidTopicError: an id is not legal.
        ConfigurationError: two names differ by nothing but case, a metric name is empty or belongs to the protocol,
            or a datatype is not supported.
    """

    group: str
    node: str
    devices: Mapping[str, tuple[MetricDefinition, ...]] = field(default_factory=dict)
    node_metrics: tuple[MetricDefinition, ...] = ()
    primary_host: str | None = None

    def __post_init__(self) -> None:
        check_token(self.group, "group")
        check_token(self.node, "edge node")
        for device in self.devices:
            check_token(device, "device")
        if self.primary_host is not None:
            check_token(self.primary_host, "host")
        _refuse_twins(self.devices, f"devices of {self.group}/{self.node}")
        for where, metrics in ((self.node, self.node_metrics), *self.devices.items()):
            _check_metrics(where, metrics)


def _check_metrics(where: str, metrics: Sequence[MetricDefinition]) -> None:
    for metric in metrics:
        if not metric.name or metric.name in _OWN_NAMES:
            raise ConfigurationError(f"{where}: a metric cannot be named {metric.name!r}; choose another name")
        if accessor(metric.datatype) is None:
            raise ConfigurationError(
                f"{where}/{metric.name}: datatype {metric.datatype!r} cannot be published; use a number, text or array",
            )
    _refuse_twins((metric.name for metric in metrics), f"metrics of {where}")


def _refuse_twins(names: Iterable[str], what: str) -> None:
    """The specification only advises against names that differ by case; a historian that folds case would mix them."""
    twins = sorted(name for name, times in Counter(name.casefold() for name in names).items() if times > 1)
    if twins:
        raise ConfigurationError(f"{what}: {', '.join(twins)} is there twice (case is ignored); rename one")
