"""How good the alarm system itself is: measures per operator position over the journal (ISA-18.2-2016, clause 16;
IEC 62682, clause 16). Pure: entries and times go in.

Rates and counts are of *annunciations*: changes into the state unacknowledged, which call for an operator.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from plant.alarms.journal import Entry
from plant.alarms.rules import Priority
from plant.alarms.states import ANNUNCIATED, Event, State

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
ACCEPTABLE_PER_HOUR: Final = 6.0
"""Likely to be acceptable (ISA-18.2-2016, table 5); `MOST_PER_HOUR` is the most that can be managed."""
MOST_PER_HOUR: Final = 12.0
FLOOD_WINDOW_MS: Final = 10 * MINUTE_MS
FLOOD_STARTS_ABOVE: Final = 10
FLOOD_ENDS_BELOW: Final = 5
CHATTER_WINDOW_MS: Final = MINUTE_MS
CHATTER_COUNT: Final = 3
"""An alarm that is annunciated so often within a minute chatters."""
STALE_MS: Final = 24 * HOUR_MS
TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Flood:
    """More alarms than anybody can take in.

    Attributes:
        start: When the 11th alarm within ten minutes came, UTC ms.
        end: When fewer than 5 were left in ten minutes, or the end of the window.
        alarms: Annunciations from the first of those ten minutes on.
    """

    start: int
    end: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Measures:
    """The alarm system of one operator position in a window.

    Attributes:
        position: ``site/position``.
        annunciations: How many there were; `per_hour` their mean rate.
        peak: Most of them in any ten minutes.
        floods: In order of time; `flood_share` is their share of the window, 0 to 1 (under 0.01 is good).
        standing: Alarms annunciated at the end of the window.
        stale: Those of them that have been so for more than 24 h (fewer than 5 is good).
        chattering: Alarms that came three times within a minute, ascending.
        top: The most frequent alarms with their counts, the worst first, ten at most.
        top_share: Their share of all annunciations, 0 to 1 (0.01 to 0.05 is good); None without any.
        priorities: Annunciations by priority (about 80 % low, 15 % medium, 5 % high is good).
        acknowledge_s: Median time from annunciation to acknowledgement, s; None when nothing was acknowledged.
        slowest_s: The longest of them.
        unacknowledged: Annunciations of the window that nobody has acknowledged by its end, without those that were
            over before anybody could.
    """

    position: str
    annunciations: int
    per_hour: float
    peak: int
    floods: tuple[Flood, ...]
    flood_share: float
    standing: int
    stale: tuple[str, ...]
    chattering: tuple[str, ...]
    top: tuple[tuple[str, int], ...]
    top_share: float | None
    priorities: Mapping[Priority, int]
    acknowledge_s: float | None
    slowest_s: float | None
    unacknowledged: int


def measures(before: Iterable[Entry], journal: Iterable[Entry], start: int, end: int) -> dict[str, Measures]:
    """The measures of every position that the entries name.

    Args:
        before: How alarms stood at the start: the last entry of each before it.
        journal: Entries of the window, in any order.
        start: Of the window, UTC ms.
        end: Its end, not included, UTC ms; above `start`.

    Raises:
        ValueError: The window is empty.
    """
    if end <= start:
        raise ValueError(f"the window ends at {end}, not after its start {start}")
    earlier, within = _by_position(before), _by_position(e for e in journal if start <= e.time < end)
    return {
        position: _of_position(position, earlier.get(position, []), within.get(position, []), start, end)
        for position in sorted({*earlier, *within})
    }


def _by_position(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.position].append(entry)
    for each in found.values():
        each.sort(key=lambda entry: (entry.time, entry.alarm, entry.number))
    return found


def _of_position(position: str, before: list[Entry], within: list[Entry], start: int, end: int) -> Measures:
    calls = [entry for entry in within if entry.is_annunciation]
    times = [entry.time for entry in calls]
    counts = Counter(entry.alarm for entry in calls)
    top = tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:TOP])
    found = floods(times, end)
    answers = acknowledgements(within)
    standing = standing_since([*before, *within])
    return Measures(
        position=position,
        annunciations=len(calls),
        per_hour=len(calls) * HOUR_MS / (end - start),
        peak=peak(times),
        floods=found,
        flood_share=sum(flood.end - flood.start for flood in found) / (end - start),
        standing=len(standing),
        stale=tuple(sorted(alarm for alarm, since in standing.items() if end - since > STALE_MS)),
        chattering=chattering(calls),
        top=top,
        top_share=sum(count for _, count in top) / len(calls) if calls else None,
        priorities={priority: sum(entry.priority is priority for entry in calls) for priority in Priority},
        acknowledge_s=median(answers) if answers else None,
        slowest_s=max(answers, default=None),
        unacknowledged=len(calls) - len(answers) - sum(entry.is_passing for entry in within),
    )


def peak(times: Sequence[int]) -> int:
    """Most annunciations in any ten minutes; `times` ascending, UTC ms."""
    recent: deque[int] = deque()
    most = 0
    for time in times:
        recent.append(time)
        _forget(recent, time)
        most = max(most, len(recent))
    return most


def floods(times: Sequence[int], end: int) -> tuple[Flood, ...]:
    """A flood starts with more than 10 annunciations in ten minutes and ends when fewer than 5 are left in ten minutes.

    Args:
        times: Of annunciations, ascending, UTC ms.
        end: Of what is looked at; a flood that goes on ends there.
    """
    found: list[Flood] = []
    recent: deque[int] = deque()
    began: int | None = None
    alarms = 0
    for time in [*times, None]:
        now = end if time is None else time
        while recent and recent[0] + FLOOD_WINDOW_MS <= now:
            left = recent.popleft() + FLOOD_WINDOW_MS
            if began is not None and len(recent) < FLOOD_ENDS_BELOW:
                found.append(Flood(began, left, alarms))
                began = None
        if time is None:
            break
        recent.append(time)
        alarms += 1
        if began is None and len(recent) > FLOOD_STARTS_ABOVE:
            began, alarms = time, len(recent)
    if began is not None:
        found.append(Flood(began, end, alarms))
    return tuple(found)


def chattering(calls: Iterable[Entry]) -> tuple[str, ...]:
    """Alarms that are annunciated three times within a minute; `calls` by time."""
    recent: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=CHATTER_COUNT))
    found = set()
    for entry in calls:
        times = recent[entry.alarm]
        times.append(entry.time)
        if len(times) == CHATTER_COUNT and times[-1] - times[0] <= CHATTER_WINDOW_MS:
            found.add(entry.alarm)
    return tuple(sorted(found))


def standing_since(entries: Iterable[Entry]) -> dict[str, int]:
    """Alarms that are annunciated after all entries, and since when without a break, UTC ms; entries by time."""
    since: dict[str, int] = {}
    for entry in entries:
        if entry.state in ANNUNCIATED:
            since.setdefault(entry.alarm, entry.time)
        else:
            since.pop(entry.alarm, None)
    return since


def acknowledgements(entries: Iterable[Entry]) -> list[float]:
    """Seconds from each annunciation to its acknowledgement; entries by time."""
    called: dict[str, int] = {}
    seconds = []
    for entry in entries:
        if entry.is_annunciation:
            called[entry.alarm] = entry.time
        elif _is_answer(entry) and entry.alarm in called:
            seconds.append((entry.time - called.pop(entry.alarm)) / 1_000)
    return seconds


def _is_answer(entry: Entry) -> bool:
    """Somebody took note."""
    return entry.before in {State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED} and entry.event is Event.ACKNOWLEDGE


def _forget(recent: deque[int], now: int) -> None:
    while recent and recent[0] + FLOOD_WINDOW_MS <= now:
        recent.popleft()
