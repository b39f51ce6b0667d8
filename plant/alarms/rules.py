"""An alarm rule: what is watched, how, and what an operator is told (ISA-18.2-2016, clause 6: rationalization)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from plant.model.enterprise import Text

NO_TAG: Final = -1


class Kind(StrEnum):
    """How a rule judges."""

    LIMIT = "limit"
    RATE = "rate"
    DEVIATION = "deviation"
    STATE = "state"
    BAD_QUALITY = "bad_quality"
    LOST = "lost"
    STATISTICAL = "statistical"


class Priority(StrEnum):
    """How soon an operator has to act; shares of about 5, 15 and 80 % are good practice (IEC 62682)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Limit:
    """Abnormal beyond `limit`; normal again when the value has come back by the deadband. In the metric's unit."""

    tag: int
    limit: float
    above: bool
    deadband: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """Abnormal when the value is more than `most` away from the set point. In the metric's unit."""

    tag: int
    set_point: int
    most: float
    deadband: float


@dataclass(frozen=True, slots=True)
class Rate:
    """Abnormal when the value changes by more than `most` within `over_ms`, in either direction."""

    tag: int
    most: float
    over_ms: int


@dataclass(frozen=True, slots=True)
class InState:
    """Abnormal while the value is one of these codes (`plant.packml`, or 0 and 1 of a boolean)."""

    tag: int
    codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class BadQuality:
    """Abnormal while the source distrusts its own value (quality 0)."""

    tag: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Abnormal while all of these tags are stale: nobody hears of them."""

    tags: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statistical:
    """Abnormal when a sample is further than `sigmas` from the mean of the samples before it (I-MR chart).

    Attributes:
        samples: Length of the window.
        every_ms: The value that holds at each multiple of this time is a sample.
        least_sigma: Sigma is never taken for smaller, in the metric's unit: reports by exception hide small changes.
    """

    tag: int
    samples: int
    every_ms: int
    sigmas: float
    least_sigma: float


@dataclass(frozen=True, slots=True)
class Charted:
    """Abnormal while the control chart of a critical metric calls (`plant.spc.study`)."""

    tag: int


Test: TypeAlias = Limit | Deviation | Rate | InState | BadQuality | Lost | Statistical | Charted


@dataclass(frozen=True, slots=True)
class Guidance:
    """What an operator is told.

    Attributes:
        name: What is wrong, in a few words.
        cause: What usually makes it so.
        consequence: What happens if nobody acts.
        action: What to do now.
    """

    name: Text
    cause: Text
    consequence: Text
    action: Text


@dataclass(frozen=True, slots=True)
class Running:
    """Suppressed by design unless a unit runs.

    Attributes:
        tag: Its PackML state.
        codes: States in which it runs.
        settle_ms: How long after it has begun to run values may still be on their way.
    """

    tag: int
    codes: frozenset[int]
    settle_ms: int


@dataclass(frozen=True, slots=True)
class Behind:
    """Suppressed by design while the condition of another rule holds, and for `settle_ms` after."""

    rule: str
    settle_ms: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One alarm.

    Attributes:
        key: ``site/line/unit/target``; stays the same when units are renamed, for the state is kept under it.
        levels: Place in the namespace, without the enterprise: site, area, line, unit; site alone for edge nodes.
        target: Its name at that place, such as ``product_temperature.hh``.
        position: Operator position, ``site/position``.
        on_delay_ms: How long the condition has to hold before it counts; `off_delay_ms` how long it has to be gone.
        latches: Whether it stays until it is reset by hand.
    """

    key: str
    levels: tuple[str, ...]
    target: str
    kind: Kind
    test: Test
    priority: Priority
    position: str
    guidance: Guidance
    on_delay_ms: int = 0
    off_delay_ms: int = 0
    latches: bool = False
    suppression: Running | Behind | None = None
