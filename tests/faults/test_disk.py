"""The spool's disk: full, refusing, torn. The historian is away meanwhile, so all that comes goes there."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.account import found
from faults.fleet import StoringFleet
from faults.process import CollectorProcess
from servers.processes import Server, until

from benchmarks.workload import METRICS
from plant.mqtt.address import BrokerAddress

MACHINES = 75
PAST = 80
"""Steps of the past that are told at once: 384 000 values, more than a spool of 1 MB holds."""
TORN_BYTES = 100

pytestmark = [pytest.mark.broker, pytest.mark.influxdb]


@pytest.fixture
def store(influxdb_server: Server) -> Iterator[Server]:
    """An InfluxDB that may be stopped; the next test has it again."""
    yield influxdb_server
    if influxdb_server.process is None:
        influxdb_server.start()


def test_a_disk_that_refuses_is_told_and_costs_nothing(
    mosquitto: BrokerAddress, influxdb: str, store: Server, tmp_path: Path
):
    """Health names the spool and how long memory lasts; when the disk takes bytes again what waits goes there."""
    with (
        CollectorProcess(tmp_path, mosquitto, influxdb, "site-1") as collector,
        StoringFleet(mosquitto, MACHINES) as fleet,
    ):
        fleet.until_born()
        fleet.until_told(1)
        store.stop()
        until(lambda: collector.health()["spooled"] > 0, "readings go to the spool")
        written = collector.spool.with_name(f"{collector.spool.name}-wal").stat().st_size
        collector.system.rlimit(resource.RLIMIT_FSIZE, (written, resource.RLIM_INFINITY))
        until(lambda: "cannot be written" in collector.health()["historian_detail"], "the alarm is there")
        spooled = collector.health()["spooled"]
        fleet.until_told(2)
        health = collector.health()
        assert not health["historian_ok"]
        assert "room for" in health["historian_detail"]
        assert health["spooled"] == spooled < health["pending"]
        collector.system.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        until(lambda: collector.health()["spooled"] > spooled + 2 * METRICS * MACHINES, "the spool takes them again")
        until(lambda: "cannot be written" not in collector.health()["historian_detail"], "the alarm is over")
        store.start()
        fleet.finish()
        collector.until_written()
        until(lambda: collector.health()["historian_ok"], "all is well again")
        assert collector.rejected("buffer_full") == 0
        collector.stop()
    counted = collector.counted(fleet)
    assert counted.whole, counted


def test_a_full_spool_loses_the_oldest_counts_them_and_recovers(
    mosquitto: BrokerAddress, influxdb: str, store: Server, tmp_path: Path
):
    """Health says that no room is left; what is missing afterwards was counted; the newest are all there."""
    with (
        CollectorProcess(tmp_path, mosquitto, influxdb, "site-1", {"FACTORY_SPOOL_MB": "1"}) as collector,
        StoringFleet(mosquitto, MACHINES, past=PAST) as fleet,
    ):
        store.stop()
        until(lambda: collector.rejected("buffer_full") > 0, "the oldest go", 60.0)
        until(lambda: "no room is left" in collector.health()["historian_detail"], "health says so")
        fleet.until_told(3)
        fleet.finish()
        store.start()
        collector.until_written()
        until(lambda: collector.health()["historian_ok"], "all is well again")
        gone = collector.rejected("buffer_full")
        collector.stop()
    counted = collector.counted(fleet)
    births = fleet.births * METRICS
    assert 0 < counted.missing <= gone <= counted.missing + births
    assert (counted.wrong, counted.doubled, counted.invented) == (0, 0, 0)
    with collector.reading() as (historian, tags):
        for machine, steps in enumerate(fleet.steps):
            assert found(historian, tags, fleet.grid, machine, steps)[-2:].all()


def test_a_torn_spool_costs_nothing_that_is_not_told_again(
    mosquitto: BrokerAddress, influxdb: str, store: Server, tmp_path: Path
):
    """Killed while the historian is away, the end of the journal cut off: the rest is drained, the end told again."""
    with (
        CollectorProcess(tmp_path, mosquitto, influxdb, "site-1") as collector,
        StoringFleet(mosquitto, MACHINES) as fleet,
    ):
        fleet.until_born()
        fleet.until_told(1)
        store.stop()
        until(lambda: collector.health()["spooled"] > 0, "readings go to the spool")
        fleet.until_told(5)
        collector.kill()
        journal = collector.spool.with_name(f"{collector.spool.name}-wal")
        whole = journal.read_bytes()
        journal.write_bytes(whole[:-TORN_BYTES])
        assert fleet.confirmed > METRICS * MACHINES, "some of the spool is not told again"
        store.start()
        collector.start()
        fleet.until_born()
        fleet.finish()
        collector.until_written()
        collector.stop()
    counted = collector.counted(fleet)
    assert counted.whole, counted
