"""Alarms of a history that was just made: judged from its readings, so that measures have a past at the first start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Final

import numpy as np

from plant.alarms.change import Change
from plant.alarms.general import state_of
from plant.alarms.load import load_rules, rules_file
from plant.alarms.past import held_before, judged_by_readings, retrace, watched_tags
from plant.clock import now_ms
from plant.historian.protocol import HOUR_MS, Historian
from plant.model.enterprise import Enterprise, Unit
from plant.model.tags import TagTable
from plant.operations.alarms import AlarmStore
from plant.operations.open import open_operations
from plant.settings import Settings

LONGEST_MS: Final = 48 * HOUR_MS
"""Of a longer history only the end is judged: the first start is not to take minutes for it."""


def expect_history(settings: Settings, enterprise: Enterprise, begin_ms: int) -> None:
    """Note that edge nodes of which no alarm was ever judged have a history from `begin_ms` (UTC ms) on.

    If nobody gets to judge it because the making is interrupted, collectors do it after they have begun.

    Raises:
        StoreError: The operations database is away.
    """
    with closing(open_operations(settings.operations, settings.data)) as operations:
        operations.migrate()
        store = AlarmStore(operations)
        known = store.progress()
        store.save([], judged={node: begin_ms for node in _nodes(enterprise.units) if node not in known})


def judge_history(
    settings: Settings,
    enterprise: Enterprise,
    tags: TagTable,
    historian: Historian,
    end_ms: int,
    progress: Callable[[float], None],
) -> int:
    """Write the alarms of a history into the journal, all at once; an interrupted call is made again from its start.

    Args:
        settings: Where alarms are kept, and by which rules.
        enterprise: The model.
        tags: Its tag table.
        historian: Holds the history.
        end_ms: Its end, UTC ms; edge nodes are judged until there afterwards.
        progress: Told the share that is done, 0 to 1.

    Returns:
        How many entries the journal got.

    Raises:
        StoreError: A database is away.
    """
    units = [unit for unit in enterprise.units if unit.retired is None]
    with closing(open_operations(settings.operations, settings.data)) as operations:
        operations.migrate()
        store = AlarmStore(operations)
        span = historian.span()
        if span is None:
            return 0
        start = max(span[0], end_ms - LONGEST_MS, min(store.progress().values(), default=0))
        rules = judged_by_readings(load_rules(enterprise, tags, units, rules_file(settings.model, settings.alarms)))
        wanted = watched_tags(rules)
        found: list[Change] = []
        for at, changes in retrace(
            rules,
            _groups(units, tags),
            store.standings(),
            held_before(historian, wanted, _states(units, tags), start),
            lambda first, last: historian.raw(wanted, first, last),
            start,
            end_ms,
        ):
            found += changes
            progress((at - start) / max(1, end_ms - start))
        noted = now_ms()
        store.save([(change, noted) for change in found], judged=dict.fromkeys(_nodes(units), end_ms))
    return sum(not change.is_silent for change in found)


def _nodes(units: Iterable[Unit]) -> list[str]:
    """Names of their edge nodes."""
    return sorted({f"{unit.site}/{unit.gateway}" for unit in units if unit.retired is None})


def _groups(units: list[Unit], tags: TagTable) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Number of each tag's unit."""
    groups = np.full(len(tags), len(units), np.int32)
    for number, unit in enumerate(units):
        groups[[tag.index for tag in tags.of_unit(unit).values()]] = number
    return groups


def _states(units: list[Unit], tags: TagTable) -> dict[str, int]:
    """The tag with the PackML state of each unit that has one, by storage path."""
    found = {unit.storage: state_of(unit, tags) for unit in units}
    return {storage: tag.index for storage, tag in found.items() if tag is not None}
