"""Lost communication: a unit, or an edge node with all of its units, of which nobody hears."""

from __future__ import annotations

from plant.alarms.kinds.condition import Readings
from plant.alarms.rules import Lost
from plant.readings import STALE


class LostCondition(Readings):
    """Abnormal while all of its tags are stale; before they have spoken they count as such."""

    def __init__(self, test: Lost) -> None:
        super().__init__(*test.tags)
        self._silent = set(test.tags)
        self.abnormal = True

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - quality decides
        """A bad value is a sign of life."""
        if quality == STALE:
            self._silent.add(tag)
        else:
            self._silent.discard(tag)
        self.abnormal = len(self._silent) == len(self.tags)
        return self.abnormal

    def resume(self, *, abnormal: bool) -> None:
        """Who is there is found out anew after every start."""
