"""The broker ends under load and comes back: edge nodes and collector find each other again, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.fleet import StoringFleet
from faults.process import CollectorProcess
from servers.brokers import BrokerServer

MACHINES = 75


@pytest.mark.broker
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_broker_restart_under_load_loses_and_doubles_nothing(
    how: str, mosquitto_server: BrokerServer, tmp_path: Path
):
    """What was on its way through the broker when it ended is told again, and what was measured meanwhile."""
    with (
        CollectorProcess(tmp_path, mosquitto_server.address, sites="site-1") as collector,
        StoringFleet(mosquitto_server.address, MACHINES) as fleet,
    ):
        fleet.until_born()
        fleet.until_told(4)
        getattr(mosquitto_server, how)()
        fleet.until_told(2)
        assert fleet.born == 0
        mosquitto_server.start()
        fleet.until_born()
        fleet.finish()
        collector.until_written()
        assert collector.metric("collector_connections_total") >= 2
        collector.stop()
    counted = collector.counted(fleet)
    assert counted.whole, counted
