"""One collector between a real broker and a real historian."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import orjson
import pytest
from collecting import collecting, edge, now_ms, tiny
from links import Probe, running, until

from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import Retention
from plant.messages import decode_health, decode_state, decode_values
from plant.mqtt.address import BrokerAddress
from plant.packml import State
from plant.readings import GOOD, STALE, Columns, EventKind
from plant.sparkplug.hoststate import HostState

ENTERPRISE, TAGS = tiny()
KILN_VALUES = "df/v1/tiny/alpha/shop/kiln-1/kiln/values"
KILN_STATE = "df/v1/tiny/alpha/shop/kiln-1/kiln/state"
ALPHA_HEALTH = "df/v1/tiny/alpha/health"
NAMESPACE = [("df/v1/#", 1)]
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index

pytestmark = pytest.mark.broker


@pytest.fixture(params=["duckdb", "influxdb"])
def store(request: pytest.FixtureRequest) -> str:
    """Address of an empty historian of each kind."""
    return "" if request.param == "duckdb" else request.getfixturevalue("influxdb")


def newest(probe: Probe, topic: str) -> bytes:
    """The last message of a topic; empty if there is none."""
    return next((payload for name, payload, _ in reversed(probe.messages) if name == topic), b"")


@pytest.mark.influxdb
def test_from_edge_node_to_historian_and_namespace(mosquitto: BrokerAddress, store: str, tmp_path: Path):
    """Numbers are stored and shown, states and texts become events, all with their source's time."""

    async def main() -> None:
        historian = open_historian(store, TAGS, tmp_path, Retention())
        probe = Probe(NAMESPACE)
        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, historian, ENTERPRISE, TAGS) as collector,
            edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
        ):
            await until(lambda: kiln.births, "births are out")
            time = now_ms()
            kiln.send("kiln", {"power": 41.5, "state": State.EXECUTE, "reason": "jam"}, time)
            await until(lambda: b"41.5" in newest(probe, KILN_VALUES), "the value is shown")
            await until(lambda: collector.counts.events >= 2, "it is durable")
        stored = historian.raw([POWER], time, time + 1)
        assert stored.value.tolist() == [41.5]
        events = historian.events(["alpha/kiln-1/kiln"], [EventKind.STATE, EventKind.TEXT], time, time + 1)
        assert {(event.kind, event.text, event.time) for event in events if event.quality == GOOD} == {
            (EventKind.STATE, "EXECUTE", time),
            (EventKind.TEXT, "jam", time),
        }
        shown = next(decode_values(p) for p in probe.payloads(KILN_VALUES) if b"41.5" in p).values
        assert (shown["power"].time, shown["power"].quality) == (time, GOOD)
        assert shown["reason"].value == "jam"
        historian.close()

    asyncio.run(main())


def test_the_namespace_is_retained_and_goes_stale_with_its_source(mosquitto: BrokerAddress):
    """A late subscriber sees the present; a dead edge node is seen as such, in values, state, health and history."""

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        late = Probe(NAMESPACE)
        async with collecting(mosquitto, historian, ENTERPRISE, TAGS) as collector:
            async with edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln:
                await until(lambda: kiln.births, "births are out")
                time = now_ms()
                kiln.send("kiln", {"power": 42.5, "state": State.HELD}, time)
                await until(
                    lambda: collector.counts.values and not collector.health(True)[1]["collector"]["pending"], "in"
                )
                async with running(mosquitto, "late", late):
                    await until(lambda: b"42.5" in newest(late, KILN_VALUES), "retained values")
                    state = decode_state(newest(late, KILN_STATE))
                    assert (state.state, state.since, state.quality) == ("HELD", time, GOOD)
            async with running(mosquitto, "later", late):
                await until(lambda: b'"quality":500' in newest(late, KILN_STATE), "the state is stale")
                values = decode_values(newest(late, KILN_VALUES)).values
                assert (values["power"].value, values["power"].time, values["power"].quality) == (42.5, time, STALE)
                await until(
                    lambda: any(
                        node.node == "kiln-1" and not node.online and node.last_seen
                        for node in decode_health(newest(late, ALPHA_HEALTH)).nodes
                    ),
                    "health tells",
                )
        rows = historian.raw([POWER], time, now_ms() + 1)
        assert (rows.value[0], rows.quality.tolist()) == (42.5, [GOOD, STALE])
        assert np.isnan(rows.value[1])

    asyncio.run(main())


def test_history_is_stored_and_never_shown(mosquitto: BrokerAddress):
    """A replay after an outage does not touch live state."""

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        probe = Probe(NAMESPACE)
        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, historian, ENTERPRISE, TAGS) as collector,
            edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
        ):
            await until(lambda: kiln.births, "births are out")
            time = now_ms()
            kiln.send("kiln", {"power": 10.0}, time)
            kiln.send("kiln", {"power": 77.0}, time - 60_000, historical=True)
            await until(lambda: collector.counts.historical == 1, "the replay is taken in")
            await until(lambda: b"10.0" in newest(probe, KILN_VALUES), "the live value is shown")
        assert historian.raw([POWER], time - 60_000, time - 59_999).value.tolist() == [77.0]
        assert historian.raw([POWER], time, time + 1).value.tolist() == [10.0]
        assert not any(b"77.0" in payload for payload in probe.payloads(KILN_VALUES))

    asyncio.run(main())


@pytest.mark.parametrize("retain", [True, False], ids=["retained", "expired"])
def test_no_command_is_carried_out(mosquitto: BrokerAddress, retain: bool):
    """The topics are reserved: whatever is written there, no edge node is told anything."""

    async def main() -> None:
        commands = Probe([("spBv1.0/+/NCMD/#", 0), ("spBv1.0/+/DCMD/#", 0)])
        command = orjson.dumps({"id": "7", "expires_at": 1, "metric": "temperature_sp", "value": 190})
        async with running(mosquitto, "commander", commands) as commander:
            assert commander.publish("df/v1/tiny/alpha/shop/kiln-1/kiln/cmd", command, 1, retain=retain)
            async with (
                collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS) as collector,
                edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
            ):
                await until(lambda: kiln.births, "births are out")
                assert commander.publish("df/v1/tiny/alpha/shop/kiln-1/kiln/cmd", command, 1, retain=retain)
                kiln.send("kiln", {"power": 10.0}, now_ms())
                await until(lambda: collector.counts.values, "data flow")
        assert commands.messages == []

    asyncio.run(main())


def test_a_host_that_is_called_offline_says_that_it_is_not(mosquitto: BrokerAddress):
    """Edge nodes must not fall silent because somebody else used this host's id."""

    async def main() -> None:
        topic = "spBv1.0/STATE/collector-1"
        probe = Probe([(topic, 1)])
        async with (
            collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS) as collector,
            running(mosquitto, "impostor", probe) as impostor,
        ):
            impostor.publish(topic, HostState(online=False, timestamp_ms=now_ms()).encode(), 1, retain=True)
            await until(lambda: collector.counts.contests == 1, "it is noticed")
            await until(lambda: len(probe.messages) >= 3 and HostState.decode(probe.messages[-1][1]).online, "answered")

    asyncio.run(main())


def test_the_newest_of_before_is_shown_as_stale_after_a_restart(mosquitto: BrokerAddress):
    """Until the edge nodes are born again; what was stored is not touched."""

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        time = now_ms() - 5_000
        historian.write(Columns.of([POWER], [time], [33.25], [GOOD]))
        probe = Probe(NAMESPACE)
        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, historian, ENTERPRISE, TAGS),
        ):
            await until(lambda: b"33.25" in newest(probe, KILN_VALUES), "it is shown")
        shown = decode_values(newest(probe, KILN_VALUES)).values["power"]
        assert (shown.value, shown.time, shown.quality) == (33.25, time, STALE)
        assert len(historian.raw([POWER], 0, now_ms())) == 1

    asyncio.run(main())
