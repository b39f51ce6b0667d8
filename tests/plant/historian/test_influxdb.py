"""What only InfluxDB does, against the real server."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from servers.faulty_http import FaultyProxy, HalfThenCut, Late

from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.influxdb import connection as connections
from plant.historian.influxdb import lines, queries
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.historian import InfluxDBHistorian
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Retention, Tier, TierColumns
from plant.model.tags import TagTable
from plant.readings import GOOD, STALE, Columns, Event, EventKind

pytestmark = pytest.mark.influxdb

STATE, MODE, TEMPERATURE, RUNNING, FEED, OTHER = range(6)
RETENTION = Retention(raw=14, minute=90, hour=None, events=400)


def readings(now: int, *rows: tuple[int, float, int]) -> Columns:
    """One instant's readings of (tag, value, quality)."""
    return Columns.of([r[0] for r in rows], [now] * len(rows), [r[1] for r in rows], [r[2] for r in rows])


def fields(connection: Connection, measurement: str = '"raw"."raw"') -> list[dict[str, float]]:
    """Points as the server has them, without their empty fields."""
    answers = connection.query(f"SELECT * FROM {measurement}")
    return [
        {name: cell for name, cell in zip(answer.columns, row, strict=True) if cell is not None}
        for answer in answers
        for row in answer.rows
    ]


def policies(connection: Connection) -> dict[str, str]:
    """Duration of each retention policy of ours."""
    answers = connection.query(f'SHOW RETENTION POLICIES ON "{connection.address.database}"')
    return {row[0]: row[1] for answer in answers for row in answer.rows if row[0] != "autogen"}


def test_policies_are_made_and_follow_the_settings(opened, tags, connection) -> None:
    """raw, m1 and h1 exist after opening; another retention at the next opening changes them."""
    opened(tags)
    assert policies(connection) == {"raw": "336h0m0s", "m1": "2160h0m0s", "h1": "0s"}
    opened(tags, Retention(raw=3, minute=30, hour=3000, events=4000))
    assert policies(connection) == {"raw": "72h0m0s", "m1": "720h0m0s", "h1": "96000h0m0s"}
    opened(tags, Retention(raw=3, minute=30, hour=3000, events=4000))


def test_points_are_wide_and_quality_is_told_only_when_it_changes(opened, tags, connection, now) -> None:
    """One point a unit and instant, floats always; good quality is spelled out only after another one."""
    historian = opened(tags)
    for second, temperature in enumerate([(1.5, GOOD), (1.75, GOOD), (math.nan, STALE), (2, GOOD), (3, GOOD)]):
        historian.write(readings(now + second, (TEMPERATURE, *temperature), (STATE, 6, GOOD), (RUNNING, 1, GOOD)))
    others = {"line": "kiln", "site": "alpha", "unit": "drum", "state": 6, "running": 1}
    assert fields(connection) == [
        others | {"time": now, "temperature": 1.5},
        others | {"time": now + 1, "temperature": 1.75},
        others | {"time": now + 2, "temperature__q": STALE},
        others | {"time": now + 3, "temperature": 2, "temperature__q": GOOD},
        others | {"time": now + 4, "temperature": 3},
    ]
    kinds = {row[0]: row[1] for row in connection.query('SHOW FIELD KEYS FROM "raw"."raw"')[0].rows}
    assert kinds == {"state": "float", "running": "float", "temperature": "float", "temperature__q": "integer"}


def test_a_restart_still_replaces_bad_by_good(opened, tags, now) -> None:
    """A new process does not know what was written: it spells the quality of what may be there already."""
    opened(tags).write(readings(now - 1000, (FEED, math.nan, STALE)))
    historian = opened(tags)
    historian.write(readings(now - 1000, (FEED, 4, GOOD)))
    found = historian.raw([FEED], now - 2000, now)
    assert (found.value.tolist(), found.quality.tolist()) == ([4], [GOOD])


def test_a_row_made_again_loses_what_it_had(opened, tags, now) -> None:
    """A minute that knew something and now knows nothing shows no old mean, low, high or last."""
    historian = opened(tags)
    minute = now - now % MINUTE_MS
    known = TierColumns(
        np.array([FEED], np.int32),
        np.array([minute], np.int64),
        *(np.array([value], np.float64) for value in (1, 0, 2, 1.5)),
        np.array([3], np.int64),
        np.array([60_000], np.int64),
    )
    none = np.array([math.nan])
    lost = replace(known, mean=none, low=none, high=none, last=none, good_ms=np.array([0], np.int64))
    for rows in (known, lost, known):
        historian.write_tier(Tier.MINUTE, rows)
        found = historian.tier(Tier.MINUTE, [FEED], minute, minute + 1)
        for name, column in rows.arrays.items():
            np.testing.assert_array_equal(getattr(found, name), column, name)
        held = historian.held([FEED], minute + HOUR_MS)
        np.testing.assert_array_equal(held.value, rows.last)


def test_a_field_of_another_type_is_left_out_and_named(opened, tags, connection, now) -> None:
    """One conflicting field would take its whole line along: the rest of the line is kept, the field is named."""
    historian = opened(tags)
    connection.write("raw", f"raw,site=alpha,line=kiln,unit=drum temperature=5i {now - 1}")
    batch = readings(now, (TEMPERATURE, 1, GOOD), (STATE, 6, GOOD), (FEED, 2, GOOD))
    with pytest.raises(StoreRejectedError, match=r"1 rows, such as .*drum/temperature of .*conflict"):
        historian.write(batch)
    assert historian.raw([STATE, TEMPERATURE, FEED], now, now + 1).tag.tolist() == [STATE, FEED]
    minute = now - now % MINUTE_MS
    connection.write("m1", f'm1,site=beta,line=kiln,unit=drum feed__mean="x" {minute}')
    rows = TierColumns(
        np.array([STATE, FEED], np.int32),
        np.full(2, minute),
        *(np.ones(2) for _ in range(4)),
        np.ones(2, np.int64),
        np.ones(2, np.int64),
    )
    historian.write_tier(Tier.MINUTE, rows)
    assert historian.tier(Tier.MINUTE, [STATE, FEED], minute, minute + 1).tag.tolist() == [STATE]


def test_what_is_older_than_its_policy_is_not_sent(opened, tags, now) -> None:
    """Too old readings are refused with their number, the others are kept."""
    historian = opened(tags)
    old = now - 14 * DAY_MS - HOUR_MS
    batch = Columns.of([FEED, STATE, FEED], [old, old, now], [1, 2, 3], [GOOD] * 3)
    with pytest.raises(StoreRejectedError, match="2 rows are older than 14 days"):
        historian.write(batch)
    assert historian.raw([FEED, STATE], old - 1, now + 1).value.tolist() == [3]


def test_long_answers_come_in_pieces(opened, tags, now) -> None:
    """More rows of one series than the server sends at once are put together again."""
    historian = opened(tags)
    n = 25_000
    historian.write(Columns.of([FEED] * n, range(now - n, now), range(n), [GOOD] * n))
    assert historian.raw([FEED], now - n, now).value.tolist() == list(range(n))


ODD = "a'b\"c,d=e f\\g й"


@pytest.mark.parametrize("hours", [1, 100, 2_999, 3_000, 3_001, 8_760])
def test_long_windows_of_a_tier_are_shared_out_without_losing_a_row(opened, tags, now, hours) -> None:
    """Whatever the number of parts, every row comes once and none from outside the window."""
    historian = opened(tags)
    base = now - now % HOUR_MS - 9_000 * HOUR_MS
    times = base + HOUR_MS * np.arange(-1, hours + 1)
    values, counts = np.arange(len(times), dtype=np.float64), np.full(len(times), 5, np.int64)
    rows = TierColumns(np.full(len(times), FEED, np.int32), times, values, values, values, values, counts, counts)
    historian.write_tier(Tier.HOUR, rows)
    found = historian.tier(Tier.HOUR, [FEED], base, base + hours * HOUR_MS)
    assert found.time.tolist() == times[1:-1].tolist()
    assert found.mean.tolist() == values[1:-1].tolist()


def test_what_many_units_said_last_is_asked_together(opened, tags, connection, now, monkeypatch) -> None:
    """A statement about many units names none of them: each still has its own newest value, strangers have none."""
    monkeypatch.setattr(queries, "MOST_NAMED", 0)
    historian = opened(tags)
    old = now - HOUR_MS
    historian.write(readings(old, (TEMPERATURE, 150, GOOD), (FEED, 4, GOOD), (OTHER, 1, GOOD), (OTHER + 1, 2, GOOD)))
    historian.write(readings(old + 1, (TEMPERATURE, 151, GOOD), (OTHER, math.nan, STALE)))
    connection.write("raw", f"raw,site=other,line=kiln,unit=drum temperature=9,feed=9 {old}")
    held = historian.held([TEMPERATURE, FEED, OTHER, OTHER + 1, OTHER + 2], now)
    assert held.tag.tolist() == [TEMPERATURE, FEED, OTHER, OTHER + 1]
    assert held.time.tolist() == [old + 1, old, old + 1, old]
    np.testing.assert_array_equal(held.value, [151, 4, math.nan, 2])


def test_names_never_become_commands(opened, tags, now) -> None:
    """Quotes, commas, equal signs, spaces and backslashes in names and texts are data in both languages."""
    first = next(iter(tags)).unit
    metric = replace(first.metrics[2], key="odd", stored_as=ODD)
    unit = replace(first, slug="odd", metrics=(metric,), storage=f"{ODD}/li ne/un,it")
    table = _table(tags, unit)
    odd = table.by_storage(f"{ODD}/li ne/un,it/{ODD}")
    assert odd is not None
    historian = opened(table)
    historian.write(readings(now, (odd.index, 7, GOOD), (TEMPERATURE, 8, GOOD)))
    assert historian.raw([odd.index, TEMPERATURE], now, now + 1).value.tolist() == [8, 7]
    told = Event(now, unit.storage, EventKind.TEXT, ODD, ODD, -1, GOOD)
    historian.write_events([told])
    assert historian.events([unit.storage], [EventKind.TEXT], now, now + 1) == [told]
    assert historian.events(["x' OR ''='/li ne/un,it"], [EventKind.TEXT], now, now + 1) == []
    historian.delete("x' OR 'x'='x/kiln/drum", 0, now + 1)
    assert len(historian.raw([odd.index, TEMPERATURE], now, now + 1)) == 2
    historian.delete(unit.storage, now, now + 1)
    assert historian.raw([odd.index, TEMPERATURE], now, now + 1).value.tolist() == [8]


def _table(tags: TagTable, extra) -> TagTable:
    """The table with one more unit."""
    table = TagTable.__new__(TagTable)
    units = list(dict.fromkeys(tag.unit.path for tag in tags))
    by_path = {tag.unit.path: tag.unit for tag in tags}
    every = [*(by_path[path] for path in units), extra]
    enterprise = type("Units", (), {"units": every, "sites": (), "products": {}})
    TagTable.__init__(table, enterprise)
    return table


def test_a_name_that_no_line_can_carry_is_refused(opened, tags, now) -> None:
    """A line break in a name would end the line: refused before anything is sent."""
    historian = opened(tags)
    with pytest.raises(StoreRejectedError, match="cannot carry"):
        historian.write_events([Event(now, "alpha/ki\nln/drum", EventKind.TEXT, "recipe", "x", -1, GOOD)])


def test_a_server_that_is_away_is_unavailable_and_comes_back(opened, tags, influxdb_server, now) -> None:
    """While the server is down every call says so, `health` too; when it is back everything works on.

    Whoever opens it meanwhile finds it away at the first use only.
    """
    historian = opened(tags)
    historian.write(readings(now, (FEED, 1, GOOD)))
    influxdb_server.stop()
    try:
        for call in (
            lambda: historian.write(readings(now + 1, (FEED, 2, GOOD))),
            lambda: historian.raw([FEED], now, now + 1),
            lambda: historian.latest([FEED]),
        ):
            with pytest.raises(StoreUnavailableError, match="does not answer"):
                call()
        health = historian.health()
        assert not health.ok
        assert health.detail
        late = opened(tags)
        with pytest.raises(StoreUnavailableError, match="does not answer"):
            late.span()
    finally:
        influxdb_server.start()
    assert late.raw([FEED], now, now + 2).value.tolist() == [1]
    historian.write(readings(now + 1, (FEED, 2, GOOD)))
    assert historian.raw([FEED], now, now + 2).value.tolist() == [1, 2]
    assert historian.health().ok


def test_an_answer_that_does_not_come_is_an_outage(address, tags, influxdb_server, now, monkeypatch) -> None:
    """A server that hangs, or is cut off after half of a batch, is away; the batch sent again is there once."""
    monkeypatch.setattr(connections, "ANSWER_MS", 500)
    with FaultyProxy(influxdb_server.port) as proxy:
        historian = InfluxDBHistorian(replace(address, port=proxy.port), tags, RETENTION)
        batch = Columns.of([FEED] * 9, range(now, now + 9), range(9), [GOOD] * 9)
        for fault, text in ((Late(60.0), "does not answer: .*timed out"), (HalfThenCut("/write"), "does not answer")):
            proxy.fault = fault
            with pytest.raises(StoreUnavailableError, match=text):
                historian.write(batch)
        proxy.fault = None
        historian.write(batch)
        assert historian.raw([FEED], now, now + 9).value.tolist() == list(range(9))
        historian.close()


def test_a_large_batch_goes_in_several_requests_at_once(opened, tags, connection, now, monkeypatch) -> None:
    """All of it arrives; when one request fails the others are over before the failure is told."""
    monkeypatch.setattr(lines, "BATCH_ROWS", 2)
    historian = opened(tags)
    batch = Columns.concat(readings(now - 1000 + at, (STATE, at, GOOD), (TEMPERATURE, at, GOOD)) for at in range(9))
    historian.write(batch)
    assert [row["temperature"] for row in fields(connection)] == list(range(9))
    failed, over = threading.Event(), []

    def write(_policy: str, text: str) -> None:
        if "state=0.0" in text:
            failed.set()
            raise StoreUnavailableError("it is away")
        assert failed.wait(10)
        over.append(text)

    monkeypatch.setattr(historian._connection, "write", write)
    with pytest.raises(StoreUnavailableError):
        historian.write(batch)
    assert len(over) == 1


def test_a_lost_database_is_made_again(opened, tags, connection, now) -> None:
    """After the database was dropped one call fails as unavailable; the next finds it made again."""
    historian = opened(tags)
    for call in (
        lambda: historian.write(readings(now, (FEED, 1, GOOD))),
        lambda: historian.raw([FEED], now, now + 1),
        historian.span,
    ):
        connection.query(f'DROP DATABASE "{connection.address.database}"')
        with pytest.raises(StoreUnavailableError, match="database"):
            call()
        assert policies(connection).keys() == {"raw", "m1", "h1"}
        call()


def test_the_span_follows_what_is_written_and_deleted(opened, tags, now) -> None:
    """The newest row is always told; the oldest one is remembered for some minutes, but not over a deletion."""
    historian = opened(tags)
    assert historian.span() is None
    minute = now - now % MINUTE_MS
    value, count = np.ones(1), np.ones(1, np.int64)
    for time_ in (minute - 3 * HOUR_MS, minute - 2 * HOUR_MS, minute - MINUTE_MS, minute):
        row = TierColumns(np.array([FEED], np.int32), np.array([time_]), value, value, value, value, count, count)
        historian.write_tier(Tier.MINUTE, row)
        assert historian.span() == (minute - 3 * HOUR_MS, time_)
    historian.delete("alpha/kiln/screw", minute - 4 * HOUR_MS, minute - HOUR_MS)
    assert historian.span() == (minute - MINUTE_MS, minute)


def test_events_expire_by_their_own_days(opened, tags, now) -> None:
    """Hours are kept for ever, events are not: `expire` removes the older ones."""
    historian = opened(tags)
    old, young = (
        Event(time, "alpha/kiln/drum", EventKind.TEXT, "recipe", "x", -1, GOOD) for time in (now - DAY_MS, now)
    )
    historian.write_events([old, young])
    historian.expire(now + 400 * DAY_MS - HOUR_MS)
    assert historian.events(["alpha/kiln/drum"], [EventKind.TEXT], now - 2 * DAY_MS, now + 1) == [young]
