"""`factory.fill` as a process that is killed in the middle of its work."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from servers.processes import until

from factory import fill
from plant.errors import StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Retention, Tier
from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import Columns
from plant.settings import Settings
from simulators.truth.read import Truth

HOURS = 5


def _filling(
    folder: Path, truth: Path, stderr: int = subprocess.DEVNULL, **environment: str
) -> subprocess.Popen[bytes]:
    settings = {"FACTORY_DATA": str(folder), "FACTORY_MODEL": "print-farm", "FACTORY_HISTORY": f"{HOURS}h"}
    command = [sys.executable, "-m", "factory.fill", "--truth", str(truth)]
    return subprocess.Popen(command, stderr=stderr, env=os.environ | settings | environment)


def test_a_killed_filling_is_completed_without_gap_or_double(data_folder: Path, tmp_path: Path) -> None:
    """Every minute of every tag is there, and the historian holds what the truth says was told, once each."""
    state, truth = data_folder / "world.npz", tmp_path / "truth"
    first = _filling(data_folder, truth)
    until(state.exists, "the first slice is saved", 60)
    first.kill()
    assert first.wait() != 0, "it was in the middle"
    assert _filling(data_folder, truth).wait(120) == 0
    tags = TagTable(load("print-farm"))
    told = Truth(truth)
    ((start_ms, end_ms),) = told.covered
    assert end_ms - start_ms > HOURS * HOUR_MS - 2 * MINUTE_MS
    with closing(open_historian("", tags, data_folder, Retention())) as historian:
        raw = historian.raw(range(len(tags)), start_ms, end_ms + 1)
        minutes = historian.tier(Tier.MINUTE, range(len(tags)), start_ms, end_ms)
        hours = historian.tier(Tier.HOUR, range(len(tags)), start_ms, end_ms)
    journal = told.journal()
    numbers = journal.take(np.isfinite(journal.value))
    ours = sorted(zip((tags[tag].path for tag in raw.tag), raw.time.tolist(), raw.value.tolist(), strict=True))
    assert ours == sorted(zip(numbers.tag, numbers.time_ms.tolist(), numbers.value.tolist(), strict=True))
    whole = (end_ms - end_ms % MINUTE_MS - start_ms) // MINUTE_MS
    assert len(minutes) == whole * len(tags)
    assert len(hours) >= (HOURS - 1) * len(tags)


class _Busy(MemoryHistorian):
    """Refuses some of its writes, as a server that is busy or gone."""

    writes = 0
    away = range(2, 5)

    def write(self, columns: Columns) -> None:
        self.writes += 1
        if self.writes in self.away:
            raise StoreUnavailableError("busy")
        super().write(columns)


@pytest.mark.parametrize(("away", "raises"), [(range(2, 5), False), (range(2, 1_000), True)])
def test_a_busy_historian_is_asked_again_but_not_for_ever(
    away: range, raises: bool, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A historian that is away for a moment costs no history, one that stays away ends the filling with its error."""
    settings = Settings(data=data_folder, model="print-farm", history="3h")
    tags = TagTable(load("print-farm"))
    historian = _Busy(tags)
    historian.away = away
    monkeypatch.setattr(fill, "open_store", lambda *_: historian)
    monkeypatch.setattr(fill, "PAUSE_S", 0.0)
    with pytest.raises(StoreUnavailableError) if raises else nullcontext():
        fill.main(settings, Console(quiet=True))
    assert historian.writes == (1 + fill.ATTEMPTS if raises else historian.writes)
    span = historian.span()
    assert span is not None
    whole = len(historian.tier(Tier.MINUTE, range(len(tags)), *span)) // len(tags)
    assert whole < 90 if raises else whole >= 178


def test_history_is_made_of_the_sites_that_are_simulated(data_folder: Path, tmp_path: Path) -> None:
    """The saved world is the one that the simulators of the same settings go on from."""
    done = _filling(data_folder, tmp_path / "truth", FACTORY_SITES="izhevsk", FACTORY_HISTORY="10m")
    assert done.wait(60) == 0
    told = Truth(tmp_path / "truth").states()
    assert {unit.split("/", 1)[0] for unit in told.unit} == {"izhevsk"}


def test_a_filling_shows_its_bars_and_nothing_else(data_folder: Path, tmp_path: Path) -> None:
    """Neither process leaves anything behind that the database's binding would report as leaked at its end."""
    done = _filling(data_folder, tmp_path / "truth", subprocess.PIPE, FACTORY_SITES="izhevsk", FACTORY_HISTORY="10m")
    said = done.communicate(timeout=60)[1].decode()
    assert done.returncode == 0
    lines = [line for line in said.splitlines() if line.strip()]
    assert lines
    assert all("%" in line for line in lines), said
