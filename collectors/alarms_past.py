"""Alarms of a time in which nobody watched, found afterwards in what the historian keeps. Blocks: not for the loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from collectors.alarms_gaps import Gap
from collectors.units import NO_TAG, UnitTable
from plant.alarms.change import Change
from plant.alarms.past import held_before, judged_by_readings, retrace, watched_tags
from plant.alarms.rules import Rule
from plant.historian.protocol import Historian


class PastAlarms:
    """Judges gaps.

    Args:
        historian: Keeps what was replayed.
        units: Of the sites that are served.
        rules: All rules, by number of the edge node whose readings they judge.
    """

    def __init__(self, historian: Historian, units: UnitTable, rules: Mapping[int, Sequence[Rule]]) -> None:
        self._historian = historian
        self._groups = units.of_tag.astype(np.int32)
        self._rules = {node: judged_by_readings(each) for node, each in rules.items()}
        self._states = {
            tag: row.unit.storage for tag, row in zip(units.state_tag.tolist(), units, strict=True) if tag != NO_TAG
        }

    def changes(self, node: int, gap: Gap) -> dict[str, list[Change]]:
        """What became of each alarm of a node in a gap that has ended, by key, in order.

        Raises:
            StoreUnavailableError: The historian is away.
        """
        rules, until = self._rules.get(node, []), gap.until
        if not rules or until is None:
            return {}
        tags = watched_tags(rules)
        states = {self._states[tag]: tag for tag in tags if tag in self._states}
        held = held_before(self._historian, tags, states, gap.since)

        found: dict[str, list[Change]] = defaultdict(list)
        slices = retrace(
            rules,
            self._groups,
            gap.known,
            held,
            lambda start, end: self._historian.raw(tags, start, end),
            gap.since,
            until,
        )
        for _, changes in slices:
            for change in changes:
                found[change.rule.key].append(change)
        return dict(found)
