from __future__ import annotations

import itertools
import math
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from plant.errors import ConfigurationError
from plant.readings import BAD, GOOD
from simulators.fleet.ring import Record, Ring, RingLimits
from simulators.fleet.told import Told

TAGS = ["a/b/c/d/speed", "a/b/c/d/load", "a/b/c/d/level"]
TEXTS = ["a/b/c/d/order", "a/b/c/d/reason"]
WIDE = RingLimits(10_000_000, 3_600_000)


def told(time_ms: int, values: dict[int, float], texts: tuple[tuple[int, int, str], ...] = ()) -> Told:
    return Told(
        np.array(list(values), np.int32),
        np.full(len(values), time_ms, np.int64),
        np.array(list(values.values()), np.float64),
        np.array([BAD if math.isnan(value) else GOOD for value in values.values()], np.uint16),
        texts,
    )


def plain(record: Record) -> tuple[int, list[tuple[int, int, str, int]], tuple[tuple[int, int, str], ...]]:
    """A record that can be compared: NaN as text."""
    rows = record.told
    columns = (rows.rows.tolist(), rows.times.tolist(), map(str, rows.values.tolist()), rows.qualities.tolist())
    return record.stamp, list(zip(*columns, strict=True)), rows.texts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ring.sqlite"


@pytest.fixture
def ring(file: Path) -> Iterator[Ring]:
    ring = Ring(file, TAGS, TEXTS, WIDE)
    yield ring
    ring.close()


def stamps(ring: Ring) -> list[int]:
    return [record.stamp for record in ring.read(0, 10**9)]


@pytest.mark.parametrize("place", ["disk", "memory"])
def test_what_is_put_is_read_bit_for_bit(place: str, file: Path) -> None:
    """Numbers, null values, qualities, times and texts come back as they were, in order."""
    ring = Ring(file if place == "disk" else None, TAGS, TEXTS, WIDE)
    first = told(5_000, {0: 0.1 + 0.2, 2: math.nan}, ((1, 5_000, "обрыв бумаги"),))
    second = told(6_000, {1: -1e300})
    ring.put(10, first)
    ring.put(11, second)
    assert [plain(each) for each in ring.read(0, 10**9)] == [plain(Record(10, first)), plain(Record(11, second))]
    assert [each.stamp for each in ring.read(10, 10**9)] == [11]
    assert [each.stamp for each in ring.get([11, 12])] == [11]
    ring.close()


def test_a_reading_ends_when_there_is_enough(ring: Ring) -> None:
    """Records are whole: the one that reaches the number is the last."""
    for stamp in range(1, 6):
        ring.put(stamp, told(stamp, {0: 1.0, 1: 2.0}))
    assert [len(ring.read(0, most)) for most in (1, 2, 3, 100)] == [1, 1, 2, 5]


def test_a_killed_process_leaves_every_record(file: Path) -> None:
    """What `put` has returned from is there after SIGKILL."""
    code = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
from test_ring import TAGS, TEXTS, WIDE, told
from pathlib import Path
from simulators.fleet.ring import Ring
ring = Ring(Path({str(file)!r}), TAGS, TEXTS, WIDE)
for stamp in range(1, 201):
    ring.put(stamp, told(stamp, {{0: float(stamp)}}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=False, capture_output=True)
    assert ended.returncode == -9, ended.stderr.decode()
    ring = Ring(file, TAGS, TEXTS, WIDE)
    assert stamps(ring) == list(range(1, 201))
    assert ring.newest == 200
    ring.close()


def test_the_oldest_go_when_there_is_no_room(file: Path) -> None:
    """The space stays within its bound over ten times as much, and what goes is handed over, oldest first."""
    limits = RingLimits(300_000, 3_600_000)
    ring = Ring(file, [f"a/b/c/d/{n}" for n in range(100)], TEXTS, limits)
    gone: list[int] = []
    for stamp in range(1, 1501):
        ring.put(stamp, told(stamp, dict.fromkeys(range(100), 1.0)))
        gone += [record.stamp for record in ring.evict(stamp)]
        assert ring.used_bytes <= limits.size_bytes
    assert gone == list(range(1, len(gone) + 1))
    assert stamps(ring) == list(range(len(gone) + 1, 1501))[:500]
    ring.close()
    assert file.stat().st_size < 2 * limits.size_bytes


def test_what_is_too_old_goes(ring: Ring) -> None:
    """Age counts from the stamp."""
    for stamp in (1_000, 2_000, 3_000):
        ring.put(stamp, told(stamp, {0: 1.0}))
    assert [record.stamp for record in ring.evict(2_000 + WIDE.age_ms)] == [1_000, 2_000]
    assert stamps(ring) == [3_000]


def test_what_has_arrived_is_forgotten_and_its_space_used_again(ring: Ring) -> None:
    """A ring that is trimmed does not grow."""
    most = 0
    for stamp in range(1, 400):
        ring.put(stamp, told(stamp, {0: 1.0, 1: 2.0}))
        ring.trim(stamp - 10)
        most = most or (ring.used_bytes if stamp == 50 else 0)
    assert stamps(ring) == list(range(390, 400))
    assert ring.used_bytes <= most


def test_it_outlives_changes_of_the_model(file: Path) -> None:
    """Tags keep their name, whatever their row; values of tags that are no more are left out."""
    ring = Ring(file, TAGS, TEXTS, WIDE)
    ring.put(1, told(1, {0: 1.0, 1: 2.0, 2: 3.0}, ((0, 1, "A-7"), (1, 1, "jam"))))
    ring.close()
    ring = Ring(file, ["a/b/c/d/fresh", *reversed(TAGS[1:])], TEXTS[1:], WIDE)
    (record,) = ring.read(0, 10**9)
    assert dict(zip(record.told.rows.tolist(), record.told.values.tolist(), strict=True)) == {2: 2.0, 1: 3.0}
    assert record.told.texts == ((0, 1, "jam"),)
    ring.close()


@pytest.mark.parametrize(
    ("world", "begins_ms", "dropped"), [("7 100", 0, 0), ("8 100", 201, 0), ("8 100", 200, 4), ("8 100", 0, 4)]
)
def test_values_of_another_world_go_where_this_one_tells_the_same_times(
    ring: Ring, world: str, begins_ms: int, dropped: int
) -> None:
    """A fresh world of the past would contradict them; one that begins after them does not."""
    assert ring.belong("7 100", 100) == 0
    ring.put(1, told(100, {0: 1.0, 1: 2.0}))
    ring.put(2, told(200, {0: 1.0}, ((0, 200, "A-7"),)))
    assert ring.belong(world, begins_ms) == dropped
    assert len(stamps(ring)) == (0 if dropped else 2)
    assert ring.belong(world, 0) == 0, "it is known now"


def test_a_second_process_is_refused(ring: Ring, file: Path) -> None:
    """Two simulators on one folder would mix their values: the sentence says what to do."""
    ring.put(1, told(1, {0: 1.0}))
    with pytest.raises(ConfigurationError, match="does another simulator run with this data folder"):
        Ring(file, TAGS, TEXTS, WIDE)


@pytest.mark.parametrize("damage", ["noise", "version"])
def test_a_damaged_file_is_set_aside(damage: str, file: Path) -> None:
    """A file that is no ring, or one of another version, does not keep the plant from running."""
    if damage == "noise":
        file.write_bytes(bytes(itertools.islice(itertools.cycle(range(7, 251)), 9_000)))
    else:
        with sqlite3.connect(file) as other:
            other.execute("PRAGMA user_version = 99")
        other.close()
    with capture_logs() as logs:
        ring = Ring(file, TAGS, TEXTS, WIDE)
    ring.put(1, told(1, {0: 1.0}))
    assert stamps(ring) == [1]
    ring.close()
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert file.with_suffix(".damaged").exists()
