"""The unified namespace: what a unit shows now becomes retained JSON, as often as its readers can bear."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from collectors.coalescing import Coalescer
from collectors.counts import Counts
from collectors.live import LiveState
from collectors.texts import TextState
from collectors.units import NO_TAG, UnitTable
from collectors.values_json import ValuesJson
from plant.messages import StateMessage, Value, encode
from plant.packml import Mode, State
from plant.readings import STALE

INTERVAL_MS = 200
"""Least time between two messages of a unit: a person sees no difference, and readers keep up."""
UNKNOWN = Value(None, 0, STALE)
"""A text that has never come."""
_STATES = {float(state): state.name for state in State}
_MODES = {float(mode): mode.name for mode in Mode}

Publish: TypeAlias = Callable[[str, bytes], bool]
"""Sends a retained message; False when it could not leave now."""


class NamespacePublisher:
    """Publishes `values` and `state` of units.

    Args:
        units: The units that are served.
        live: Their numbers.
        texts: Their texts.
        publish: Sends a retained message.
        counts: `published` and `unpublished` are counted there.
    """

    def __init__(self, units: UnitTable, live: LiveState, texts: TextState, publish: Publish, counts: Counts) -> None:
        self._units = units
        self._live = live
        self._texts = texts
        self._publish = publish
        self._counts = counts
        self._json = [ValuesJson((*unit.keys, *(metric.key for metric in unit.texts))) for unit in units]
        self._coalescer = Coalescer(len(units), INTERVAL_MS)
        self._sent_states: list[StateMessage | None] = [None] * len(units)

    def mark(self, units: NDArray[np.integer]) -> None:
        """These units have changed."""
        self._coalescer.mark(units)

    def republish(self) -> None:
        """Say everything again: the broker may have forgotten it, or was not there to hear it."""
        self._sent_states = [None] * len(self._units)
        self._coalescer.mark_all()

    def turn(self, now: int) -> int | None:
        """Publish what is due.

        Args:
            now: ms of a clock that never goes back.

        Returns:
            When to call again, ms of that clock; None while nothing waits.
        """
        for number in self._coalescer.due(now).tolist():
            if self._publish_unit(number):
                continue
            self._counts.unpublished += 1
            self._coalescer.mark(np.array([number]))
        return self._coalescer.next_due()

    def values_of(self, number: int) -> bytes:
        """All that a unit shows now; a metric that has never had a value has time 0."""
        unit, live, texts = self._units[number], self._live, self._texts.of_unit(number)
        return self._json[number].encode(
            live.value[unit.tags],
            live.time[unit.tags],
            live.quality[unit.tags],
            [texts.get(metric.key, UNKNOWN) for metric in unit.texts],
        )

    def state_of(self, number: int) -> StateMessage | None:
        """A unit's PackML state and mode; None if it has no state."""
        state_tag, mode_tag = int(self._units.state_tag[number]), int(self._units.mode_tag[number])
        if state_tag == NO_TAG:
            return None
        live, time = self._live, int(self._live.time[state_tag])
        mode = Mode.UNDEFINED.name
        if mode_tag != NO_TAG:
            mode = _MODES.get(float(live.value[mode_tag]), mode)
            time = max(time, int(live.time[mode_tag]))
        state = _STATES.get(float(live.value[state_tag]), State.UNDEFINED.name)
        since = int(live.state_since[number])
        return StateMessage(time, state, since, mode, int(live.quality[state_tag]))

    def _publish_unit(self, number: int) -> bool:
        unit = self._units[number]
        if not self._publish(unit.values_topic, self.values_of(number)):
            return False
        self._counts.published += 1
        state = self.state_of(number)
        if state is None or _same(state, self._sent_states[number]):
            return True
        if not self._publish(unit.state_topic, encode(state)):
            return False
        self._counts.published += 1
        self._sent_states[number] = state
        return True


def _same(state: StateMessage, sent: StateMessage | None) -> bool:
    """Whether nothing but the time of confirmation differs."""
    if sent is None:
        return False
    return (state.state, state.since, state.mode, state.quality) == (sent.state, sent.since, sent.mode, sent.quality)
