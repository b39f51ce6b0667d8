"""A publisher that means no good, beside edge nodes that do: bounded memory, counted by reason, nothing good lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from faults.fleet import StoringFleet
from faults.hostile import Hostile
from faults.process import CollectorProcess
from servers.processes import until

from benchmarks.workload import DEVICE, LINES
from plant.clock import now_ms
from plant.mqtt.address import BrokerAddress
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.payload_pb2 import SparkplugPayload

MACHINES = LINES - 1
"""The last gateway of the site is the rogue's."""
ROGUE = f"line-{LINES}"
METRICS = 2_000
STRANGE = 10_000
ROUNDS = 5
"""In each second: 50 000 new metrics from gateways that nobody knows, and 10 000 from one of the model."""
SECONDS = 4
LARGE = 1 << 20
MOST_MIB = 300
MOST_GROWTH_MIB = 20
"""From one attack to the next, which are alike: what is kept of them must not add up."""

NUMBERS = count()


def birth(seq: int, prefix: str, metrics: int = METRICS) -> bytes:
    """A birth with metrics that nobody has ever heard of."""
    payload = SparkplugPayload(timestamp=now_ms(), seq=seq)
    payload.metrics.add(name="bdSeq", datatype=DataType.INT64, long_value=0)
    for number in range(metrics):
        payload.metrics.add(name=f"{prefix}-{number}", alias=number, datatype=DataType.DOUBLE, double_value=1.0)
    return payload.SerializeToString()


def attack() -> Iterator[tuple[str, str, bytes, int]]:
    """Topic, the reason under which it is to be counted (empty if it is not), payload, and how often.

    An unknown metric of a known device counts twice: it was declared, and it had a value.
    """
    number = next(NUMBERS)
    yield f"spBv1.0/elsewhere/NBIRTH/node-{number}", "", birth(0, "a"), 0
    yield f"spBv1.0/site-2/NBIRTH/line-{number % LINES + 1}", "", birth(0, "b"), 0
    yield f"spBv1.0/site-1/NBIRTH/stranger-{number}", "unknown_node", birth(0, f"c-{number}", STRANGE), 1
    yield f"spBv1.0/site-1/NDATA/stranger-{number}", "unknown_node", birth(1, "d"), 1
    node = SparkplugPayload(timestamp=now_ms(), seq=0)
    yield f"spBv1.0/site-1/NBIRTH/{ROGUE}", "", node.SerializeToString(), 0
    yield f"spBv1.0/site-1/DBIRTH/{ROGUE}/{DEVICE}", "unknown_metric", birth(1, f"e-{number}"), 2 * METRICS
    yield f"spBv1.0/site-1/DDATA/{ROGUE}/{DEVICE}", "oversize", bytes(LARGE + 1), 1
    yield f"spBv1.0/site-1/DDATA/{ROGUE}/{DEVICE}", "malformed_payload", b"\xff" * LARGE, 1


def send(rogue: Hostile, expected: Counter[str]) -> None:
    """One attack; what it is to be counted as is added."""
    messages = list(attack())
    rogue.send((topic, payload) for topic, _, payload, _ in messages)
    for _, reason, _, times in messages:
        if reason:
            expected[reason] += times


@pytest.mark.broker
def test_a_hostile_publisher_costs_neither_memory_nor_good_values(mosquitto: BrokerAddress, tmp_path: Path):
    """Wrong groups, made-up gateways, 60 000 new metrics a second and payloads of 1 MiB beside 4 700 good values/s."""
    expected: Counter[str] = Counter()
    peaks: list[float] = []
    with CollectorProcess(tmp_path, mosquitto, sites="site-1") as collector, StoringFleet(mosquitto, MACHINES) as fleet:

        def counted() -> Counter[str]:
            return Counter({reason: collector.rejected(reason) for reason in expected})

        fleet.until_born()
        with Hostile(mosquitto) as rogue:
            for _ in range(2):
                peaks.append(0.0)
                for _ in range(SECONDS):
                    for _ in range(ROUNDS):
                        send(rogue, expected)
                        peaks[-1] = max(peaks[-1], collector.memory_mib)
                    fleet.until_told(1)
                until(lambda: counted() == expected, "all is counted")
        fleet.finish()
        collector.until_written()
        assert peaks[-1] < min(MOST_MIB, peaks[0] + MOST_GROWTH_MIB), peaks
        collector.stop()
    account = collector.counted(fleet)
    assert account.whole, account
