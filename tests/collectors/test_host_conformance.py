"""What a host owes to edge nodes and readers, seen on a real broker with the whole collector behind it."""

from __future__ import annotations

import asyncio

import pytest
from collecting import Edge, collecting, edge, now_ms, sharded_tiny, tiny
from links import Probe, running, until

from plant.historian.memory import MemoryHistorian
from plant.messages import decode_state, decode_values
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.packml import State
from plant.readings import GOOD, STALE
from plant.sparkplug.actions import Publish
from plant.sparkplug.hoststate import HostState

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
KILN = "df/v1/tiny/alpha/shop/kiln-1/kiln"

pytestmark = pytest.mark.broker


def online(probe: Probe, host: str) -> bool:
    """What the last STATE of a host says."""
    told = probe.payloads(f"spBv1.0/STATE/{host}")
    return bool(told) and HostState.decode(told[-1]).online


def send(node: Edge, message: Publish | None) -> None:
    """Publish what the session gave out."""
    assert message is not None
    assert node.link.publish(message.topic, message.payload, message.qos, message.retain)


def test_each_host_has_a_state_of_its_own_and_nodes_wait_for_theirs(mosquitto: BrokerAddress, tmp_path):
    """Two hosts on one broker: the birth and death of one is nothing to the other, nor to the other's nodes."""
    enterprise = sharded_tiny(tmp_path)
    tags = TagTable(enterprise)

    async def main() -> None:
        state = Probe([("spBv1.0/STATE/#", 1)])
        async with (
            running(mosquitto, "reader", state),
            edge(enterprise, "alpha", "kiln-1", mosquitto) as kiln,
            edge(enterprise, "beta", "plant", mosquitto) as former,
            collecting(mosquitto, MemoryHistorian(tags), enterprise, tags, ["alpha"]) as first,
        ):
            await until(lambda: kiln.births == 1, "the node of the first host is born")
            assert (former.births, online(state, "collector-2")) == (0, False)
            async with collecting(
                mosquitto, MemoryHistorian(tags), enterprise, tags, ["beta"], host_id="collector-2", seed=2
            ) as second:
                await until(lambda: former.births == 1, "the node of the second host is born")
                await until(lambda: second.counts.births > 0, "and known")
                assert online(state, "collector-1")
            await until(lambda: not online(state, "collector-2"), "the second host has said goodbye")
            assert (online(state, "collector-1"), kiln.births, first.counts.contests) == (True, 1, 0)
            assert first.quarantine.counts == {}

    asyncio.run(main())


def test_the_namespace_goes_stale_with_a_device_and_comes_back(mosquitto: BrokerAddress):
    """DDEATH: `values` and `state` of the unit are stale as of the payload's time, stored too; DBIRTH ends it."""

    async def main() -> None:
        historian, probe = MemoryHistorian(TAGS), Probe([(f"{KILN}/#", 0)])

        def quality(contract: str) -> int:
            told = probe.payloads(f"{KILN}/{contract}")
            if not told:
                return 0
            return (
                decode_state(told[-1]).quality
                if contract == "state"
                else decode_values(told[-1]).values["power"].quality
            )

        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, historian, ENTERPRISE, TAGS),
            edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
        ):
            await until(lambda: kiln.births, "births are out")
            begin = now_ms()
            kiln.send("kiln", {"power": 42.5, "state": State.EXECUTE}, begin)
            await until(lambda: (quality("values"), quality("state")) == (GOOD, GOOD), "it is live")
            gone = now_ms()
            for message in kiln.session.device_lost("kiln", gone):
                send(kiln, message if isinstance(message, Publish) else None)
            await until(lambda: (quality("values"), quality("state")) == (STALE, STALE), "it is stale")
            for message in kiln.session.device_found("kiln", now_ms()):
                send(kiln, message if isinstance(message, Publish) else None)
            await until(lambda: (quality("values"), quality("state")) == (GOOD, GOOD), "it is live again")
            shown = decode_values(probe.payloads(f"{KILN}/values")[-1]).values["power"]
            assert (shown.value, shown.time) == (42.5, begin)
        rows = historian.raw([POWER], begin, now_ms() + 1)
        assert rows.quality.tolist()[:3] == [GOOD, STALE, GOOD]
        assert rows.time.tolist()[1] == max(gone, begin + 1)

    asyncio.run(main())


def test_a_node_that_goes_on_without_a_birth_is_asked_once_in_the_interval(mosquitto: BrokerAddress):
    """A message of each of many that cannot be read wants a rebirth; the node gets one request, and no command else."""

    async def main() -> None:
        commands = Probe([("spBv1.0/+/NCMD/#", 0), ("spBv1.0/+/DCMD/#", 0)])
        async with (
            running(mosquitto, "node", commands) as stranger,
            collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, rebirth_interval_s=600.0) as collector,
        ):
            for seq in range(50):
                assert stranger.publish("spBv1.0/alpha/NDATA/kiln-1", bytes([0x18, seq]))
            await until(lambda: collector.quarantine.counts.get("before_birth") == 50, "all are counted")
            await until(lambda: commands.messages, "the rebirth is asked")
        assert [topic for topic, _, _ in commands.messages] == ["spBv1.0/alpha/NCMD/kiln-1"]
        assert collector.counts.rebirths == 1

    asyncio.run(main())
