"""InfluxDB away, broken, busy, slow and cut off in the middle: nothing is lost, nothing doubled, nothing chatters."""

from __future__ import annotations

import json
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from faults.fleet import StoringFleet
from faults.influxdb_outage import MACHINES, SITE, Outcome, faulty, stopped
from faults.process import CollectorProcess
from processing import page
from servers.faulty_http import Answering, Fault, HalfThenCut, Late
from servers.processes import Server

from benchmarks.workload import DEVICE, FLEET, METRIC_NAMES, METRICS
from plant.clock import now_ms
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.connection import Connection
from plant.historian.protocol import HOUR_MS
from plant.mqtt.address import BrokerAddress

LENGTH_S = 5
DATABASE = count(1)

pytestmark = [pytest.mark.broker, pytest.mark.influxdb]


def is_whole(outcome: Outcome) -> None:
    """All that was published is stored once, by the collector's own doing, and nothing was refused."""
    assert outcome.account.whole, outcome
    assert outcome.account.published >= LENGTH_S * MACHINES * METRICS
    assert (outcome.replayed, outcome.rejected) == (0, 0), outcome


def test_a_stopped_server_costs_nothing(mosquitto: BrokerAddress, influxdb_server: Server, tmp_path: Path):
    """What comes meanwhile waits on disk; the log says once that it is lost and once that it is back."""
    outcome = stopped(tmp_path, mosquitto, influxdb_server, f"stopped_{next(DATABASE)}", LENGTH_S)
    is_whole(outcome)
    assert (outcome.lost, outcome.back) == (1, 1)
    assert outcome.most_spooled > 0


def test_a_server_that_is_away_at_the_start_costs_nothing(
    mosquitto: BrokerAddress, influxdb_server: Server, tmp_path: Path
):
    """The collector starts all the same, keeps on disk what comes, and makes the database once the server is there."""
    address = f"influxdb://127.0.0.1:{influxdb_server.port}/absent_{next(DATABASE)}"
    with ExitStack() as stack:
        outage = stack.enter_context(ExitStack())
        influxdb_server.stop()
        outage.callback(influxdb_server.start)
        collector = stack.enter_context(CollectorProcess(tmp_path, mosquitto, address, SITE))
        fleet = stack.enter_context(StoringFleet(mosquitto, MACHINES))
        fleet.until_born()
        fleet.until_told(3)
        spooled, healthy = collector.metric("collector_spooled_readings"), collector.health()["historian_ok"]
        outage.close()
        fleet.until_told(1)
        fleet.finish()
        collector.until_written()
        collector.stop()
    assert (spooled > 0, healthy) == (True, False)
    assert collector.counted(fleet).whole
    log = collector.log.read_text()
    assert (log.count("historian lost"), log.count("historian is back"), log.count("[error")) == (1, 1, 0)


@pytest.mark.parametrize("fault", [Answering(500), HalfThenCut("/write")], ids=["500", "half-then-cut"])
def test_a_server_that_fails_costs_nothing(
    fault: Fault, mosquitto: BrokerAddress, influxdb_server: Server, tmp_path: Path
):
    """Broken, or gone after half of a batch: all of it is sent again, and what came twice is there once."""
    outcome = faulty(tmp_path, mosquitto, influxdb_server, f"faulty_{next(DATABASE)}", LENGTH_S, fault)
    is_whole(outcome)
    assert (outcome.lost, outcome.back) == (1, 1)
    assert outcome.seen > 0
    assert outcome.written == 0, "nothing counts as written of which half is"
    assert outcome.most_spooled > 0


def test_a_busy_server_gets_the_pause_that_it_asks_for(
    mosquitto: BrokerAddress, influxdb_server: Server, tmp_path: Path
):
    """503 with ``Retry-After: 3``: one attempt at once, then no two within three seconds; nothing is lost by that."""
    fault = Answering(503, {"Retry-After": "3"})
    outcome = faulty(tmp_path, mosquitto, influxdb_server, f"busy_{next(DATABASE)}", LENGTH_S, fault)
    is_whole(outcome)
    assert (outcome.lost, outcome.back) == (1, 1)
    assert outcome.written == 0
    assert 1 <= outcome.seen <= 1 + (outcome.length_s + 2) // 3


def test_a_slow_server_is_no_outage(mosquitto: BrokerAddress, influxdb_server: Server, tmp_path: Path):
    """Answers come two seconds late: values go on being stored, few wait, none on disk, and memory does not grow."""
    outcome = faulty(tmp_path, mosquitto, influxdb_server, f"slow_{next(DATABASE)}", 2 * LENGTH_S, Late(2.0))
    is_whole(outcome)
    assert (outcome.lost, outcome.back) == (0, 0)
    assert outcome.written > LENGTH_S * MACHINES * METRICS
    assert outcome.most_spooled == 0
    assert outcome.most_pending < 2 * LENGTH_S * MACHINES * METRICS
    assert outcome.growth_mib < 64


def test_a_field_of_another_type_goes_to_quarantine_and_blocks_nothing(
    mosquitto: BrokerAddress, influxdb: str, tmp_path: Path
):
    """One metric of all machines is an integer on the server: its values are counted with a specimen.

    The rest is stored, and that is no outage.
    """
    with CollectorProcess(tmp_path, mosquitto, influxdb, SITE) as collector:
        server = Connection(InfluxDBAddress.parse(influxdb), "", "")
        for time in (now_ms(), now_ms() + HOUR_MS):  # midnight may come between
            server.write("raw", f"raw,{FLEET[0].tags} {METRIC_NAMES[0]}=7i {time}")
        server.close()
        with StoringFleet(mosquitto, MACHINES) as fleet:
            fleet.until_born()
            fleet.until_told(3)
            fleet.finish()
            collector.until_written()
        refused = collector.rejected("type_conflict")
        told = json.loads(page(collector.port, "/quarantine")[1])["entries"]
        collector.stop()
    counted = collector.counted(fleet)
    assert counted.missing == counted.published - counted.stored == sum(fleet.steps)
    assert (counted.wrong, counted.doubled) == (0, 0)
    assert refused >= counted.missing, "each once, and those that a birth told again"
    specimens = [entry["error"] for entry in told if entry["reason"] == "type_conflict"]
    assert specimens
    assert all(f"{DEVICE}/{METRIC_NAMES[0]} of time" in text for text in specimens)
    assert "historian lost" not in collector.log.read_text()
