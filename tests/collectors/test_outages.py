"""Broker and historian come and go: what was published is stored, and the namespace is whole again."""

from __future__ import annotations

import asyncio

import pytest
from collecting import collecting, edge, now_ms, tiny
from links import Probe, running, until
from servers.brokers import BrokerServer
from structlog.testing import capture_logs

from plant.errors import StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.messages import decode_health, decode_values
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD, STALE, Columns

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
KILN_VALUES = "df/v1/tiny/alpha/shop/kiln-1/kiln/values"
UNITS = ("alpha/shop/kiln-1/kiln", "alpha/shop/board-1/former", "beta/shop/board-1/former")
TOPICS = {f"df/v1/tiny/{unit}/{contract}" for unit in UNITS for contract in ("values", "state", "alarms")} | {
    f"df/v1/tiny/{site}/{contract}" for site in ("alpha", "beta") for contract in ("health", "alarms")
}

pytestmark = pytest.mark.broker


class AwayHistorian(MemoryHistorian):
    """A historian that can be taken away."""

    away = False

    def write(self, columns: Columns) -> None:
        """As long as it is there."""
        if self.away:
            raise StoreUnavailableError("connection refused")
        super().write(columns)


def test_a_historian_outage_loses_nothing_and_is_seen(mosquitto: BrokerAddress):
    """Published is stored, once the store is back; health says meanwhile what is wrong and how much waits."""

    async def main() -> None:
        historian, probe = AwayHistorian(TAGS), Probe([("df/v1/tiny/alpha/health", 0)])
        sent: dict[int, float] = {}
        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, historian, ENTERPRISE, TAGS, batch_s=0.02) as collector,
            edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
        ):
            await until(lambda: kiln.births, "births are out")
            begin = now_ms()
            with capture_logs() as lines:
                for number in range(300):
                    historian.away = 100 <= number < 200
                    sent[begin + number] = float(number)
                    kiln.send("kiln", {"power": float(number)}, begin + number)
                    if number == 199:
                        await until(lambda: not collector.health(False)[0], "the outage is noticed")
                        await until(lambda: collector.counts.retries > 0, "a write is tried again")
                    await asyncio.sleep(0)
                await until(lambda: collector.counts.values >= 300, "all is taken in")
                await until(lambda: collector.health(False)[0], "the historian is back")
            events = [line["event"] for line in lines]
            assert [event for event in events if "historian" in event] == ["historian lost", "historian is back"]
            told = [decode_health(payload).collector for _, payload, _ in probe.messages]
            await until(lambda: decode_health(probe.messages[-1][1]).collector.historian_ok, "health says so")
            assert all("connection refused" in health.historian_detail for health in told if not health.historian_ok)
        rows = historian.raw([POWER], begin, begin + 300)
        good = rows.take(rows.quality == GOOD)
        assert dict(zip(good.time.tolist(), good.value.tolist(), strict=True)) == sent

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["mosquitto_server", "embedded_broker_server"])
def test_after_a_broker_restart_everything_is_published_again(kind: str, request: pytest.FixtureRequest):
    """The new broker remembers nothing; units are stale until their source is born again, then live."""
    server: BrokerServer = request.getfixturevalue(kind)

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        after = Probe([("df/v1/#", 0)])
        async with (
            collecting(server.address, historian, ENTERPRISE, TAGS) as collector,
            edge(ENTERPRISE, "alpha", "kiln-1", server.address) as kiln,
        ):
            await until(lambda: kiln.births, "births are out")
            time = now_ms()
            kiln.send("kiln", {"power": 12.5}, time)
            await until(lambda: collector.counts.values, "it is taken in")
            await asyncio.to_thread(server.stop)
            await until(lambda: not collector.health(False)[0], "the loss is noticed")
            born = kiln.births
            await asyncio.to_thread(server.start)
            await until(lambda: collector.counts.connections == 2, "the collector is back", 30.0)
            await until(lambda: kiln.births > born, "the edge node is born again", 30.0)
            async with running(server.address, "after", after):
                await until(lambda: {topic for topic, _, _ in after.messages} == TOPICS, "all topics are there")
                await until(
                    lambda: decode_values(after.payloads(KILN_VALUES)[-1]).values["power"].quality == GOOD,
                    "the birth brought the value back",
                )
        rows = historian.raw([POWER], time, now_ms() + 1)
        assert rows.quality.tolist()[:3] == [GOOD, STALE, GOOD]
        assert rows.value[[0, 2]].tolist() == [12.5, 12.5]

    asyncio.run(main())
