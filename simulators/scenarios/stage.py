"""The scenarios that are being played on a world, and what they do to it at a moment.

All of it is a function of the injections and of world time, so that equal injections at equal times make equal worlds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from plant.errors import ConfigurationError
from plant.model.mistakes import did_you_mean
from plant.model.tags import Tag
from simulators.scenarios.cues import Cue, Moment, Timing, cues
from simulators.scenarios.effects import On, Values
from simulators.scenarios.library import load
from simulators.scenarios.schema import Pick, Scenario, Step, Target
from simulators.scenarios.targets import Cast, Rows, cast, hit
from simulators.world.inertia import Floats, Ints
from simulators.world.influence import SOUND, Influences, Injection, NodeFault, SensorFaults, TransportFaults
from simulators.world.roster import Roster

STRETCH, STRENGTH = "stretch", "strength"
PARAMETERS: Mapping[str, tuple[float, float]] = {STRETCH: (0.01, 100.0), STRENGTH: (0.0, 10.0)}
"""What whoever injects may change, with its range: a factor on all times, and one on how far values go."""
_NODE_FIELDS = tuple(field.name for field in fields(NodeFault))


@dataclass(frozen=True, slots=True)
class Play:
    """An injection that has found its cast.

    Attributes:
        end_ms: UTC ms at which it is over.
        site: Where it is played.
    """

    injection: Injection
    scenario: Scenario
    site: str
    cues: tuple[Cue, ...]
    end_ms: int


class Stage:
    """Holds what is played.

    Args:
        roster: The units of the world.
        tags: Its tags, in the order of `Display.tag`.
    """

    def __init__(self, roster: Roster, tags: Sequence[Tag]) -> None:
        self._roster = roster
        self._tags = tuple(tags)
        self._nodes = tuple(dict.fromkeys(f"{unit.site}/{unit.gateway}" for unit in roster.units))
        self._plays: dict[str, Play] = {}

    def inject(self, injection: Injection) -> None:
        """Begin to play, or wait until its start.

        Raises:
            ConfigurationError: The id is taken, the scenario's file holds mistakes, a target or parameter is wrong,
                or the scenario does not fit the model.
        """
        if injection.id in self._plays:
            raise ConfigurationError(
                f"the injection '{injection.id}' is still going on; recover it or choose another id"
            )
        self._plays[injection.id] = self._prepared(injection)

    def recover(self, name: str) -> None:
        """End an injection before its time.

        Raises:
            ConfigurationError: There is none of that id.
        """
        if name not in self._plays:
            raise ConfigurationError(f"there is no injection '{name}' going on; {did_you_mean(name, self._plays)}")
        del self._plays[name]

    def end(self, now_ms: int) -> None:
        """Forget what is over."""
        self._plays = {name: play for name, play in self._plays.items() if now_ms < play.end_ms}

    @property
    def plays(self) -> tuple[Play, ...]:
        """What is going on or waits for its start, in the order in which it was injected."""
        return tuple(self._plays.values())

    @property
    def injections(self) -> tuple[Injection, ...]:
        """The injections of those."""
        return tuple(play.injection for play in self._plays.values())

    def restore(self, injections: Iterable[Injection]) -> None:
        """Go on with these instead."""
        self._plays = {injection.id: self._prepared(injection) for injection in injections}

    def influences(self, before_ms: int, now_ms: int) -> Influences:
        """What acts on the physics in the step of the world from `before_ms` to `now_ms`."""
        neutral = Influences.none(len(self._roster.units))
        cues = self._cues(On.UNITS)
        return Influences(**_played(neutral, cues, Moment(before_ms, now_ms))) if cues else neutral

    def sensors(self, now_ms: int) -> SensorFaults:
        """What is wrong with instruments."""
        neutral = SensorFaults.none(len(self._tags))
        cues = self._cues(On.TAGS)
        return SensorFaults(**_played(neutral, cues, Moment(now_ms, now_ms))) if cues else neutral

    def transport(self, now_ms: int) -> TransportFaults:
        """What is wrong with connections."""
        cues = self._cues(On.NODES)
        if not cues:
            return TransportFaults()
        columns: dict[str, Values] = {name: np.zeros(len(self._nodes)) for name in _NODE_FIELDS}
        for cue in cues:
            cue.play(columns, Moment(now_ms, now_ms))
        faults = {node: _fault(columns, i) for i, node in enumerate(self._nodes)}
        return TransportFaults({node: fault for node, fault in faults.items() if fault != SOUND})

    def _cues(self, on: On) -> list[Cue]:
        return [cue for play in self._plays.values() for cue in play.cues if cue.on is on]

    def _prepared(self, injection: Injection) -> Play:
        scenario = load(injection.scenario)
        for name, number in injection.parameters.items():
            _check_parameter(scenario, name, number)
        players = cast(scenario, self._roster, injection.targets)
        stretch = injection.parameters.get(STRETCH, 1.0)
        played = tuple(cue for step in scenario.steps for cue in self._of_step(scenario, step, players, injection))
        return Play(injection, scenario, players.site, played, injection.start_ms + round(stretch * scenario.length))

    def _of_step(self, scenario: Scenario, step: Step, players: Cast, injection: Injection) -> Iterable[Cue]:
        stretch = injection.parameters.get(STRETCH, 1.0)

        def after(length_ms: int) -> int:
            return round(stretch * length_ms)

        timing = Timing(
            begin_ms=injection.start_ms + after(step.at),
            end_ms=injection.start_ms + after(scenario.end(step)),
            ramp_ms=after(step.ramp),
            fade_ms=after(step.fade),
            every_ms=step.every or 0,
            lasts_ms=step.lasts or 0,
        )
        rows, scale = self._places(scenario, step, players)
        return cues(step, rows, scale, timing, injection.parameters.get(STRENGTH, 1.0)) if len(rows) else ()

    def _places(self, scenario: Scenario, step: Step, players: Cast) -> tuple[Ints, Floats]:
        """Rows that a step hits among units, tags or nodes, and the scale of its value there."""
        units = players.rows[step.of]
        if step.row.on is On.UNITS:
            return np.array(units, np.int64), np.ones(len(units))
        if step.row.on is On.NODES:
            names = dict.fromkeys(f"{self._roster.units[i].site}/{self._roster.units[i].gateway}" for i in units)
            scale = 1000.0 if step.row.field == "clock_offset_ms" else 1.0
            return np.array([self._nodes.index(name) for name in names], np.int64), np.full(len(names), scale)
        rows = self._tags_hit(scenario.targets[step.of], units, players.metrics.get(step.of, frozenset()))
        width = [_width(scenario, step, self._tags[i]) for i in rows]
        return np.array(rows, np.int64), np.array(width, np.float64)

    def _tags_hit(self, target: Target, units: Rows, chosen: frozenset[str]) -> list[int]:
        """Rows of tags: those that somebody has chosen, else the first or all that fit the target."""
        paths = {self._roster.units[i].path for i in units}
        ours = [(i, tag.metric) for i, tag in enumerate(self._tags) if tag.unit.path in paths]
        if chosen:
            return [i for i, metric in ours if metric.key in chosen]
        fits = [i for i, metric in ours if hit(target, metric)]
        return fits if target.pick is Pick.ALL else fits[:1]


def _played(neutral: Influences | SensorFaults, cues: Iterable[Cue], moment: Moment) -> dict[str, Values]:
    columns: dict[str, Values] = {field.name: getattr(neutral, field.name).copy() for field in fields(neutral)}
    for cue in cues:
        cue.play(columns, moment)
    return columns


def _fault(columns: Mapping[str, Values], node: int) -> NodeFault:
    return NodeFault(
        offline=bool(columns["offline"][node]),
        clock_offset_ms=round(float(columns["clock_offset_ms"][node])),
        duplicate=float(columns["duplicate"][node]),
        late=float(columns["late"][node]),
        late_ms=round(float(columns["late_ms"][node])),
    )


def _width(scenario: Scenario, step: Step, tag: Tag) -> float:
    """Width of the normal range for what is given in such widths, else 1."""
    metric = tag.metric
    if metric.is_counter != (step.row.field == "count_loss") and step.row.field != "freeze":
        fits = "counts" if step.row.field == "count_loss" else "is measured, which a counter is not"
        problem = f"scenario '{scenario.scenario}' does not fit '{tag.path}'"
        raise ConfigurationError(f"{problem}: '{step.effect}' acts on what {fits}")
    if step.row.field != "offset":
        return 1.0
    span = metric.normal or metric.span
    return span.high - span.low if span is not None else 1.0


def _check_parameter(scenario: Scenario, name: str, number: float) -> None:
    if name not in PARAMETERS:
        problem = f"scenario '{scenario.scenario}' has no parameter '{name}'"
        raise ConfigurationError(f"{problem}; {did_you_mean(name, PARAMETERS)}")
    low, high = PARAMETERS[name]
    if not (math.isfinite(number) and low <= number <= high):
        raise ConfigurationError(f"the parameter '{name}' is {number:g}; it must lie in {low:g} to {high:g}")
