"""What may pass: times that can be true and values that the instrument can show, checked a batch at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collectors.reasons import Reason
from plant.historian.protocol import DAY_MS
from plant.model.tags import TagTable
from plant.readings import BAD, GOOD, Columns
from plant.sparkplug.samples import OtherSample

EARLIEST_MS = 946_684_800_000
"""2000-01-01: what is before it comes from a clock that was never set."""
SKEW_MS = 60_000
"""How far a source's clock may be ahead of ours; it is tolerated, and counted."""
LONGEST_TEXT = 1_000
"""Characters of an order, a recipe, a reason."""
RETENTION_MARGIN_MS = 60_000
"""A reading that would expire within this time is not stored: the store's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Readings that were refused or changed for one reason, with one of them as a specimen.

    Attributes:
        reason: Key to count by.
        count: How many readings.
        tag: Path of the specimen, ``site/area/line/unit/metric``.
        time: Its source time, UTC ms.
        value: Its value.
    """

    reason: Reason
    count: int
    tag: str
    time: int
    value: float


@dataclass(frozen=True, slots=True)
class Checked:
    """Readings after the checks.

    Attributes:
        current: What may be shown.
        storable: What may be stored: `current` without what is older than the retention.
        refusals: What was refused or changed, by reason.
        skewed: Readings from a clock that is ahead of ours by no more than `SKEW_MS`.
    """

    current: Columns
    storable: Columns
    refusals: tuple[Refusal, ...] = ()
    skewed: int = 0


class Validator:
    """Checks readings against the model and the clock.

    Args:
        tags: The model's tags, with their spans.
        raw_days: Days that the historian keeps raw readings.
    """

    def __init__(self, tags: TagTable, raw_days: int) -> None:
        self._tags = tags
        spans = [tag.metric.span for tag in tags]
        self._low = np.array([-math.inf if span is None else span.low for span in spans])
        self._high = np.array([math.inf if span is None else span.high for span in spans])
        self._retention_ms = raw_days * DAY_MS - RETENTION_MARGIN_MS

    def check(self, columns: Columns, now: int) -> Checked:
        """Sort readings out.

        An absurd time makes a reading useless: it goes. A value that is no number, or that the instrument cannot show,
        at a credible time means that the value is not known from then on: it becomes `BAD`, without a value.

        Args:
            columns: Readings of known tags.
            now: Host time, UTC ms.
        """
        time, good = columns.time, columns.quality == GOOD
        absurd = time < EARLIEST_MS
        future = time > now + SKEW_MS
        no_number = good & ~np.isfinite(columns.value)
        with np.errstate(invalid="ignore"):
            outside = (
                good
                & ~no_number
                & ((columns.value < self._low[columns.tag]) | (columns.value > self._high[columns.tag]))
            )
        old = ~absurd & (time <= now - self._retention_ms)
        skewed = int(np.count_nonzero((time > now) & ~future))
        if not (absurd.any() or future.any() or no_number.any() or outside.any() or old.any()):
            return Checked(columns, columns, (), skewed)
        refusals = tuple(
            self._refusals(
                columns,
                (
                    (Reason.ABSURD_TIMESTAMP, absurd),
                    (Reason.FUTURE_TIMESTAMP, future),
                    (Reason.NOT_A_NUMBER, no_number & ~absurd & ~future),
                    (Reason.OUT_OF_RANGE, outside & ~absurd & ~future),
                    (Reason.TOO_OLD, old),
                ),
            )
        )
        credible = ~(absurd | future)
        mended = _without_value(columns, no_number | outside)
        return Checked(mended.take(credible), mended.take(credible & ~old), refusals, skewed)

    def refuse_text(self, sample: OtherSample, now: int) -> Reason | None:
        """Why a text may not pass, None if it may. `now` is the host time, UTC ms."""
        if sample.timestamp_ms < EARLIEST_MS:
            return Reason.ABSURD_TIMESTAMP
        if sample.timestamp_ms > now + SKEW_MS:
            return Reason.FUTURE_TIMESTAMP
        if isinstance(sample.value, str) and len(sample.value) > LONGEST_TEXT:
            return Reason.TEXT_TOO_LONG
        return None

    def _refusals(self, columns: Columns, masks: tuple[tuple[Reason, NDArray[np.bool_]], ...]) -> Iterator[Refusal]:
        for reason, mask in masks:
            rows = np.flatnonzero(mask)
            if len(rows):
                first = rows[0]
                path = self._tags[int(columns.tag[first])].path
                yield Refusal(reason, len(rows), path, int(columns.time[first]), float(columns.value[first]))


def _without_value(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    return Columns(
        columns.tag,
        columns.time,
        np.where(rows, np.nan, columns.value),
        np.where(rows, np.uint16(BAD), columns.quality),
    )
