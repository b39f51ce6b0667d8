"""Alarms of a made history: in the journal as they came and went, and none that is over waits for anybody."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from collecting import NOW, TINY, tiny

from factory.alarm_history import expect_history, judge_history
from plant.alarms.journal import Entry
from plant.alarms.measures import measures
from plant.alarms.states import Event, State
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.historian.rebuild import rebuild
from plant.operations.alarms import AlarmStore
from plant.operations.open import open_operations
from plant.packml import State as Packml
from plant.readings import GOOD, Columns
from plant.settings import Settings

ENTERPRISE, TAGS = tiny()
BEGIN = NOW - NOW % HOUR_MS
END = BEGIN + HOUR_MS
TEMPERATURE, STATE = (
    next(tag.index for tag in TAGS if tag.path.endswith(f"kiln/{key}")) for key in ("temperature", "state")
)
NORMAL, HIGH = 150.0, 178.0
"""The first within, the second beyond the limit h, but not hh, of the kiln."""


@pytest.fixture
def settings(operations_address: str, tmp_path: Path) -> Settings:
    """Alarms in an empty database."""
    return Settings(model=str(TINY), operations=operations_address, data=tmp_path)


@pytest.fixture
def historian() -> MemoryHistorian:
    """An hour in which the kiln was too hot from minute 20 to 30, and is so again from minute 50 on."""
    kept = MemoryHistorian(TAGS)
    hot = [20 <= minute < 30 or minute >= 50 for minute in range(60)]
    times = BEGIN + np.arange(60) * MINUTE_MS
    values = np.where(hot, HIGH, NORMAL)
    for tag, value in ((TEMPERATURE, values), (STATE, np.full(60, float(Packml.EXECUTE)))):
        kept.write(Columns(np.full(60, tag, np.int32), times, value, np.full(60, GOOD, np.uint16)))
    rebuild(kept, [TEMPERATURE, STATE], BEGIN, END, lambda _: None)
    return kept


def journal(settings: Settings) -> list[Entry]:
    """What the journal says of the kiln's temperature, and how far edge nodes are judged."""
    with closing(open_operations(settings.operations, settings.data)) as operations:
        store = AlarmStore(operations)
        assert set(store.progress().values()) == {END}
        return [each for each in store.journal(BEGIN, END) if each.alarm.endswith("kiln/temperature.h")]


def test_a_history_has_a_journal_and_measures(settings: Settings, historian: MemoryHistorian) -> None:
    """What is over waits for nobody, what stands is annunciated since its true beginning, and rates have a past."""
    expect_history(settings, ENTERPRISE, BEGIN)
    judge_history(settings, ENTERPRISE, TAGS, historian, END, lambda _: None)
    entries = journal(settings)
    assert [(each.event, each.state) for each in entries] == [
        (Event.RAISE, State.UNACKNOWLEDGED),
        (Event.CLEAR, State.NORMAL),
        (Event.RAISE, State.UNACKNOWLEDGED),
    ]
    assert [(each.time - BEGIN) // MINUTE_MS for each in entries] == [20, 30, 50]
    assert all(each.noted > each.time for each in entries)
    (found,) = measures([], entries, BEGIN, END).values()
    assert (found.annunciations, found.standing, found.unacknowledged) == (2, 1, 1)


def test_judging_again_adds_nothing(settings: Settings, historian: MemoryHistorian) -> None:
    """A filling that is interrupted before its end is made again."""
    expect_history(settings, ENTERPRISE, BEGIN)
    for _ in range(2):
        judge_history(settings, ENTERPRISE, TAGS, historian, END, lambda _: None)
    assert len(journal(settings)) == 3
