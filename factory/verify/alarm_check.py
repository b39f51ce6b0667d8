"""The alarms that a collector told against those that it should have told, site by site and kind by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from factory.verify.alarm_truth import NOT_JUDGED, Interval
from factory.verify.compare import Check
from factory.verify.compare import Kind as Figure
from factory.verify.pipeline import SPEED
from plant.alarms.journal import Entry
from plant.alarms.rules import Kind, Rule
from plant.alarms.states import State
from simulators.fleet.pacer import BURST_S

SCAN_MS: Final = 1_000
"""A time may be wrong by a scan: so far apart may be what a unit shows and when its node looks."""
TURN_MS: Final = round(1_000 * BURST_S * SPEED)
"""World time of one turn of a replay: what a node has to tell of a turn in which it is cut off arrives whole or not at
all, so that to a host it was gone that much earlier, and it comes back that much later."""
NAMED: Final = 3
"""So many alarms are named in a note."""


def told(journal: Sequence[Entry], end_ms: int) -> dict[str, list[Interval]]:
    """When each alarm called an operator, by key: from its annunciation until it was gone or suppressed."""
    found: dict[str, list[Interval]] = defaultdict(list)
    since: dict[str, int] = {}
    for entry in sorted(journal, key=lambda entry: entry.number):
        if entry.is_annunciation:
            since[entry.alarm] = entry.time
        elif entry.alarm in since and entry.state is not State.UNACKNOWLEDGED:
            found[entry.alarm].append((since.pop(entry.alarm), entry.time))
    for alarm, start_ms in since.items():
        found[alarm].append((start_ms, end_ms))
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """When an alarm should have called.

    Attributes:
        calls: Each time.
        perhaps: Times at which it may have called as well.
        clock_ms: By how much the clock is wrong by which it is judged, ms.
    """

    calls: Sequence[Interval] = ()
    perhaps: Sequence[Interval] = ()
    clock_ms: int = 0


@dataclass(slots=True)
class _Tally:
    """Of one site and one kind of rule."""

    expected: int = 0
    found: int = 0
    worst_ms: int = 0
    missing: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)


def alarm_checks(
    rules: Iterable[Rule],
    wanted: Mapping[str, Wanted],
    found: Mapping[str, Sequence[Interval]],
    end_ms: int,
) -> Iterator[Check]:
    """What is missing, what is invented and how late the worst is, of each site and kind.

    Args:
        rules: That are watched.
        wanted: By key when each should have called, those of kinds in `NOT_JUDGED` left out.
        found: By key when each did.
        end_ms: What begins within a scan of this time may be on one side only, UTC ms.
    """
    tallies: dict[tuple[str, str], _Tally] = defaultdict(_Tally)
    for rule in rules:
        if rule.kind not in NOT_JUDGED:
            tally = tallies[rule.levels[0], rule.kind]
            _match(tally, rule, wanted.get(rule.key, Wanted()), found.get(rule.key, ()), end_ms)
    for (site, kind), tally in sorted(tallies.items()):
        name = f"alarms, {kind}"
        yield Check(Figure.ALARMS, site, f"{name}: raised", tally.expected, tally.found, 0.0)
        yield Check(Figure.ALARMS, site, f"{name}: missing", 0.0, len(tally.missing), 0.0, _named(tally.missing))
        yield Check(Figure.ALARMS, site, f"{name}: invented", 0.0, len(tally.invented), 0.0, _named(tally.invented))
        if kind != Kind.LOST:
            yield Check(Figure.ALARMS, site, f"{name}: worst, s", 0.0, tally.worst_ms / 1000.0, SCAN_MS / 1000.0)


def _match(tally: _Tally, rule: Rule, wanted: Wanted, found: Sequence[Interval], end_ms: int) -> None:
    """Each alarm that should have called belongs to the first that overlaps with it or touches it within a scan."""
    slack_ms = TURN_MS if rule.kind is Kind.LOST else SCAN_MS + wanted.clock_ms
    left = [each for each in found if each[0] < end_ms - slack_ms]
    for start, end in wanted.calls:
        if start >= end_ms - slack_ms:
            continue
        tally.expected += 1
        same = next((each for each in left if each[0] <= end + slack_ms and start <= each[1] + slack_ms), None)
        if same is None:
            tally.missing.append(f"{rule.key} at {start}")
            continue
        left.remove(same)
        tally.found += 1
        ends_ms = [min(each, end_ms) for each in (end, same[1])]
        worst_ms = max(abs(same[0] - start), abs(ends_ms[0] - ends_ms[1]))
        tally.worst_ms = max(tally.worst_ms, worst_ms - wanted.clock_ms)
    left = [each for each in left if not any(abs(each[0] - start) <= slack_ms for start, _ in wanted.perhaps)]
    tally.found += len(left)
    tally.invented += [f"{rule.key} at {start}" for start, _ in left]


def _named(alarms: Sequence[str]) -> str:
    more = f" and {len(alarms) - NAMED} more" if len(alarms) > NAMED else ""
    return ", ".join(alarms[:NAMED]) + more
