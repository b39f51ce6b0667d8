"""What a load test is told, checked before anything connects."""

from __future__ import annotations

import resource
from dataclasses import dataclass

from plant.errors import ConfigurationError
from plant.mqtt.address import BrokerAddress
from plant.sparkplug.topic import check_token
from simulators.load.records import LARGEST_ALIAS

SPARE_FILES = 64
"""Files that the process needs besides its connections."""
MOST_PER_METRIC = 500.0
"""Changes of one metric a second; source times have milliseconds, and no two values of a metric may share one."""
MESSAGE_EVERY_S = 1.0
"""A device gathers what changes in this time into one message, as far as its metrics go."""


@dataclass(frozen=True, slots=True)
class LoadConfig:
    """One load test.

    Attributes:
        broker: Where the edge nodes connect.
        nodes: Edge nodes, one MQTT connection each.
        metrics: Metrics of each edge node, all of them doubles.
        rate: Values a second, of all nodes together.
        seconds: How long values are sent, once all nodes are born; None until it is stopped.
        devices: Devices of each edge node, which share its metrics evenly; 0 has them on the node itself (NDATA).
        group: Sparkplug group of all nodes.
        primary_host: Host whose STATE gates the births; None publishes at once.
        seed: Of the values.
    """

    broker: BrokerAddress
    nodes: int
    metrics: int
    rate: float
    seconds: float | None = None
    devices: int = 1
    group: str = "load"
    primary_host: str | None = None
    seed: int = 7

    def __post_init__(self) -> None:
        check_token(self.group, "group")
        if self.nodes < 1 or self.rate <= 0 or (self.seconds is not None and self.seconds <= 0):
            raise ConfigurationError("nothing would be sent; --nodes, --rate and --seconds must be above 0")
        if not 1 <= self.metrics <= LARGEST_ALIAS:
            raise ConfigurationError(f"{self.metrics} metrics a node cannot be sent; choose 1 to {LARGEST_ALIAS}")
        if self.devices < 0 or (self.devices and self.metrics % self.devices):
            raise ConfigurationError(
                f"{self.metrics} metrics cannot be shared evenly by {self.devices} devices; choose a divisor, or 0"
            )
        if self.rate > MOST_PER_METRIC * self.nodes * self.metrics:
            most = MOST_PER_METRIC * self.nodes * self.metrics
            raise ConfigurationError(
                f"a metric would change more than {MOST_PER_METRIC:g} times a second; lower --rate to {most:g},"
                " or raise --nodes or --metrics"
            )

    @property
    def sources(self) -> int:
        """Devices of all nodes, or the nodes themselves when they have none."""
        return self.nodes * max(1, self.devices)

    @property
    def metrics_per_source(self) -> int:
        """Metrics of one device."""
        return self.metrics // max(1, self.devices)

    @property
    def values_per_message(self) -> int:
        """Metrics that change in each message."""
        return max(1, min(self.metrics_per_source, round(self.rate / self.sources * MESSAGE_EVERY_S)))

    @property
    def messages_per_s(self) -> float:
        """Messages a second, of all nodes together."""
        return self.rate / self.values_per_message


def demand_files(connections: int) -> None:
    """Let this process open so many connections, as far as the system allows.

    Raises:
        ConfigurationError: It does not.
    """
    needed = connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ConfigurationError(
            f"{connections} edge nodes need {needed} open files and this system allows {hard};"
            f" use fewer --nodes, or have the limit raised (ulimit -Hn)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
