"""SIGTERM under load: what was received is durable; what came later is left to the next collector."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from faults.account import found
from faults.fleet import StoringFleet
from faults.process import CollectorProcess

from benchmarks.workload import METRICS
from plant.mqtt.address import BrokerAddress

MACHINES = 75
EXIT_S = 15.0


@pytest.mark.broker
def test_what_was_received_before_sigterm_is_durable(mosquitto: BrokerAddress, tmp_path: Path):
    """Of each machine the store has a beginning without holes, all together at least what was counted as taken in."""
    with CollectorProcess(tmp_path, mosquitto, sites="site-1") as collector, StoringFleet(mosquitto, MACHINES) as fleet:
        fleet.until_born()
        fleet.until_told(3)
        taken = collector.metric("collector_values_total") - fleet.births * METRICS
        process = collector.process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(EXIT_S) == 0
        with collector.reading() as (historian, tags):
            steps = [found(historian, tags, fleet.grid, number, max(fleet.steps)) for number in range(MACHINES)]
        beginnings = [int(each.all(axis=1).argmin()) for each in steps]
        assert all(not each[begin:].any() for each, begin in zip(steps, beginnings, strict=True))
        assert sum(beginnings) * METRICS >= taken > 0
        collector.start()
        fleet.until_born()
        fleet.finish()
        collector.until_written()
        collector.stop()
    counted = collector.counted(fleet)
    assert counted.whole, counted
