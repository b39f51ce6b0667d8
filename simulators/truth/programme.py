"""What scenarios do to a world, as intervals: from when to when each effect really acted, and where."""

from __future__ import annotations

from collections.abc import Iterable

from simulators.scenarios.cues import Cue
from simulators.scenarios.effects import On
from simulators.scenarios.stage import Play
from simulators.truth.tables import Scenarios
from simulators.truth.witness import Witness

_Row = tuple[str, str, str, str, str, float, int, int]


class Programme:
    """Follows what is played; an injection that is recovered ends when it is no longer played.

    Args:
        witness: Knows what units, tags and edge nodes are called.
        at_ms: UTC ms.
        played: What is played then, or waits for its start.
    """

    def __init__(self, witness: Witness, at_ms: int, played: tuple[Play, ...]) -> None:
        self._names = {On.UNITS: witness.units, On.TAGS: witness.tags, On.NODES: witness.nodes}
        self._since_ms = at_ms
        self._played = played
        self._over: list[_Row] = []

    def look(self, at_ms: int, played: tuple[Play, ...]) -> None:
        """What is played from `at_ms` on."""
        if not played and not self._played:
            return
        going = {play.injection.id for play in played}
        for play in self._played:
            if play.injection.id not in going:
                self._over += self._rows(play, at_ms)
        self._played = played

    def cut(self, at_ms: int) -> Scenarios:
        """All that acted since the last cut."""
        rows = self._over + [row for play in self._played for row in self._rows(play, at_ms)]
        self._over, self._since_ms = [], at_ms
        return Scenarios.from_rows(rows)

    def _rows(self, play: Play, at_ms: int) -> Iterable[_Row]:
        for cue in play.cues:
            start_ms, end_ms = self._window(cue, at_ms)
            if start_ms < end_ms or (cue.timing.once and self._since_ms <= start_ms < at_ms):
                for row, value in zip(cue.rows.tolist(), cue.value.tolist(), strict=True):
                    names = (play.injection.id, play.scenario.scenario, play.site, cue.field, self._names[cue.on][row])
                    yield (*names, float(value), start_ms, end_ms)

    def _window(self, cue: Cue, at_ms: int) -> tuple[int, int]:
        if cue.timing.once:
            return cue.timing.begin_ms, cue.timing.begin_ms
        end_ms = cue.timing.end_ms + cue.timing.fade_ms
        return max(cue.timing.begin_ms, self._since_ms), min(end_ms, at_ms)
