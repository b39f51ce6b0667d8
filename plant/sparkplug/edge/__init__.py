"""The session of a Sparkplug edge node, free of I/O and of a clock."""

from plant.sparkplug.edge.definition import EdgeDefinition, MetricDefinition
from plant.sparkplug.edge.events import (
    BirthCause,
    BirthsSent,
    Command,
    EdgeOutput,
    Ignored,
    PrimaryHostChanged,
    Refused,
)
from plant.sparkplug.edge.session import EdgeSession

__all__ = [
    "BirthCause",
    "BirthsSent",
    "Command",
    "EdgeDefinition",
    "EdgeOutput",
    "EdgeSession",
    "Ignored",
    "MetricDefinition",
    "PrimaryHostChanged",
    "Refused",
]
