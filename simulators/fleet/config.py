"""What a fleet is told, checked before anything connects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from plant.errors import ConfigurationError
from plant.model.enterprise import Enterprise, Site
from plant.mqtt.address import BrokerAddress
from simulators.fleet.ring import RingLimits

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

FASTEST = 1000.0
RING_FILE = "ring.sqlite"
MEMORY_MB = 64.0
"""Of a ring that is kept in memory, at most."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class FleetConfig:
    """One run of the simulators.

    Attributes:
        model: Shipped enterprise or path of a YAML file.
        broker: Where the edge nodes connect.
        sites: Slugs; empty is all.
        seed: Of the world.
        speed: World seconds per second, 1 to 1000; above 1 it is a replay that begins in the past.
        start_ms: World time at which a fresh world begins, UTC ms; None for now, in a replay for a day ago.
        end_ms: World time at which a replay ends and the run with it, UTC ms; None for one that becomes live.
        scan_s: Scan time of all edge nodes, s.
        resume: World state to go on from; a missing file starts a fresh world.
        state: Where the world's state is kept; None keeps none.
        data: Folder for the ring and the bdSeq of the edge nodes; None keeps the ring in memory and no bdSeq.
        ring_mb: Space for what edge nodes cannot send, MB; in memory no more than `MEMORY_MB`.
        ring_hours: Longest time that they keep it, h.
        replay_rate: Values per second at which they tell what they kept, all together.
        truth: Folder for the ledger of what really happens; None keeps none.
        service_port: Of /healthz and /metrics on loopback; 0 is none.
        name: By which engineers reach it over the broker (`simulators.control`).
        scenarios: Scenarios to begin with, ``NAME``, ``NAME@TIME`` or ``NAME@TIME@UNIT``.
    """

    model: str
    broker: BrokerAddress
    sites: tuple[str, ...] = ()
    seed: int = 7
    speed: float = 1.0
    start_ms: int | None = None
    end_ms: int | None = None
    scan_s: float = 1.0
    resume: Path | None = None
    state: Path | None = None
    data: Path | None = None
    ring_mb: float = 512.0
    ring_hours: float = 72.0
    replay_rate: float = 20_000.0
    truth: Path | None = None
    service_port: int = 0
    name: str = "simulators"
    scenarios: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_speed(self.speed)
        if self.start_ms is not None and self.speed == 1.0 and self.end_ms is None:
            raise ConfigurationError("a world that begins in the past needs --speed above 1 to reach now, or --to")
        if self.end_ms is not None and self.start_ms is not None and self.end_ms <= self.start_ms:
            raise ConfigurationError("--to lies before --from; a replay goes forwards")

    @property
    def scan_ms(self) -> int:
        """Scan time, ms."""
        return round(1000 * self.scan_s)

    @property
    def ring_file(self) -> Path | None:
        """Where the ring is kept, None in memory."""
        return None if self.data is None else self.data / RING_FILE

    @property
    def ring_limits(self) -> RingLimits:
        """How much the ring may hold."""
        megabytes = self.ring_mb if self.data is not None else min(self.ring_mb, MEMORY_MB)
        return RingLimits(round(megabytes * 1e6), round(self.ring_hours * HOUR_MS))


def check_speed(speed: float) -> None:
    """Raise `ConfigurationError` for a speed that cannot be run."""
    if not 1.0 <= speed <= FASTEST:
        raise ConfigurationError(f"speed {speed:g} cannot be run; choose 1 to {FASTEST:g}")


def chosen_sites(enterprise: Enterprise, slugs: tuple[str, ...]) -> tuple[Site, ...]:
    """The sites of these slugs in the model's order, all of them for none.

    Raises:
        ConfigurationError: A slug is not in the model; names those that are.
    """
    known = [site.slug for site in enterprise.sites]
    for slug in slugs:
        if slug not in known:
            raise ConfigurationError(f"the model has no site '{slug}'; choose from {', '.join(known)}")
    return tuple(site for site in enterprise.sites if not slugs or site.slug in slugs)


def slugs(text: str) -> tuple[str, ...]:
    """The parts of a comma separated list, without blanks."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def moment(text: str, now_ms: int) -> int:
    """A time in the past as UTC ms: ISO 8601 with its zone, or how long ago, such as ``24h``.

    Raises:
        ConfigurationError: It is neither, has no zone, or lies in the future.
    """
    span = _SPAN.fullmatch(text.strip())
    if span:
        return now_ms - round(float(span[1]) * _SECONDS[span[2]] * 1000)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ConfigurationError(f"'{text}' is no time; write 2026-11-22T08:00Z, or 24h for a day ago")
    at_ms = round(time.timestamp() * 1000)
    if at_ms > now_ms:
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        raise ConfigurationError(f"'{text}' is in the future; it is {now:%Y-%m-%dT%H:%MZ}")
    return at_ms
