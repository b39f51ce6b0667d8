"""What all contestants are given: the same readings of the same machines, in the form that each of them reads.

One machine with `METRICS` doubles on each of `MACHINES` lines, each line an edge node of its own. Every metric is a
random walk with three decimals, as instruments have them. A message tells all metrics of one machine at one instant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from plant.sparkplug.actions import Publish
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import EdgeDefinition, EdgeSession, MetricDefinition
from simulators.load.records import Records

METRICS = 64
SITES = 4
LINES = 75
MACHINES = SITES * LINES
VALUES_PER_STEP = MACHINES * METRICS
HOST = "collector-1"
ENTERPRISE = "bench"
DEVICE = "machine"
METRIC_NAMES = tuple(f"m{number + 1:02}" for number in range(METRICS))
SEED = 7
LEVEL = 100.0
CHANGE = 0.5
"""Standard deviation from one step to the next."""

Values = NDArray[np.float64]
"""All metrics of some machines, shape (machines, metrics)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a machine stands."""

    site: str
    line: str

    @property
    def tags(self) -> str:
        """As line protocol names it."""
        return f"site={self.site},line={self.line},unit={DEVICE}"


FLEET = tuple(Machine(f"site-{number // LINES + 1}", f"line-{number % LINES + 1}") for number in range(MACHINES))


def model() -> str:
    """The enterprise model in which all of it is known, YAML."""
    metrics = "\n".join(
        f"      {name}: {{name: {{ru: Величина, en: Value}}, role: value, unit: degC, span: [-1000, 1000]}}"
        for name in METRIC_NAMES
    )
    sites = "\n".join(_site(site) for site in dict.fromkeys(machine.site for machine in FLEET))
    return f"""\
enterprise: {ENTERPRISE}
name: {{ru: Измерение, en: Benchmark}}
primary_host: {HOST}
measures:
  degC: {{ru: °C, en: °C}}
unit_types:
  {DEVICE}:
    name: {{ru: Машина, en: Machine}}
    metrics:
      state: {{name: {{ru: Состояние, en: State}}, role: state}}
{metrics}
line_types:
  line:
    name: {{ru: Линия, en: Line}}
    constraint: {DEVICE}
    units:
      {DEVICE}: {{type: {DEVICE}}}
products: {{}}
calendars:
  always:
    shifts:
      day: {{name: {{ru: День, en: Day}}, start: 08:00, end: 20:00}}
      night: {{name: {{ru: Ночь, en: Night}}, start: 20:00, end: 08:00}}
sites:
{sites}
"""


def _site(slug: str) -> str:
    lines = "\n".join(
        f"          {machine.line}: {{use: line, gateway: {machine.line}}}" for machine in FLEET if machine.site == slug
    )
    return f"""\
  {slug}:
    name: {{ru: {slug}, en: {slug}}}
    zone: Europe/Moscow
    latitude: 55.3
    longitude: 38.7
    calendar: always
    areas:
      shop:
        name: {{ru: Цех, en: Shop}}
        lines:
{lines}
"""


def walk(steps: int) -> Iterator[Values]:
    """So many steps of all machines; the same ones every time."""
    rng = np.random.default_rng(SEED)
    values = np.full((MACHINES, METRICS), LEVEL)
    for _ in range(steps):
        values = values + rng.normal(0.0, CHANGE, values.shape)
        yield np.round(values, 3)


class EdgeNodes:
    """The machines' edge nodes: births with aliases, sequence numbers."""

    def __init__(self, now_ms: int) -> None:
        metrics = tuple(MetricDefinition(name, DataType.DOUBLE) for name in METRIC_NAMES)
        self._sessions = [EdgeSession(EdgeDefinition(each.site, each.line, {DEVICE: metrics})) for each in FLEET]
        for session in self._sessions:
            session.connecting(now_ms)
        self._records = Records(np.array([session.first_alias(DEVICE) for session in self._sessions]), METRICS)

    def births(self, now_ms: int) -> list[Message]:
        """NBIRTH and DBIRTH of all of them."""
        for session in self._sessions:
            session.remember(DEVICE, now_ms, [LEVEL] * METRICS)
        outputs = (output for session in self._sessions for output in session.connected(now_ms))
        return [Message(output.topic, output.payload) for output in outputs if isinstance(output, Publish)]

    def data(self, first: int, time_ms: int, values: Values) -> list[Message]:
        """The DDATA of some machines, of which `first` is the number of the first."""
        sources = np.arange(first, first + len(values))
        metrics = np.tile(np.arange(METRICS), (len(values), 1))
        bodies = self._records.encode(sources, metrics, values, time_ms)
        sent = [self._sessions[source].encoded(DEVICE, body) for source, body in zip(sources, bodies, strict=True)]
        return [Message(output.topic, output.payload) for output in sent if output is not None]


def as_json(first: int, time_ms: int, values: Values) -> list[Message]:
    """What devices without Sparkplug would send: a JSON object of each machine."""
    return [
        Message(
            f"json/{machine.site}/{machine.line}/{DEVICE}",
            orjson.dumps({"time": time_ms, "values": dict(zip(METRIC_NAMES, row, strict=True))}),
        )
        for machine, row in zip(FLEET[first : first + len(values)], values.tolist(), strict=True)
    ]


def as_lines(time_ms: int, values: Values) -> list[str]:
    """Line protocol as the collector writes it: a wide line of each machine."""
    return [
        f"raw,{machine.tags} {','.join(map('{}={!r}'.format, METRIC_NAMES, row))} {time_ms}"
        for machine, row in zip(FLEET, values.tolist(), strict=True)
    ]
