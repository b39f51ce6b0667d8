"""InfluxDB fails for a while under load: what the collector does meanwhile and what is stored in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from faults.account import Account
from faults.fleet import StoringFleet
from faults.process import CollectorProcess
from servers.faulty_http import Fault, FaultyProxy
from servers.processes import Server

from plant.mqtt.address import BrokerAddress

MACHINES = 75
"""4 800 values a second."""
SITE = "site-1"
BEFORE, AFTER = 1, 1
"""Steps of a second in which all is well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a fault ended.

    Attributes:
        account: Published against stored.
        lost: How often the log says that the historian is lost; `back` that it is back.
        most_pending: Values that waited in memory and on disk at the worst, as far as was seen once a second.
        most_spooled: Those of them on disk.
        growth_mib: By how much the collector's memory was larger at the worst than before.
        written: Values that the collector made durable while the fault lasted.
        replayed: Values that edge nodes had to tell again from the fault on; none if the collector lost none itself.
        rejected: Values of which it says that the historian refused them.
        seen: Requests to ``/write`` of readings that met the fault.
        length_s: How long it really lasted on a machine that may be busy.
    """

    account: Account
    lost: int
    back: int
    most_pending: int
    most_spooled: int
    growth_mib: float
    written: int
    replayed: int
    rejected: int
    seen: int
    length_s: float


def stopped(folder: Path, broker: BrokerAddress, server: Server, database: str, length_s: int) -> Outcome:
    """InfluxDB is stopped, and started again after so many seconds.

    Args:
        folder: For the collector.
        broker: Between fleet and collector.
        server: InfluxDB; it runs, and runs again at the end.
        database: A name that nobody else uses.
        length_s: Length of the outage.
    """
    return _during(folder, broker, server, database, length_s, lambda _: server.stop(), lambda _: server.start())


def faulty(folder: Path, broker: BrokerAddress, server: Server, database: str, length_s: int, fault: Fault) -> Outcome:
    """Requests to InfluxDB meet a fault for so many seconds; arguments as of `stopped`."""

    def put(proxy: FaultyProxy) -> None:
        proxy.fault = fault

    def take(proxy: FaultyProxy) -> None:
        proxy.fault = None

    return _during(folder, broker, server, database, length_s, put, take)


def _during(
    folder: Path,
    broker: BrokerAddress,
    server: Server,
    database: str,
    length_s: int,
    begin: Callable[[FaultyProxy], None],
    end: Callable[[FaultyProxy], None],
) -> Outcome:
    """Load, fault, load, the end, and the count."""
    with FaultyProxy(server.port) as proxy:
        address = f"influxdb://127.0.0.1:{proxy.port}/{database}"
        with CollectorProcess(folder, broker, address, SITE) as collector:
            with StoringFleet(broker, MACHINES) as fleet:
                fleet.until_born()
                fleet.until_told(BEFORE)
                collector.until_written()
                memory, written = collector.memory_mib, collector.metric("collector_written_readings_total")
                replayed = fleet.replayed
                begin(proxy)
                began = monotonic()
                worst = [_look(collector, fleet) for _ in range(length_s)]
                written = collector.metric("collector_written_readings_total") - written
                end(proxy)
                lasted = monotonic() - began
                fleet.until_told(AFTER)
                fleet.finish()
                collector.until_written()
            rejected = sum(map(collector.rejected, ("refused_by_store", "type_conflict", "too_old", "buffer_full")))
            collector.stop()
            log = collector.log.read_text()
            return Outcome(
                collector.counted(fleet),
                log.count("historian lost"),
                log.count("historian is back"),
                int(max(pending for pending, _, _ in worst)),
                int(max(spooled for _, spooled, _ in worst)),
                max(mib for _, _, mib in worst) - memory,
                int(written),
                fleet.replayed - replayed,
                rejected,
                sum(message.path == "/write" and "rp=raw" in message.target for message in proxy.seen),
                lasted,
            )


def _look(collector: CollectorProcess, fleet: StoringFleet) -> tuple[float, float, float]:
    """After another step of all machines: values that wait, those on disk, and the collector's memory, MiB."""
    fleet.until_told(1)
    return (
        collector.metric("collector_pending_readings"),
        collector.metric("collector_spooled_readings"),
        collector.memory_mib,
    )
