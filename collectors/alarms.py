"""Alarms of the sites that are served: the engine is fed, its changes are kept and published. On the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from collectors.alarms_desk import LONGEST_LIFE_MS, AlarmDesk
from collectors.alarms_keeper import AlarmKeeper, Known, Parcel
from collectors.alarms_message import alarms_message
from collectors.counts import Counts
from collectors.live import NEVER, LiveState
from collectors.pipeline import Shown
from collectors.units import UnitTable
from plant.alarms.engine import Engine
from plant.alarms.rules import Rule
from plant.messages import CommandMessage, ResultMessage, encode
from plant.namespace import Contract, Topic
from plant.readings import Columns

GRACE_MS: Final = 1_000
"""Readings that are on their way may still clear what would be raised now."""
QUIET_MS: Final = 5_000
"""When nothing has come for so long, time goes on without readings."""


class AlarmService:
    """Runs the engine.

    Args:
        rules: All rules of the sites that are served.
        units: Their units.
        live: What every tag shows.
        keeper: Keeps changes.
        enterprise: Slug, the first level of the topics.
        publish: Sends a retained message; False when it could not leave now.
        clock: Host time, UTC ms.
        counts: Changes and commands are counted there.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        units: UnitTable,
        live: LiveState,
        keeper: AlarmKeeper,
        enterprise: str,
        publish: Callable[[str, bytes], bool],
        clock: Callable[[], int],
        counts: Counts,
    ) -> None:
        self._rules = rules
        self._units = units
        self._live = live
        self._keeper = keeper
        self._enterprise = enterprise
        self._publish = publish
        self._clock = clock
        self._counts = counts
        self._engine: Engine | None = None
        self._heard, self._newest = 0, 0
        self._places: dict[tuple[str, ...], list[Rule]] = {unit.unit.path: [] for unit in units}
        for rule in rules:
            self._places.setdefault(rule.levels, []).append(rule)
        self._due: dict[tuple[str, ...], None] = dict.fromkeys(self._places)
        self._desk = AlarmDesk(lambda: self._engine, {(rule.levels, rule.target): rule.key for rule in rules})

    @property
    def ready(self) -> bool:
        """Whether it is known how alarms stood, so that they can be watched."""
        return self._engine is not None

    def restore(self) -> Known:
        """What was kept; blocks, and may be called from any thread. `StoreError` if the database is away."""
        return self._keeper.restore(self._clock() - 2 * LONGEST_LIFE_MS)

    def begin(self, known: Known) -> None:
        """Go on from what was kept, with what is shown now."""
        for audited in known.commands:
            self._desk.remember(audited)
        groups = self._units.of_tag.astype(np.int32)
        self._engine = Engine(self._rules, groups, known.standings, self._clock())
        live, tags = self._live, self._units.tags
        tags = tags[live.time[tags] != NEVER]
        shown = Columns(tags.astype(np.int32), live.time[tags], live.value[tags], live.quality[tags])
        self.feed([Shown(shown, anew=True)])
        self.republish()

    def feed(self, shown: Sequence[Shown]) -> None:
        """What the pipeline shows now, in its order."""
        shown = [each for each in shown if len(each.columns)]
        if self._engine is None or not shown:
            return
        for each in shown:
            self._engine.feed(each.columns, anew=each.anew, heard=each.heard)
        self._newest = max(int(each.columns.time.max()) for each in shown)
        self._heard = self._clock()

    def tick(self, *, hearing: bool) -> None:
        """Time has passed; call it a few times a second.

        Args:
            hearing: Whether the broker is there; without it nobody can be called lost.
        """
        if self._engine is None:
            return
        if hearing:
            self._engine.advance(self._horizon())
        self._settle(Parcel())
        self._tell()

    def excuse(self) -> None:
        """The broker is there again: whoever is not heard of gets time to speak."""
        if self._engine is not None:
            self._engine.excuse(self._clock())
        self.republish()

    def take(
        self, topic: Topic, command: CommandMessage, *, retained: bool, answer: Callable[[str, ResultMessage], None]
    ) -> None:
        """Carry a command out; it is answered when that is kept, or at once when it was answered before."""
        self._counts.alarm_commands += 1
        verdict = self._desk.take(topic.levels[1:], command, self._clock(), retained=retained)
        place = str(Topic(topic.levels, Contract.RESULT))
        if verdict.audited is None:
            answer(place, verdict.result)
        else:
            self._settle(Parcel(audited=[verdict.audited], results=[(place, verdict.result)]))
            self._tell()

    def republish(self) -> None:
        """Say everything again."""
        self._due = dict.fromkeys(self._places)

    def _horizon(self) -> int:
        """How far time has come: not further than what is heard of plants that run in the past."""
        now = self._clock()
        patient = now - GRACE_MS
        return min(patient, self._newest) if now - self._heard < QUIET_MS else patient

    def _settle(self, parcel: Parcel) -> None:
        """Keep and mark what has changed."""
        changes = [] if self._engine is None else self._engine.take()
        now = self._clock()
        parcel.changes += [(change, now) for change in changes]
        self._counts.alarm_changes += sum(not change.is_silent for change in changes)
        self._due |= dict.fromkeys(change.rule.levels for change in changes)
        if parcel:
            self._keeper.put(parcel)

    def _tell(self) -> None:
        """Publish what has changed; what finds no room is told at the next tick."""
        engine = self._engine
        if engine is None:
            return
        for levels in list(self._due):
            message = alarms_message((rule, engine.standing(rule.key)) for rule in self._places[levels])
            if not self._publish(str(Topic((self._enterprise, *levels), Contract.ALARMS)), encode(message)):
                return
            self._counts.published += 1
            del self._due[levels]
