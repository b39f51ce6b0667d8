"""What only the DuckDB historian does: one writer thread, one process, a file that survives a kill."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.duckdb.database import Database, meaning
from plant.historian.duckdb.historian import DuckDBHistorian
from plant.historian.duckdb.writer import Writer
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Retention, Tier, TierColumns
from plant.readings import BAD, GOOD, STALE, Columns, Event, EventKind

T = 1_790_035_200_000
STATE, TEMPERATURE, FEED, OTHER = 0, 2, 4, 5
ROOT = Path(__file__).parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "historian.duckdb"


@pytest.fixture
def historian(file: Path, tags) -> Iterator[DuckDBHistorian]:
    """An empty historian."""
    historian = DuckDBHistorian(file, tags, Retention(raw=2, minute=4, hour=6, events=8))
    yield historian
    historian.close()


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_a_second_process_is_told_who_has_the_file(historian, file) -> None:
    """One sentence that names the file, the other process and the ways out."""
    other = child(
        """
        import sys
        from pathlib import Path
        from plant.errors import StoreUnavailableError
        from plant.historian.duckdb.database import Database
        try:
            Database(Path(sys.argv[1]), 64, 1)
        except StoreUnavailableError as error:
            print(error)
        """,
        str(file),
    )
    told, errors = other.communicate(timeout=60)
    assert errors == ""
    assert told.count("\n") == 1
    assert str(file) in told
    assert f"open in another process ({os.getpid()})" in told


def test_a_folder_that_is_missing_is_told(tmp_path, tags) -> None:
    """A file that cannot be made is unavailable, with its path."""
    with pytest.raises(StoreUnavailableError, match="nowhere"):
        DuckDBHistorian(tmp_path / "nowhere" / "historian.duckdb", tags, Retention())


def test_what_was_acknowledged_survives_a_kill(file, tags) -> None:
    """A process is killed in the middle of writing: whatever `write` had returned for is there, in whole batches."""
    writing = child(
        """
        import sys
        from pathlib import Path
        import duckdb, numpy as np
        from plant.historian.duckdb.database import Database, staged
        from plant.historian.duckdb.writer import Writer
        database = Database(Path(sys.argv[1]), 64, 1)
        writer = Writer(database.writing())
        step = 0
        while True:
            batch = {"step": np.full(500, step, np.int64), "place": np.arange(500)}
            def job(connection):
                with staged(connection, batch):
                    connection.execute("INSERT INTO raw SELECT place, step, step, 192 FROM batch").complete()
            writer.run(job)
            print(step, flush=True)
            step += 1
        """,
        str(file),
    )
    assert writing.stdout is not None
    acknowledged = -1
    for line in writing.stdout:
        acknowledged = int(line)
        if acknowledged >= 40:
            break
    writing.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(line) for line in writing.stdout.read().split())])
    writing.wait(60)
    writing.stderr.close()  # type: ignore[union-attr]  # it is a pipe
    writing.stdout.close()
    database = Database(file, 64, 1)
    with database.reading() as cursor:
        counts = dict(cursor.execute("SELECT ts, count(*) FROM raw GROUP BY ts").fetchall())
    database.close()
    assert set(range(acknowledged + 1)) <= set(counts)
    assert set(counts.values()) == {500}


def test_a_full_disk_passes(file) -> None:
    """While the disk takes no more, writing is unavailable; when it does again, nothing acknowledged is missing."""
    writing = child(
        """
        import resource, signal, sys
        from pathlib import Path
        import numpy as np
        from plant.errors import StoreUnavailableError
        from plant.historian.duckdb.database import Database, staged
        from plant.historian.duckdb.writer import Writer
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        database = Database(Path(sys.argv[1]), 64, 1)
        writer = Writer(database.writing())
        rng = np.random.default_rng(1)
        def write():
            batch = {"time": np.arange(20_000), "value": rng.normal(size=20_000)}
            def job(connection):
                with staged(connection, batch):
                    connection.execute("INSERT INTO raw SELECT 1, time, value, 192 FROM batch").complete()
            try:
                writer.run(job)
            except StoreUnavailableError:
                return 0
            return 1
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, limits[1]))
        taken = [write() for _ in range(12)]
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        taken.append(write())
        with database.reading() as cursor:
            (stored,), = cursor.execute("SELECT count(*) FROM raw").fetchall()
        writer.close()
        database.close()
        print(taken[0], taken[-2], taken[-1], stored == 20_000 * sum(taken))
        """,
        str(file),
    )
    told, errors = writing.communicate(timeout=60)
    assert told.split() == ["1", "0", "1", "True"], errors


def test_one_bad_job_does_not_fail_its_neighbours(file) -> None:
    """Jobs share transactions; when one fails, the others are written all the same, and only its caller hears of it."""
    database = Database(file, 64, 1)
    writer = Writer(database.writing())
    blocked, entered = threading.Event(), threading.Event()
    failures: list[int] = []

    def block(connection: duckdb.DuckDBPyConnection) -> None:
        entered.set()
        assert blocked.wait(60)

    def run(number: int) -> None:
        def job(connection: duckdb.DuckDBPyConnection) -> None:
            text = "'x'" if number == 3 else str(number)
            connection.execute(f"INSERT INTO raw VALUES ({text}, 0, 0, 0)").complete()

        try:
            writer.run(job)
        except StoreRejectedError:
            failures.append(number)

    threads = [threading.Thread(target=writer.run, args=(block,))]
    threads[0].start()
    assert entered.wait(60)
    threads += [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads[1:]:
        thread.start()
    blocked.set()
    for thread in threads:
        thread.join()
    writer.close()
    with database.reading() as cursor:
        found = cursor.execute("SELECT tag FROM raw ORDER BY tag").fetchall()
    database.close()
    assert [row[0] for row in found] == [0, 1, 2, 4, 5, 6, 7]
    assert failures == [3]


def test_a_bug_in_our_own_sql_is_loud(file) -> None:
    """Wrong SQL is no failure of the store: it comes through as it is."""
    database = Database(file, 64, 1)
    writer = Writer(database.writing())
    with pytest.raises(duckdb.ParserException):
        writer.run(lambda connection: connection.execute("INSERT NONSENSE").complete())
    with pytest.raises(duckdb.CatalogException), database.reading() as cursor:
        cursor.execute("SELECT * FROM nowhere")
    with pytest.raises(ZeroDivisionError):
        writer.run(lambda _: 1 // 0)
    writer.close()
    database.close()


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (duckdb.IOException("No space left on device"), StoreUnavailableError),
        (duckdb.OutOfMemoryException("x"), StoreUnavailableError),
        (duckdb.FatalException("x"), StoreUnavailableError),
        (duckdb.ConversionException("x"), StoreRejectedError),
        (duckdb.ConstraintException("x"), StoreRejectedError),
    ],
)
def test_errors_of_the_store_become_ours(error: duckdb.Error, ours: type) -> None:
    """Full disk and memory can pass, so they are worth another try; refused data are not."""
    assert isinstance(meaning(error), ours)


def test_a_closed_historian_says_so(file, tags) -> None:
    """After `close` every call is unavailable, `health` is not ok, and closing again is harmless."""
    historian = DuckDBHistorian(file, tags, Retention())
    historian.close()
    for call in (
        lambda: historian.write(Columns.of([FEED], [T], [1], [GOOD])),
        lambda: historian.raw([FEED], T, T + 1),
    ):
        with pytest.raises(StoreUnavailableError, match="closed"):
            call()
    assert not historian.health().ok
    historian.close()


def test_the_file_takes_no_more_memory_and_threads_than_given(file, tags) -> None:
    """DuckDB's limits are ours, and it never downloads an extension."""
    historian = DuckDBHistorian(file, tags, Retention(), memory_mb=100, threads=1)
    with historian._database.reading() as cursor:
        settings = dict(
            cursor.execute(
                "SELECT name, value FROM duckdb_settings() WHERE name IN "
                "('memory_limit', 'threads', 'autoinstall_known_extensions', 'autoload_known_extensions')"
            ).fetchall()
        )
    historian.close()
    assert settings == {
        "memory_limit": "95.3 MiB",
        "threads": "1",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def test_cursors_are_used_again(historian) -> None:
    """Readers of many threads that come and go need no more cursors than read at once."""
    for _ in range(30):
        thread = threading.Thread(target=historian.raw, args=([FEED], T, T + 1))
        thread.start()
        thread.join()
    assert len(historian._database._idle) == 1


def test_reading_goes_on_while_the_writer_is_busy(historian) -> None:
    """A reader sees what was committed before, and does not wait for the writer."""
    historian.write(Columns.of([FEED], [T], [1], [GOOD]))
    found: list[int] = []

    def look_inside(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("INSERT INTO raw SELECT 0, range, 0, 192 FROM range(1000)").complete()
        reader = threading.Thread(target=lambda: found.append(len(historian.raw([FEED], 0, T + 1))))
        reader.start()
        reader.join(60)

    historian._writer.run(look_inside)
    assert found == [1]
    assert len(historian.raw([FEED], 0, T + 1)) == 1001


def test_the_last_written_wins_over_many_blocks_deletions_and_checkpoints(historian) -> None:
    """The order of writing decides between readings of one instant, whatever has happened to the file meanwhile."""
    rng = np.random.default_rng(2)
    truth: dict[int, float] = {}
    for step in range(12):
        n = 60_000
        times = rng.choice(400_000, n, replace=False)
        values = rng.normal(size=n)
        historian.write(Columns(np.full(n, FEED, np.int32), T + times, values, np.full(n, GOOD, np.uint16)))
        truth |= dict(zip(times.tolist(), values.tolist(), strict=True))
        if step % 3 == 1:
            first = int(rng.integers(0, 300_000))
            historian.delete("alpha/kiln/screw", T + first, T + first + 50_000)
            truth = {at: value for at, value in truth.items() if not first <= at < first + 50_000}
        if step % 4 == 2:
            historian._writer.run(lambda connection: connection.execute("SELECT 1").complete())
            historian._database.writing().checkpoint()
    found = historian.raw([FEED], T, T + 400_000)
    assert (found.time - T).tolist() == sorted(truth)
    assert found.value.tolist() == [truth[at] for at in sorted(truth)]
    newest = max(truth)
    assert historian.latest([FEED]).value.tolist() == [truth[newest]]


def test_arrays_of_any_layout_are_written(historian) -> None:
    """Strided, reversed and read-only arrays arrive as they read."""
    time = np.arange(T, T + 20)[::-2]
    value = np.broadcast_to(np.float64(4.5), 10)
    historian.write(Columns(np.full(20, FEED, np.int32)[::2], time, value, np.full(10, GOOD, np.uint16)))
    found = historian.raw([FEED], T, T + 20)
    assert found.time.tolist() == sorted(time.tolist())
    assert found.value.tolist() == [4.5] * 10


def row(tag: int, time: int, last: float = 1.0) -> TierColumns:
    """One row."""
    value = np.array([last])
    count = np.array([1], np.int64)
    return TierColumns(np.array([tag], np.int32), np.array([time]), value, value, value, value, count, count)


def test_each_kind_expires_by_its_own_days(historian) -> None:
    """Readings 2, minutes 4, hours 6, events 8 days: what is older goes, what is younger stays."""
    for days in range(10):
        at = T - days * DAY_MS
        historian.write(Columns.of([FEED], [at], [1], [GOOD]))
        historian.write_tier(Tier.MINUTE, row(FEED, at))
        historian.write_tier(Tier.HOUR, row(FEED, at))
        historian.write_events([Event(at, "alpha/kiln/drum", EventKind.TEXT, "recipe", "x", -1, GOOD)])
    historian.expire(T + HOUR_MS)
    assert len(historian.raw([FEED], 0, T + 1)) == 2
    assert len(historian.tier(Tier.MINUTE, [FEED], 0, T + 1)) == 4
    assert len(historian.tier(Tier.HOUR, [FEED], 0, T + 1)) == 6
    assert len(historian.events(["alpha/kiln/drum"], [EventKind.TEXT], 0, T + 1)) == 8


def test_held_stops_at_the_newest_minute(historian, monkeypatch) -> None:
    """For tags that have minute rows only the last two minutes are searched."""
    historian.write(Columns.of([FEED, OTHER], [T, T], [1, 2], [GOOD, STALE]))
    for tag, last in ((FEED, 1.0), (OTHER, math.nan)):
        historian.write_tier(Tier.MINUTE, row(tag, T + 5 * HOUR_MS, last))
    monkeypatch.setattr("plant.historian.duckdb.search._WINDOWS", (2 * MINUTE_MS,))
    found = historian.held([FEED, OTHER], T + 5 * HOUR_MS + MINUTE_MS)
    assert found.quality.tolist() == [GOOD, BAD]
    assert found.value[0] == 1.0


def test_a_tag_that_left_the_model_can_still_be_deleted(file, tags, renamed_tags) -> None:
    """Deleting a unit removes the history of its former tags too."""
    historian = DuckDBHistorian(file, renamed_tags, Retention())
    historian.write(Columns.of([0], [T], [1], [GOOD]))  # ``pressure``, which `tags` does not have
    historian.close()
    historian = DuckDBHistorian(file, tags, Retention())
    historian.write(Columns.of([TEMPERATURE], [T], [2], [GOOD]))
    historian.delete("alpha/kiln/drum", T, T + 1)
    with historian._database.reading() as cursor:
        assert cursor.execute("SELECT count(*) FROM raw").fetchall() == [(0,)]
    historian.close()


def test_ids_are_given_once_though_many_threads_write_a_tag_first(file, tags) -> None:
    """First writes of the same tags at the same time share one id each."""
    historian = DuckDBHistorian(file, tags, Retention())
    everything = range(len(tags))
    barrier = threading.Barrier(6)

    def write(at: int) -> None:
        barrier.wait(60)
        historian.write(Columns.of(everything, [T + at] * len(tags), everything, [GOOD] * len(tags)))

    threads = [threading.Thread(target=write, args=(at,)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with historian._database.reading() as cursor:
        assert cursor.execute("SELECT count(*), count(DISTINCT id) FROM tags").fetchall() == [(len(tags), len(tags))]
    found = historian.raw(everything, T, T + 6)
    assert found.value.tolist() == found.tag.tolist()
    assert len(found) == 6 * len(tags)
    historian.close()


def test_health_tells_the_size(historian) -> None:
    """The file and its log are on disk, so the size is known and grows."""
    before = historian.health().size_bytes
    historian.write(Columns.of([FEED] * 50_000, range(T, T + 50_000), range(50_000), [GOOD] * 50_000))
    after = historian.health().size_bytes
    assert before is not None
    assert after is not None
    assert after > before > 0
