"""Kills, restarts and clocks that are set: what the ledger says afterwards."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from plant.errors import ConfigurationError
from simulators.truth import ledger as ledgers
from simulators.truth.parts import parts
from simulators.truth.read import Truth
from simulators.truth.tables import Rows


def _same(one: Rows, other: Rows) -> None:
    assert len(one) == len(other) > 0
    for field in fields(one):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if ours.dtype == np.float64:
            assert ours == pytest.approx(theirs, nan_ok=True, abs=1e-9)
        else:
            assert (ours == theirs).all(), field.name


def _same_truth(one: Path, other: Path) -> None:
    ours, theirs = Truth(one), Truth(other)
    assert ours.covered == theirs.covered
    for table in ("states", "counts", "energy", "orders"):
        _same(getattr(ours, table)(), getattr(theirs, table)())


def test_a_killed_run_is_taken_up_without_gap_or_double(workshop, tmp_path: Path) -> None:
    """A run that dies after its last save, with parts from after it, is continued from the saved world."""
    workshop.watch(workshop.world(), tmp_path / "whole").run(200).ledger.close()
    killed = workshop.watch(workshop.world(), tmp_path / "killed").run(90)
    killed.ledger.flush()
    killed.world.save(tmp_path / "world.npz")
    killed.run(50).ledger.flush()
    killed.run(7)
    resumed = workshop.world()
    resumed.load(tmp_path / "world.npz")
    workshop.watch(resumed, tmp_path / "killed").run(110).ledger.close()
    _same_truth(tmp_path / "whole", tmp_path / "killed")
    journal = Truth(tmp_path / "killed").journal()
    instants = set(zip(journal.tag, journal.time_ms.tolist(), strict=True))
    assert len(instants) == len(journal), "nothing is told twice"


def test_when_parts_are_written_changes_nothing(workshop, tmp_path: Path) -> None:
    """Many small parts say the same as one."""
    workshop.watch(workshop.world(), tmp_path / "one").run(60).ledger.close()
    workshop.watch(workshop.world(), tmp_path / "many").run(60, flush_every=1).ledger.close()
    assert len(parts(tmp_path / "one")) == 1
    assert len(parts(tmp_path / "many")) == 60
    _same_truth(tmp_path / "one", tmp_path / "many")
    _same(Truth(tmp_path / "one").journal(), Truth(tmp_path / "many").journal())


def test_a_part_that_was_not_finished_is_no_part(workshop, tmp_path: Path) -> None:
    """What a killed writer left behind is neither read nor kept."""
    workshop.watch(workshop.world(), tmp_path).run(10).ledger.close()
    left = tmp_path / "0001-1795000120000-1795000180000.new"
    left.mkdir()
    (left / "states.parquet").write_bytes(b"PAR1 and no more")
    assert len(parts(tmp_path)) == 1
    assert len(Truth(tmp_path).states())
    workshop.watch(workshop.world(), tmp_path)
    assert not left.exists()


def test_a_clock_that_is_set_leaves_a_gap(workshop, tmp_path: Path) -> None:
    """What did not happen is not covered; what is counted in the first step after it is not lost."""
    watched = workshop.watch(workshop.world(), tmp_path).run(30)
    begin, end = watched.states[0], watched.states[-1]
    watched.world.skip(end.time_ms + 3_600_000)
    watched.run(30).ledger.close()
    truth, last = Truth(tmp_path), watched.states[-1]
    assert truth.covered == [(begin.time_ms, end.time_ms), (end.time_ms + 3_610_000, last.time_ms)]
    kwh = (last.totals - begin.totals)[3].sum()
    assert truth.energy().kwh.sum() == pytest.approx(kwh)


def test_a_clock_that_is_set_back_tells_anew(workshop, tmp_path: Path) -> None:
    """What is lived through twice is as the second time was."""
    watched = workshop.watch(workshop.world(), tmp_path).run(60)
    back_ms = watched.states[-1].time_ms - 300_000
    watched.world.skip(back_ms)
    watched.run(60).ledger.close()
    truth = Truth(tmp_path)
    assert truth.covered == [(watched.states[0].time_ms, watched.states[-1].time_ms)]
    rows = truth.states()
    for unit in set(rows.unit):
        own = rows.take(rows.unit == unit)
        assert (own.start_ms[1:] >= own.end_ms[:-1]).all()


def test_a_long_journal_is_written_before_it_fills_the_memory(workshop, tmp_path: Path, monkeypatch) -> None:
    """Parts come by themselves when much is told."""
    monkeypatch.setattr(ledgers, "JOURNAL_ROWS", 300)
    watched = workshop.watch(workshop.world(), tmp_path).run(60)
    assert len(parts(tmp_path)) > 1
    watched.ledger.close()
    numbers = sum(len(scan.rows) for scan in watched.scans)
    assert np.isfinite(Truth(tmp_path).journal().value).sum() == numbers


def test_no_ledger_is_an_error_that_says_how_to_get_one(tmp_path: Path) -> None:
    """An empty folder holds no truth."""
    with pytest.raises(ConfigurationError, match="simulate with --truth"):
        Truth(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_made_is_refused(workshop, tmp_path: Path) -> None:
    """Before anything is simulated."""
    (tmp_path / "file").write_text("taken")
    with pytest.raises(ConfigurationError, match="the truth cannot be kept in"):
        workshop.watch(workshop.world(), tmp_path / "file" / "truth")
