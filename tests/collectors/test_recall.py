"""What a new process knows of the time before it."""

from __future__ import annotations

import numpy as np
from collecting import NOW, tiny

from collectors.recall import recall
from collectors.units import UnitTable
from plant.historian.memory import MemoryHistorian
from plant.packml import State
from plant.readings import BAD, GOOD, Columns, Event, EventKind

KILN_STATE, KILN_POWER, KILN_RATE, FORMER_POWER, BETA_POWER = 0, 2, 3, 14, 24


def test_the_newest_of_everything_is_recalled_for_the_sites_that_are_served():
    """Readings of any quality, the beginning of each state, each text; nothing of other sites."""
    enterprise, tags = tiny()
    historian = MemoryHistorian(tags)
    historian.write(
        Columns.of(
            [KILN_STATE, KILN_POWER, KILN_RATE, FORMER_POWER, BETA_POWER],
            [NOW - 90, NOW - 40, NOW - 50, NOW - 70, NOW - 10],
            [State.HELD, 40.0, np.nan, 12.0, 9.0],
            [GOOD, GOOD, BAD, GOOD, GOOD],
        )
    )
    state = Event(NOW - 900, "alpha/kiln-1/kiln", EventKind.STATE, "state", "HELD", State.HELD, GOOD)
    order = Event(NOW - 800, "alpha/board-1/former", EventKind.TEXT, "order", "A-7", -1, GOOD)
    historian.write_events([state, order])
    recalled = recall(historian, UnitTable(enterprise, tags, ["alpha"]), NOW)
    assert recalled.known.tag.tolist() == [KILN_STATE, KILN_POWER, KILN_RATE, FORMER_POWER]
    assert recalled.states == {0: NOW - 900}
    assert recalled.texts == ((1, order),)


def test_an_empty_historian_knows_nothing():
    """The very first start."""
    enterprise, tags = tiny()
    recalled = recall(MemoryHistorian(tags), UnitTable(enterprise, tags, ["alpha"]), NOW)
    assert (len(recalled.known), recalled.states, recalled.texts) == (0, {}, ())
