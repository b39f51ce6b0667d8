from __future__ import annotations

from fleets import TINY, KnownWorld

from plant.model.load import load
from simulators.fleet.scanner import Scanner
from simulators.report import Reporter

NOW = 1_795_000_000_000


def scanner() -> tuple[Scanner, KnownWorld]:
    world = KnownWorld(load(TINY), NOW)
    return Scanner(world, Reporter(world.tags)), world


def test_the_first_look_tells_everything() -> None:
    """Births need every value and every text."""
    looking, world = scanner()
    scan = looking.look()
    assert scan.time_ms == NOW
    assert scan.rows.tolist() == list(range(len(world.tags)))
    assert [place for place, _ in scan.texts] == list(range(len(world.text_paths)))


def test_later_scans_tell_what_has_changed_at_the_worlds_time() -> None:
    """Tags that moved by their deadband, texts that are new."""
    looking, world = scanner()
    looking.look()
    scan = looking.step(1.0)
    assert scan.time_ms == NOW + 1000
    moved = {world.tags[row].metric.deadband <= 1.0 and row % 4 == 0 for row in scan.rows.tolist()}
    assert moved == {True}
    assert scan.texts == []
    for _ in range(4):
        scan = looking.step(1.0)
    assert {text for _, text in scan.texts} == {"text 1"}


def test_a_tag_can_be_told_again() -> None:
    """The read-back of a command that changed nothing."""
    looking, world = scanner()
    looking.look()
    calm = world.tags.by_path("alpha/shop/kiln-1/kiln/power").index
    assert calm not in looking.look().rows
    looking.tell_again(calm)
    assert looking.look().rows.tolist() == [calm]
