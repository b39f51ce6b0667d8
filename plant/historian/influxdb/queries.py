"""What is asked of InfluxDB: InfluxQL statements, and their answers as arrays.

Only what every generation answers alike: plain selections, ``first`` and ``last`` of one field. No means: InfluxQL has
none that knows how long a value held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from plant.errors import StoreError
from plant.historian.influxdb.connection import Answer, Connection
from plant.historian.influxdb.layout import QUALITY, TAG_KEYS, TIER_FIELDS, Layout
from plant.historian.influxdb.lines import ROWS
from plant.historian.influxdb.provision import EVENTS, HOURS, MINUTES, RAW
from plant.historian.influxdb.quoting import ql_name, ql_select, ql_text
from plant.historian.protocol import MINUTE_MS, TierColumns, last_as_reading
from plant.readings import GOOD, Columns, Event, EventKind

STATEMENTS: Final = 200
"""Statements of one request at most."""
MOST_NAMED: Final = 20
"""Units that a statement names; one about more of them asks about all, since naming them costs the server more."""
_BY_UNIT: Final = f"GROUP BY {', '.join(ql_name(key) for key in TAG_KEYS)}"
_BEGINNING: Final = 0
_END: Final = 9_000_000_000_000
"""UTC ms that still fit into the server's ns, in the year 2255."""

Item = TypeVar("Item")
Floats = NDArray[np.float64]
_Cell = list[Any]
"""Time, UTC ms, and content of a field."""


def readings(connection: Connection, layout: Layout, tags: Sequence[int], start: int, end: int) -> Columns:
    """Readings of [start, end), sorted by (tag, time)."""
    parts = [Columns.empty()]
    groups = layout.by_fields(tags)
    for answer, (_, fields) in _selected(connection, layout, groups, RAW, ("", QUALITY), start, end):
        table, time = _table(answer)
        unit = layout.number(answer.tags)
        for place, field in enumerate(fields):
            value, quality = table[:, 2 * place], table[:, 2 * place + 1]
            there = ~(np.isnan(value) & np.isnan(quality))
            tag = np.full(np.count_nonzero(there), layout.tag(unit, field), np.int32)
            state = np.where(np.isnan(quality), GOOD, quality)[there].astype(np.uint16)
            parts.append(Columns(tag, time[there], value[there], state))
    return Columns.concat(parts).latest_written()


def rows(connection: Connection, layout: Layout, policy: str, tags: Sequence[int], start: int, end: int) -> TierColumns:
    """Rows of a tier that begin in [start, end), sorted by (tag, time)."""
    parts = [TierColumns.empty()]
    suffixes = (*(f"__{name}" for name in TIER_FIELDS), QUALITY)
    groups = layout.by_fields(tags)
    for answer, (_, fields) in _selected(connection, layout, groups, policy, suffixes, start, end):
        table, time = _table(answer)
        unit = layout.number(answer.tags)
        for place, field in enumerate(fields):
            mine = table[:, len(suffixes) * place : len(suffixes) * (place + 1)]
            mine, instants = mine[there := ~np.isnan(mine[:, 4])], time[there]
            parts.append(_tier_columns(layout.tag(unit, field), instants, mine))
    return TierColumns.concat(parts).latest_written()


def newest_readings(connection: Connection, layout: Layout, tags: Sequence[int], before: int) -> Columns:
    """Of each tag its newest reading before an instant, however old."""
    found = _newest(connection, layout, RAW, tags, ("", QUALITY), before)
    return Columns.concat(_newer(tag, value, quality) for tag, (value, quality) in found).latest_written()


def newest_minutes(connection: Connection, layout: Layout, tags: Sequence[int], before: int) -> Columns:
    """Of each tag the `last` of its newest minute row that is over by an instant, however old."""
    suffixes = ("__count", "__last", QUALITY)
    parts = [Columns.empty()]
    for tag, (count, last, quality) in _newest(connection, layout, MINUTES, tags, suffixes, before - MINUTE_MS + 1):
        if count is not None:
            known = _at(last, count[0]) is not None and _at(quality, count[0]) in {None, GOOD}
            value = last[1] if known and last is not None else np.nan
            row = np.array([tag], np.int32), np.array([count[0]], np.int64), np.array([value], np.float64)
            parts.append(last_as_reading(*row))
    return Columns.concat(parts).latest_written()


def conflicts(connection: Connection, layout: Layout, policy: str) -> set[str]:
    """Fields of the layout that the server knows with another type than ours: floats, and integers for qualities."""
    types: dict[str, set[str]] = {}
    for answer in connection.query(f"SHOW FIELD KEYS FROM {_source(policy)}"):
        for name, kind in answer.rows:
            types.setdefault(name, set()).add(kind)
    suffixes = ("",) if policy == RAW else tuple(f"__{name}" for name in TIER_FIELDS)

    def differs(field: str) -> bool:
        floats = (types.get(field + suffix, {"float"}) for suffix in suffixes)
        return any(kinds != {"float"} for kinds in floats) or types.get(field + QUALITY, {"integer"}) != {"integer"}

    return {field for field in set(layout.field) if differs(field)}


def edge(connection: Connection, policy: str, function: str, start: int = _BEGINNING) -> int | None:
    """Time of the ``first`` or ``last`` row of a tier from `start` on, UTC ms."""
    answers = connection.query(ql_select(f"{function}({ql_name(ROWS)})", _source(policy), _span(start, _END)))
    return int(answers[0].rows[0][0]) if answers else None


def edges(connection: Connection, policy: str) -> tuple[int | None, int | None]:
    """Times of the first and the last row of a tier, UTC ms."""
    oldest = edge(connection, policy, "first")
    return oldest, None if oldest is None else edge(connection, policy, "last")


def sizes(connection: Connection) -> dict[str, int]:
    """Bytes on disk by policy, of a server of 1.x; empty when our user may not ask."""
    found: dict[str, int] = {}
    try:
        answers = connection.query("SHOW STATS FOR 'shard'")
    except StoreError:
        return found
    for answer in answers:
        if answer.tags.get("database") == connection.address.database:
            policy = answer.tags["retentionPolicy"]
            found[policy] = found.get(policy, 0) + int(answer.rows[0][answer.columns.index("diskBytes")])
    return found


def events(
    connection: Connection, units: Sequence[str], kinds: Sequence[EventKind], start: int, end: int
) -> list[Event]:
    """Events of [start, end) and the last one before of each unit, kind and metric; sorted by time."""
    wanted = {unit for unit in units if unit.count("/") == len(TAG_KEYS) - 1}
    if not wanted or not kinds:
        return []
    names = sorted({unit.partition("/")[0] for unit in wanted})
    sites = " OR ".join(f"{ql_name('site')} = {ql_text(name)}" for name in names)
    chosen = " OR ".join(f"{ql_name('kind')} = {ql_text(kind)}" for kind in kinds)
    by = f"{_BY_UNIT}, {ql_name('kind')}, {ql_name('metric')}"
    answers = connection.query(
        *(
            ql_select(fields, _source(HOURS, EVENTS), f"({sites}) AND ({chosen}) AND {span}", by)
            for fields, span in (
                ('"text", "code", "quality"', _span(start, end)),
                ('last("text") AS "text", "code", "quality"', _span(_BEGINNING, start)),
            )
        )
    )
    found = [event for answer in answers for event in _events(answer) if event.unit in wanted]
    return sorted(found, key=lambda event: event.time)


def _selected(
    connection: Connection,
    layout: Layout,
    groups: Sequence[tuple[list[int], list[str]]],
    policy: str,
    suffixes: Sequence[str],
    start: int,
    end: int,
) -> Iterator[tuple[Answer, tuple[list[int], list[str]]]]:
    """Answers for all fields of all groups, each with its group."""
    for batch in _batches(groups, STATEMENTS):
        statements = [
            ql_select(
                ", ".join(ql_name(field + suffix) for field in fields for suffix in suffixes),
                _source(policy),
                f"{layout.where(units)} AND {_span(start, end)}",
                _BY_UNIT,
            )
            for units, fields in batch
        ]
        for answer in connection.stream(*statements):
            yield answer, batch[answer.statement]


def _table(answer: Answer) -> tuple[Floats, NDArray[np.int64]]:
    """The values of an answer, NaN where a point has none or a text of somebody else's, and the times, int64."""
    try:
        table = np.array(answer.rows, np.float64)
    except ValueError:
        table = np.array([[_number(cell) for cell in row] for row in answer.rows], np.float64)
    return table[:, 1:], table[:, 0].astype(np.int64)


def _number(cell: Any) -> float:
    return float(cell) if isinstance(cell, int | float) else np.nan


def _tier_columns(tag: int, time: NDArray[np.int64], values: Floats) -> TierColumns:
    """Rows out of the fields of `TIER_FIELDS` and the quality of `last`.

    A row that was made again may have lost its mean or its last value; the old field is still there, but the good time
    and the quality say that it does not count.
    """
    mean, low, high, last, count, good_ms, quality = values.T
    good, known = good_ms > 0, np.isnan(quality) | (quality == GOOD)
    return TierColumns(
        np.full(len(time), tag, np.int32),
        time,
        np.where(good, mean, np.nan),
        np.where(good, low, np.nan),
        np.where(good, high, np.nan),
        np.where(known, last, np.nan),
        count.astype(np.int64),
        good_ms.astype(np.int64),
    )


def _newest(
    connection: Connection, layout: Layout, policy: str, tags: Sequence[int], suffixes: Sequence[str], before: int
) -> Iterator[tuple[int, list[_Cell | None]]]:
    """Of each tag the newest content of some of its fields before an instant, None for a field that has none.

    One statement for each field, of many units: only alone does ``last`` tell the time at which it found it.
    """
    units: dict[str, list[int]] = defaultdict(list)
    for tag in tags:
        units[layout.field[tag]].append(int(layout.unit[tag]))
    wanted = [(field, of_field, suffix) for field, of_field in units.items() for suffix in suffixes]
    span = _span(_BEGINNING, before)
    told: dict[tuple[int, str], _Cell] = {}
    for group in _batches(wanted, STATEMENTS):
        statements = [
            ql_select(
                f"last({ql_name(field + suffix)})",
                _source(policy),
                f"{layout.where(of_field)} AND {span}" if len(of_field) <= MOST_NAMED else span,
                _BY_UNIT,
            )
            for field, of_field, suffix in group
        ]
        for answer in connection.query(*statements):
            field, _, suffix = group[answer.statement]
            if layout.knows(answer.tags) and isinstance(answer.rows[0][1], int | float):
                told[layout.number(answer.tags), field + suffix] = answer.rows[0]
    for tag in tags:
        yield tag, [told.get((int(layout.unit[tag]), layout.field[tag] + suffix)) for suffix in suffixes]


def _newer(tag: int, value: _Cell | None, quality: _Cell | None) -> Columns:
    """The newest reading out of the newest value and the newest quality."""
    if quality is not None and (value is None or quality[0] >= value[0]):
        number = _at(value, quality[0])
        return Columns.of([tag], [quality[0]], [np.nan if number is None else number], [quality[1]])
    if value is not None:
        return Columns.of([tag], [value[0]], [value[1]], [GOOD])
    return Columns.empty()


def _at(cell: _Cell | None, time: int) -> Any:
    """What a cell holds, None if it is of another time."""
    return cell[1] if cell is not None and cell[0] == time else None


def _events(answer: Answer) -> Iterator[Event]:
    unit = "/".join(answer.tags[key] for key in TAG_KEYS)
    kind, metric = EventKind(answer.tags["kind"]), answer.tags["metric"]
    for time, text, code, quality in answer.rows:
        yield Event(time, unit, kind, metric, text, code, quality)


def _source(policy: str, measurement: str = "") -> str:
    return f"{ql_name(policy)}.{ql_name(measurement or policy)}"


def _span(start: int, end: int) -> str:
    return f"time >= {max(start, _BEGINNING)}ms AND time < {min(end, _END)}ms"


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]
