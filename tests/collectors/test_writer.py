"""The thread that makes readings durable."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from time import monotonic, sleep

import pytest
from collecting import NOW, Clock, tiny
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from collectors.batch import Batch
from collectors.buffer import MemoryBuffer
from collectors.counts import Counts
from collectors.quarantine import Quarantine
from collectors.writer import FIRST_DELAY_S, LONGEST_DELAY_S, LONGEST_WISH_S, HistorianWriter, delay_s
from plant.errors import StorePartlyRejectedError, StoreRefusal, StoreRejectedError, StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.readings import GOOD, Columns, Event, EventKind

BAD_VALUE = -1.0


def until(condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
    """Poll until the condition holds."""
    deadline = monotonic() + timeout_s
    while not condition():
        assert monotonic() < deadline, f"{what} within {timeout_s:g} s"
        sleep(0.005)


class Fickle(MemoryHistorian):
    """A historian that goes away when told, and refuses the value -1."""

    def __init__(self) -> None:
        super().__init__(tiny()[1])
        self.away = False
        self.wish_s = 0.0
        self.attempts = 0
        self.conflict: float | None = None
        self.writes = 0
        self.asked = threading.Event()

    def write(self, columns: Columns) -> None:
        """Refuse while away; refuse -1 for good; take all but one value that is in conflict, and say so."""
        self.asked.set()
        self.attempts += 1
        if self.away:
            raise StoreUnavailableError("connection refused", self.wish_s)
        odd = columns.value == self.conflict
        if odd.any():
            super().write(columns.take(~odd))
            refusal = StoreRefusal("type_conflict", int(odd.sum()), "of another type")
            raise StorePartlyRejectedError("not all", [refusal])
        if (columns.value == BAD_VALUE).any():
            raise StoreRejectedError("-1 is not for me")
        self.writes += 1
        super().write(columns)

    def stored(self) -> list[float]:
        """Values of the first tag, in the order of their times."""
        return self.raw([0], 0, NOW + 10_000_000).value.tolist()


@pytest.fixture
def parts(monkeypatch):
    """Historian, writer, quarantine, counts and what became durable; back-off is quick."""
    monkeypatch.setattr("collectors.writer.FIRST_DELAY_S", 0.02)
    historian, quarantine, counts = Fickle(), Quarantine(Clock()), Counts()
    durable: list[Batch] = []
    writer = HistorianWriter(historian, MemoryBuffer(100), 0.01, durable.append, quarantine, counts, random.Random(1))
    writer.start()
    yield historian, writer, quarantine, counts, durable
    historian.away = False
    writer.drain(5.0)


def batch(*values: float, first: int = 0) -> Batch:
    """Readings of the first tag, one a second from the `first` second on."""
    times = [NOW + 1_000 * (first + n) for n in range(len(values))]
    return Batch.of(Columns.of([0] * len(values), times, values, [GOOD] * len(values)), Columns.empty())


def test_readings_become_durable_and_are_told(parts):
    """What is handed over is written soon, counted and passed on."""
    historian, writer, _, counts, durable = parts
    event = Event(NOW, "alpha/kiln-1/kiln", EventKind.STATE, "state", "HELD", 11, GOOD)
    writer.put(Batch.of(batch(1.0).columns, batch(2.0, first=1).columns, (event,)))
    until(lambda: writer.state.pending == 0, "everything is written")
    assert historian.stored() == [1.0, 2.0]
    assert historian.events(["alpha/kiln-1/kiln"], [EventKind.STATE], NOW, NOW + 1) == [event]
    assert (counts.written, counts.events) == (2, 1)
    assert len(durable[0]) == 3


def test_an_outage_is_logged_once_lost_and_once_back_and_nothing_is_lost(parts):
    """However often writing is tried in between, two lines say it, and all readings arrive."""
    historian, writer, quarantine, counts, _ = parts
    with capture_logs() as lines:
        historian.away = True
        for second in range(20):
            writer.put(batch(float(second), first=second))
        until(lambda: counts.retries >= 3, "three retries")
        state = writer.state
        assert (state.ok, state.detail, state.pending) == (False, "connection refused", 20)
        historian.away = False
        until(lambda: writer.state.pending == 0, "the buffer is empty")
    assert writer.state.ok
    assert historian.stored() == [float(second) for second in range(20)]
    assert [line["event"] for line in lines] == ["historian lost", "historian is back"]
    assert quarantine.counts == {}


def test_a_full_buffer_loses_the_oldest_counted_and_says_so_once(parts):
    """What is being written and what is newest survive; the loss has a reason and a number."""
    historian, writer, quarantine, _, _ = parts
    with capture_logs() as lines:
        historian.away = True
        writer.put(batch(0.0))
        until(historian.asked.is_set, "the first write is on its way")
        for second in range(1, 151):
            writer.put(batch(float(second), first=second))
        historian.away = False
        until(lambda: writer.state.pending == 0, "the buffer is empty")
    stored = historian.stored()
    lost = quarantine.counts["buffer_full"]
    assert len(stored) + lost == 151
    assert stored[0] == 0.0
    assert stored[1:] == [float(second) for second in range(151 - len(stored) + 1, 151)]
    assert [line["event"] for line in lines if "buffer" in line["event"]] == ["buffer full: losing the oldest readings"]
    assert next(line for line in lines if line["event"] == "historian is back")["lost_rows"] == lost


def test_a_refused_reading_does_not_cost_its_neighbours(parts):
    """The one that the store refuses is found and quarantined, the others are written."""
    historian, writer, quarantine, counts, _ = parts
    values = [float(n) for n in range(64)]
    values[17] = BAD_VALUE
    writer.put(batch(*values))
    until(lambda: writer.state.pending == 0, "everything is settled")
    assert historian.stored() == [value for value in values if value != BAD_VALUE]
    assert quarantine.counts == {"refused_by_store": 1}
    assert quarantine.newest()[0].error == "-1 is not for me"
    assert counts.written == 63


def test_what_the_store_says_it_has_not_taken_is_not_looked_for(parts):
    """A store that has taken the rest is not asked again; its reason and its words are in the quarantine."""
    historian, writer, quarantine, counts, _ = parts
    historian.conflict = 3.0
    writer.put(batch(*map(float, range(8))))
    until(lambda: writer.state.pending == 0, "everything is settled")
    assert historian.attempts == 1
    assert historian.stored() == [0.0, 1.0, 2.0, 4.0, 5.0, 6.0, 7.0]
    assert quarantine.counts == {"type_conflict": 1}
    entry = quarantine.newest()[0]
    assert (entry.reason, entry.topic, entry.error) == ("type_conflict", historian.kind, "of another type")
    assert counts.written == 7


def test_a_store_that_asks_for_a_pause_gets_it(parts):
    """Retry-After holds although our own back-off would be over; the end of the process does not wait for it."""
    historian, writer, _, counts, _ = parts
    historian.away, historian.wish_s = True, LONGEST_WISH_S
    writer.put(batch(1.0))
    until(lambda: counts.retries, "the first attempt has failed")
    for second in range(1, 40):
        writer.put(batch(float(second), first=second))
    assert historian.attempts == 1
    historian.away = False
    assert writer.drain(5.0)
    assert len(historian.stored()) == 40


@given(st.integers(0, 2_000), st.floats(0, 1e6), st.integers())
def test_the_pause_is_random_bounded_and_never_shorter_than_asked(attempt: int, wish: float, seed: int):
    """Full jitter: anything from the wish on, up to a bound that doubles and ends; absurd wishes are cut."""
    least = min(wish, LONGEST_WISH_S)
    bound = LONGEST_DELAY_S if attempt > 10 else min(FIRST_DELAY_S * 2**attempt, LONGEST_DELAY_S)
    assert least <= delay_s(attempt, wish, random.Random(seed)) <= least + bound


def test_collectors_that_lost_a_historian_together_come_back_apart():
    """The pauses of many fill the whole of the bound evenly, near zero too."""
    pauses = [delay_s(20, 0.0, random.Random(seed)) for seed in range(1_000)]
    tenths = [sum(n <= 10 * pause / LONGEST_DELAY_S < n + 1 for pause in pauses) for n in range(10)]
    assert min(tenths) > 60


def test_looking_for_refused_readings_has_an_end(parts, monkeypatch):
    """When all are refused, the search stops at its budget and every reading is counted."""
    monkeypatch.setattr("collectors.writer.MOST_ATTEMPTS", 8)
    _, writer, quarantine, _, _ = parts
    writer.put(batch(*[BAD_VALUE] * 90))
    until(lambda: writer.state.pending == 0, "everything is settled")
    assert quarantine.counts == {"refused_by_store": 90}
    assert len(quarantine.newest()) < 20


def test_draining_writes_all_that_waits(parts):
    """The end does not wait for a batch to fill."""
    historian, writer, _, _, _ = parts
    writer.put(batch(*map(float, range(50))))
    assert writer.drain(5.0)
    assert len(historian.stored()) == 50


def test_draining_gives_up_on_a_lost_historian_and_says_what_is_lost(parts):
    """The end comes even then, with a number in the log."""
    historian, writer, _, _, _ = parts
    historian.away = True
    writer.put(batch(1.0, 2.0))
    with capture_logs() as lines:
        assert not writer.drain(0.1)
    assert next(line for line in lines if "lost" in line["event"] and "rows" in line)["rows"] == 2


def test_a_bug_in_the_writer_is_seen_from_outside(parts, monkeypatch):
    """Health is not well any more and says what to do; nothing pretends to be written."""
    historian, writer, _, _, _ = parts
    monkeypatch.setattr(historian, "write", lambda _: 1 / 0)
    with capture_logs() as lines:
        writer.put(batch(1.0))
        until(lambda: not writer.state.ok, "the failure is told")
    assert "restart the collector" in writer.state.detail
    assert lines[0]["log_level"] == "error"
    assert writer.state.pending == 1
