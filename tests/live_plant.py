"""A plant that speaks only the unified namespace, for tests of the screens: real messages, values set by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import Self

import paho.mqtt.client as paho

from plant.messages import CollectorHealth, HealthMessage, NodeHealth, StateMessage, Value, ValuesMessage, encode
from plant.model.enterprise import Enterprise, Metric, Role, Site, Unit
from plant.mqtt.address import BrokerAddress
from plant.namespace import Contract, Topic
from plant.packml import Mode, State
from plant.readings import GOOD, STALE


def unit_values(unit: Unit, now: int, phase: float, quality: int = GOOD) -> ValuesMessage:
    """Plausible values for all metrics of a unit.

    Args:
        unit: The machine.
        now: Source time, UTC ms.
        phase: Moves the values; the same phase gives the same values.
        quality: Of all of them.
    """
    rows = {metric.key: Value(_value(metric, phase), now, quality) for metric in unit.metrics}
    return ValuesMessage(now, rows)


def unit_state(state: State, now: int, since: int, mode: Mode = Mode.PRODUCTION, quality: int = GOOD) -> StateMessage:
    """A state message."""
    return StateMessage(now, state.name, since, mode.name, quality)


def site_health(site: Site, now: int, *, online: bool = True) -> HealthMessage:
    """Health of a site whose edge nodes are all there, or all away."""
    tags = sum(metric.is_numeric for unit in site.units for metric in unit.metrics)
    nodes = tuple(NodeHealth(g.slug, online, now - 60_000, now, 1, 1, 0, 0) for g in site.gateways)
    collector = CollectorHealth("collector-1", now - 60_000, "duckdb", True, "", 250.0, 120.0, 1_000, 0, {}, 1 << 20)
    return HealthMessage(now, tags if online else 0, tags, nodes, collector)


def _value(metric: Metric, phase: float) -> float | str | None:
    if not metric.is_numeric:
        return "" if metric.role is Role.REASON else f"{metric.role.value}-1"
    if metric.role is Role.STATE:
        return float(State.EXECUTE)
    if metric.role is Role.MODE:
        return float(Mode.PRODUCTION)
    wanted = metric.normal or metric.span
    if metric.is_counter:
        return 1_000.0 + phase
    if wanted is None:
        return 10.0 + math.sin(phase)
    middle, reach = (wanted.low + wanted.high) / 2, (wanted.high - wanted.low) / 2
    return middle + 0.8 * reach * math.sin(phase / 7)


class LivePlant:
    """Publishes retained namespace messages of an enterprise; use as a context manager."""

    def __init__(self, enterprise: Enterprise, broker: BrokerAddress) -> None:
        self.enterprise = enterprise
        self._broker = broker
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, f"live-plant-{random.getrandbits(32):08x}")

    def __enter__(self) -> Self:
        self._client.connect(self._broker.host, self._broker.port)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, levels: Iterable[str], contract: Contract, message: object) -> None:
        """Publish one message and wait until it has left."""
        topic = str(Topic((self.enterprise.slug, *levels), contract))
        info = self._client.publish(topic, encode(message), qos=1, retain=True)  # type: ignore[arg-type]
        info.wait_for_publish(10)

    def say_all(self, now: int, phase: float = 0.0, state: State = State.EXECUTE) -> None:
        """Values, state and health of everything."""
        for site in self.enterprise.sites:
            self.publish((site.slug,), Contract.HEALTH, site_health(site, now))
            for unit in site.units:
                self.say(unit, now, phase)
                self.publish(unit.path, Contract.STATE, unit_state(state, now, now - 3_600_000))

    def say(self, unit: Unit, now: int, phase: float, quality: int = GOOD) -> None:
        """Values of one unit."""
        self.publish(unit.path, Contract.VALUES, unit_values(unit, now, phase, quality))

    def say_value(self, unit: Unit, now: int, **values: float) -> None:
        """Values of one unit, some of them given, the rest as in phase 0."""
        rows = dict(unit_values(unit, now, 0.0).values)
        rows |= {key: Value(value, now, GOOD) for key, value in values.items()}
        self.publish(unit.path, Contract.VALUES, ValuesMessage(now, rows))

    def lose(self, site: Site, now: int) -> None:
        """All edge nodes of a site go away: its values and states become stale."""
        self.publish((site.slug,), Contract.HEALTH, site_health(site, now, online=False))
        for unit in site.units:
            self.say(unit, now, 0.0, STALE)
            self.publish(unit.path, Contract.STATE, unit_state(State.EXECUTE, now, now, quality=STALE))
