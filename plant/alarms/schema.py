"""The rules file as pydantic reads it: what an engineer may write, key by key (docs/alarms.md explains each)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from plant.alarms.rules import Priority
from plant.mapping.schema import Duration
from plant.model.schema import Number, TextSpec, Written
from plant.packml import State

Positive = Annotated[Number, Field(gt=0)]
StateName = StrEnum("StateName", [(state.name, state.name) for state in State])  # type: ignore[misc]  # names of another enumeration


class LimitName(StrEnum):
    """The limits of a metric in the model."""

    LL = "ll"
    L = "l"
    H = "h"
    HH = "hh"


class GuidanceSpec(Written):
    """What an operator is told."""

    cause: TextSpec
    consequence: TextSpec
    action: TextSpec


class RateSpec(Written):
    """A value that moves too fast."""

    most: Positive = Field(description="largest change, in the metric's unit")
    over: Duration = Field(description="within which time")


class DeviationSpec(Written):
    """A value away from its set point."""

    set_point: str = Field(description="key of the metric that holds the set point, in the same unit of the plant")
    most: Positive = Field(description="largest deviation, in the metric's unit")


class StatisticalSpec(Written):
    """A value that does not belong to those before it."""

    samples: Annotated[int, Field(ge=5, le=1000)] = Field(25, description="length of the window")
    every: Duration = Field(60_000, description="time between samples")
    sigmas: Annotated[Number, Field(ge=2, le=10)] = Field(3.5, description="how far from the mean is strange")


class RowSpec(Written):
    """Alarms of one metric, wherever it occurs."""

    metric: str = Field(description="key of the metric")
    units: list[str] = Field(default_factory=lambda: ["*"], description="unit types, * stands for any letters")
    limits: list[LimitName] = Field(default_factory=list, description="limits of the model that this row is about")
    rate: RateSpec | None = Field(None, description="alarm on the rate of change")
    deviation: DeviationSpec | None = Field(None, description="alarm on the deviation from the set point")
    statistical: StatisticalSpec | None = Field(None, description="alarm on a strange value")
    states: list[StateName] = Field(default_factory=list, description="alarm on PackML states, for a state metric")
    cause: TextSpec = Field(description="what usually makes it so")
    consequence: TextSpec = Field(description="what happens if nobody acts")
    action: TextSpec = Field(description="what the operator does")
    at_once: TextSpec | None = Field(None, description="what to do at LL and HH, if not the same")
    priority: Priority = Field(Priority.LOW, description="high, medium or low")
    urgent: Priority = Field(Priority.MEDIUM, description="priority of LL and HH")
    position: str | None = Field(None, description="operator position; the unit's area if left out")
    deadband: Positive | None = Field(None, description="way back before it is normal again, in the metric's unit")
    on_delay: Duration | None = Field(None, description="how long it has to hold")
    off_delay: Duration | None = Field(None, description="how long it has to be gone")
    latches: bool = Field(False, description="stays until it is reset by hand")
    always: bool | None = Field(None, description="false: suppressed unless the unit runs; usual for low values")
    settle: Duration | None = Field(None, description="how long after a start values may be on their way")


class GeneralSpec(Written):
    """What is told where no row says more; {metric} stands for the metric's name."""

    low: GuidanceSpec
    high: GuidanceSpec
    bad_quality: GuidanceSpec
    lost_unit: GuidanceSpec
    lost_node: GuidanceSpec
    aborted: GuidanceSpec
    control: GuidanceSpec


class AlarmsSpec(Written):
    """The whole file."""

    alarms: str = Field(description="name of the rules")
    rules: list[RowSpec] = Field(default_factory=list)


class GeneralFileSpec(Written):
    """The file of general texts that comes with the package."""

    general: GeneralSpec
