"""Production minutes between a real broker and a real historian."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from collecting import collecting, edge, now_ms, tiny
from links import Probe, running, until

from plant.historian.open import open_historian
from plant.historian.protocol import MINUTE_MS, Retention
from plant.messages import decode_kpi
from plant.mqtt.address import BrokerAddress
from plant.packml import Mode, State
from plant.production.elements import Element
from plant.production.lines import LineTable

ENTERPRISE, TAGS = tiny()
TABLE = LineTable(TAGS)
KILN = TABLE.by_storage("alpha/kiln-1")
KPI = "df/v1/tiny/alpha/shop/kiln-1/kpi"

pytestmark = pytest.mark.broker


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("collectors.tiers.EVERY_S", 0.05)
    monkeypatch.setattr("collectors.production_thread.LOOK_S", 0.05)


def test_minutes_follow_from_what_an_edge_node_tells(mosquitto: BrokerAddress, tmp_path: Path):
    """State and counter of a past quarter of an hour become minutes and figures as they come, and settle."""

    async def main() -> None:
        end = now_ms() // MINUTE_MS * MINUTE_MS - 20 * MINUTE_MS
        start = end - 15 * MINUTE_MS
        probe = Probe([("df/v1/#", 0)])
        with closing(open_historian("", TAGS, tmp_path, Retention())) as historian:
            async with (
                running(mosquitto, "reader", probe),
                collecting(mosquitto, historian, ENTERPRISE, TAGS, settle_s=30.0) as collector,
                edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
            ):
                await until(lambda: kiln.births, "births are out")
                kiln.send("kiln", {"state": State.EXECUTE, "mode": Mode.PRODUCTION, "good_total": 100.0}, start)
                for minute in range(1, 16):
                    kiln.send("kiln", {"good_total": 100.0 + minute / 2}, start + minute * MINUTE_MS)
                await until(lambda: len(historian.production([KILN], start, end)) == 15, "minutes are made")
                assert collector.counts.minutes_made >= 15
                await until(lambda: probe.payloads(KPI), "figures are published")
            kept = historian.production([KILN], start, end)
        assert kept.seconds[kept.element == Element.APT].sum() == 15 * 60
        assert kept.good.tolist() == [0.5] * 15
        assert kept.order.tolist() == [0] * 15
        assert not kept.provisional.any()
        told = decode_kpi(probe.payloads(KPI)[-1])
        assert told.time >= end
        assert [each.period for each in told.periods] == ["day", "shift"]

    asyncio.run(main())
