"""Production minutes in InfluxDB: one point for each line and minute, with sums to look at and all its rows as a text.

::

    production,site=minsk,line=boards apt_s=48.0,adet_s=12.0,...,produced=62.0,...,parts="[[417,"board-12",1,...]]" ...

Every point has the same fields, so that a minute that is made again leaves nothing of what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import orjson

from plant.historian.influxdb.connection import Answer, Connection
from plant.historian.influxdb.lines import BATCH_CHARS, batches
from plant.historian.influxdb.provision import MINUTES
from plant.historian.influxdb.quoting import line_name, line_text, ql_name, ql_select, ql_text
from plant.production.elements import Element
from plant.production.minutes import DTYPES, QUANTITIES, ProductionMinutes
from plant.production.names import NAMED, NONE, Names

MEASUREMENT: Final = "production"
PARTS: Final = "parts"
_KEYS: Final = ("site", "line")
_COLUMNS: Final = tuple(name for name in DTYPES if name not in {"line", "time"})
"""Columns of a part, in this order."""


def texts(names: Names, rows: ProductionMinutes, divisor: int) -> Iterator[str]:
    """Lines of all points, in texts of about `BATCH_CHARS` / `divisor` characters."""
    return batches(_points(names, rows.sorted()), BATCH_CHARS // divisor)


def rows(connection: Connection, names: Names, lines: Sequence[int], start: int, end: int) -> ProductionMinutes:
    """Rows of [start, end), UTC ms, of some lines, sorted by (line, time)."""
    wanted = {names.name("line", line): line for line in lines}
    if not wanted or end <= start:
        return ProductionMinutes.empty()
    where = " OR ".join(f"({_is_line(storage)})" for storage in wanted)
    answers = connection.query(
        ql_select(
            ql_name(PARTS),
            f"{ql_name(MINUTES)}.{ql_name(MEASUREMENT)}",
            f"({where}) AND time >= {start}ms AND time < {end}ms",
            f"GROUP BY {', '.join(ql_name(key) for key in _KEYS)}",
        )
    )
    found = [row for answer in answers for row in _parts(names, wanted, answer)]
    if not found:
        return ProductionMinutes.empty()
    columns = zip(("line", "time", *_COLUMNS), zip(*found, strict=True), strict=True)
    return ProductionMinutes(**{name: np.array(column, DTYPES[name]) for name, column in columns}).sorted()


def _points(names: Names, rows: ProductionMinutes) -> Iterator[str]:
    """A line of line protocol for each line and minute of sorted rows."""
    fresh = np.append(True, (rows.line[1:] != rows.line[:-1]) | (rows.time[1:] != rows.time[:-1]))[: len(rows)]
    first = np.flatnonzero(fresh)
    fields = _fields(rows, first)
    parts = list(zip(*(_told(names, name, rows.arrays[name].tolist()) for name in _COLUMNS), strict=True))
    ends = np.append(first[1:], len(rows))[: len(first)].tolist()
    for begin, end, line, time, sums in zip(
        first.tolist(), ends, rows.line[first].tolist(), rows.time[first].tolist(), fields, strict=True
    ):
        text = line_text(orjson.dumps(parts[begin:end]).decode())
        yield f"{MEASUREMENT}{_line_tags(names.name('line', line))} {sums},{PARTS}={text} {time}"


def _fields(rows: ProductionMinutes, first: np.ndarray[Any, np.dtype[np.intp]]) -> list[str]:
    """Sums of each minute as fields: time by element, quantities, and whether it may change."""
    if len(first) == 0:
        return []
    columns = {
        f"{element.name.lower()}_s": np.add.reduceat(np.where(rows.element == element, rows.seconds, 0.0), first)
        for element in Element
    }
    columns |= {name: np.add.reduceat(rows.arrays[name], first) for name in QUANTITIES}
    columns["provisional"] = np.maximum.reduceat(rows.provisional, first).astype(np.float64)
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [",".join(f"{name}={value!r}" for name, value in zip(columns, row, strict=True)) for row in values]


def _told(names: Names, column: str, values: list[Any]) -> list[Any]:
    return [names.name(column, value) for value in values] if column in NAMED else values


def _parts(names: Names, wanted: dict[str, int], answer: Answer) -> Iterator[list[Any]]:
    line = wanted.get("/".join(answer.tags[key] for key in _KEYS), NONE)
    for time, text in answer.rows:
        for part in orjson.loads(text):
            values = zip(_COLUMNS, part, strict=True)
            yield [line, time, *(names.index(name, value) if name in NAMED else value for name, value in values)]


def _is_line(storage: str) -> str:
    values = zip(_KEYS, storage.split("/"), strict=True)
    return " AND ".join(f"{ql_name(key)} = {ql_text(value)}" for key, value in values)


def _line_tags(storage: str) -> str:
    values = zip(_KEYS, storage.split("/"), strict=True)
    return "".join(f",{key}={line_name(value)}" for key, value in values)
