"""State: a code that should not be there, such as Aborted."""

from __future__ import annotations

import math

from plant.alarms.kinds.condition import Readings, only
from plant.alarms.rules import InState
from plant.readings import GOOD


class InStateCondition(Readings):
    """Abnormal while the code is one of those named."""

    def __init__(self, test: InState) -> None:
        super().__init__(test.tag)
        self._test = test
        self._code = math.nan

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - the code decides
        """A code of bad quality proves nothing."""
        if quality != GOOD:
            return None
        self._code = value
        self.abnormal = value in self._test.codes
        return self.abnormal

    def quiet(self, tag: int) -> tuple[float, float]:  # noqa: ARG002 - it has one tag
        """The code that holds."""
        return only(self._code)
