"""Are the alarms true? The rules on what the world published, against the journal that the collector wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from factory.verify.alarm_check import Wanted, alarm_checks, told
from factory.verify.alarm_truth import NOT_JUDGED, Interval, Published, calls, silences
from factory.verify.clocks import clocks_of, node_of, spans_of
from factory.verify.compare import Check
from factory.verify.pipeline import Run
from plant.alarms.journal import Entry
from plant.alarms.load import load_rules, rules_file
from plant.alarms.rules import Deviation, Kind, Lost, Rule, Running
from plant.model.enterprise import Enterprise, Unit
from plant.model.tags import TagTable
from plant.operations.address import operations_url
from plant.operations.alarms import AlarmStore
from plant.operations.database import Operations
from simulators.truth.read import FOREVER_MS, Truth


def alarms_of(run: Run, enterprise: Enterprise, truth: Truth, folder: Path) -> Iterator[Check]:
    """Missing and invented alarms of all sites of a run that has ended.

    Args:
        run: What was simulated.
        enterprise: Its model.
        truth: What happened.
        folder: Where the collector kept its operations database.
    """
    tags = TagTable(enterprise)
    units: dict[tuple[str, ...], Unit] = {unit.path: unit for slug in run.sites for unit in enterprise.site(slug).units}
    rules = load_rules(enterprise, tags, units.values(), rules_file(run.model))
    end_ms, clocks = truth.covered[-1][1], clocks_of(truth)
    wanted = {rule.key: Wanted(*silences(rule, away)) for rule, away in _silent(rules, truth)}
    for rule, when in _wanted(rules, tags, truth, end_ms):
        wanted[rule.key] = Wanted(when, clock_ms=round(1000.0 * clocks.get(node_of(units[rule.levels]), 0.0)))
    return alarm_checks(rules, wanted, told(_journal(folder), end_ms), end_ms)


def _journal(folder: Path) -> list[Entry]:
    with closing(Operations(operations_url("", folder))) as operations:
        return AlarmStore(operations).journal(0, FOREVER_MS)


def _silent(rules: Iterable[Rule], truth: Truth) -> Iterator[tuple[Rule, list[Interval]]]:
    """When edge nodes were cut off; what is silent behind a silent edge node calls nobody."""
    away = spans_of(truth, "offline")
    for rule in rules:
        if rule.kind is Kind.LOST and rule.suppression is None:
            site, _, node, _ = rule.key.split("/")
            yield rule, away.get(f"{site}/{node}", [])


def _wanted(
    rules: Iterable[Rule], tags: TagTable, truth: Truth, end_ms: int
) -> Iterator[tuple[Rule, Sequence[Interval]]]:
    """When each rule about values should have called; line by line: all that was published is too much at once."""
    lines: dict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.kind not in NOT_JUDGED and rule.kind is not Kind.LOST:
            lines[rule.levels[:-1]].append(rule)
    for of_line in lines.values():
        wanted = {tags[tag].path: tag for rule in of_line for tag in watched(rule)}
        published = published_of(truth, wanted)
        yield from ((rule, calls(rule, published, end_ms)) for rule in of_line)


def watched(rule: Rule) -> tuple[int, ...]:
    """Tags that decide whether a rule calls."""
    test, state = rule.test, rule.suppression
    own = test.tags if isinstance(test, Lost) else (test.tag,)
    other = (test.set_point,) if isinstance(test, Deviation) else ()
    return (*own, *other, *((state.tag,) if isinstance(state, Running) else ()))


def published_of(truth: Truth, tags: Mapping[str, int]) -> dict[int, Published]:
    """What was published of tags, given by path, by their index."""
    journal = truth.journal(tags=tags)
    index = np.array([tags[path] for path in journal.tag.tolist()], np.int64)
    order = np.argsort(index, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(index[order])) + 1) if len(order) else []
    return {
        int(index[rows[0]]): Published(journal.time_ms[rows], journal.value[rows], journal.quality[rows])
        for rows in parts
    }
