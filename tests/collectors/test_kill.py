"""The collector as a process that is killed while the database is away: published against stored."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from collecting import TINY, edge, now_ms, tiny
from links import until
from processing import page, service
from servers.processes import Server

from plant.historian.open import open_historian
from plant.historian.protocol import Retention
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
EACH = 2_000
SPAN = 500
"""What the instrument can show."""


def health(port: int) -> dict[str, int]:
    """What the collector tells of itself; empty while it does not answer."""
    return json.loads(page(port, "/healthz?detail=1")[1] or "{}").get("collector", {})


@pytest.mark.broker
@pytest.mark.influxdb
def test_a_kill_while_the_database_is_away_loses_nothing(
    mosquitto: BrokerAddress, influxdb: str, influxdb_server: Server, tmp_path: Path, free_port: Callable[[], int]
):
    """InfluxDB stops, readings go to the spool, the collector is killed (-9); the next one brings them, each once."""
    port = free_port()
    arguments = ("--broker", str(mosquitto), "--historian", influxdb, "--model", str(TINY), "--data", str(tmp_path))
    sent: dict[int, float] = {}

    async def publish(kiln, begin: int) -> None:
        for number in range(EACH):
            sent[begin + number] = float(len(sent) % SPAN)
            kiln.send("kiln", {"power": sent[begin + number]}, begin + number)
            if number % 100 == 0:
                await asyncio.sleep(0.01)

    async def main() -> None:
        begin = now_ms() - 60_000
        with service(*arguments, "--service-port", str(port)) as first:
            async with edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln:
                await until(lambda: kiln.births, "births are out", 60.0)
                await publish(kiln, begin)
                await until(lambda: health(port).get("written", 0) >= EACH, "the first half is stored", 30.0)
                await asyncio.to_thread(influxdb_server.stop)
                await publish(kiln, begin + EACH)
                await until(lambda: health(port).get("spooled", 0) >= EACH, "the second half is on disk", 30.0)
                first.kill()
                await asyncio.to_thread(first.wait)
        await asyncio.to_thread(influxdb_server.start)
        with service(*arguments, "--service-port", str(port)):
            await until(lambda: health(port).get("written", 0) >= EACH, "the spool is drained", 60.0)
            await until(lambda: not health(port).get("pending", 1), "nothing waits", 30.0)

    asyncio.run(main())
    historian = open_historian(influxdb, TAGS, tmp_path, Retention())
    rows = historian.raw([POWER], min(sent), max(sent) + 1)
    good = rows.take(rows.quality == GOOD)
    historian.close()
    assert dict(zip(good.time.tolist(), good.value.tolist(), strict=True)) == sent
    spool = sqlite3.connect(tmp_path / "spool-collector-1.sqlite")
    assert spool.execute("SELECT count(*) FROM batch").fetchone() == (0,)
    spool.close()
