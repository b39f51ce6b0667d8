"""What tests of the screens share: the tiny model, a clock to turn by hand, services without any server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.live.store import LiveStore
from dashboard.services import Services
from plant.historian.memory import MemoryHistorian
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable

TINY = Path(__file__).parent / "plant" / "model" / "tiny.yaml"
NOW = 1_795_413_600_000
"""2026-11-23 06:00 UTC, 09:00 in Moscow."""
FORMER = "alpha/shop/board-1/former"
KILN = "alpha/shop/kiln-1/kiln"


@dataclass
class HandClock:
    """A clock that stands until it is turned."""

    now: int = NOW

    def __call__(self) -> int:
        """The time that it shows, UTC ms."""
        return self.now


def tiny() -> Enterprise:
    """The small model of the tests: alpha (on trial) and beta."""
    return load(TINY)


def services(clock: HandClock | None = None) -> Services:
    """Services over an empty historian in memory and an empty live store."""
    clock = clock or HandClock()
    enterprise = tiny()
    tags = TagTable(enterprise)
    return Services(enterprise, tags, MemoryHistorian(tags), LiveStore(clock), clock)
