"""What is allowed to each tag, taken from the model: the range, how long it may stand still, how far it may jump."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import MINUTE_MS
from plant.model.enterprise import Datatype, Metric, Role
from plant.model.tags import Tag

MEASURED: Final = frozenset({Role.RATE, Role.POWER, Role.GAS_FLOW, Role.WATER_FLOW, Role.LEVEL, Role.VALUE})
"""Roles of what an instrument measures; codes, counters, commands and set points stand still, and jump, on purpose."""
ANALOG: Final = frozenset({Datatype.DOUBLE, Datatype.FLOAT})

FROZEN_MS: Final = 20 * MINUTE_MS
"""A measured value with a deadband is told again, by a refresh, every ten minutes or so: the same digits three times in
a row are no chance."""
FROZEN_PLAIN_MS: Final = 60 * MINUTE_MS
"""A value without a deadband may be one that changes by lot or by product."""
FROZEN_LEVEL_MS: Final = 120 * MINUTE_MS
"""A bunker may rest."""
NEVER_MS: Final = 2**62
"""Of tags that may stand still for ever."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of all tags; arrays of shape (tags,).

    Attributes:
        low: What the instrument can show at least; -inf where the model does not say.
        high: What it can show at most; inf where the model does not say.
        measured: Whether the tag can freeze and spike at all, bool.
        frozen_ms: From how long on the same digits are a defect, ms, int64.
        step: Smallest change that counts as one, in the tag's unit: the deadband or the last digit.
    """

    low: Floats
    high: Floats
    measured: NDArray[np.bool_]
    frozen_ms: NDArray[np.int64]
    step: Floats

    @classmethod
    def of(cls, tags: Sequence[Tag]) -> Limits:
        """The limits of a tag table."""
        metrics = [tag.metric for tag in tags]
        spans = [metric.span for metric in metrics]
        return cls(
            np.array([-math.inf if span is None else span.low for span in spans], np.float64),
            np.array([math.inf if span is None else span.high for span in spans], np.float64),
            np.array([_measured(metric) for metric in metrics], np.bool_),
            np.array([_frozen_ms(metric) for metric in metrics], np.int64),
            np.array([max(metric.deadband, 10.0**-metric.decimals) for metric in metrics], np.float64),
        )


def _measured(metric: Metric) -> bool:
    return metric.role in MEASURED and metric.datatype in ANALOG and not metric.writable


def _frozen_ms(metric: Metric) -> int:
    if not _measured(metric):
        return NEVER_MS
    if metric.role is Role.LEVEL:
        return FROZEN_LEVEL_MS
    return FROZEN_MS if metric.deadband > 0 else FROZEN_PLAIN_MS
