"""Why input was refused or doubted: the stable keys under which it is counted and quarantined."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The collector's own reasons; those of the Sparkplug session (`plant.sparkplug`) come beside them."""

    UNKNOWN_NODE = "unknown_node"
    """Birth of an edge node that is no gateway of the site."""
    UNKNOWN_DEVICE = "unknown_device"
    """Birth of a device that is no unit behind that gateway."""
    UNKNOWN_METRIC = "unknown_metric"
    """Metrics that the model does not know; the session counts those no birth declared under the same key."""
    WRONG_TYPE = "wrong_type"
    """Texts where the model has a number, or the other way round."""
    UNIT_MISMATCH = "unit_mismatch"
    """Birth names another unit of measure than the model: noted, values are taken."""
    NOT_A_NUMBER = "not_a_number"
    """NaN or infinity that calls itself good: stored as bad, without a value."""
    TEXT_TOO_LONG = "text_too_long"
    """Longer than a text of a plant can be: refused."""
    OUT_OF_RANGE = "out_of_range"
    """Outside the instrument's span: stored as bad, without a value."""
    ABSURD_TIMESTAMP = "absurd_timestamp"
    """Before the year 2000; the session counts what is no time at all under the same key."""
    FUTURE_TIMESTAMP = "future_timestamp"
    """More than the tolerated clock skew ahead of us."""
    TOO_OLD = "too_old"
    """Older than the retention of raw readings: shown if it is the current value, not stored."""
    TYPE_CONFLICT = "type_conflict"
    """The historian has values of another type under the name of the metric; it took the rest of the batch."""
    REFUSED_BY_STORE = "refused_by_store"
    """The historian took the rest of the batch, but not these."""
    BUFFER_FULL = "buffer_full"
    """The oldest readings had to go because the historian was away for too long."""
