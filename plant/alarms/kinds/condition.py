"""What every kind of rule can do: judge a reading, and say which readings need no judging."""

from __future__ import annotations

import math
from typing import Final, Protocol

NEVER: Final = (1 << 63) - 1
"""UTC ms that never come."""
ANY_VALUE: Final = (-math.inf, math.inf)
"""No value changes anything; a change of quality still may."""

NO_VALUE: Final = (math.inf, -math.inf)
"""Every value has to be judged."""


def only(value: float) -> tuple[float, float]:
    """The band of one value; of none if that is not known."""
    return NO_VALUE if math.isnan(value) else (value, value)


class Condition(Protocol):
    """Judges the readings of its tags, in the order of their times.

    Attributes:
        tags: Whose readings it wants.
        abnormal: What it judged last.
        every_reading: Whether each good reading matters; if not, only those outside of `quiet` do.
    """

    tags: tuple[int, ...]
    abnormal: bool
    every_reading: bool

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:
        """Judge a reading; None when it cannot tell, then nothing changes."""

    def look(self, time: int, until: int) -> bool | None:
        """Judge again at a time that `due` named, without a reading; no reading comes before `until` either."""

    def due(self) -> int:
        """When to look again, UTC ms; `NEVER` while only readings matter."""

    def quiet(self, tag: int) -> tuple[float, float]:
        """Lowest and highest value of a tag, both included, that would change nothing."""

    def resume(self, *, abnormal: bool) -> None:
        """Go on from what was judged before a restart or a doubt."""

    def forget(self) -> None:
        """What was read so far says nothing about what comes: the unit has begun or ceased to run."""


class Readings:
    """The parts of a `Condition` that most kinds do not need."""

    every_reading: bool = False

    def __init__(self, *tags: int) -> None:
        self.tags = tags
        self.abnormal = False

    def look(self, time: int, until: int) -> bool | None:  # noqa: ARG002 - others do need them
        """Nothing changes by time alone."""
        return None

    def due(self) -> int:
        """Only readings matter."""
        return NEVER

    def quiet(self, tag: int) -> tuple[float, float]:  # noqa: ARG002 - others do need it
        """Values alone change nothing."""
        return ANY_VALUE

    def resume(self, *, abnormal: bool) -> None:
        """Go on from there."""
        self.abnormal = abnormal

    def forget(self) -> None:
        """Nothing is remembered but the last judgement."""
