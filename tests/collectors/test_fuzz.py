"""Arbitrary topics and payloads: no message stops the flow, and every good value is stored."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from itertools import count

import orjson
import pytest
from collecting import Edge, collecting, edge, now_ms, tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from links import Probe, running, until

from collectors.collector import Collector
from collectors.config import CollectorConfig
from plant.historian.memory import MemoryHistorian
from plant.messages import decode_values
from plant.messages import encode as encode_message
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from plant.sparkplug.codec import encode
from plant.sparkplug.payload_pb2 import SparkplugMetric, SparkplugPayload

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
U64 = st.integers(0, 2**64 - 1)
NAMES = st.sampled_from(["power", "state", "mode", "reason", "bdSeq", "Node Control/Rebirth", "", "x"]) | st.text()
VERBS = st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "NCMD", "DBIRTH", "DDATA", "DDEATH", "DCMD", "STATE", "x"])


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "alias": st.integers(0, 8) | U64,
        "timestamp": st.sampled_from([0, 1, now_ms(), now_ms() + 10**9]) | U64,
        "datatype": st.integers(0, 40),
        "is_historical": st.booleans(),
        "is_null": st.booleans(),
    },
)
VALUES = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"int_value": st.integers(0, 2**32 - 1)}),
    st.fixed_dictionaries({"long_value": U64}),
    st.fixed_dictionaries({"double_value": st.floats()}),
    st.fixed_dictionaries({"float_value": st.floats(width=32)}),
    st.fixed_dictionaries({"string_value": st.text()}),
    st.fixed_dictionaries({"bytes_value": st.binary()}),
)
METRICS = st.builds(lambda fields, value: SparkplugMetric(**fields, **value), FIELDS, VALUES)
"""Metrics with any subset of their fields, fitting or not."""


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Bytes that may be a Sparkplug payload, whole or cut."""
    payload = SparkplugPayload(metrics=draw(st.lists(METRICS, max_size=4)))
    if draw(st.booleans()):
        payload.seq = draw(st.integers(0, 5) | U64)
    if draw(st.booleans()):
        payload.timestamp = draw(st.just(now_ms()) | U64)
    data = encode(payload)
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


def topics(nodes: list[str]) -> st.SearchStrategy[str]:
    """Topics of these edge nodes, right and wrong, and any others under Sparkplug's root."""
    level = st.sampled_from(["alpha", "beta", "former", "kiln", *nodes]) | st.text(
        st.characters(exclude_characters="+#/\0", exclude_categories=["Cs"]), min_size=1, max_size=8
    )
    device = st.sampled_from(["", "/former", "/kiln", "/former/x"])
    likely = st.builds("spBv1.0/alpha/{}/{}{}".format, VERBS, st.sampled_from(nodes), device)
    return likely | st.lists(level, min_size=1, max_size=6).map(lambda levels: "spBv1.0/alpha/" + "/".join(levels))


MESSAGE = st.tuples(topics(["board-1", "kiln-1"]), st.binary(max_size=64) | payloads())


@settings(max_examples=150, deadline=None)
@given(st.lists(MESSAGE, max_size=12))
def test_no_message_makes_the_collector_fail(messages):
    """Whatever comes, on any topic: it is taken in or counted, and all that is told of it can be told."""

    async def main() -> None:
        config = CollectorConfig(BrokerAddress("127.0.0.1"), "collector-1", ("alpha", "beta"))
        collector = Collector(config, ENTERPRISE, TAGS, MemoryHistorian(TAGS), now_ms, random.Random(1))
        host, rhythm = collector._host, collector._rhythm
        for topic, payload in messages:
            host.on_message(topic, payload, retained=False)
        host.tick()
        host.on_disconnected()
        rhythm.turn()
        rhythm.stop()
        orjson.dumps(collector.quarantine.to_json())
        publisher = rhythm._publisher
        for number in range(3):
            decode_values(publisher.values_of(number))
            state = publisher.state_of(number)
            assert state is not None
            encode_message(state)
        assert collector.counts.messages == len(messages)

    asyncio.run(main())


@pytest.mark.broker
def test_fuzzed_publishers_on_a_real_broker_cost_nothing_good(mosquitto: BrokerAddress):
    """Another edge node may send anything: each good value sent meanwhile is stored."""
    historian, times = MemoryHistorian(TAGS), count(now_ms())
    sent: dict[int, float] = {}
    rogues = topics(["board-1", "ghost"])

    async def volley(kiln: Edge, link: Link, messages: list[tuple[str, bytes]]) -> None:
        for topic, payload in messages:
            link.publish(topic, payload)
        time = next(times)
        sent[time] = float(len(sent) % 500)
        kiln.send("kiln", {"power": sent[time]}, time)
        await until(lambda: len(historian.raw([POWER], time, time + 1)), "the good value is stored")

    with asyncio.Runner() as runner:

        async def begin() -> tuple[Edge, Link]:
            await stack.enter_async_context(collecting(mosquitto, historian, ENTERPRISE, TAGS, batch_s=0.01))
            kiln = await stack.enter_async_context(edge(ENTERPRISE, "alpha", "kiln-1", mosquitto))
            link = await stack.enter_async_context(running(mosquitto, "rogue", Probe()))
            await until(lambda: kiln.births, "births are out")
            return kiln, link

        stack = AsyncExitStack()
        kiln, link = runner.run(begin())

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(st.tuples(rogues, st.binary(max_size=200) | payloads()), min_size=1, max_size=20))
        def attack(messages: list[tuple[str, bytes]]) -> None:
            runner.run(volley(kiln, link, messages))

        try:
            attack()
        finally:
            runner.run(stack.aclose())
    rows = historian.raw([POWER], min(sent), max(sent) + 1)
    assert dict(zip(rows.time.tolist(), rows.value.tolist(), strict=True)) == sent
    assert len(sent) >= 60
