"""One soak: broker, InfluxDB, a collector as its command starts it, and edge nodes that store and forward."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from faults.account import Account, account
from faults.fleet import StoringFleet
from faults.process import CollectorProcess
from servers.brokers import BrokerServer
from servers.processes import Server

from benchmarks.stores import running_broker, running_influxdb
from benchmarks.workload import MACHINES, VALUES_PER_STEP
from tests.soak.plan import Plan

SAMPLE_S = 5.0
LOOK_S = 0.1
OVERLAP_S = 10.0
"""Edge nodes say no more than this again after a loss; all that is older the collector must have kept."""
DATABASE = "soak"

Tell = Callable[[float, str], None]
"""Told of the share that is done, 0 to 1, and of what is happening."""


@dataclass(slots=True)
class Outcome:
    """How a soak ended.

    Attributes:
        seconds: How long values were published.
        account: Published against stored.
        replayed: Values that edge nodes told again or late.
        samples: Seconds since the beginning and memory of the collector, MiB.
        cores: CPU of the last collector, as a multiple of one core.
        most_spooled: Readings on disk at the worst, as far as was sampled.
        drained_s: How long the spool took after InfluxDB was back, to the sample at which it was empty.
        checks: Rolled-up rows that the collector has compared; `mismatches` those that differed.
        rejected: Bad input by reason.
        exit_code: Of the collector after SIGTERM.
    """

    seconds: float = 0.0
    account: Account = field(default_factory=Account)
    replayed: int = 0
    samples: list[tuple[float, float]] = field(default_factory=list)
    cores: float = 0.0
    most_spooled: int = 0
    drained_s: float | None = None
    checks: int = 0
    mismatches: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    exit_code: int | None = None


def restart(server: Server) -> None:
    """SIGTERM, and again from the beginning."""
    server.stop()
    server.start()


class Soak:
    """Runs a plan.

    Args:
        plan: How long, and what happens.
        rate: Values a second.
        folder: For everything.
        tell: Told of the progress.
    """

    def __init__(self, plan: Plan, rate: float, folder: Path, tell: Tell) -> None:
        self._plan = plan
        self._rate = rate
        self._folder = folder
        self._tell = tell
        self._outcome = Outcome()
        self._back_s: float | None = None

    def run(self) -> Outcome:
        """All of it; raises `AssertionError` when something does not come up again in time."""
        with ExitStack() as stack:
            broker = stack.enter_context(running_broker(self._folder))
            influxdb = stack.enter_context(running_influxdb(self._folder)).server
            own = self._folder / "collector"
            own.mkdir()
            historian = f"influxdb://127.0.0.1:{influxdb.port}/{DATABASE}"
            collector = stack.enter_context(CollectorProcess(own, broker.address, historian))
            step_s = VALUES_PER_STEP / self._rate
            with StoringFleet(broker.address, MACHINES, step_s=step_s, overlap_s=OVERLAP_S) as fleet:
                fleet.until_born()
                self._load(broker, influxdb, collector)
                self._tell(1.0, "waiting until all is durable")
                fleet.finish()
                collector.until_written()
            self._end(collector, fleet)
        return self._outcome

    def _load(self, broker: BrokerServer, influxdb: Server, collector: CollectorProcess) -> None:
        """Let time pass, sample, and have the faults happen."""
        acts: dict[str, Callable[[], None]] = {
            "restart collector": lambda: restart(collector),
            "restart broker": lambda: restart(broker),
            "stop InfluxDB": influxdb.stop,
            "start InfluxDB": influxdb.start,
        }
        faults, began, sampled_s = self._plan.faults, time.monotonic(), 0.0
        while (now_s := time.monotonic() - began) < self._plan.length_s:
            if faults and now_s >= faults[0][0]:
                name = faults.pop(0)[1]
                self._tell(now_s / self._plan.length_s, name)
                acts[name]()
                if name == "start InfluxDB":
                    self._back_s = time.monotonic() - began
            if now_s >= sampled_s + SAMPLE_S:
                sampled_s = now_s
                self._sample(collector, now_s)
                self._tell(now_s / self._plan.length_s, "")
            time.sleep(LOOK_S)
        self._outcome.seconds = time.monotonic() - began

    def _sample(self, collector: CollectorProcess, now_s: float) -> None:
        out = self._outcome
        out.samples.append((now_s, collector.memory_mib))
        spooled = int(collector.metric("collector_spooled_readings"))
        out.most_spooled = max(out.most_spooled, spooled)
        if self._back_s is not None and out.drained_s is None and not spooled:
            out.drained_s = now_s - self._back_s

    def _end(self, collector: CollectorProcess, fleet: StoringFleet) -> None:
        """Ask the collector for the last time, end it as an operator would, and count."""
        out, process = self._outcome, collector.process
        assert process is not None
        times, age_s = collector.system.cpu_times(), time.time() - collector.system.create_time()
        out.cores = (times.user + times.system) / age_s
        out.checks = int(collector.metric("collector_rollup_checks_total"))
        out.mismatches = int(collector.metric("collector_rollup_mismatches_total"))
        out.rejected = collector.health()["quarantined"]
        out.replayed = fleet.replayed
        process.terminate()
        out.exit_code = process.wait(30)
        with collector.reading() as (historian, tags):
            out.account = account(
                historian,
                tags,
                fleet.grid,
                fleet.steps,
                fleet.born_with,
                lambda done: self._tell(done / MACHINES, "counting"),
            )
