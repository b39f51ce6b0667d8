"""``python -m collectors`` as a process: its pages, its end, and what it says when it cannot start."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from collecting import TINY, edge, now_ms, tiny
from links import Probe, running, until
from processing import page, service

from plant.historian.duckdb.historian import DuckDBHistorian
from plant.historian.open import FILE
from plant.historian.protocol import MINUTE_MS, Retention, Tier
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD
from plant.sparkplug.hoststate import HostState

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index


@pytest.mark.broker
def test_sigterm_drains(mosquitto: BrokerAddress, tmp_path: Path, free_port: Callable[[], int]):
    """What was received is written, the minutes up to now are made, STATE says offline, exit code 0."""
    port = free_port()

    async def main() -> tuple[int, dict[int, float]]:
        probe = Probe([("spBv1.0/STATE/collector-1", 1)])
        sent: dict[int, float] = {}
        with service(
            "--broker", str(mosquitto), "--model", str(TINY), "--data", str(tmp_path), "--service-port", str(port)
        ) as process:
            async with running(mosquitto, "reader", probe), edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln:
                await until(lambda: kiln.births, "births are out", 60.0)
                begin = now_ms() - 120_000
                for number in range(200):
                    sent[begin + number] = float(number)
                    kiln.send("kiln", {"power": float(number)}, begin + number)
                kiln.link.publish("spBv1.0/alpha/NDATA/board-1", b"\xff")
                await until(lambda: "malformed_payload" in page(port, "/quarantine")[1], "it is quarantined")
                assert json.loads(page(port, "/quarantine")[1])["counts"] == {"malformed_payload": 1}
                assert page(port, "/healthz")[0] == 200
                detail = json.loads(page(port, "/healthz?detail=1")[1])
                assert detail["ok"]
                assert set(detail["sites"]) == {"alpha", "beta"}
                assert 'collector_rejected_total{reason="malformed_payload"} 1.0' in page(port, "/metrics")[1]
                process.send_signal(signal.SIGTERM)
                code = await asyncio.to_thread(process.wait, 30)
                await until(lambda: not HostState.decode(probe.messages[-1][1]).online, "STATE says offline")
        return code, sent

    code, sent = asyncio.run(main())
    assert code == 0
    historian = DuckDBHistorian(tmp_path / FILE, TAGS, Retention())
    rows = historian.raw([POWER], min(sent), max(sent) + 1)
    assert rows.quality.tolist() == [GOOD] * 200
    assert dict(zip(rows.time.tolist(), rows.value.tolist(), strict=True)) == sent
    minutes = historian.tier(Tier.MINUTE, [POWER], min(sent) - MINUTE_MS, max(sent) + 1)
    assert int(minutes.count.sum()) == 200
    historian.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --broker mqtt://host"),
        (["--broker", "10.0.0.5"], "write mqtt://host:1883"),
        (
            ["--broker", "mqtt://127.0.0.1", "--sites", "gamma"],
            "the model has no site 'gamma'; choose from alpha, beta",
        ),
        (["--broker", "mqtt://127.0.0.1", "--historian", "oracle://x"], "influxdb://"),
        (["--broker", "mqtt://127.0.0.1", "--host-id", "a/b"], "host_id"),
    ],
)
def test_wrong_settings_are_one_line_that_says_what_would_be_right(arguments, message, tmp_path: Path):
    """Before anything is connected, with exit code 1."""
    with service("--model", str(TINY), "--data", str(tmp_path), *arguments) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert message in errors
    assert len(errors.strip().splitlines()) == 1
