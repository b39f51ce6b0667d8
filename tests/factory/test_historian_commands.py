"""`factory historian info | rebuild`, on a file, on InfluxDB, and beside a running system."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from collecting import TINY, now_ms, tiny
from typer.testing import CliRunner

from factory.cli import app
from factory.instants import instant
from plant.errors import FactoryError
from plant.historian.open import open_historian
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian, Retention, Tier
from plant.historian.rebuild import rebuild
from plant.readings import GOOD, Columns

ENTERPRISE, TAGS = tiny()
ALPHA, BETA = (next(tag.index for tag in TAGS if tag.unit.site == site.slug) for site in ENTERPRISE.sites[:2])
HOLDER = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry
from plant.historian.inventory import inventory
from plant.historian.open import open_historian
from plant.historian.protocol import Retention
from plant.model.load import load
from plant.model.tags import TagTable
from plant.service import HealthServer
store = open_historian("", TagTable(load(sys.argv[1])), Path(sys.argv[2]), Retention())
pages = {"/historian": lambda: inventory(store)}
with HealthServer(int(sys.argv[3]), lambda detail: (True, {}), CollectorRegistry(), pages):
    print("ready", flush=True)
    sys.stdin.read()
"""
"""A process that has the file open and tells of it, as `factory up` does."""


def run(*arguments: str, fails: bool = False) -> str:
    """Output of the command; a refusal is its sentence."""
    result = CliRunner().invoke(app, ["historian", *arguments, "--model", str(TINY)])
    if fails:
        assert isinstance(result.exception, FactoryError)
        return str(result.exception)
    assert result.exception is None, result.output
    return result.output


def base() -> int:
    """A full hour some hours ago."""
    return now_ms() // HOUR_MS * HOUR_MS - 4 * HOUR_MS


def fill(historian: Historian, start: int) -> None:
    """Two tags of two sites over three hours, in the second of which nobody collected."""
    times = [*range(start, start + HOUR_MS, MINUTE_MS), *range(start + 2 * HOUR_MS, start + 3 * HOUR_MS, MINUTE_MS)]
    for tag in (ALPHA, BETA):
        historian.write(Columns.of([tag] * 120, times, range(120), [GOOD] * 120))
        for hour in (start, start + 2 * HOUR_MS):
            rebuild(historian, [tag], hour, hour + HOUR_MS, lambda _: None)


def spoil(historian: Historian, start: int) -> None:
    """Somebody wrote nonsense into all rows."""
    for tier in Tier:
        rows = historian.tier(tier, [ALPHA, BETA], start, start + 3 * HOUR_MS)
        historian.write_tier(tier, replace(rows, mean=rows.mean + 1000.0, high=rows.high + 1000.0))


@pytest.fixture(params=["duckdb", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    """Options that name a store with spoilt rows."""
    address = request.getfixturevalue("influxdb") if request.param == "influxdb" else ""
    with closing(open_historian(address, TAGS, tmp_path, Retention())) as historian:
        fill(historian, base())
        spoil(historian, base())
    return ("--data", str(tmp_path), *(("--historian", address) if address else ()))


@contextmanager
def opened(options: tuple[str, ...]) -> Iterator[Historian]:
    """The store that the options name."""
    address = options[3] if len(options) > 2 else ""
    with closing(open_historian(address, TAGS, Path(options[1]), Retention())) as historian:
        yield historian


def means(historian: Historian, tag: int, tier: Tier = Tier.MINUTE) -> dict[int, float]:
    """Mean by hours after the base, of rows that know something."""
    rows = historian.tier(tier, [tag], base(), base() + 3 * HOUR_MS)
    known = rows.good_ms > 0
    return dict(zip(((rows.time[known] - base()) / HOUR_MS).tolist(), rows.mean[known].tolist(), strict=True))


def test_rows_of_a_site_are_made_again_and_gaps_stay_gaps(store) -> None:
    """Minutes and hours are those of the readings; the other site and time in which nobody collected are left alone."""
    output = run("rebuild", "--from", "6h", "--site", TAGS[ALPHA].unit.site, *store)
    assert "made again" in output
    with opened(store) as historian:
        minutes, hours = means(historian, ALPHA), means(historian, ALPHA, Tier.HOUR)
        assert len(minutes) == 120
        assert minutes[0] == 0
        assert not [at for at in minutes if 1 <= at < 2]
        assert hours == {0: pytest.approx(29.5), 2: pytest.approx(89.5)}
        assert min(means(historian, BETA).values()) >= 1000


def test_values_are_held_over_gaps_only_when_asked_to(store) -> None:
    """The second hour is as the first one ended."""
    start, end = (f"{np.datetime64(base() + k * HOUR_MS, 'ms')}" for k in range(0, 4, 3))
    run("rebuild", "--from", start, "--to", end, "--hold", *store)
    with opened(store) as historian:
        assert means(historian, ALPHA, Tier.HOUR) == {0: 29.5, 1: 59, 2: 89.5}


def test_info_tells_what_there_is(store) -> None:
    """As a table and for machines."""
    table = run("info", *store)
    for word in ("raw", "minute", "hour", "events", "14 days", "for ever"):
        assert word in table
    body = json.loads(run("info", "--json", *store))
    held = {holding["name"]: holding for holding in body["holdings"]}
    assert (held["minute"]["oldest"], held["hour"]["newest"]) == (base(), base() + 2 * HOUR_MS)


def test_a_file_that_another_process_has_is_told_of_by_it_and_not_rebuilt(tmp_path, free_port) -> None:
    """Info asks the running system; rebuild says what to do."""
    port = free_port()
    with closing(open_historian("", TAGS, tmp_path, Retention())) as historian:
        fill(historian, base())
    command = [sys.executable, "-c", HOLDER, str(TINY), str(tmp_path), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "ready\n"
            refusal = run("rebuild", "--from", "6h", "--data", str(tmp_path), fails=True)
            assert f"is open in process {holder.pid}" in refusal
            assert "stop 'factory up'" in refusal
            body = json.loads(run("info", "--json", "--data", str(tmp_path), "--port", str(port)))
            assert body["kind"] == "duckdb"
            assert body["holdings"][0]["rows"] == 240
            lost = run("info", "--data", str(tmp_path), "--port", str(free_port()), fails=True)
            assert "nothing that knows it answers" in lost
        finally:
            holder.communicate("")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--from", "1h", "--to", "2h"), "nothing lies between"),
        (("--from", "20d"), "readings are kept for 14 days"),
        (("--from", "1h", "--site", "alfa"), "there is no site 'alfa'"),
        (("--from", "yesterday"), "'yesterday' is no time"),
        (("--from", "1h"), "there is no"),
    ],
)
def test_what_cannot_be_rebuilt_is_refused_in_one_sentence(tmp_path, options, sentence) -> None:
    """Before anything is touched; no empty store is made."""
    assert sentence in run("rebuild", *options, "--data", str(tmp_path), fails=True)
    assert not list(tmp_path.iterdir())


def test_times_are_read_as_people_write_them() -> None:
    """With an offset, in UTC without one, or as a length of time ago."""
    now = now_ms()
    assert instant("6h", now) == now - 6 * HOUR_MS
    assert instant(" 14 d ", now) == now - 14 * DAY_MS
    assert instant("2026-11-20T08:00+03:00", now) == instant("2026-11-20T05:00", now) == instant("2026-11-20T05", now)
    assert instant("2026-11-20", now) == instant("2026-11-20T00:00", now)
