"""Plans on a real Mosquitto: retained, told again whenever it is needed, and read in spite of nonsense between them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from fleets import TINY
from links import Probe, running, until
from numpy.typing import NDArray
from servers.brokers import BrokerServer

from plant.errors import BadInputError
from plant.messages import Order, OrdersMessage, decode_orders
from plant.model.load import load
from plant.mqtt.address import BrokerAddress
from plant.namespace import Contract, Topic, subscription
from simulators.fleet.config import FleetConfig
from simulators.fleet.service import run
from simulators.orders.publisher import OrdersPublisher

pytestmark = pytest.mark.broker

BOARDS, BLOCKS = ("minsk", "boards", "boards"), ("minsk", "blocks", "blocks")
ORDER = Order("boards-00100", "board-12", 29_000.0, "m2", 1_795_446_000_000, 2)
FILTERS = [(name, 1) for name in (*subscription("gypsum", Contract.ORDERS), *subscription("tiny", Contract.ORDERS))]


@dataclass
class Plans:
    """Two lines whose plans the test changes."""

    plans: list[tuple[Order, ...]] = field(default_factory=lambda: [(ORDER,), ()])
    changed: list[int] = field(default_factory=lambda: [5, 7])

    def planned_lines(self) -> tuple[tuple[str, str, str], ...]:
        """Boards and blocks."""
        return (BOARDS, BLOCKS)

    def plan_changes(self) -> NDArray[np.int64]:
        """As the test says."""
        return np.array(self.changed, np.int64)

    def orders(self, line: int) -> tuple[Order, ...]:
        """As the test says."""
        return self.plans[line]


@dataclass
class Reader(Probe):
    """Somebody who reads plans: keeps the last good one of each line, counts what he cannot read."""

    filters: list[tuple[str, int]] = field(default_factory=lambda: FILTERS)
    plans: dict[tuple[str, ...], OrdersMessage] = field(default_factory=dict)
    heard: int = 0
    refused: int = 0

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A plan or nonsense."""
        super().on_message(topic, payload, retained)
        try:
            self.plans[Topic.parse(topic).levels[1:]] = decode_orders(payload)
            self.heard += 1
        except BadInputError:
            self.refused += 1


@asynccontextmanager
async def reading(address: BrokerAddress) -> AsyncIterator[Reader]:
    """A reader that has subscribed."""
    reader = Reader()
    async with running(address, "reader", reader):
        yield reader


@asynccontextmanager
async def publishing(address: BrokerAddress, plans: Plans) -> AsyncIterator[OrdersPublisher]:
    """A planner at work."""
    publisher = OrdersPublisher(address, "gypsum", plans, random.Random(1))
    task = asyncio.get_running_loop().create_task(publisher.run())
    try:
        yield publisher
    finally:
        await publisher.close()
        await task


def test_plans_stay_on_the_broker(mosquitto: BrokerAddress) -> None:
    """Who comes after the planner has left gets the present plan of every line, an empty one too."""

    async def scenario() -> Reader:
        async with publishing(mosquitto, Plans()) as publisher:
            await until(lambda: publisher.published == 2, "both plans")
        async with reading(mosquitto) as reader:
            await until(lambda: len(reader.plans) == 2, "both plans, retained")
        return reader

    reader = asyncio.run(scenario())
    assert reader.plans == {BOARDS: OrdersMessage(5, (ORDER,)), BLOCKS: OrdersMessage(7, ())}
    assert {topic for topic, _, _ in reader.messages} == {
        "df/v1/gypsum/minsk/boards/boards/orders",
        "df/v1/gypsum/minsk/blocks/blocks/orders",
    }
    assert all(retained for _, _, retained in reader.messages)


def test_a_plan_is_told_when_it_changes(mosquitto: BrokerAddress) -> None:
    """Once for each change, and the plans of other lines are left alone."""

    async def scenario() -> Reader:
        plans = Plans()
        async with reading(mosquitto) as reader, publishing(mosquitto, plans) as publisher:
            await until(lambda: reader.heard == 2, "both plans")
            plans.plans[0] = (replace(ORDER, order="boards-00101"),)
            plans.changed[0] = 9
            publisher.look()
            publisher.look()
            await until(lambda: reader.heard == 3, "the new plan")
            assert publisher.published == 3
        return reader

    reader = asyncio.run(scenario())
    assert reader.plans[BOARDS] == OrdersMessage(9, (replace(ORDER, order="boards-00101"),))


def test_everything_is_told_again_to_a_broker_that_has_forgotten(mosquitto_server: BrokerServer) -> None:
    """After a restart of the broker its retained messages are gone; the plans come back with the connection."""

    async def scenario() -> Reader:
        async with publishing(mosquitto_server.address, Plans()) as publisher:
            await until(lambda: publisher.published == 2, "both plans")
            mosquitto_server.kill()
            await until(lambda: not publisher.link.connected, "the loss")
            publisher.look()
            mosquitto_server.start()
            await until(lambda: publisher.published == 4, "both plans again")
            async with reading(mosquitto_server.address) as reader:
                await until(lambda: len(reader.plans) == 2, "both plans, retained")
        return reader

    assert asyncio.run(scenario()).plans[BOARDS] == OrdersMessage(5, (ORDER,))


def test_a_reader_survives_nonsense(mosquitto: BrokerAddress) -> None:
    """A broken plan is refused as a whole and the last good one stays; the next good one counts."""

    async def scenario() -> Reader:
        plans = Plans()
        async with reading(mosquitto) as reader, publishing(mosquitto, plans) as publisher:
            await until(lambda: reader.heard == 2, "both plans")
            assert reader.link is not None
            topic = str(Topic(("gypsum", *BOARDS), Contract.ORDERS))
            for nonsense in (b"", b"{", b'{"schema": "df.orders.v1", "time": 1, "orders": [{}]}', b"\xff" * 1000):
                reader.link.publish(topic, nonsense, 1, retain=True)
            await until(lambda: reader.refused == 4, "four refusals")
            assert reader.plans[BOARDS] == OrdersMessage(5, (ORDER,))
            plans.changed[0] = 11
            publisher.look()
            await until(lambda: reader.plans[BOARDS].time == 11, "the next plan")
        return reader

    assert asyncio.run(scenario()).plans[BOARDS] == OrdersMessage(11, (ORDER,))


def test_running_simulators_publish_the_plans_of_their_lines(mosquitto: BrokerAddress) -> None:
    """The service has its planner: every line with products gets its plan, the same as its machines show."""
    lines = {(line.site, line.area, line.slug) for line in load(TINY).site("alpha").lines if line.ideal_rates}

    async def scenario() -> Reader:
        stop = asyncio.Event()
        config = FleetConfig(str(TINY), mosquitto, sites=("alpha",))
        async with reading(mosquitto) as reader:
            task = asyncio.get_running_loop().create_task(run(config, stop))
            await until(lambda: len(reader.plans) == len(lines), "the plan of each line")
            stop.set()
            await task
        return reader

    reader = asyncio.run(scenario())
    assert set(reader.plans) == lines
    for line, message in reader.plans.items():
        assert [order.order.rsplit("-", 1)[0] for order in message.orders] == [line[2]] * len(message.orders)
        assert message.orders[-1].due - message.time > 3 * 86_400_000
