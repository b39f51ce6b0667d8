"""Runs a load test: connect all nodes, send at a steady rate, say goodbye, report."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from plant.errors import BrokerUnavailableError, ConfigurationError
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import EdgeDefinition, MetricDefinition
from simulators.load.config import LoadConfig, demand_files
from simulators.load.node import Clock, LoadNode
from simulators.load.records import Records, time_fits
from simulators.load.report import LoadProgress, LoadReport
from simulators.load.schedule import LagHistogram, Schedule
from simulators.load.signals import Signals

TURN_S = 0.005
"""Messages that are due within this time are made as one array."""
MOST_AT_ONCE = 256
"""Messages of one turn at most, so that connections are served in between."""
CONNECTING_AT_ONCE = 50
"""So many nodes may be on their way to the broker."""
BIRTH_TIMEOUT_S = 30.0
"""Without any further node born for so long, the rest is given up."""
FULL_BYTES = 1 << 16
"""On a link on which this much waits nothing more is put."""
DRAIN_S = 5.0
"""How long the broker may take to read the last messages."""
RECHECK_S = 0.01
PROGRESS_S = 1.0

Show = Callable[[LoadProgress], None]


@dataclass(slots=True)
class Tally:
    """What has been sent, and what has not."""

    values: int = 0
    messages: int = 0
    bytes: int = 0
    held_back: int = 0
    away: int = 0
    left_out: int = 0
    backlog_peak_bytes: int = 0
    lags: LagHistogram = field(default_factory=LagHistogram)


class LoadGenerator:
    """Very many edge nodes in one process.

    Args:
        config: What to send.
        clock: Wall clock, UTC ms.

    Raises:
        ConfigurationError: The system allows too few open files, or the clock is far off.
    """

    def __init__(self, config: LoadConfig, clock: Clock) -> None:
        demand_files(config.nodes)
        if not time_fits(clock()):
            raise ConfigurationError("the clock of this machine is decades off; set it")
        self._config = config
        self._clock = clock
        self._tally = Tally()
        rng = random.Random(config.seed)
        self._signals = Signals(config.sources, config.metrics_per_source, np.random.default_rng(config.seed))
        self._devices: tuple[str | None, ...] = tuple(f"device-{d + 1}" for d in range(config.devices)) or (None,)
        self.nodes = [self._node(number, random.Random(rng.random())) for number in range(config.nodes)]
        firsts = [node.first_alias(device) for device in self._devices for node in self.nodes]
        self._records = Records(np.array(firsts), config.metrics_per_source)

    async def run(self, stop: asyncio.Event, show: Show) -> LoadReport:
        """Send until the time is over or `stop`.

        Args:
            stop: Ends it early; the report is of what was sent until then.
            show: Told of the progress about every second.

        Raises:
            BrokerUnavailableError: Not all nodes can be born.
        """
        links: set[asyncio.Task[None]] = set()
        try:
            await self._connect(links, stop)
            return await self._measure(stop, show)
        finally:
            await self._drain()
            await asyncio.gather(*(node.stop() for node in self.nodes if node.link.attempts))
            await asyncio.gather(*links)

    def _node(self, number: int, rng: random.Random) -> LoadNode:
        config = self._config
        metrics = tuple(MetricDefinition(f"metric-{m + 1}", DataType.DOUBLE) for m in range(config.metrics_per_source))
        devices = {device: metrics for device in self._devices if device is not None}
        definition = EdgeDefinition(
            config.group,
            f"node-{number + 1}",
            devices,
            node_metrics=() if devices else metrics,
            primary_host=config.primary_host,
        )

        def current(device: str | None) -> list[float]:
            values: list[float] = self._signals.values[self._devices.index(device) * config.nodes + number].tolist()
            return values

        return LoadNode(definition, config.broker, clock=self._clock, current=current, rng=rng)

    async def _connect(self, links: set[asyncio.Task[None]], stop: asyncio.Event) -> None:
        """Bring all nodes to the broker, some at a time."""
        loop = asyncio.get_running_loop()
        born, grown_s = 0, loop.time()
        waiting = iter(self.nodes)
        while born < len(self.nodes) and not stop.is_set():
            connected = sum(node.link.connected for node in self.nodes)
            for _ in range(CONNECTING_AT_ONCE - len(links) + connected):
                node = next(waiting, None)
                if node is not None:
                    links.add(asyncio.create_task(node.link.run()))
            await asyncio.sleep(RECHECK_S)
            now_born = sum(node.born for node in self.nodes)
            if now_born > born:
                born, grown_s = now_born, loop.time()
            elif loop.time() - grown_s > BIRTH_TIMEOUT_S:
                raise BrokerUnavailableError(self._why_not_born(connected, born))

    def _why_not_born(self, connected: int, born: int) -> str:
        config = self._config
        if connected > born and config.primary_host is not None:
            return (
                f"{born} of {config.nodes} nodes are born: host '{config.primary_host}' is not online;"
                " start it, or leave --primary-host out"
            )
        if connected == 0:
            return f"no broker answers at {config.broker}; start it, or give another --broker"
        return f"the broker takes {connected} of {config.nodes} connections; raise its limits, or use fewer --nodes"

    async def _measure(self, stop: asyncio.Event, show: Show) -> LoadReport:
        loop = asyncio.get_running_loop()
        births = sum(node.link.connections for node in self.nodes)
        began_s, began_cpu_s = loop.time(), time.process_time()
        showing = asyncio.create_task(self._progress(show, began_s))
        await self._send(stop, began_s)
        seconds, cpu_s = loop.time() - began_s, time.process_time() - began_cpu_s
        showing.cancel()
        lost = sum(node.link.connections for node in self.nodes) - births
        return self._report(seconds, cpu_s / seconds, lost + sum(not node.link.connected for node in self.nodes))

    async def _send(self, stop: asyncio.Event, began_s: float) -> None:
        loop, config = asyncio.get_running_loop(), self._config
        schedule = Schedule(config.messages_per_s, MOST_AT_ONCE, began_s)
        count, tally, sources = config.values_per_message, self._tally, config.sources
        until_s = float("inf") if config.seconds is None else began_s + config.seconds
        while not stop.is_set() and (now_s := loop.time()) < until_s:
            turn = schedule.turn(now_s)
            tally.left_out += turn.left_out * count
            tally.lags.add(turn.lags_s)
            due = np.arange(turn.first, turn.first + len(turn.lags_s)) % sources
            for part in np.split(due, np.flatnonzero(due == 0)):  # no source twice in one array
                if len(part):
                    self._publish(part, count)
            await asyncio.sleep(max(0.0, TURN_S - (loop.time() - now_s)))

    def _publish(self, sources: np.ndarray[tuple[int], np.dtype[np.int64]], count: int) -> None:
        """One message of each of some sources."""
        metrics, values = self._signals.change(sources, count)
        bodies = self._records.encode(sources, metrics, values, self._clock())
        tally = self._tally
        for source, body in zip(sources.tolist(), bodies, strict=True):
            device, place = divmod(source, self._config.nodes)
            node = self.nodes[place]
            if node.link.backlog > FULL_BYTES:
                tally.held_back += count
                continue
            size = node.send(self._devices[device], body)
            if size:
                tally.values += count
                tally.messages += 1
                tally.bytes += size
            else:
                tally.away += count

    async def _progress(self, show: Show, began_s: float) -> None:
        loop, tally = asyncio.get_running_loop(), self._tally
        last_s, last = began_s, (0, 0, 0)
        while True:
            await asyncio.sleep(PROGRESS_S)
            now_s, now = loop.time(), (tally.values, tally.messages, tally.bytes)
            values, messages, size = ((b - a) / (now_s - last_s) for a, b in zip(last, now, strict=True))
            last_s, last = now_s, now
            backlog = sum(node.link.backlog for node in self.nodes)
            tally.backlog_peak_bytes = max(tally.backlog_peak_bytes, backlog)
            born = sum(node.born for node in self.nodes)
            p95_ms = 1000 * tally.lags.quantile_s(0.95)
            show(LoadProgress(now_s - began_s, len(self.nodes), born, values, messages, size, p95_ms, backlog))

    async def _drain(self) -> None:
        """Let the broker read what was sent."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + DRAIN_S
        while True:
            waiting = any(node.link.backlog for node in self.nodes)
            if not waiting or loop.time() > deadline_s:
                return
            await asyncio.sleep(RECHECK_S)

    def _report(self, seconds: float, cpu_share: float, connections_lost: int) -> LoadReport:
        config, tally = self._config, self._tally
        return LoadReport(
            nodes=config.nodes,
            devices=config.devices,
            metrics=config.metrics,
            values_per_message=config.values_per_message,
            asked_per_s=config.rate,
            seconds=seconds,
            values=tally.values,
            messages=tally.messages,
            bytes=tally.bytes,
            births=sum(node.births for node in self.nodes),
            values_per_s=tally.values / seconds,
            messages_per_s=tally.messages / seconds,
            bytes_per_s=tally.bytes / seconds,
            lag_p50_ms=1000 * tally.lags.quantile_s(0.5),
            lag_p95_ms=1000 * tally.lags.quantile_s(0.95),
            lag_max_ms=1000 * tally.lags.longest_s,
            held_back=tally.held_back,
            away=tally.away,
            left_out=tally.left_out,
            backlog_peak_bytes=tally.backlog_peak_bytes,
            connections_lost=connections_lost,
            cpu_share=cpu_share,
        )
