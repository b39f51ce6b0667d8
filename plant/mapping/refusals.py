"""Why a message of a device, or one value of it, was refused: the keys under which it is counted."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Reasons of a translation; where Sparkplug knows the same fault it has the same key."""

    MALFORMED_PAYLOAD = "malformed_payload"
    """No JSON, or no UTF-8."""
    WRONG_SHAPE = "wrong_shape"
    """JSON of another shape than the rule describes."""
    NOTHING_MAPPED = "nothing_mapped"
    """A readable payload in which the rule finds none of its values."""
    UNMAPPED_TOPIC = "unmapped_topic"
    """No rule is for this topic."""
    UNKNOWN_DEVICE = "unknown_device"
    """Topic and payload lead to no unit of the model: a serial number that no table has, for instance."""
    UNKNOWN_METRIC = "unknown_metric"
    """The unit has no such metric."""
    UNKNOWN_WORD = "unknown_word"
    """A word that `words` does not list."""
    WRONG_TYPE = "wrong_type"
    """A text, list or object where the model has a number."""
    ABSURD_TIMESTAMP = "absurd_timestamp"
    """No time, or none that can be read."""
    OVERSIZE = "oversize"
    """More bytes than a device has to say."""
    RETAINED = "retained"
    """Kept by the broker from earlier; the rule does not take such messages."""
