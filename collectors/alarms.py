"""Alarms of the sites that are served: the engine is fed, its changes are kept and published. On the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from collectors.alarms_clocks import NodeClocks
from collectors.alarms_desk import AlarmDesk
from collectors.alarms_gaps import Gap, Gaps
from collectors.alarms_keeper import AlarmKeeper, Known, Parcel
from collectors.alarms_message import alarms_message
from collectors.commands import LONGEST_LIFE_MS
from collectors.counts import Counts
from collectors.live import NEVER, LiveState
from collectors.pipeline import Shown
from collectors.spc import Signal
from collectors.units import NO_UNIT, UnitTable
from plant.alarms.change import Change, Standing
from plant.alarms.engine import Engine
from plant.alarms.general import CONTROL, storage_key
from plant.alarms.past import watched_tags
from plant.alarms.rules import Rule
from plant.messages import CommandMessage, ResultMessage, encode
from plant.model.tags import Tag
from plant.namespace import Contract, Topic
from plant.readings import STALE, Columns

PROGRESS_MS: Final = 10_000
"""So often it is kept how far edge nodes are judged."""


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
        self._nodes, self._names = _nodes(units)
        self._gaps = Gaps()
        self._told_at, self._told = 0, dict[str, int]()
        self._clocks = NodeClocks(self._nodes, clock())
        self._places: dict[tuple[str, ...], list[Rule]] = {unit.unit.path: [] for unit in units}
        for rule in rules:
            self._places.setdefault(rule.levels, []).append(rule)
        self._due: dict[tuple[str, ...], None] = dict.fromkeys(self._places)
        self._desk = AlarmDesk(
            lambda: self._engine, self._present, {(rule.levels, rule.target): rule.key for rule in rules}
        )

    @property
    def ready(self) -> bool:
        """Whether it is known how alarms stood, so that they can be watched."""
        return self._engine is not None

    def restore(self) -> Known:
        """What was kept; blocks, and may be called from any thread. `StoreError` if the database is away."""
        now, keys = self._clock(), {rule.key for rule in self._rules}
        sites = {row.unit.site for row in self._units}
        return self._keeper.restore(now - 2 * LONGEST_LIFE_MS, sites, keys, now)

    def begin(self, known: Known) -> None:
        """Go on from what was kept, with what is shown now."""
        for audited in known.commands:
            self._desk.remember(audited)
        groups = self._units.of_tag.astype(np.int32)
        self._clocks = NodeClocks(self._nodes, self._clock())
        now = self._clock()
        self._engine = Engine(self._rules, groups, known.standings, now, self._nodes)
        for node, name in enumerate(self._names):
            if name in known.judged:
                self._gaps.resume(node, known.judged[name], self._standings(node), known.recent, now)
        live, tags = self._live, self._units.tags
        tags = tags[live.time[tags] != NEVER]
        shown = Columns(tags.astype(np.int32), live.time[tags], live.value[tags], live.quality[tags])
        self._engine.feed(shown, anew=True)
        self._clocks.hear(shown, now)
        for node in self._nodes_of(shown.take(shown.quality != STALE)):
            self._gaps.end(node, self._clocks.present(node, now), now)
        self.republish()

    def feed(self, shown: Sequence[Shown]) -> None:
        """What the pipeline shows now, in its order."""
        shown = [each for each in shown if len(each.columns)]
        if self._engine is None or not shown:
            return
        now = self._clock()
        for each in shown:
            self._engine.feed(each.columns, anew=each.anew, heard=each.heard)
            if each.anew:
                self._return(each, now)
            else:
                self._leave(each.columns, now)
                self._clocks.hear(each.columns, now)

    def born(self, columns: Columns) -> None:
        """See `collectors.pipeline.Arrivals`; births are fed as well."""

    def replayed(self, columns: Columns) -> None:
        """History has come: it is judged when it is kept."""
        for node in self._nodes_of(columns):
            self._gaps.replayed(node, self._clock())

    def due(self) -> list[tuple[int, Gap]]:
        """Edge nodes with a time that can be judged now, see `collectors.alarms_past`."""
        return self._gaps.due(self._clock())

    def owed(self) -> list[tuple[int, Gap]]:
        """Likewise those whose replay may not be over: for who has to end."""
        return self._gaps.owed()

    def time_of(self, tag: Tag) -> int:
        """What time it is where a tag is, UTC ms."""
        return self._clocks.present(int(self._nodes[tag.index]), self._clock())

    def signal(self, signal: Signal) -> None:
        """A control chart has been made; charts that nobody is to be told of are left out."""
        key = storage_key(signal.tag, CONTROL)
        if self._engine is not None and key in self._engine:
            self._engine.signal(key, abnormal=signal.calls, at=signal.at, value=signal.value)

    def amend(self, gap: Gap, past: Mapping[str, Sequence[Change]]) -> None:
        """Bring alarms into line with what became of them in a gap."""
        if self._engine is None or gap.until is None:
            return
        for key, changes in past.items():
            new = gap.new(changes)
            if new:
                self._engine.amend(key, gap.known.get(key, Standing()), new, gap.until)
        self._settle(Parcel())

    def tick(self, *, hearing: bool) -> None:
        """Time has passed; call it a few times a second.

        Args:
            hearing: Whether the broker is there; without it nobody can be called lost.
        """
        if self._engine is None:
            return
        if hearing:
            now = self._clock()
            self._engine.advance_each(self._clocks.times(now), now)
        self._settle(Parcel(judged=self._progress()))
        self._tell()

    def leave(self) -> None:
        """The last that is kept: how far edge nodes are judged."""
        self._told_at = 0
        self._settle(Parcel(judged=self._progress()))

    def excuse(self) -> None:
        """The broker is there again: whoever is not heard of gets time to speak."""
        if self._engine is not None:
            self._engine.excuse(self._clocks.presents(self._clock()))
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

    def rules_by_node(self) -> dict[int, list[Rule]]:
        """The rules, by number of the edge node whose readings they judge."""
        found: dict[int, list[Rule]] = {}
        for rule in self._rules:
            tags = watched_tags([rule])
            if tags:
                found.setdefault(int(self._nodes[tags[0]]), []).append(rule)
        return found

    def _return(self, born: Shown, now: int) -> None:
        """An edge node, or a unit of it, is heard again."""
        present = born.heard or now
        self._clocks.born(born.columns, present, now)
        for node in self._nodes_of(born.columns):
            self._gaps.end(node, present, now)

    def _leave(self, columns: Columns, now: int) -> None:
        """Whoever is stale cannot be watched from the last that was heard of its edge node."""
        stale = columns.quality == STALE
        if stale.any():
            for node in self._nodes_of(columns.take(stale)):
                until = self._clocks.heard_until(node)
                if until is not None:
                    self._gaps.begin(node, until, self._standings(node), now)

    def _nodes_of(self, columns: Columns) -> list[int]:
        nodes: list[int] = np.unique(self._nodes[columns.tag]).tolist()
        return nodes

    def _standings(self, node: int) -> dict[str, Standing]:
        engine = self._engine
        if engine is None:
            return {}
        return {rule.key: engine.standing(rule.key) for rule in self._rules if engine.node(rule.key) == node}

    def _progress(self) -> dict[str, int]:
        """Until when edge nodes are judged, now and then, and only what has changed."""
        now = self._clock()
        if now - self._told_at < PROGRESS_MS:
            return {}
        times = self._clocks.times(now)
        found = {
            name: self._gaps.judged_until(node, times[node])
            for node, name in enumerate(self._names)
            if self._clocks.heard_until(node) is not None
        }
        changed = {name: at for name, at in found.items() if self._told.get(name) != at}
        self._told = found
        if found:
            self._told_at = now
        return changed

    def _present(self, key: str) -> int:
        """What time it is where an alarm is, UTC ms."""
        return self._clocks.present(self._engine.node(key) if self._engine else 0, self._clock())

    def _settle(self, parcel: Parcel) -> None:
        """Keep and mark what has changed."""
        engine = self._engine
        changes = [] if engine is None else engine.take()
        if engine is not None:
            for change in changes:
                self._gaps.notice(engine.node(change.rule.key), change)
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


def _nodes(units: UnitTable) -> tuple[NDArray[np.int32], list[str]]:
    """Number of each tag's edge node, and their names; tags that are not served are with one that has none."""
    numbers: dict[str, int] = {}
    of_unit = [numbers.setdefault(f"{row.unit.site}/{row.unit.gateway}", len(numbers)) for row in units]
    nodes = np.array([*of_unit, len(numbers)], np.int32)
    return nodes[np.where(units.of_tag == NO_UNIT, len(of_unit), units.of_tag)], list(numbers)
