"""What goes over the live websocket, as text; assets/live-link.js reads it.

A frame of a scope::

    {"scope": "group", "n": 17, "t": 1795000000000,
     "v": {"minsk/boards/board-1/former": {"speed": [64.8, 120]}},
     "s": {"minsk/boards/board-1/former": ["EXECUTE", 1794990000000, "PRODUCTION", 192]}}

``n`` is the number of the frame, ``t`` the server's time; a value is ``[value, age at t in ms]`` and its quality when
that is not good; ``"full": 1`` replaces all that was known of the scope. A beat, each second, says how old the data
of each site are and how they come in::

    {"t": 1795000000000, "broker": 1, "sites": {"minsk": [1794999999000, "live"]}}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from dashboard.live.scopes import Scope
from dashboard.live.store import Changes, LiveStore
from plant.messages import StateMessage, Value
from plant.readings import GOOD


def snapshot(scope: Scope, store: LiveStore, number: int, now: int) -> str:
    """All that is known of a scope."""
    values = {unit: _values(store, unit, keys, now) for unit, keys in scope.metrics.items()}
    states = _states(store, scope.metrics)
    return _frame(scope.name, number, now, {unit: row for unit, row in values.items() if row}, states, full=1)


def update(scope: Scope, store: LiveStore, changes: Changes, number: int, now: int) -> str | None:
    """What has changed of a scope; None if nothing has."""
    values = {
        unit: row
        for unit, keys in changes.values.items()
        if unit in scope.metrics and (row := _values(store, unit, keys & scope.metrics[unit], now))
    }
    states = _states(store, changes.states & scope.metrics.keys())
    return _frame(scope.name, number, now, values, states) if values or states else None


def beat(store: LiveStore, sites: Iterable[str], now: int) -> str:
    """The sign of life: how the data of each site come in."""
    rows = {site: [store.newest(site), store.feed(site)] for site in sites}
    return orjson.dumps({"t": now, "broker": int(store.connected), "sites": rows}).decode()


def _frame(name: str, number: int, now: int, values: Any, states: Any, **more: int) -> str:
    body = {"scope": name, "n": number, "t": now, **more}
    body |= {key: part for key, part in (("v", values), ("s", states)) if part}
    return orjson.dumps(body).decode()


def _values(store: LiveStore, unit: str, keys: Iterable[str], now: int) -> dict[str, list[float | str | None]]:
    known = store.values(unit)
    return {key: _value(known[key], now) for key in keys if key in known}


def _value(value: Value, now: int) -> list[float | str | None]:
    row: list[float | str | None] = [value.value, now - value.time]
    return row if value.quality == GOOD else [*row, value.quality]


def _states(store: LiveStore, units: Iterable[str]) -> dict[str, list[str | int]]:
    known = ((unit, store.state(unit)) for unit in units)
    return {unit: _state(message) for unit, message in known if message is not None}


def _state(message: StateMessage) -> list[str | int]:
    return [message.state, message.since, message.mode, message.quality]
