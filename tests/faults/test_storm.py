"""A host that comes back to 200 edge nodes that go on talking: all are live again, and nobody is asked too often."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.fleet import StoringFleet
from faults.hostile import Hostile
from faults.process import CollectorProcess
from servers.processes import until

from benchmarks.workload import FLEET
from plant.mqtt.address import BrokerAddress
from plant.sparkplug.payload_pb2 import SparkplugPayload

NODES = 200
OVERLAP_S = 60.0
"""What these nodes say again after a rebirth: they wait for no host, so nothing else tells them that it was away."""
MOST_MIB = 300
INTERVAL_S = 10.0
"""The shortest time between two requests to one node, as the settings have it."""
EACH = 20

pytestmark = pytest.mark.broker


def online(collector: CollectorProcess) -> int:
    """Edge nodes of the model that it holds for born."""
    sites = dict.fromkeys(machine.site for machine in FLEET)
    return sum(int(collector.metric(f'collector_nodes_online{{site="{site}"}}')) for site in sites)


def test_200_nodes_are_asked_once_each_and_nothing_is_lost(mosquitto: BrokerAddress, tmp_path: Path):
    """All talk to a host that has never seen their births, which asks each of them once; it then has all they said."""
    with StoringFleet(mosquitto, NODES, host=None, overlap_s=OVERLAP_S) as fleet:
        fleet.until_born()
        with CollectorProcess(tmp_path, mosquitto) as collector:
            for births in (2, 3):
                until(lambda: online(collector) == NODES, "all nodes are live", 60.0)
                fleet.until_told(1)
                assert collector.metric("collector_rebirths_total") == NODES
                assert fleet.births == births * NODES
                assert collector.memory_mib < MOST_MIB
                if births == 2:
                    collector.kill()
                    collector.start()
            fleet.finish()
            collector.until_written()
            assert collector.memory_mib < MOST_MIB
            collector.stop()
    counted = collector.counted(fleet)
    assert counted.whole, counted


def data(number: int) -> bytes:
    """A message that nobody can read before the birth of its node."""
    payload = SparkplugPayload(timestamp=time.time_ns() // 1_000_000, seq=number % 256)
    payload.metrics.add(alias=1, double_value=1.0)
    return payload.SerializeToString()


def unreadable() -> Iterator[tuple[str, bytes]]:
    """DATA of 200 nodes that were never born, and never will be."""
    for number in range(EACH):
        for machine in FLEET[:NODES]:
            yield f"spBv1.0/{machine.site}/NDATA/{machine.line}", data(number)


def test_nodes_that_do_not_answer_are_not_asked_more_often_than_the_limit(mosquitto: BrokerAddress, tmp_path: Path):
    """4 000 messages that cannot be read cost one request a node and interval."""
    with CollectorProcess(tmp_path, mosquitto) as collector, Hostile(mosquitto) as deaf:
        began = time.monotonic()
        deaf.send(unreadable())
        until(lambda: collector.rejected("before_birth") == EACH * NODES, "all are counted", 60.0)
        asked = collector.metric("collector_rebirths_total")
        intervals = 1 + int((time.monotonic() - began) / INTERVAL_S)
        assert NODES <= asked <= intervals * NODES
