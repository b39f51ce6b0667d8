"""Equal seeds tell equal stories, byte for byte, whatever the speed and however often they are interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import golden
import pytest
from golden import START_MS, journal, scanner_of, world_of

from plant.model.enterprise import Enterprise
from plant.model.load import load
from simulators import memory
from simulators.fleet.pacer import Pacer
from simulators.fleet.scanner import Scan, Scanner
from simulators.world.influence import Injection
from simulators.world.kinds import KINDS
from simulators.world.world import World

SCAN_MS = 1_000
END_MS = START_MS + 120_000
INJECTED_MS = START_MS + 30_000


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    """A small enterprise."""
    return load("print-farm")


@pytest.fixture
def fresh(enterprise) -> Callable[[], tuple[World, Scanner]]:
    """Makes the same world with a new scanner, again and again."""

    def make(seed: int = 7) -> tuple[World, Scanner]:
        world = world_of(enterprise, [site.slug for site in enterprise.sites], seed)
        return world, scanner_of(world, enterprise)

    return make


def _replay(world: World, scanner: Scanner, speed: float, tick_ms: int) -> Iterator[Scan]:
    """What a replay scans when its pacer is asked every `tick_ms`, until the end."""
    now_ms = START_MS + 86_400_000
    pacer = Pacer(SCAN_MS, speed, world.now_ms, now_ms, END_MS)
    while not pacer.over:
        now_ms += tick_ms
        for _ in range(pacer.turn(now_ms).steps):
            yield scanner.step(SCAN_MS / 1000)


@pytest.fixture
def whole(fresh) -> bytes:
    """The journal of one uninterrupted replay at speed 60."""
    world, scanner = fresh()
    return journal([scanner.look(), *_replay(world, scanner, 60.0, 100)])


@pytest.mark.parametrize(("speed", "tick_ms"), [(1.0, 250), (60.0, 70), (1000.0, 333)])
def test_the_journal_does_not_depend_on_the_speed(fresh, whole: bytes, speed: float, tick_ms: int) -> None:
    """The same tags, times and values at the pace of the clock and a thousand times as fast."""
    world, scanner = fresh()
    assert journal([scanner.look(), *_replay(world, scanner, speed, tick_ms)]) == whole


def test_another_seed_tells_another_story(fresh, whole: bytes) -> None:
    """The journal is not equal for a trivial reason."""
    world, scanner = fresh(seed=8)
    assert journal([scanner.look(), *_replay(world, scanner, 60.0, 100)]) != whole


def test_a_killed_replay_goes_on_as_if_nothing_had_been(fresh, whole: bytes, tmp_path: Path) -> None:
    """World and memory are saved; what was scanned after that is lost with the process, and told again the same."""
    path = tmp_path / "world.npz"
    world, scanner = fresh()
    told = [scanner.look()]
    for scan in _replay(world, scanner, 60.0, 100):
        told.append(scan)
        if scan.time_ms == START_MS + 47_000:
            memory.save(scanner.memory(), path)
            world.save(path)
        if scan.time_ms == START_MS + 61_000:
            break  # killed
    kept = [scan for scan in told if scan.time_ms <= START_MS + 47_000]
    world, scanner = fresh()
    world.load(path)
    found = memory.load(path, world.now_ms)
    assert found is not None
    scanner.recall(found)
    assert journal([*kept, *_replay(world, scanner, 1000.0, 100)]) == whole


def _with_scenario(world: World, scanner: Scanner, speed: float) -> list[Scan]:
    """A scenario is injected once the world has come to a moment."""
    scans = [scanner.look()]
    for scan in _replay(world, scanner, speed, 100):
        scans.append(scan)
        if scan.time_ms == INJECTED_MS:
            world.inject(Injection("one", "power_dip", INJECTED_MS, parameters={"stretch": 0.1}))
    return scans


def test_a_scenario_at_a_world_time_is_part_of_the_story(fresh, whole: bytes) -> None:
    """It changes what is told, and equally at any speed."""
    slow, fast = (_with_scenario(*fresh(), speed) for speed in (1.0, 1000.0))
    assert journal(slow) == journal(fast) != whole
    until = [scan for scan in slow if scan.time_ms <= INJECTED_MS]
    assert whole.startswith(journal(until)), "nothing changes before it"


def test_the_golden_journal_is_as_it_was() -> None:
    """A world that tells something else than yesterday is meant to; `golden.RENEW` says so."""
    was, now = golden.FILE.read_text(encoding="utf-8").split("\n")[:-1], golden.digests()
    others = {line.split(" ", 1)[0] for line in set(was) ^ set(now)}
    assert not others, f"what is told of {', '.join(sorted(others))} has changed; if it should: {golden.RENEW}"


def test_every_kind_of_physics_is_in_the_golden_journal() -> None:
    """A kind that no golden site has would change unnoticed."""
    told = {line.split(" ", 1)[0] for line in golden.FILE.read_text(encoding="utf-8").splitlines()}
    assert told >= set(KINDS)
