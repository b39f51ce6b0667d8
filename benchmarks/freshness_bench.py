"""How old a value is when it can be read: in the unified namespace, and in each historian, at a steady rate.

Each message carries the time at which it is sent. A look into the historian comes every 50 ms, which is part of the
figures, as is the time that broker and reader take.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import paho.mqtt.client as mqtt
import psutil
from numpy.typing import NDArray
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.contestants import Collector, EmbeddedCollector, OurCollector
from benchmarks.embedded import SEEN
from benchmarks.publisher import PublisherProcess
from benchmarks.reader import MACHINES_APART, Reader
from benchmarks.report import Goal, Report, Row
from benchmarks.stores import is_installed, running_broker
from benchmarks.workload import ENTERPRISE, MACHINES, VALUES_PER_STEP
from plant.clock import now_ms
from plant.historian.open import open_historian
from plant.historian.protocol import Retention
from plant.model.load import load
from plant.model.tags import TagTable

RATE = 20_000.0
SECONDS = 15.0
STEPS = round(SECONDS * RATE / VALUES_PER_STEP)
AFTER_S = 3.0
"""How long the last messages are given."""
SETTLE_S = 1.0
MIB = 1 << 20

Seen = list[tuple[int, int]]
"""Time of each reading, UTC ms, and its age when it was first seen, ms."""


@dataclass(frozen=True, slots=True)
class Result:
    """One collector at the steady rate.

    Attributes:
        namespace_ms: Ages of readings when they came over the unified namespace; shape (n,).
        historian_ms: Ages when they were found in the historian.
        share: How much of what was published came over the namespace, and how much of that looked for was found.
        cores: CPU that the process took, as a multiple of one core.
        peak_mib: Largest resident memory.
    """

    namespace_ms: NDArray[np.int64]
    historian_ms: NDArray[np.int64]
    share: tuple[float, float]
    cores: float
    peak_mib: float


@contextmanager
def listening(port: int) -> Iterator[Seen]:
    """What the unified namespace says meanwhile: of each values message the newest time in it."""
    seen: Seen = []
    subscribed = threading.Event()

    def on_message(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        now = now_ms()
        newest = orjson.loads(message.payload)["time"]
        seen.append((newest, now - newest))

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda client, *_: client.subscribe(f"df/v1/{ENTERPRISE}/+/+/+/+/values")
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.loop_start()
    subscribed.wait()
    try:
        yield seen
    finally:
        client.loop_stop()


@contextmanager
def looking(collector: Collector, folder: Path) -> Iterator[Seen]:
    """What a reader of the collector's InfluxDB finds meanwhile."""
    tags = TagTable(load(str(folder / "model.yaml")))
    stop = threading.Event()
    with closing(open_historian(collector.address, tags, folder, Retention())) as historian:
        reader = Reader(historian, tags)
        thread = threading.Thread(target=reader.look, args=(stop,))
        thread.start()
        try:
            yield reader.seen
        finally:
            stop.set()
            thread.join()


def run(collector: OurCollector) -> Result:
    """One collector, with a fresh broker and a fresh store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ExitStack() as stack:
            broker = stack.enter_context(running_broker(folder))
            collector.start(stack, folder, broker)
            publisher = stack.enter_context(PublisherProcess(broker.port, collector.form, STEPS, RATE))
            namespace = stack.enter_context(listening(broker.port))
            found = stack.enter_context(looking(collector, folder)) if isinstance(collector, Collector) else None
            publisher.order("births")
            publisher.wait()
            time.sleep(SETTLE_S)
            process = psutil.Process(collector.process.pid)
            times, began = process.cpu_times(), time.perf_counter()
            publisher.order("data")
            publisher.wait()
            time.sleep(AFTER_S)
            spent, seconds = process.cpu_times(), time.perf_counter() - began
            memory = process.memory_info().rss
        if found is None:
            found = [tuple(each) for each in json.loads((folder / "data" / SEEN).read_text())]
    cores = (spent.user + spent.system - times.user - times.system) / seconds
    in_namespace, in_historian = (
        np.array([age for at, age in seen if at >= publisher.start_ms]) for seen in (namespace, found)
    )
    share = len(in_namespace) / (STEPS * MACHINES), len(in_historian) * MACHINES_APART / (STEPS * MACHINES)
    return Result(in_namespace, in_historian, share, cores, memory / MIB)


def _ages(seen: Seen, since_ms: int) -> NDArray[np.int64]:
    """Of the readings since an instant; what came with the births was before."""
    return np.array([age for at, age in seen if at >= since_ms])


def main() -> Sequence[Report]:
    """Measure each backend once, for long enough to have thousands of messages."""
    collectors: dict[str, OurCollector] = {"DuckDB": EmbeddedCollector()}
    if is_installed("influxd"):
        collectors["InfluxDB"] = Collector()
    rows: list[Row] = []
    for name, collector in collectors.items():
        rows += report(name, run(collector))
    return [Report(f"freshness at {RATE:,.0f} values/s for {SECONDS:.0f} s", rows)]


def report(name: str, result: Result) -> Iterator[Row]:
    """The figures of one backend with their goals."""
    yield from _rows(name, "published to unified namespace", result.namespace_ms, 100)
    yield from _rows(name, "published to queryable", result.historian_ms, 1_000)
    yield Row(f"{name}: share that came over the namespace", result.share[0], 3, Goal(1.0))
    yield Row(f"{name}: share of what was looked for that was found", result.share[1], 3, Goal(1.0))
    yield Row(f"{name}: CPU of the collector, cores", result.cores, 2)
    yield Row(f"{name}: memory of the collector, MiB", result.peak_mib, 0, Goal(300, at_least=False))


def _rows(store: str, what: str, ages_ms: NDArray[np.int64], most_ms: float) -> Iterator[Row]:
    p50, p95, longest = np.percentile(ages_ms, (50, 95, 100)).tolist()
    yield Row(f"{store}: {what}, p50 ms", p50)
    yield Row(f"{store}: {what}, p95 ms", p95, goal=Goal(most_ms, at_least=False), note=f"longest {longest:,.0f}")
