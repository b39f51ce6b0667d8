"""A plant that is watched for a while, and everything that its ledger should say of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from simulators.fleet.scanner import Scan, Scanner
from simulators.report import Reporter
from simulators.truth.ledger import TruthLedger
from simulators.world.influence import Injection
from simulators.world.state import WorldState
from simulators.world.world import World

START_MS = 1_795_000_020_000
"""A full minute."""
STEP_S = 10.0
HOLD = Path(__file__).parent / "hold.yaml"
"""A scenario that stops, slows down and confuses the first machine."""


@dataclass
class Site:
    """One site of a model, ready to be watched."""

    enterprise: Enterprise
    slug: str

    def world(self) -> World:
        """A fresh world."""
        enterprise = self.enterprise
        return World(enterprise, TagTable(enterprise), text_tags(enterprise), [self.slug], 7, START_MS)

    def watch(self, world: World, folder: Path) -> Watched:
        """Watch a world from now on."""
        scanner = Scanner(world, Reporter(TagTable(self.enterprise)))
        watched = Watched(world, scanner, TruthLedger(world, folder, self.enterprise), [], [])
        watched.note(scanner.look())
        return watched


@dataclass
class Watched:
    """A world under a ledger, with all its states and scans."""

    world: World
    scanner: Scanner
    ledger: TruthLedger
    states: list[WorldState]
    scans: list[Scan]

    def note(self, scan: Scan) -> None:
        """Keep what is true and told now."""
        self.ledger.look(scan)
        self.states.append(self.world.state)
        self.scans.append(scan)

    def run(self, steps: int, flush_every: int = 1_000_000) -> Watched:
        """Make steps."""
        for step in range(1, steps + 1):
            self.note(self.scanner.step(STEP_S))
            if step % flush_every == 0:
                self.ledger.flush()
        return self


@pytest.fixture(scope="session")
def volgograd() -> Site:
    """A site with boards, dry mixes and blocks."""
    return Site(load("gypsum"), "volgograd")


@pytest.fixture(scope="session")
def workshop() -> Site:
    """A small site of another enterprise."""
    enterprise = load("print-farm")
    return Site(enterprise, enterprise.sites[0].slug)


@pytest.fixture
def hold() -> Injection:
    """It begins with the world."""
    return Injection("one", str(HOLD), START_MS)
