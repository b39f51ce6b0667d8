"""Which number of the physics each tag shows, and what the numbers of texts mean.

All numbers of a step are laid end to end in one vector: first what every unit has (`CENTRAL`), then what each kind
shows, then the set points, then the generic signals. A tag is a place in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from plant.model.enterprise import Enterprise, Metric, Role, Unit
from plant.model.tags import TagTable, TextTag
from simulators.world import orderbook
from simulators.world.inertia import Floats, Ints
from simulators.world.kind import AnyKind
from simulators.world.kinds.generic import Signal, labels
from simulators.world.lag import LOT_S
from simulators.world.roster import Roster
from simulators.world.transitions import Cause

Formatter = Callable[[int], str]
KindKeys = Mapping[str, Sequence[str]]
"""For each kind of physics the keys of its set points, or of what it shows."""

CENTRAL = (
    Role.STATE,
    Role.MODE,
    Role.COMMAND,
    Role.REASON,
    Role.ORDER,
    Role.PRODUCT,
    Role.POWER,
    Role.GAS_FLOW,
    Role.WATER_FLOW,
    Role.PRODUCED,
    Role.GOOD,
    Role.REJECT,
    Role.ENERGY,
    Role.GAS,
    Role.WATER,
)
"""Roles whose numbers the world keeps for every unit, in the order of the vector."""
_GENERIC_FLOWS = frozenset({Role.POWER, Role.GAS_FLOW, Role.WATER_FLOW})


@dataclass(frozen=True, slots=True)
class Display:
    """Places in the vector; the parts in the order in which they are laid out.

    Attributes:
        tag: Index in the tag table of each numeric tag of ours, shape (tags,).
        place: Its place in the vector, likewise.
        text: Place in the enterprise's text tags of each text of ours, shape (texts,).
        text_place: Its place in the vector, likewise; `formatters` turn the number into the text.
        signals: Metrics that are simulated generically, in the order of the vector.
        set_points: For tags that can be set: kind, metric key and row within the kind; kind "" is the row of a signal.
        text_set_points: For places of texts that can be set: the same, of kinds alone.
    """

    tag: Ints
    place: Ints
    text: Ints
    text_place: Ints
    formatters: tuple[Formatter, ...]
    signals: tuple[Signal, ...]
    set_points: Mapping[int, tuple[str, str, int]]
    text_set_points: Mapping[int, tuple[str, str, int]]


class _Places:
    """Hands out places in the vector while the tags are gone through."""

    def __init__(self, roster: Roster, shown: KindKeys, set_points: KindKeys) -> None:
        self._roster = roster
        self._count = len(roster.units)
        self._first: dict[tuple[str, str], int] = {}
        self._set: dict[tuple[str, str], int] = {}
        end = len(CENTRAL) * self._count
        for keys, firsts in ((shown, self._first), (set_points, self._set)):
            for kind, names in keys.items():
                size = roster.slices[kind].stop - roster.slices[kind].start
                for name in names:
                    firsts[kind, name] = end
                    end += size
        self._end = end
        self.signals: list[Signal] = []
        self.set_points: dict[str, tuple[str, str, int]] = {}

    def of(self, unit: Unit, metric: Metric) -> int:
        """Place of a metric; metrics that no kind computes become generic signals."""
        row = self._roster.row[unit.path]
        kind = self._roster.kind_of(row)
        path = "/".join((*unit.path, metric.key))
        within: int = row - self._roster.slices[kind].start
        if (kind, metric.key) in self._set:
            self.set_points[path] = (kind, metric.key, within)
            return self._set[kind, metric.key] + within
        is_generic = kind not in {each for each, _ in self._first}
        if metric.role in CENTRAL and not (is_generic and metric.role in _GENERIC_FLOWS):
            return CENTRAL.index(metric.role) * self._count + row
        if (kind, metric.key) in self._first:
            return self._first[kind, metric.key] + within
        if metric.role is Role.SET_POINT:
            self.set_points[path] = ("", metric.key, len(self.signals))
        self.signals.append(Signal(row, unit, metric))
        return self._end + len(self.signals) - 1


def build(
    enterprise: Enterprise,
    tags: TagTable,
    texts: Sequence[TextTag],
    roster: Roster,
    kinds: Mapping[str, AnyKind],
    shown: KindKeys,
    set_points: KindKeys,
) -> Display:
    """Find the place of every live tag and text of the roster's units.

    Args:
        enterprise: The model.
        tags: Its numeric tags.
        texts: Its text tags.
        roster: Units of ours.
        kinds: Their physics.
        shown: Keys that each kind shows, in its order.
        set_points: Keys of the set points that each kind has, in its order.
    """
    places = _Places(roster, shown, set_points)
    ours = [tag for tag in tags if tag.is_live and tag.unit.path in roster.row]
    place = [places.of(tag.unit, tag.metric) for tag in ours]
    our_texts = [(i, tag) for i, tag in enumerate(texts) if tag.unit.path in roster.row]
    text_place = [places.of(tag.unit, tag.metric) for _, tag in our_texts]
    return Display(
        tag=np.array([tag.index for tag in ours], np.int64),
        place=np.array(place, np.int64),
        text=np.array([i for i, _ in our_texts], np.int64),
        text_place=np.array(text_place, np.int64),
        formatters=tuple(_formatter(enterprise, roster, kinds, shown, tag) for _, tag in our_texts),
        signals=tuple(places.signals),
        set_points={tag.index: places.set_points[tag.path] for tag in ours if tag.path in places.set_points},
        text_set_points={
            i: at for i, tag in our_texts if (at := places.set_points.get(tag.path, ("", "", 0)))[0] in kinds
        },
    )


def vector(
    central: Sequence[Floats],
    shown: Mapping[str, Mapping[str, Floats]],
    set_points: Mapping[str, Mapping[str, Floats]],
    signals: Floats,
) -> Floats:
    """The numbers of a step, laid end to end."""
    parts = [*central]
    for of_kind in (shown, set_points):
        for values in of_kind.values():
            parts.extend(values.values())
    return np.concatenate([*parts, signals])


def _formatter(
    enterprise: Enterprise, roster: Roster, kinds: Mapping[str, AnyKind], shown: KindKeys, tag: TextTag
) -> Formatter:
    role, key = tag.metric.role, tag.metric.key
    if role is Role.REASON:
        return lambda number: Cause(number).reason
    if role is Role.ORDER:
        return lambda number: orderbook.name(tag.unit.line, number) if number > 0 else ""
    if role is Role.PRODUCT:
        return _pick(("", *enterprise.products))
    kind = roster.kind_of(roster.row[tag.unit.path])
    meaning = kinds[kind].texts() if kind in kinds else {}
    if key in meaning:
        return _pick(meaning[key])
    if key in shown.get(kind, ()):
        return _lot(enterprise.site(tag.unit.site).zone)
    return _pick(labels(tag.metric))


def _pick(names: Sequence[str]) -> Formatter:
    return lambda number: names[number]


def _lot(zone: ZoneInfo) -> Formatter:
    """Lots are named for the hour in which they were formed, in the site's own clock."""

    def name(number: int) -> str:
        formed = datetime.fromtimestamp(number * LOT_S, UTC).astimezone(zone)
        return f"{formed:%y%m%d-%H}"

    return name
