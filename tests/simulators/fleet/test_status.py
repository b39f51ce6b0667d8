from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from simulators.fleet.status import FleetMetrics, FleetStatus, Phase, health, sentence

WELL = FleetStatus(
    nodes=3,
    connected=3,
    born=3,
    world_ms=1_795_000_000_000,
    behind_s=0.4,
    speed=1.0,
    live=True,
    values=1234,
    values_per_s=56.7,
    stored=1300,
    replayed=66,
    lost=0,
    replaying=0,
    ring_bytes=40_960,
    ring_limit_bytes=512_000_000,
    ring_holds_h=19.5,
    births=3,
    commands=1,
    refused=0,
    backlog_bytes=0,
)


@pytest.mark.parametrize(
    ("connected", "born", "phase"),
    [(3, 3, Phase.BORN), (3, 2, Phase.HOST), (2, 2, Phase.BROKER), (0, 0, Phase.BROKER)],
)
def test_the_phase_says_what_is_waited_for(connected: int, born: int, phase: Phase) -> None:
    """First the broker, then the primary host; healthy only when all are born."""
    status = replace(WELL, connected=connected, born=born)
    assert status.phase is phase
    well, detail = health(status)
    assert well == (phase is Phase.BORN)
    assert detail["phase"] == phase.value


def test_the_sentence_tells_delay_only_when_there_is_one() -> None:
    """A live world is always up to a scan behind; that is not worth a word."""
    assert sentence(WELL) == "3/3 edge nodes, 2026-11-18 11:06:40 UTC at 1.0x, 57 values/s"
    assert "at 20.0x, 3600 s behind" in sentence(replace(WELL, speed=20.0, behind_s=3600.0))


def test_metrics_are_of_the_moment_they_are_asked_for() -> None:
    """Prometheus reads the present status."""
    registry = CollectorRegistry()
    present = [WELL]
    registry.register(FleetMetrics(lambda: present[0]))
    told = generate_latest(registry)
    assert b"simulators_values_lost_total 0.0" in told
    assert b"simulators_ring_holds_hours 19.5" in told
    assert b"simulators_values_replayed_total 66.0" in told
    present[0] = replace(WELL, lost=5)
    assert b"simulators_values_lost_total 5.0" in generate_latest(registry)
