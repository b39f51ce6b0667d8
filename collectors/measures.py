"""Units of measure that a birth certificate names, to be compared with the model's.

The birth tables of `plant.sparkplug` keep what is needed to read values; this is needed once, to find a sensor that
was configured in another unit than the model says.
"""

from __future__ import annotations

from plant.errors import BadInputError
from plant.sparkplug.codec import decode

ENGINEERING_UNIT = "engUnit"
"""Property by which gateways commonly name the unit of measure (a convention, not in the standard)."""


def units_of_measure(payload: bytes) -> dict[str, str]:
    """Unit of measure by metric name, for the metrics that name one; empty if the payload is no birth at all."""
    try:
        metrics = decode(payload).metrics
    except BadInputError:
        return {}  # the session refuses and counts it
    return {
        metric.name: item.string_value
        for metric in metrics
        for key, item in zip(metric.properties.keys, metric.properties.values, strict=False)
        if key == ENGINEERING_UNIT and isinstance(item.string_value, str)
    }
