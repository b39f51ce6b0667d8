"""When alarms should have called an operator, from what the world really published: rule by rule, as one would by hand.

On purpose it shares nothing with the alarm engine but the rules, and takes each rule's whole run at once, where the
engine has to live from one reading to the next: a condition counts when it has held for the on-delay, and until it has
been gone for the off-delay; an alarm that is suppressed by design calls nobody (docs/alarms.md).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plant.alarms.rules import BadQuality, Deviation, InState, Kind, Limit, Rate, Rule, Running
from plant.readings import BAD, GOOD

Interval: TypeAlias = tuple[int, int]
"""[start, end), UTC ms."""
Said: TypeAlias = tuple[int, float]
"""Time, UTC ms, and value; NaN where it is not known."""
NOT_JUDGED: Final = {
    Kind.STATISTICAL: "what is unusual depends on each sample since the collector began",
}
"""Kinds of rule of which nothing that is kept tells when they call, and why."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was published of one tag, in the order of time.

    Attributes:
        time: UTC ms, shape (n,).
        value: Shape (n,).
        quality: `plant.readings`, shape (n,).
    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint16]

    def said(self) -> list[Said]:
        """Values of good quality, NaN instead of others."""
        return list(zip(self.time.tolist(), np.where(self.quality == GOOD, self.value, np.nan).tolist(), strict=True))


def calls(rule: Rule, published: Mapping[int, Published], end_ms: int) -> list[Interval]:
    """When the alarm stands and has not been suppressed, until `end_ms` at the latest.

    Args:
        rule: Of a kind that is not in `NOT_JUDGED`, and not about silence (`silences`).
        published: By tag; those without readings may be left out.
        end_ms: Up to where is known what was published, UTC ms.
    """
    said, beyond = _condition(rule, published)
    stands = _delayed(said, beyond, rule.on_delay_ms, rule.off_delay_ms, end_ms)
    if not stands or not isinstance(rule.suppression, Running):
        return stands
    state = published.get(rule.suppression.tag)
    allowed = [] if state is None else list(_runs(state.said(), rule.suppression, end_ms))
    return _both(stands, allowed)


def silences(rule: Rule, away: Sequence[Interval]) -> tuple[list[Interval], list[Interval]]:
    """When a silent edge node should have called, and when it may have.

    Coming back takes it a moment of the real clock, which is a minute in a world that is fast: so an absence that is
    shorter than the delay may become one that is longer.

    Args:
        rule: About an edge node.
        away: When it was cut off.
    """
    called = [(start + rule.on_delay_ms, end) for start, end in away]
    return [each for each in called if each[0] <= each[1]], [each for each in called if each[0] > each[1]]


def _condition(rule: Rule, published: Mapping[int, Published]) -> tuple[Sequence[Said], Callable[[float, bool], bool]]:
    """What decides over time, and when it is beyond; the flag is whether it was so before."""
    test = rule.test
    match test:
        case Limit():
            most = test.limit if test.above else -test.limit
            return _reached(published, test, most), lambda value, was: value > most - (test.deadband if was else 0.0)
        case Deviation():
            apart = _apart(_of(published, test.tag), _of(published, test.set_point))
            return apart, lambda value, was: value > test.most - (test.deadband if was else 0.0)
        case Rate():
            return _moved(_of(published, test.tag), test.over_ms), lambda value, _: value > test.most
        case InState():
            return _of(published, test.tag), lambda value, _: value in test.codes
        case BadQuality():
            return _distrust(published.get(test.tag)), lambda value, _: value > 0.0
        case _:
            raise ValueError(f"{rule.key}: values do not tell when it calls")


def _of(published: Mapping[int, Published], tag: int) -> list[Said]:
    return published[tag].said() if tag in published else []


def _reached(published: Mapping[int, Published], test: Limit, most: float) -> list[Said]:
    """A value, upside down for a low limit; nothing at all when it is never beyond `most`, as with most limits."""
    told = published.get(test.tag)
    if told is None:
        return []
    value = told.value if test.above else -told.value
    if not np.any(value[told.quality == GOOD] > most):
        return []
    return replace(told, value=value).said()


def _distrust(told: Published | None) -> list[Said]:
    """1 while a source distrusts its own value, which is never the case with most."""
    if told is None or not np.any(told.quality == BAD):
        return []
    return list(zip(told.time.tolist(), (told.quality == BAD).astype(float).tolist(), strict=True))


def _apart(values: list[Said], set_points: list[Said]) -> list[Said]:
    """How far a value is from its set point, whenever either is told."""
    found: list[Said] = []
    value = wanted = math.nan
    for time, is_wanted, told in sorted([*((t, False, v) for t, v in values), *((t, True, v) for t, v in set_points)]):
        value, wanted = (value, told) if is_wanted else (told, wanted)
        found.append((time, abs(value - wanted)))
    return found


def _moved(values: list[Said], over_ms: int) -> list[Said]:
    """How far apart the values are that held within the time before; also when one of them ceases to count."""
    moments = sorted({time for time, _ in values} | {time + over_ms for time, _ in values})
    times = [time for time, _ in values]
    found: list[Said] = []
    for moment in moments:
        last = bisect_right(times, moment)
        first = max(0, bisect_right(times, moment - over_ms) - 1)
        held = [value for _, value in values[first:last]]
        known = held[max((place + 1 for place, value in enumerate(held) if math.isnan(value)), default=0) :]
        found.append((moment, max(known) - min(known) if known else math.nan))
    return found


def _delayed(
    said: Iterable[Said], beyond: Callable[[float, bool], bool], on_ms: int, off_ms: int, end_ms: int
) -> list[Interval]:
    """When a condition counts: delays begin anew while it is not known whether it holds."""
    found: list[Interval] = []
    counts_from: int | None = None
    holds, since = False, 0
    for time, value in [*said, (end_ms, math.nan)]:
        counts = counts_from is not None
        if holds and counts_from is None and since + on_ms <= time:
            counts, counts_from = True, since + on_ms
        elif not holds and counts_from is not None and since + off_ms <= time:
            found.append((counts_from, since + off_ms))
            counts, counts_from = False, None
        if math.isnan(value):
            holds = counts
        elif beyond(value, holds) != holds:
            holds, since = not holds, time
    return found if counts_from is None else [*found, (counts_from, end_ms)]


def _runs(state: Iterable[Said], suppression: Running, end_ms: int) -> Iterator[Interval]:
    """When a unit has run for long enough for its alarms to mean something; what is not known changes nothing."""
    since: int | None = None
    for time, code in [*((time, code) for time, code in state if not math.isnan(code)), (end_ms, math.inf)]:
        if code in suppression.codes:
            since = time if since is None else since
        elif since is not None:
            if since + suppression.settle_ms < time:
                yield since + suppression.settle_ms, time
            since = None


def _both(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """The time that is in both."""
    both = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return sorted((start, end) for start, end in both if start < end)
