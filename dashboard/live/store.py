"""The newest of everything: values, states and health, as the unified namespace tells them.

Lives on one event loop. The reader writes, pages read, and the hub takes what has changed since it last asked.
A unit path is ``site/area/line/unit``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from plant.messages import HealthMessage, StateMessage, Value, ValuesMessage
from plant.readings import STALE

HEALTH_EXPECTED_MS: Final = 10_000
"""A site whose collector has said nothing for so long is away: it publishes health every few seconds."""
DATA_EXPECTED_MS: Final = 30_000
"""A site of which no single value has changed for so long is late: some value of a whole site always moves."""

_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


class Feed(StrEnum):
    """How well a site's data come in."""

    LIVE = "live"
    LATE = "late"
    AWAY = "away"


@dataclass(slots=True)
class Changes:
    """What has changed since the last time that it was taken: metric keys by unit path, and unit paths."""

    values: dict[str, set[str]] = field(default_factory=dict)
    states: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.values or self.states)


class LiveStore:
    """Newest values, states and health.

    Args:
        clock: The time now, UTC ms.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._values: dict[str, Mapping[str, Value]] = {}
        self._states: dict[str, StateMessage] = {}
        self._health: dict[str, HealthMessage] = {}
        self._newest: dict[str, int] = {}
        self._changes = Changes()
        self.connected = False
        """Whether the broker is connected; the reader says so."""
        self.received = 0
        """Messages taken in since the start."""
        self.refused: dict[str, int] = {}
        """Messages that could not be used, by reason."""

    # the writer's side

    def put_values(self, unit: str, message: ValuesMessage) -> None:
        """Replace all values of a unit."""
        self.received += 1
        before = self._values.get(unit, _NOTHING)
        changed = {key for key, value in message.values.items() if before.get(key) != value}
        changed |= before.keys() - message.values.keys()
        self._values[unit] = message.values
        if changed:
            self._changes.values.setdefault(unit, set()).update(changed)
        site = unit.partition("/")[0]
        times = (value.time for value in message.values.values() if value.quality != STALE)
        self._newest[site] = max(self._newest.get(site, 0), max(times, default=0))

    def put_state(self, unit: str, message: StateMessage) -> None:
        """Replace the state of a unit."""
        self.received += 1
        if self._states.get(unit) != message:
            self._states[unit] = message
            self._changes.states.add(unit)

    def put_health(self, site: str, message: HealthMessage) -> None:
        """Replace the health of a site."""
        self.received += 1
        self._health[site] = message

    def refuse(self, reason: str) -> None:
        """Count a message that could not be used."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    # the readers' side

    def values(self, unit: str) -> Mapping[str, Value]:
        """All current values of a unit by metric key; empty if none has come."""
        return self._values.get(unit, _NOTHING)

    def value(self, tag: str) -> Value | None:
        """The current value of ``site/area/line/unit/metric``; None if none has come."""
        unit, _, key = tag.rpartition("/")
        return self._values.get(unit, _NOTHING).get(key)

    def state(self, unit: str) -> StateMessage | None:
        """The state of a unit; None if none has come."""
        return self._states.get(unit)

    def health(self, site: str) -> HealthMessage | None:
        """The health of a site's data supply; None if none has come."""
        return self._health.get(site)

    def newest(self, site: str) -> int | None:
        """Source time of the newest value of a site, UTC ms; None if none has come."""
        return self._newest.get(site) or None

    def feed(self, site: str) -> Feed:
        """How well the data of a site come in now."""
        now, health, newest = self._clock(), self._health.get(site), self._newest.get(site, 0)
        if not self.connected or health is None or now - health.time > HEALTH_EXPECTED_MS:
            return Feed.AWAY
        if not any(node.online for node in health.nodes):
            return Feed.AWAY
        return Feed.LIVE if now - newest <= DATA_EXPECTED_MS else Feed.LATE

    # the hub's side

    def take_changes(self) -> Changes:
        """What has changed since the last call; the hub is the only caller."""
        taken, self._changes = self._changes, Changes()
        return taken
