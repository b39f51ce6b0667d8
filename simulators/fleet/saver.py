"""When a world is saved, so that one that is loaded again contradicts nothing that it has told."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

SAVE_EVERY_S = 60.0
SAVE_EVERY_MS = 1_800_000
"""After so much of the clock's or of the world's time: what is stepped through again after a kill is no more, and takes
seconds. Saving takes an eighth of one: more often it would hold up a replay."""


class Saver:
    """Saves a world now and then, and whenever something has come into it that its seed does not know of.

    Two runs of a world from the same moment are the same but for what comes from outside: commands, scenarios, a clock
    that is set. So nothing of that may lie between the saved world and what has been told.

    Args:
        save: Saves the world.
    """

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._saved_s = -math.inf
        self._saved_ms = 0
        self._saved_with: Hashable = None

    def look(self, now_s: float, world_ms: int, outside: Hashable) -> None:
        """Save if it is time; to be called when all that the world has told is in the ring.

        Args:
            now_s: Of a monotonic clock.
            world_ms: The world's time, UTC ms.
            outside: Changes when something has come into the world from outside.
        """
        old = now_s - self._saved_s >= SAVE_EVERY_S or world_ms - self._saved_ms >= SAVE_EVERY_MS
        if old or outside != self._saved_with:
            self._save()
            self._saved_s, self._saved_ms, self._saved_with = now_s, world_ms, outside
