"""kill -9 of the collector under load: what it had taken in is durable or told again, each value once."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.fleet import StoringFleet
from faults.process import CollectorProcess

from plant.mqtt.address import BrokerAddress

MACHINES = 75
"""4 800 values a second."""


@pytest.mark.broker
@pytest.mark.influxdb
@pytest.mark.parametrize("store", ["DuckDB", "InfluxDB"])
def test_a_kill_under_load_loses_and_doubles_nothing(
    store: str, mosquitto: BrokerAddress, influxdb: str, tmp_path: Path
):
    """4 800 values a second go on through two kills; the store has every one of them, and no other."""
    with (
        CollectorProcess(tmp_path, mosquitto, influxdb if store == "InfluxDB" else "", "site-1") as collector,
        StoringFleet(mosquitto, MACHINES) as fleet,
    ):
        for steps in (5, 2):  # the first are too old to be told again
            fleet.until_born()
            fleet.until_told(steps)
            assert fleet.confirmed > 0
            collector.kill()
            collector.start()
        fleet.until_born()
        fleet.finish()
        collector.until_written()
        collector.stop()
    counted = collector.counted(fleet)
    assert counted.whole, counted
    assert fleet.births == 3 * MACHINES
