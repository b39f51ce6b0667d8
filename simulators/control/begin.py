"""Scenarios by name: what an engineer types, made into an injection of the world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Protocol

from plant.errors import ConfigurationError
from simulators.control.messages import Inject
from simulators.control.times import NOW, world_time
from simulators.scenarios import library
from simulators.world.influence import Injection

UNIT = "unit"
"""Stands for the first target of a scenario, whatever its name."""


class Stage(Protocol):
    """A world on which scenarios are played."""

    @property
    def now_ms(self) -> int:
        """The world's time, UTC ms."""

    def inject(self, injection: Injection) -> None:
        """Begin a scenario; a `ConfigurationError` says why not."""

    def injections(self) -> tuple[Injection, ...]:
        """What is played or waits for its start."""


def asked_for(text: str) -> Inject:
    """What ``NAME``, ``NAME@TIME`` or ``NAME@TIME@UNIT`` of the command line asks for."""
    scenario, at, unit = (*text.split("@", 2), "", "")[:3]
    return Inject(scenario, at or NOW, {UNIT: unit} if unit else {})


def begin(world: Stage, asked: Inject) -> str:
    """Inject a scenario under an id of its own; returns one sentence with the id and what there is to see.

    Raises:
        ConfigurationError: There is no such scenario, time, target or parameter, or it does not fit the world.
    """
    scenario = library.load(asked.scenario)
    start_ms = max(world_time(asked.at, world.now_ms), world.now_ms)
    taken = {each.id for each in world.injections()}
    name = next(name for n in count(1) if (name := f"{scenario.scenario}-{n}") not in taken)
    targets = _named(list(scenario.targets), asked.targets, asked.scenario)
    world.inject(Injection(name, asked.scenario, start_ms, targets, dict(asked.parameters)))
    start = datetime.fromtimestamp(start_ms / 1000, UTC)
    what = " ".join(scenario.what_to_see.en.split())
    return f"{name} begins at {start:%Y-%m-%d %H:%M:%S} UTC of the world; what to see: {what}"


def _named(known: list[str], given: Mapping[str, str], scenario: str) -> dict[str, str]:
    """Targets by the names that the scenario has for them."""
    if UNIT not in given or UNIT in known:
        return dict(given)
    if not known:
        raise ConfigurationError(f"scenario '{scenario}' is aimed at no unit; give a site only")
    return {key: value for key, value in given.items() if key != UNIT} | {known[0]: given[UNIT]}
