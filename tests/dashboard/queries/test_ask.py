"""Questions of the pages: right, in a thread, and asked once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from screens import KILN, NOW, HandClock, services

from dashboard.page import View
from dashboard.queries import ask
from dashboard.services import Services
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.historian.rebuild import rebuild
from plant.packml import State
from plant.readings import GOOD, Columns, Event, EventKind

SHIFT_START = NOW - HOUR_MS
"""08:00 in Moscow."""


class Watched:
    """A historian that counts what it is asked and fails when it is asked on an event loop."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*arguments: Any) -> Any:
            with pytest.raises(RuntimeError):
                asyncio.get_running_loop()
            self.asked[name] += 1
            return method(*arguments)

        return call


@pytest.fixture
def parts() -> Services:
    """A kiln that made 15 t with 480 m3 in the first hour of its shift and stood from 20 to 30 past."""
    made = services(HandClock())
    historian, by_path = made.historian, made.tags.by_path
    minutes = np.arange(-10, 61)
    for key, total in (("good_total", 15.0), ("gas_total", 480.0)):
        tag = by_path(f"{KILN}/{key}")
        values = 1000.0 + np.clip(minutes, 0, 60) * total / 60
        times = SHIFT_START + minutes * MINUTE_MS - 1
        historian.write(Columns.of([tag.index] * len(minutes), times.tolist(), values.tolist(), [GOOD] * len(minutes)))
    changes = ((-10, State.EXECUTE), (20, State.HELD), (30, State.EXECUTE))
    state = by_path(f"{KILN}/state")
    times = [SHIFT_START + minute * MINUTE_MS for minute, _ in changes]
    codes = [int(code) for _, code in changes]
    historian.write(Columns.of([state.index] * 3, times, codes, [GOOD] * 3))
    historian.write_events(
        [
            Event(at, state.unit.storage, EventKind.STATE, "state", State(code).name, code, GOOD)
            for at, code in zip(times, codes, strict=True)
        ]
    )
    rebuild(historian, [tag.index for tag in made.tags], SHIFT_START - HOUR_MS, NOW, lambda _: None)
    return replace(made, historian=Watched(historian))  # type: ignore[arg-type]  # it stands in for one


def windows(parts: Services) -> dict[str, Any]:
    """The running shift of every site."""
    view = View(parts, "/", now=NOW)
    return {site.slug: view.window(site) for site in parts.enterprise.sites}


def test_figures_are_those_of_the_history(parts: Services) -> None:
    """15 t against 20 t, 480 m3 over 15 t are 32 m3/t; a site without history is not known."""
    alpha, beta = asyncio.run(ask.figures(parts, windows(parts)))
    kiln = alpha.outputs[0]
    assert kiln.made == pytest.approx(15.0)
    assert kiln.share == pytest.approx(0.75)
    assert alpha.specific[0].value == pytest.approx(32.0)
    assert [output.made for output in beta.outputs] == [None]


def test_ten_askers_cost_one_question(parts: Services) -> None:
    """Within a few seconds the same answer serves all."""

    async def all_at_once() -> None:
        await asyncio.gather(*(ask.figures(parts, windows(parts)) for _ in range(10)))

    asyncio.run(all_at_once())
    assert parts.historian.asked["span"] == 1  # type: ignore[attr-defined]  # it is a Watched


def test_states_are_cut_at_the_changes(parts: Services) -> None:
    """Half an hour of work, ten minutes held; the line without any data is unknown throughout."""
    site = parts.enterprise.site("alpha")
    found = asyncio.run(ask.states_of(parts, list(site.lines), windows(parts)["alpha"]))
    kiln = [(part.state, part.length // MINUTE_MS) for part in found["alpha/kiln-1"]]
    assert kiln == [(State.EXECUTE, 20), (State.HELD, 10), (State.EXECUTE, 30)]
    assert [part.state for part in found["alpha/board-1"]] == [None]


def test_time_without_rows_is_unknown(parts: Services) -> None:
    """While the collectors were away nobody knows what ran, whatever was held before."""
    kiln = parts.tags.by_path(f"{KILN}/state").unit
    parts.historian.delete(kiln.storage, SHIFT_START + 40 * MINUTE_MS, SHIFT_START + 50 * MINUTE_MS)
    line = parts.enterprise.site("alpha").line("kiln-1")

    async def states() -> Any:
        window = windows(parts)["alpha"]
        return await ask.states_of(parts, [line], window)

    # MemoryHistorian is asked off the loop, as all of them are
    found = asyncio.run(states())["alpha/kiln-1"]
    assert [(part.state, part.length // MINUTE_MS) for part in found[2:]] == [
        (State.EXECUTE, 10),
        (None, 10),
        (State.EXECUTE, 10),
    ]


def test_sparks_have_a_point_where_something_changes(parts: Services) -> None:
    """A state that changed twice has three points, not sixty."""
    state = parts.tags.by_path(f"{KILN}/state")
    found = asyncio.run(ask.sparks(parts, [state], SHIFT_START, NOW))
    assert [value for _, value in found[state.index]] == [6.0, 11.0, 6.0]


def test_trends_follow_the_buckets_asked_for(parts: Services) -> None:
    """An hour in 12 buckets is five minutes each; no tags, no question."""
    gas = parts.tags.by_path(f"{KILN}/gas_total")
    (trend,) = asyncio.run(ask.trends(parts, [gas], SHIFT_START, NOW, 12))
    assert (trend.width, len(trend.time)) == (5 * MINUTE_MS, 12)
    assert asyncio.run(ask.trends(parts, [], SHIFT_START, NOW, 12)) == []


def test_a_shift_of_all_sites_costs_a_handful_of_questions(parts: Services) -> None:
    """All sites are asked for together, whenever their shifts began: five questions, however many lines there are."""
    asyncio.run(ask.figures(parts, windows(parts)))
    asked = parts.historian.asked  # type: ignore[attr-defined]  # it is a Watched
    assert asked.total() <= 6
    assert asked["raw"] == 0
