from __future__ import annotations

import pytest

from simulators.world.influence import SOUND, Injection, NodeFault
from simulators.world.world import World

MINUTE = 60_000
SITE = "chelyabinsk"
NODES = {f"{SITE}/{gateway}" for gateway in ("stone", "binder-1", "binder-2", "dry-mix-1", "dry-mix-2", "utilities")}
ONE = f"{SITE}/stone"


@pytest.fixture(scope="module")
def world(gypsum) -> World:
    """A world whose clock the tests need not move: faults are asked for by time."""
    return gypsum.world(SITE)


def faults(world: World, scenario: str, minute: float, **targets: str) -> dict[str, NodeFault]:
    """What is wrong with connections so many minutes after an injection."""
    world.inject(Injection("a", scenario, world.now_ms, targets))
    found = dict(world.transport(world.now_ms + round(minute * MINUTE)).nodes)
    world.recover("a")
    return found


@pytest.mark.parametrize(("minute", "gone"), [(0.5, False), (1.5, True), (20.5, True), (21.5, False)])
def test_comms_loss(world: World, minute: float, gone: bool) -> None:
    """One edge node is cut off from minute 1 for 20 minutes, no other."""
    assert faults(world, "comms_loss", minute) == ({ONE: NodeFault(offline=True)} if gone else {})


def test_comms_loss_takes_the_node_of_a_chosen_unit(world: World) -> None:
    """The node that is lost is the gateway of the unit that is chosen."""
    assert set(faults(world, "comms_loss", 2, gateway="dry-mix-2/mixer")) == {f"{SITE}/dry-mix-2"}


@pytest.mark.parametrize(("minute", "gone"), [(0.5, False), (1.25, True), (1.75, False)])
def test_broker_restart(world: World, minute: float, gone: bool) -> None:
    """All edge nodes are cut off at once for half a minute."""
    assert set(faults(world, "broker_restart", minute)) == (NODES if gone else set())


@pytest.mark.parametrize(("minute", "ahead_ms"), [(0.5, 0), (11, 30_000), (31, 90_000), (90, 90_000), (92, 0)])
def test_clock_skew(world: World, minute: float, ahead_ms: int) -> None:
    """One clock creeps ahead by 90 s in half an hour and is set right an hour later."""
    found = faults(world, "clock_skew", minute)
    assert found == ({ONE: NodeFault(clock_offset_ms=ahead_ms)} if ahead_ms else {})


@pytest.mark.parametrize(("minute", "bad"), [(0.5, False), (25, True), (52, False)])
def test_duplicate_and_late(world: World, minute: float, bad: bool) -> None:
    """A fifth of one node's messages is doubled, a third is 45 s late, for 50 minutes."""
    fault = NodeFault(duplicate=0.2, late=0.3, late_ms=45_000)
    assert faults(world, "duplicate_and_late", minute) == ({ONE: fault} if bad else {})


def test_a_node_without_fault_is_sound(world: World) -> None:
    """Asking for a node that nothing is wrong with gives a sound connection."""
    assert world.transport(world.now_ms).of(ONE) is SOUND
