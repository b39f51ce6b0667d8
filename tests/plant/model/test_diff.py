"""What a comparison of two models says of each tag and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from plant.model.diff import Difference, Fate, differences
from plant.model.load import load

TINY = Path(__file__).with_name("tiny.yaml")
KILN = "kiln: {type: kiln, feeds: [board-1/former]}"
LEVEL = '      level: {name: {ru: Уровень, en: Level}, role: level, unit: "%", span: [0, 100], deadband: 0.5}\n'
LOSS = "its history would be lost: keep it with 'retired: DATE', or give what it is called now 'was: level'"
ROW = "alpha/shop/kiln-1/kiln/"


@pytest.mark.parametrize(
    ("rule", "edits", "expected"),
    [
        ("nothing", [], []),
        (
            "a row that is gone without being retired is a loss",
            [(LEVEL, "")],
            [Difference(Fate.LOST, ROW + "level", LOSS)],
        ),
        (
            "a row under a new key is a loss and an addition",
            [("      level: {", "      fill: {")],
            [
                Difference(Fate.LOST, ROW + "level", LOSS),
                Difference(Fate.ADDED, ROW + "fill", "Level"),
            ],
        ),
        (
            "the same with `was` is a renaming",
            [("      level: {", "      fill: {was: level, ")],
            [Difference(Fate.RENAMED, ROW + "fill", "was level")],
        ),
        (
            "a retired row keeps its history",
            [(LEVEL, LEVEL.replace("deadband: 0.5", "deadband: 0.5, retired: 2026-11-01"))],
            [Difference(Fate.RETIRED, ROW + "level", "since 2026-11-01")],
        ),
        (
            "a replaced row",
            [
                (
                    LEVEL,
                    LEVEL.replace("deadband: 0.5", "deadband: 0.5, retired: 2026-11-01")
                    + LEVEL.replace("level: {", "level_2: {replaces: level, ", 1),
                )
            ],
            [
                Difference(Fate.RETIRED, ROW + "level", "since 2026-11-01"),
                Difference(Fate.REPLACED, ROW + "level_2", "replaces level"),
            ],
        ),
        (
            "ranges, limits and deadbands",
            [(LEVEL, LEVEL.replace("[0, 100], deadband: 0.5", "[0, 110], limits: {h: 95}, deadband: 1"))],
            [
                Difference(Fate.CHANGED, ROW + "level", "span [0, 100] -> [0, 110]"),
                Difference(Fate.CHANGED, ROW + "level", "limits - -> h 95"),
                Difference(Fate.CHANGED, ROW + "level", "deadband 0.5 -> 1"),
            ],
        ),
        (
            "targets and ideal rates",
            [("shift_target: 240 t", "shift_target: 250 t"), ("{stucco: 25}", "{stucco: 26}")],
            [
                Difference(Fate.CHANGED, "alpha/shop/kiln-1", "shift target 240 t -> 250 t"),
                Difference(Fate.CHANGED, "alpha/shop/kiln-1", "ideal rate of stucco 25 -> 26"),
            ],
        ),
        (
            "a unit that comes from another line is a renaming",
            [
                (KILN, KILN + "\n              second: {type: former, was: board-1/former}"),
                ("            gateway: board-1\n", "            gateway: board-1\n            was: plates\n"),
            ],
            [
                Difference(Fate.RENAMED, "alpha/shop/kiln-1/second", "was alpha/shop/board-1/former"),
                Difference(Fate.ADDED, "alpha/shop/board-1/former", "former with 14 metrics"),
            ],
        ),
        (
            "a unit that is added",
            [(KILN, KILN + "\n              second: {type: former}")],
            [Difference(Fate.ADDED, "alpha/shop/kiln-1/second", "former with 14 metrics")],
        ),
    ],
)
def test_each_fate(rule: str, edits: list[tuple[str, str]], expected: list[Difference], tmp_path: Path) -> None:
    """The history decides: what is stored in the same place is the same thing, whatever it is called."""
    content = TINY.read_text("utf-8")
    for old, new in edits:
        assert old in content, rule
        content = content.replace(old, new, 1)
    file = tmp_path / "new.yaml"
    file.write_text(content, "utf-8")
    assert differences(load(TINY), load(file)) == expected


def test_a_unit_is_lost_added_and_removed_as_a_whole(tmp_path: Path) -> None:
    """A vanished unit is one line and not one per metric; one that had been retired is removed without loss."""
    content = TINY.read_text("utf-8")
    more, retired = tmp_path / "more.yaml", tmp_path / "retired.yaml"
    more.write_text(content.replace(KILN, KILN + "\n              second: {type: former}"), "utf-8")
    old = "\n              second: {type: former, retired: 2026-11-01}"
    retired.write_text(content.replace(KILN, KILN + old), "utf-8")
    second = "alpha/shop/kiln-1/second"
    (lost,) = differences(load(more), load(TINY))
    assert (lost.fate, lost.path) == (Fate.LOST, second)
    assert lost.detail.startswith("the history of 14 metrics would be lost")
    assert differences(load(more), load(retired)) == [Difference(Fate.RETIRED, second, "since 2026-11-01")]
    assert differences(load(retired), load(TINY)) == [Difference(Fate.REMOVED, second, "was retired on 2026-11-01")]
