"""Two collectors with one host id: published against stored, what is logged, and what health says."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from collecting import collecting, now_ms, tiny
from keeping import all_stored, measuring
from links import Probe, running, until
from structlog.testing import capture_logs

from collectors.collector import Collector
from collectors.contest import CALM_MS, KICK_SPAN_MS, KICKS, Contest
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import Retention
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from plant.sparkplug.hoststate import HostState

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
STATE = "spBv1.0/STATE/collector-1"
NOW = 1_790_000_000_000


def detail(collector: Collector) -> str:
    """What `health` says of the host id."""
    return str(collector.health(False)[1]["host_detail"])


@pytest.mark.broker
@pytest.mark.influxdb
def test_two_collectors_with_one_host_id_lose_and_double_nothing(
    mosquitto: BrokerAddress, influxdb: str, tmp_path: Path
):
    """They throw each other out until they have noticed, then both stay; each says so once, in log and health."""

    async def main() -> None:
        historian = open_historian(influxdb, TAGS, tmp_path, Retention())
        state = Probe([(STATE, 1)])
        with capture_logs() as lines:
            async with (
                running(mosquitto, "reader", state),
                collecting(mosquitto, historian, ENTERPRISE, TAGS, rebirth_interval_s=0.2) as first,
                measuring(ENTERPRISE, "alpha", "kiln-1", mosquitto, "kiln", "power") as kiln,
            ):
                await until(lambda: first.counts.values > 50, "data flow")
                assert detail(first) == ""
                async with collecting(mosquitto, historian, ENTERPRISE, TAGS, seed=2, rebirth_interval_s=0.2) as second:
                    await until(lambda: detail(first) and detail(second), "both have noticed")
                    both = (first, second)
                    await until(lambda: all(each.health(False)[0] for each in both), "both are online")
                    connections = [each.counts.connections for each in both]
                    seen = [each.counts.values for each in both]
                    await until(
                        lambda: all(each.counts.values > before + 100 for each, before in zip(both, seen, strict=True)),
                        "both take data in",
                    )
                    assert [each.counts.connections for each in both] == connections, "nobody is thrown out any more"
                assert "collector-1" in detail(first)
                await until(lambda: HostState.decode(state.messages[-1][1]).online, "the one that stays says so")
                before = first.counts.values
                await until(lambda: first.counts.values > before + 50, "data flow on")
                await all_stored(historian, POWER, kiln)
        historian.close()
        told = [line for line in lines if line["event"] == "the host id is contested"]
        assert [line["log_level"] for line in told] == ["error"] * len(told)
        assert len(told) == 2, "one line of each"

    asyncio.run(main())


@pytest.mark.broker
def test_a_client_that_takes_the_mqtt_name_is_left_alone(mosquitto: BrokerAddress):
    """Another program with our client id throws us out again and again: we take another name, and health says why."""

    async def main() -> None:
        intruder = Link(mosquitto, "collector-1", Probe(), rng=random.Random(3), quiet=True)
        async with collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS) as collector:
            task = asyncio.create_task(intruder.run())
            await until(lambda: "another client is named collector-1" in detail(collector), "it is noticed", 30.0)
            await until(lambda: collector.health(False)[0] and intruder.connected, "both stay", 30.0)
            await intruder.close()
            await task

    asyncio.run(main())


@pytest.mark.broker
def test_edge_nodes_come_back_after_a_newer_offline(mosquitto: BrokerAddress):
    """A stray "offline" with a newer timestamp than ours silences the nodes for a moment only, and costs no value."""

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        async with (
            running(mosquitto, "impostor", Probe()) as impostor,
            collecting(mosquitto, historian, ENTERPRISE, TAGS) as collector,
            measuring(ENTERPRISE, "alpha", "kiln-1", mosquitto, "kiln", "power") as kiln,
        ):
            await until(lambda: collector.counts.values > 20, "data flow")
            births = kiln.births
            impostor.publish(STATE, HostState(online=False, timestamp_ms=now_ms() + 60_000).encode(), 1, retain=True)
            await until(lambda: kiln.births > births, "the node is born again")
            assert "is offline" in detail(collector)
            before = collector.counts.values
            await until(lambda: collector.counts.values > before + 20, "data flow again")
            await all_stored(historian, POWER, kiln)

    asyncio.run(main())


def test_signs_of_a_contest_are_news_once():
    """The first sign, another kind of sign, and the first after a calm."""
    contest = Contest("c", "9f")
    assert contest.detail(NOW, rival=False) == ""
    assert [contest.called_offline(NOW + ms) for ms in (0, 1_000)] == [True, False]
    assert contest.rival(NOW + 2_000)
    assert not contest.rival(NOW + 3_000)
    assert contest.rival(NOW + 3_000 + CALM_MS)


def test_a_contest_is_told_of_while_the_rival_is_there_and_a_while_after():
    """An engineer who looks in the morning still sees a rival that came at night."""
    contest = Contest("c", "9f")
    contest.rival(NOW)
    assert "another host uses the id c" in contest.detail(NOW + CALM_MS, rival=True)
    assert "another host uses the id c" in contest.detail(NOW + CALM_MS - 1, rival=False)
    assert contest.detail(NOW + CALM_MS, rival=False) == ""


def test_only_a_rival_or_many_short_connections_cost_the_name():
    """A stray offline, or a broker that restarts now and then, does not."""
    contest = Contest("c", "9f")
    contest.called_offline(NOW)
    assert [contest.lost(NOW + number * KICK_SPAN_MS) for number in range(KICKS)] == [False] * KICKS
    assert contest.client_id == "c"
    kicked = [contest.lost(NOW + KICKS * KICK_SPAN_MS + number) for number in range(KICKS)]
    assert kicked.count(True) == 1
    assert contest.client_id == "c-9f"
