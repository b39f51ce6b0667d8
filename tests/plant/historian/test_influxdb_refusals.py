"""A real server that takes only a part of a batch: all the rest is stored, and what is not is named."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from structlog.testing import capture_logs

from plant.errors import StorePartlyRejectedError, StoreRefusal, StoreUnavailableError
from plant.historian.protocol import DAY_MS, HOUR_MS, Tier, TierColumns
from plant.readings import GOOD, STALE, Columns

pytestmark = pytest.mark.influxdb

STATE, MODE, TEMPERATURE, RUNNING, FEED, OTHER = range(6)
DRUM = "raw,site=alpha,line=kiln,unit=drum"


def refused(write: Callable[[], None]) -> list[tuple[str, int]]:
    """Reasons and numbers of what a write did not store."""
    with pytest.raises(StorePartlyRejectedError) as caught:
        write()
    return [(refusal.reason, refusal.count) for refusal in caught.value.refusals]


def series(tag: int, times: list[int]) -> Columns:
    """Good readings of a tag whose values are 0, 1, 2 ..."""
    return Columns.of([tag] * len(times), times, range(len(times)), [GOOD] * len(times))


def stored(historian, tag: int, now: int) -> list[int]:
    """Times of a tag's readings."""
    return historian.raw([tag], now - 30 * DAY_MS, now + DAY_MS).time.tolist()


def test_a_type_is_in_conflict_only_in_the_days_that_have_it(opened, tags, connection, now) -> None:
    """Types belong to a shard: yesterday's integers cost yesterday's late readings, not today's."""
    historian = opened(tags)
    connection.write("raw", f"{DRUM} temperature=5i {now - DAY_MS}\n{DRUM} running=true {now}")
    times = [now - DAY_MS + 1, now - DAY_MS + 2, now, now + 1]
    batch = Columns.concat(series(tag, times) for tag in (STATE, TEMPERATURE, RUNNING, FEED))
    assert refused(lambda: historian.write(batch)) == [("type_conflict", 2), ("type_conflict", 2)]
    assert stored(historian, STATE, now) == stored(historian, FEED, now) == times
    assert connection.query(f'SELECT count("temperature") FROM "raw"."raw" WHERE time >= {now}ms')[0].rows[0][1] == 2
    assert stored(historian, RUNNING, now)[:2] == times[:2]


def test_a_conflict_of_many_units_is_one(opened, twin_tags, connection, now) -> None:
    """A field has one type whatever unit has it: it is refused of all units together, and told as one."""
    historian = opened(twin_tags)
    connection.write("raw", f"raw,site=x,line=y,unit=z feed=5i {now - 10}")
    batch = Columns.concat(series(tag, [now, now + 1]) for tag in range(len(twin_tags)))
    assert refused(lambda: historian.write(batch)) == [("type_conflict", 4)]
    found = historian.raw(range(len(twin_tags)), now, now + 2)
    assert {twin_tags[tag].path for tag in found.tag} == {"alpha/area/kiln/left/heat", "alpha/area/kiln/right/heat"}
    assert len(found) == 4


def test_qualities_of_a_conflicting_field_are_stored(opened, tags, connection, now) -> None:
    """A bad reading has no value that could be in conflict: it is taken, and only good ones count as refused."""
    historian = opened(tags)
    connection.write("raw", f"{DRUM} temperature=5i {now - 10}")
    batch = Columns.of([TEMPERATURE] * 3, [now, now + 1, now + 2], [1, math.nan, 2], [GOOD, STALE, GOOD])
    assert refused(lambda: historian.write(batch)) == [("type_conflict", 2)]
    found = historian.raw([TEMPERATURE], now, now + 3)
    assert (found.time.tolist(), found.quality.tolist()) == ([now + 1], [STALE])


def test_a_known_conflict_does_not_cost_the_others_again(opened, tags, connection, now, monkeypatch) -> None:
    """From the second batch on the conflicting field goes apart; when the server takes it, it goes with the others."""
    historian = opened(tags)
    connection.write("raw", f"{DRUM} temperature=5i {now - 10}")
    bodies, write = [], historian._connection.write
    monkeypatch.setattr(
        historian._connection, "write", lambda policy, text: (bodies.append(text), write(policy, text))[1]
    )

    def at(time: int) -> Columns:
        return Columns.concat((series(STATE, [time]), series(TEMPERATURE, [time])))

    refused(lambda: historian.write(at(now)))
    bodies.clear()
    refused(lambda: historian.write(at(now + 1)))
    assert bodies == [f"{DRUM} state=0.0 {now + 1}", f"{DRUM} temperature=0.0 {now + 1}"]
    connection.query('DROP MEASUREMENT "raw"')
    historian.write(at(now + 2))
    bodies.clear()
    historian.write(at(now + 3))
    assert bodies == [f"{DRUM} state=0.0,temperature=0.0 {now + 3}"]


def test_the_servers_own_policy_decides_what_is_too_old(opened, tags, connection, now) -> None:
    """Somebody has made the policy shorter: what it does not keep is refused, all else is stored, however it is mixed.

    Beyond its promise 1.x keeps what shares a shard with a young point of the same request: that may be stored too.
    """
    historian = opened(tags)
    connection.query(f'ALTER RETENTION POLICY "raw" ON "{connection.address.database}" DURATION 2d SHARD DURATION 1d')
    times = [now - 5 * DAY_MS + 7 * HOUR_MS * number for number in range(17)]
    young = [time for time in times if time > now - 2 * DAY_MS]
    for tag, before in ((FEED, []), (STATE, [now - 20 * DAY_MS])):
        told = refused(lambda tag=tag, before=before: historian.write(series(tag, [*before, *times])))
        assert told == [("too_old", len(times) - len(young)), *(("too_old", 1) for _ in before)]
        kept = stored(historian, tag, now)
        assert kept[-len(young) :] == young
        assert min(kept) > now - 3 * DAY_MS


def test_a_batch_that_is_too_old_as_a_whole_is_refused_as_a_whole(opened, tags, connection, now) -> None:
    """Nothing is stored, everything counted."""
    historian = opened(tags)
    connection.query(f'ALTER RETENTION POLICY "raw" ON "{connection.address.database}" DURATION 2d SHARD DURATION 1d')
    old = now - 4 * DAY_MS
    assert refused(lambda: historian.write(series(FEED, [old, old + 1, old + 2]))) == [("too_old", 3)]
    assert stored(historian, FEED, now) == []


def test_age_and_type_in_one_batch(opened, tags, connection, now) -> None:
    """The server names one of two troubles only: both are found, what has neither is stored."""
    historian = opened(tags)
    connection.query(f'ALTER RETENTION POLICY "raw" ON "{connection.address.database}" DURATION 2d SHARD DURATION 1d')
    connection.write("raw", f"{DRUM} temperature=5i {now}")
    times = [now - 4 * DAY_MS, now - 3 * DAY_MS, now, now + 1]
    batch = Columns.concat((series(STATE, times), series(TEMPERATURE, times), series(FEED, times)))
    told = refused(lambda: historian.write(batch))
    assert sorted(told) == [("too_old", 1), ("too_old", 1), ("too_old", 4), ("type_conflict", 2)]
    assert stored(historian, STATE, now) == stored(historian, FEED, now) == times[2:]


def test_rows_of_a_tier_that_are_refused_hold_up_no_others(opened, tags, connection, now) -> None:
    """Minutes and hours leave out a conflicting field; the log says so once, and once when all are taken again."""
    historian = opened(tags)
    hour = now - now % HOUR_MS
    connection.write("h1", f'h1,site=alpha,line=kiln,unit=screw feed__low="x" {hour}')
    ones, counts = np.ones(2), np.ones(2, np.int64)
    rows = TierColumns(np.array([STATE, FEED], np.int32), np.full(2, hour), ones, ones, ones, ones, counts, counts)
    with capture_logs() as lines:
        historian.write_tier(Tier.HOUR, rows)
        historian.write_tier(Tier.HOUR, rows)
        assert historian.tier(Tier.HOUR, [STATE, FEED], hour, hour + 1).tag.tolist() == [STATE]
        connection.query('DROP MEASUREMENT "h1"')
        historian.write_tier(Tier.HOUR, rows)
        historian.write_tier(Tier.HOUR, rows)
    assert historian.tier(Tier.HOUR, [STATE, FEED], hour, hour + 1).tag.tolist() == [STATE, FEED]
    assert [(line["log_level"], line["tier"]) for line in lines] == [("warning", "h1"), ("info", "h1")]
    assert "alpha/area/kiln/screw/feed" in lines[0]["cause"][0]


def test_texts_of_somebody_else_do_not_break_reading(opened, tags, connection, now) -> None:
    """A field that holds texts on the server reads as nothing; its neighbours read as they are."""
    historian = opened(tags)
    connection.write("raw", f'{DRUM} temperature="hot",state=6 {now - HOUR_MS}\n{DRUM} temperature="hot",state=6 {now}')
    assert historian.raw([STATE, TEMPERATURE], now, now + 1).value.tolist() == [6]
    assert historian.held([TEMPERATURE], now - 1).tag.tolist() == []
    assert historian.latest([STATE, TEMPERATURE]).tag.tolist() == [STATE]


def test_a_refusal_names_a_tag_a_time_and_the_servers_words(opened, tags, connection, now) -> None:
    """An engineer sees which reading it was and why."""
    historian = opened(tags)
    connection.write("raw", f"{DRUM} temperature=5i {now - 10}")
    with pytest.raises(StorePartlyRejectedError) as caught:
        historian.write(series(TEMPERATURE, [now, now + 1]))
    (refusal,) = caught.value.refusals
    assert isinstance(refusal, StoreRefusal)
    assert f"2 rows, such as alpha/area/kiln/drum/temperature of time {now} ms: " in refusal.text
    assert "field type conflict" in refusal.text


def test_an_outage_while_sorting_out_is_an_outage(opened, tags, connection, now, monkeypatch) -> None:
    """When the server goes away in the middle the whole batch is tried again, and is then stored as if nothing was."""
    historian = opened(tags)
    connection.write("raw", f"{DRUM} temperature=5i {now - 10}")
    batch = Columns.concat((series(STATE, [now]), series(TEMPERATURE, [now])))
    write = historian._connection.write

    def cut(policy: str, text: str) -> None:
        if "state=0.0 " in text:
            raise StoreUnavailableError("cut")
        write(policy, text)

    with monkeypatch.context() as patch:
        patch.setattr(historian._connection, "write", cut)
        with pytest.raises(StoreUnavailableError):
            historian.write(batch)
    assert refused(lambda: historian.write(batch)) == [("type_conflict", 1)]
    assert stored(historian, STATE, now) == [now]
