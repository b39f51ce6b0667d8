"""Readings on disk while the historian is away."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from collecting import NOW, Clock, tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from collectors.batch import Batch
from collectors.buffer import MemoryBuffer
from collectors.spool import Spool
from collectors.spooling import SpoolingBuffer
from plant.errors import StoreUnavailableError
from plant.model.tags import TagTable
from plant.readings import GOOD, STALE, Columns, Event, EventKind

TAGS = tiny()[1]
DAY_MS = 86_400_000


def batch(first: int, count: int, *, fresh: bool = True) -> Batch:
    """Readings of the first tag that are numbered on, one a second."""
    numbers = range(first, first + count)
    columns = Columns.of([0] * count, [NOW + 1000 * n for n in numbers], numbers, [GOOD] * count)
    return Batch.of(columns, Columns.empty()) if fresh else Batch.of(Columns.empty(), columns)


def numbers(batch: Batch | None) -> list[float]:
    """The numbers of a batch's readings."""
    return [] if batch is None else batch.columns.value.tolist()


def spool(path: Path, *, tags: TagTable = TAGS, most_bytes: int = 1_000_000, clock: Clock | None = None) -> Spool:
    """A spool in the file."""
    return Spool(path, tags, most_bytes=most_bytes, most_age_ms=14 * DAY_MS, clock=clock or Clock())


def taken(from_: Spool, most_rows: int = 1_000_000) -> list[float]:
    """Everything in order, taken out."""
    out: list[float] = []
    while (found := from_.first(most_rows)) is not None:
        out += numbers(found[1])
        from_.forget(found[0])
    return out


def test_what_goes_in_comes_out_unchanged(tmp_path):
    """Every column of every reading, missing values and odd qualities included, and every field of every event."""
    columns = Columns.of([2, 0, 1], [NOW, NOW + 1, NOW + 2], [1.25, float("nan"), -0.0], [GOOD, STALE, 0])
    event = Event(NOW + 3, "alpha/kiln-1/kiln", EventKind.TEXT, "reason", "Ковш", -1, GOOD)
    kept = spool(tmp_path / "spool")
    kept.append(Batch.of(Columns.empty(), columns, (event,)))
    found = kept.first(10)
    assert found is not None
    assert found[1].events == (event,)
    for mine, theirs in zip(found[1].columns.__getstate__(), columns.__getstate__(), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 9) | st.none(), max_size=40), st.integers(1, 30))
def test_rows_leave_in_order_and_outlive_the_process(tmp_path_factory, steps, most_rows):
    """For any sequence of puts and takes, closed and opened between all of them: order holds and nothing is lost."""
    path = tmp_path_factory.mktemp("spool") / "spool"
    put, out = 0, []
    for count in steps:
        kept = spool(path)
        if count is None:
            if (found := kept.first(most_rows)) is not None:
                out += numbers(found[1])
                kept.forget(found[0])
        else:
            assert kept.append(batch(put, count)) == 0
            put += count
        assert kept.rows == put - len(out)
        kept.close()
    assert out + taken(spool(path)) == list(range(put))


def test_a_full_spool_loses_the_oldest_and_counts_them(tmp_path):
    """The bound on bytes holds, the newest stay, and put = taken + lost."""
    kept = spool(tmp_path / "spool", most_bytes=20_000)
    lost = sum(kept.append(batch(100 * n, 100)) for n in range(100))
    assert kept.bytes <= 20_000 + 2_000
    left = taken(kept)
    assert left == list(range(lost, 10_000))
    assert lost > 0


def test_what_is_too_old_for_the_historian_goes(tmp_path):
    """A batch whose newest reading is older than the retention makes room when the next one comes."""
    clock = Clock()
    kept = spool(tmp_path / "spool", clock=clock)
    kept.append(batch(0, 5))
    clock.now += 15 * DAY_MS
    assert kept.append(batch(100, 1)) == 5
    assert taken(kept) == [100]


def test_tags_are_known_by_their_path_in_another_model(tmp_path):
    """A model that has gained and lost tags meanwhile gets the readings of those that stayed, under their new index."""
    kept = spool(tmp_path / "spool")
    kept.append(Batch.of(Columns.of([0, 1], [NOW, NOW], [1.0, 2.0], [GOOD, GOOD]), Columns.empty()))
    kept.close()
    enterprise = tiny()[0]
    other = TagTable(enterprise)
    other_path = [tag.path for tag in other]
    found = spool(tmp_path / "spool", tags=_Reordered(other_path[::-1][:-1])).first(10)  # type: ignore[arg-type]
    assert found is not None
    assert found[1].columns.value.tolist() == [2.0]
    assert found[1].columns.tag.tolist() == [len(other_path) - 2]


class _Reordered:
    """As much of a tag table as the spool looks at."""

    def __init__(self, paths: list[str]) -> None:
        self._tags = [_Tag(path, index) for index, path in enumerate(paths)]

    def __iter__(self):
        return iter(self._tags)


class _Tag:
    def __init__(self, path: str, index: int) -> None:
        self.path = path
        self.index = index


def _append_for_ever(path: Path, told) -> None:
    kept = spool(path, most_bytes=1 << 30)
    number = 0
    while True:
        kept.append(batch(number, 50))
        number += 50
        told.value = number


def test_a_kill_in_the_middle_of_a_write_costs_nothing_that_was_told_durable(tmp_path):
    """After kill -9 every batch that was confirmed is there, whole and in order; at most the one under way besides."""
    context = multiprocessing.get_context("spawn")
    told = context.Value("q", 0)
    process = context.Process(target=_append_for_ever, args=(tmp_path / "spool", told), daemon=True)
    process.start()
    while told.value < 5_000:
        assert process.is_alive()
        process.join(0.005)
    process.kill()
    process.join()
    left = taken(spool(tmp_path / "spool"))
    assert left == list(range(len(left)))
    assert told.value <= len(left) <= told.value + 50


def test_a_torn_tail_costs_the_last_batch_at_most(tmp_path):
    """A journal whose end was cut off by a crash of the machine is read up to its last whole write."""
    path = tmp_path / "spool"
    kept = spool(path)
    for n in range(20):
        kept.append(batch(10 * n, 10))
    journal = path.with_name("spool-wal")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "spool").write_bytes(path.read_bytes())
    (copy / "spool-wal").write_bytes(journal.read_bytes()[:-100])
    assert taken(spool(copy / "spool")) == list(range(190))


def test_a_damaged_file_is_set_aside_and_said(tmp_path):
    """Garbage in the place of the spool does not keep the collector from starting; an engineer finds it beside."""
    path = tmp_path / "spool.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    with capture_logs() as lines:
        kept = spool(path)
    kept.append(batch(0, 3))
    assert taken(kept) == [0, 1, 2]
    assert (tmp_path / "spool.damaged").read_bytes().startswith(b"this is no")
    assert [line["event"] for line in lines] == ["the spool is damaged and set aside; a new one is begun"]


def _fill_up(kept: Spool) -> None:
    """No page more: SQLite answers as it does on a full disk."""
    database: sqlite3.Connection = kept._database
    database.execute(f"PRAGMA max_page_count = {database.execute('PRAGMA page_count').fetchone()[0]}")


def _make_space(kept: Spool) -> None:
    kept._database.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_is_an_error_and_nothing_changes(tmp_path):
    """What cannot be written is refused as a whole; what was there stays, and with space it goes on."""
    kept = spool(tmp_path / "spool")
    kept.append(batch(0, 10))
    _fill_up(kept)
    with pytest.raises(StoreUnavailableError, match="full"):
        kept.append(batch(10, 100_000))
    rows = kept.rows
    _make_space(kept)
    kept.append(batch(100_000, 10))
    assert len(taken(kept)) == rows + 10


class TestSpoolingBuffer:
    """Memory first, disk while the historian is away."""

    def buffer(self, tmp_path: Path, capacity: int = 1000) -> tuple[SpoolingBuffer, Spool]:
        """A buffer and its spool."""
        kept = spool(tmp_path / "spool")
        return SpoolingBuffer(MemoryBuffer(capacity), kept), kept

    def drained(self, buffer: SpoolingBuffer) -> list[list[float]]:
        """Everything, write by write."""
        out = []
        while (batch := buffer.peek(10)) is not None:
            out.append(numbers(batch))
            buffer.confirm()
        return out

    def test_the_disk_is_not_touched_while_the_historian_is_there(self, tmp_path):
        """What is written at once never goes to disk."""
        buffer, kept = self.buffer(tmp_path)
        buffer.put(batch(0, 5))
        assert self.drained(buffer) == [[0, 1, 2, 3, 4]]
        assert kept._database.execute("SELECT count(*) FROM sqlite_sequence").fetchone() == (0,)

    def test_securing_moves_everything_to_disk(self, tmp_path):
        """Also what is handed out: its write has failed."""
        buffer, kept = self.buffer(tmp_path)
        buffer.put(batch(0, 5))
        buffer.peek(10)
        buffer.put(batch(5, 5))
        assert buffer.secure() == 0
        assert (buffer.rows, buffer.kept, kept.rows) == (10, 10, 10)
        assert self.drained(buffer) == [list(range(10))]
        assert buffer.rows == 0

    def test_fresh_readings_and_the_spool_take_turns(self, tmp_path):
        """A backlog does not hold up what happens now, and what happens now does not hold up the backlog."""
        buffer, _ = self.buffer(tmp_path)
        for n in range(3):
            buffer.put(batch(10 * n, 10))
            buffer.secure()
        writes = []
        for n in range(3):
            buffer.put(batch(100 + n, 1))
            for _ in range(2):
                writes.append(numbers(buffer.peek(10))[0])
                buffer.confirm()
        assert writes == [100, 0, 101, 10, 102, 20]

    def test_what_may_contradict_the_spool_goes_behind_it(self, tmp_path):
        """Births, replays and deaths are written after what was spooled before them."""
        buffer, _ = self.buffer(tmp_path)
        buffer.put(batch(0, 10))
        buffer.secure()
        buffer.put(batch(50, 5, fresh=False))
        buffer.put(batch(90, 5))
        assert self.drained(buffer) == [[90, 91, 92, 93, 94], list(range(10)), [50, 51, 52, 53, 54]]

    def test_a_disk_that_fails_leaves_everything_in_memory(self, tmp_path):
        """The reason is told until the disk takes rows again; then they go there."""
        buffer, kept = self.buffer(tmp_path, capacity=100_000)
        _fill_up(kept)
        buffer.put(batch(0, 50_000))
        assert buffer.secure() == 0
        assert (buffer.rows, buffer.kept) == (50_000, 0)
        assert "full" in buffer.problem
        _make_space(kept)
        buffer.secure()
        assert (buffer.rows, buffer.kept, buffer.problem) == (50_000, 50_000, "")

    def test_what_makes_room_is_counted_while_more_comes_in(self, tmp_path):
        """Rows that arrive during a move to disk do not hide those that had to go; those behind the spool count."""
        kept = spool(tmp_path / "spool", most_bytes=20_000)
        arriving = MemoryBuffer(100_000)
        buffer = SpoolingBuffer(arriving, kept)
        lost = put = 0
        append = kept.append

        def append_meanwhile(rows: Batch) -> int:
            nonlocal put
            if len(rows) > 50:
                arriving.put(batch(put, 50))  # from the other thread
                put += 50
            return append(rows)

        kept.append = append_meanwhile  # type: ignore[method-assign]
        for _ in range(60):
            lost += buffer.put(batch(put, 100, fresh=False))
            put += 100
            assert buffer.peek(10) is not None
            lost += buffer.secure()
        kept.append = append  # type: ignore[method-assign]
        lost += buffer.secure()
        assert lost > 0
        assert buffer.rows == put - lost

    def test_room_is_what_the_disk_has_or_memory_when_it_fails(self, tmp_path):
        """A spool that is used up lets the oldest go, however much memory there is."""
        buffer, kept = self.buffer(tmp_path, capacity=100_000)
        assert buffer.capacity == kept.capacity
        buffer.put(batch(0, 100))
        buffer.secure()
        _fill_up(kept)
        buffer.put(batch(100, 50_000))
        buffer.secure()
        assert buffer.capacity == 100 + 100_000

    @settings(max_examples=15)
    @given(st.lists(st.sampled_from(["fresh", "rest", "write", "fail"]), max_size=60))
    def test_nothing_is_lost_or_invented(self, tmp_path_factory, steps):
        """For any sequence of input, writes and failures: put = written + waiting, each row once."""
        buffer, _ = self.buffer(tmp_path_factory.mktemp("buffer"))
        put, written = 0, []
        for step in steps:
            if step in {"fresh", "rest"}:
                buffer.put(batch(put, 3, fresh=step == "fresh"))
                put += 3
            elif step == "write":
                written += numbers(buffer.peek(7))
                buffer.confirm()
            else:
                buffer.peek(7)
                assert buffer.secure() == 0
            assert buffer.rows == put - len(written)
        written += [number for write in self.drained(buffer) for number in write]
        assert sorted(written) == list(range(put))
