"""Alarms of a time in which no collector was there: in the journal once the edge node has replayed it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from collecting import Edge, collecting, edge, now_ms, tiny
from links import until

from plant.alarms.journal import Entry
from plant.alarms.states import Event, State
from plant.historian.memory import MemoryHistorian
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url
from plant.operations.alarms import AlarmStore
from plant.operations.open import open_operations
from plant.packml import State as Packml

ENTERPRISE, TAGS = tiny()
KEY = "alpha/kiln-1/kiln/temperature.h"
RULES = """
alarms: quick
rules:
  - metric: temperature
    limits: [h]
    on_delay: 0.001 s
    off_delay: 0.001 s
    cause: {ru: п, en: c}
    consequence: {ru: с, en: q}
    action: {ru: д, en: a}
"""
NORMAL, HIGH = 150.0, 178.0
pytestmark = pytest.mark.broker


def journal(folder: Path) -> list[Entry]:
    """What it says of the kiln's temperature, by time."""
    with closing(open_operations("", folder)) as operations:
        return [each for each in AlarmStore(operations).journal(0, 1 << 62) if each.alarm == KEY]


def told(folder: Path) -> list[tuple[Event, State, int]]:
    """Likewise: events, states and times."""
    return [(each.event, each.state, each.time) for each in journal(folder)]


def has_births(kiln: Edge, count: int) -> bool:
    """Whether it was born so often."""
    return kiln.births >= count


async def tell(kiln: Edge, values: Sequence[tuple[int, float]], *, historical: bool = False) -> None:
    """The kiln runs and has these temperatures, by time."""
    await until(lambda: kiln.births, "births are out")
    for time, value in values:
        kiln.send("kiln", {"temperature": value, "state": Packml.EXECUTE}, time, historical=historical)
    kiln.send("kiln", {"power": 100.0 + random.random()}, now_ms())


def test_what_came_and_went_while_no_collector_was_there_is_noted_late(mosquitto: BrokerAddress, tmp_path: Path):
    """It is in the journal with its true times, calls nobody, and is there once, whoever starts again later."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    historian = MemoryHistorian(TAGS)
    options = {"operations": operations_url("", tmp_path), "alarms": rules}

    async def main() -> list[tuple[Event, State, int]]:
        async with edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln:
            async with collecting(mosquitto, historian, ENTERPRISE, TAGS, **options):
                await tell(kiln, [(now_ms(), NORMAL)])
                await until(lambda: "alpha/kiln-1" in AlarmStore(opened).progress(), "the kiln is watched", 30.0)
            left, starts = now_ms(), kiln.births
            await asyncio.sleep(0.1)  # some time has to pass in which the kiln can be too hot
            past = [(left - 50, NORMAL), (left + 20, HIGH), (left + 60, NORMAL)]
            for start in (1, 2):
                async with collecting(mosquitto, historian, ENTERPRISE, TAGS, **options):
                    await until(partial(has_births, kiln, starts + start), "births are out again")
                    await tell(kiln, [(now_ms(), NORMAL)])
                    await tell(kiln, past, historical=True)
                    await until(lambda: len(journal(tmp_path)) >= 2, f"the past is judged, start {start}", 30.0)
                    standing = AlarmStore(opened).standings()[KEY]
                    assert (standing.state, standing.raised) == (State.NORMAL, None), "nobody was called"
            return [
                (Event.RAISE, State.UNACKNOWLEDGED, left + 21),
                (Event.CLEAR, State.NORMAL, left + 61),
            ]

    with closing(open_operations("", tmp_path)) as opened:
        opened.migrate()
        expected = asyncio.run(main())
    assert told(tmp_path) == expected
    assert all(each.noted > each.time for each in journal(tmp_path))


def test_what_is_still_there_after_a_replay_has_its_true_beginning(mosquitto: BrokerAddress, tmp_path: Path):
    """It is annunciated with the birth, at once, and has its true beginning once that is known."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    historian = MemoryHistorian(TAGS)
    options = {"operations": operations_url("", tmp_path), "alarms": rules}

    async def main() -> int:
        async with edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln:
            async with collecting(mosquitto, historian, ENTERPRISE, TAGS, **options):
                await tell(kiln, [(now_ms(), NORMAL)])
                await until(lambda: "alpha/kiln-1" in AlarmStore(opened).progress(), "the kiln is watched", 30.0)
            left, births = now_ms(), kiln.births
            async with collecting(mosquitto, historian, ENTERPRISE, TAGS, **options):
                await until(lambda: kiln.births > births, "births are out again")
                await tell(kiln, [(now_ms(), HIGH)])
                await until(lambda: len(journal(tmp_path)) == 1, "it is annunciated", 30.0)
                await tell(kiln, [(left - 50, NORMAL), (left + 1, HIGH)], historical=True)
                await until(lambda: len(journal(tmp_path)) == 2, "its beginning is known", 30.0)
            return left + 2

    with closing(open_operations("", tmp_path)) as opened:
        opened.migrate()
        began = asyncio.run(main())
        standing = AlarmStore(opened).standings()[KEY]
    assert (standing.state, standing.raised) == (State.UNACKNOWLEDGED, began)
    assert [(each.event, each.is_annunciation) for each in sorted(journal(tmp_path), key=lambda e: e.number)] == [
        (Event.RAISE, True),
        (Event.BACKDATE, False),
    ]
