"""Parts that are put together: equal rows before and after, whoever is killed or looks meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from simulators.scenarios.stage import STRETCH
from simulators.truth import compact as compacting
from simulators.truth import writer
from simulators.truth.compact import HOUR_MS, compact, due
from simulators.truth.disk import SEALED
from simulators.truth.parts import Part, listed, parts
from simulators.truth.read import Truth
from simulators.truth.writer import PartWriter
from simulators.world.influence import Injection

TABLES = ("states", "counts", "energy", "orders", "scenarios", "journal")
STEPS_AN_HOUR = 360
LAST_RUN = 3


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


@pytest.fixture(scope="module")
def apart(workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of two runs in small parts, none of which fits a minute; the second begins amid an hour of the first."""
    folder = tmp_path_factory.mktemp("apart")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "compact", lambda *_: None)
        world = workshop.world()
        hold = Path(__file__).parent / "hold.yaml"
        world.inject(Injection("one", str(hold), world.now_ms, parameters={STRETCH: 5.0}))
        watched = workshop.watch(world, folder).run(328, flush_every=25)
        watched.ledger.flush()
        saved = world.snapshot()
        watched.run(int(0.8 * STEPS_AN_HOUR), flush_every=25)
        watched.ledger.close()
        world.restore(saved)
        workshop.watch(world, folder).run(int(1.6 * STEPS_AN_HOUR), flush_every=25).ledger.close()
    return folder


@pytest.fixture
def ledger(apart: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(apart, tmp_path / "truth"))


def told(folder: Path) -> dict[str, dict[str, list[Any]]]:
    """All that a ledger says, whole and in a window."""
    truth = Truth(folder)
    covered = truth.covered
    middle = (covered[0][0] + covered[-1][1]) // 2
    found: dict[str, dict[str, list[Any]]] = {"covered": {"": covered}}
    for table in TABLES:
        for name, window in (("all", ()), ("late", (middle,)), ("early", (0, middle))):
            rows = getattr(truth, table)(*window)
            found[f"{table} {name}"] = {each.name: getattr(rows, each.name).tolist() for each in fields(rows)}
    return found


def same(one: dict[str, dict[str, list[Any]]], other: dict[str, dict[str, list[Any]]]) -> bool:
    """Equal to the last bit, NaN included."""
    return repr(one) == repr(other)


def put_together(folder: Path, run: int = LAST_RUN) -> None:
    with duckdb.connect(config=SEALED) as connection:
        compact(folder, run, connection)


def test_equal_rows_before_and_after(ledger: Path) -> None:
    """Every table says the same of all times and of any window, with far fewer folders."""
    before, many = told(ledger), len(parts(ledger))
    assert all(before[f"{table} all"][next(iter(before[f"{table} all"]))] for table in TABLES)
    put_together(ledger)
    assert same(told(ledger), before)
    assert len(listed(ledger)) == len(parts(ledger)) <= 5 < many / 4
    put_together(ledger)
    assert same(told(ledger), before)


class Countdown:
    """Kills what is under way at the nth thing that it does to the disk."""

    def __init__(self, patch: pytest.MonkeyPatch, after: int) -> None:
        self.left = after
        for place, name in ((compacting, "sync"), (Path, "mkdir"), (Path, "rename"), (shutil, "rmtree")):
            patch.setattr(place, name, self._counted(getattr(place, name)), raising=True)

    def _counted(self, does: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                if getattr(does, "__name__", "") == "rmtree" and Path(given[0]).is_dir():
                    next(iter(sorted(Path(given[0]).iterdir()))).unlink(missing_ok=True)  # half of it is gone
                raise Killed
            return does(*given, **named)

        return counted


def test_a_kill_at_any_moment_changes_no_row(ledger: Path, apart: Path, tmp_path: Path) -> None:
    """Whatever was done to the disk last, readers see equal rows, and so after the next start, which tidies up."""
    before, kills = told(apart), 0
    while True:
        folder = Path(shutil.copytree(ledger, tmp_path / f"kill-{kills}"))
        with pytest.MonkeyPatch.context() as patch:
            Countdown(patch, kills)
            try:
                put_together(folder)
            except Killed:
                finished = False
            else:
                finished = True
        assert same(told(folder), before), kills
        PartWriter(folder).close()
        assert same(told(folder), before), kills
        assert not list(folder.glob("*.new"))
        assert [part.folder for part in listed(folder)] == [part.folder for part in parts(folder)]
        shutil.rmtree(folder)
        if finished:
            break
        kills += 1
    assert kills > 10


def test_a_disk_that_refuses_leaves_the_parts(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for the whole, the ledger stays as it is and the simulator goes on."""
    before = told(ledger)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compacting, "sync", full)
    put_together(ledger)
    assert same(told(ledger), before)
    monkeypatch.undo()
    put_together(ledger)
    assert same(told(ledger), before)
    assert len(parts(ledger)) <= 5


def test_a_reader_that_came_before_sees_equal_rows_after(ledger: Path) -> None:
    """Parts that vanish between two looks of one reader are looked up anew."""
    truth = Truth(ledger)
    before = truth.journal()
    put_together(ledger)
    after = truth.journal()
    for each in fields(before):
        assert repr(getattr(after, each.name).tolist()) == repr(getattr(before, each.name).tolist())


def test_the_writer_puts_hours_together_as_they_end(workshop, tmp_path: Path) -> None:
    """After two and a half hours in parts of ten minutes: whole hours are one folder each, the last is in parts."""
    watched = workshop.watch(workshop.world(), tmp_path).run(int(2.5 * STEPS_AN_HOUR), flush_every=60)
    watched.ledger.close()
    of_hour = np.array([part.start_ms // HOUR_MS for part in parts(tmp_path)])
    _, counts = np.unique(of_hour, return_counts=True)
    assert (counts[:-1] == 1).all()
    assert len(counts) >= 3


def test_only_what_is_over_and_has_no_gap_is_due() -> None:
    """Not the last hour of the run that is written, no single part, nothing across a gap; earlier runs are over."""
    minute = HOUR_MS // 60

    def part(run: int, start: int, end: int) -> Part:
        return Part(run, start * minute, end * minute, Path(f"{run}-{start}-{end}"))

    first, second = [part(1, 0, 20), part(1, 20, 61)], [part(1, 61, 90), part(1, 90, 100)]
    assert due([*first, *second], run=1) == [first]
    assert due([*first, *second], run=2) == [first, second]
    assert due([part(1, 0, 60), part(1, 60, 120)], run=2) == []
    assert due([part(1, 0, 10), part(1, 20, 30)], run=2) == []
    assert due([part(1, 0, 10), part(2, 10, 30)], run=3) == []
