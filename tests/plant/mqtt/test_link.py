from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

import pytest
from links import Probe, running, until
from servers.brokers import BrokerServer
from structlog.testing import capture_logs

from plant.errors import BadInputError
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import LARGEST_BACKLOG, LARGEST_PAYLOAD, Delivery, Link, Will

pytestmark = pytest.mark.broker


@pytest.fixture(params=["mosquitto_server", "embedded_broker_server"])
def server(request: pytest.FixtureRequest) -> BrokerServer:
    """Each test runs against Mosquitto and against our embedded broker."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def broker(server: BrokerServer) -> BrokerAddress:
    return server.address


def test_what_is_published_arrives_in_order_at_both_qualities_of_service(broker: BrokerAddress) -> None:
    """Messages of one link arrive in their order; QoS 1 and QoS 0 alike."""

    async def scenario() -> list[bytes]:
        ear, mouth = Probe(filters=[("t/#", 1)]), Probe()
        async with running(broker, "ear", ear), running(broker, "mouth", mouth) as link:
            for number in range(200):
                assert link.publish("t/x", b"%d" % number, qos=number % 2)
            await until(lambda: len(ear.messages) == 200, "200 messages")
        return ear.payloads("t/x")

    received = [int(payload) for payload in asyncio.run(scenario())]
    assert [n for n in received if n % 2] == list(range(1, 200, 2))
    assert [n for n in received if not n % 2] == list(range(0, 200, 2))


def test_the_largest_payload_passes_and_a_larger_one_is_refused(broker: BrokerAddress) -> None:
    """The largest payload is almost 1 MiB on every broker; what is larger never reaches the wire."""
    largest = random.Random(3).randbytes(LARGEST_PAYLOAD)

    async def scenario() -> list[bytes]:
        ear, mouth = Probe(filters=[("t/#", 1)]), Probe()
        async with running(broker, "ear", ear), running(broker, "mouth", mouth) as link:
            with pytest.raises(BadInputError, match="1047553 bytes"):
                link.publish("t/big", largest + b"!", qos=1)
            link.publish("t/big", largest, qos=1)
            link.publish("t/small", b"after it", qos=1)
            await until(lambda: len(ear.messages) == 2, "both messages")
        return ear.payloads("t/big")

    assert asyncio.run(scenario()) == [largest]


def test_a_retained_message_is_marked_for_who_comes_later(broker: BrokerAddress) -> None:
    """`retained` tells a kept message from a fresh one."""

    async def scenario() -> list[tuple[str, bytes, bool]]:
        early, late, mouth = Probe(filters=[("t/#", 1)]), Probe(filters=[("t/#", 1)]), Probe()
        async with running(broker, "early", early), running(broker, "mouth", mouth) as link:
            link.publish("t/kept", b"1", qos=1, retain=True)
            await until(lambda: early.messages, "the fresh message")
            async with running(broker, "late", late):
                await until(lambda: late.messages, "the kept message")
        return [*early.messages, *late.messages]

    assert asyncio.run(scenario()) == [("t/kept", b"1", False), ("t/kept", b"1", True)]


def test_a_dropped_link_leaves_its_will_and_comes_back_with_a_new_one(broker: BrokerAddress) -> None:
    """`drop` is a broken network: the will is published; every CONNECT asks for a will anew."""
    mouth = Probe(wills=lambda asked: Will("t/will", b"%d" % asked, qos=1))

    async def scenario() -> list[bytes]:
        ear = Probe(filters=[("t/#", 1)])
        async with running(broker, "ear", ear), running(broker, "mouth", mouth) as link:
            for dropped in (1, 2):
                link.drop()
                assert not link.connected
                assert not link.publish("t/x", b"to nobody")
                await until(lambda dropped=dropped: len(ear.messages) == dropped, f"will {dropped}")
                await until(lambda: link.connected, "the link is back")
        return ear.payloads("t/will")

    assert asyncio.run(scenario()) == [b"1", b"2"]
    assert mouth.events == ["connected", "disconnected"] * 3


def test_a_closed_link_sends_what_was_published_and_leaves_no_will(broker: BrokerAddress) -> None:
    """`close` says DISCONNECT behind the last message, so the broker throws the will away."""

    async def scenario() -> list[tuple[str, bytes, bool]]:
        ear, mouth = Probe(filters=[("t/#", 1)]), Probe(wills=lambda _: Will("t/will", b"!"))
        async with running(broker, "ear", ear):
            async with running(broker, "mouth", mouth) as link:
                for number in range(50):
                    link.publish("t/last", b"%d" % number, qos=number % 2)
            async with running(broker, "witness", witness := Probe()) as link:
                link.publish("t/witness", b"", qos=1)
                await until(lambda: ear.payloads("t/witness"), "the witness")
        assert witness.events == ["connected", "disconnected"]
        return ear.messages

    topics = [topic for topic, _, _ in asyncio.run(scenario())]
    assert sorted(topics) == ["t/last"] * 50 + ["t/witness"]


def test_reconnect_says_disconnect_and_comes_back(broker: BrokerAddress) -> None:
    """`reconnect` leaves no will behind either, and the link returns by itself."""

    async def scenario() -> list[tuple[str, bytes, bool]]:
        ear, mouth = Probe(filters=[("t/#", 1)]), Probe(wills=lambda _: Will("t/will", b"!"))
        async with running(broker, "ear", ear), running(broker, "mouth", mouth) as link:
            link.publish("t/x", b"before")
            link.reconnect()
            assert not link.connected
            await until(lambda: link.connected, "the link is back")
            link.publish("t/x", b"after")
            await until(lambda: len(ear.messages) >= 2, "both messages")
            assert link.connections == 2
        return ear.messages

    assert asyncio.run(scenario()) == [("t/x", b"before", False), ("t/x", b"after", False)]


def test_after_a_broker_restart_the_link_subscribes_again_and_says_so_once(server: BrokerServer) -> None:
    """A restarted broker is met again by itself; the log holds one line for lost and one for back."""

    async def scenario() -> Probe:
        both = Probe(filters=[("t/#", 1)])
        async with running(server.address, "both", both) as link:
            server.kill()
            await until(lambda: not link.connected, "the loss is noticed")
            await until(lambda: link.attempts == 4, "a fourth attempt")
            server.start()
            await until(lambda: both.events.count("subscribed") == 2, "the second subscription")
            link.publish("t/x", b"again")
            await until(lambda: both.messages, "the message")
        return both

    with capture_logs() as logs:
        probe = asyncio.run(scenario())
    assert probe.payloads("t/x") == [b"again"]
    said = [entry for entry in logs if entry["log_level"] in {"warning", "info"}]
    assert [entry["event"] for entry in said] == ["broker lost", "broker is back"]


def test_each_subscribe_is_confirmed_by_itself(broker: BrokerAddress) -> None:
    """`on_subscribed` follows each SUBACK."""

    async def scenario() -> list[str]:
        probe = Probe(filters=[("a/#", 0), ("b/#", 1)])
        async with running(broker, "probe", probe) as link:
            link.subscribe([("c/#", 1)])
            await until(lambda: probe.events.count("subscribed") == 2, "both confirmations")
        return probe.events

    assert asyncio.run(scenario()) == ["connected", "subscribed", "subscribed", "disconnected"]


def test_a_failing_handler_is_loud_and_the_link_goes_on(broker: BrokerAddress) -> None:
    """A bug in a handler is logged with its trace and costs nothing but that message."""

    class Faulty(Probe):
        def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
            super().on_message(topic, payload, retained)
            if payload == b"poison":
                raise ZeroDivisionError

    async def scenario() -> Probe:
        probe = Faulty(filters=[("t/#", 1)])
        async with running(broker, "faulty", probe) as link:
            for payload in (b"poison", b"good"):
                link.publish("t/x", payload, qos=1)
            await until(lambda: len(probe.messages) == 2, "both messages")
        return probe

    with capture_logs() as logs:
        probe = asyncio.run(scenario())
    assert probe.events == ["connected", "subscribed", "disconnected"]
    assert [(entry["event"], entry["callback"]) for entry in logs if entry["log_level"] == "error"] == [
        ("a link's handler failed", "on_message")
    ]


def test_an_unacknowledged_message_comes_again_and_an_acknowledged_one_does_not(broker: BrokerAddress) -> None:
    """With `manual_ack` and a persistent session a QoS 1 message is gone only when it was acknowledged."""

    class Keeper(Probe):
        deliveries: dict[bytes, Delivery]

        def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
            super().on_message(topic, payload, retained)
            assert self.link is not None
            self.deliveries = {**getattr(self, "deliveries", {}), payload: self.link.delivery}

    async def scenario() -> tuple[list[bytes], list[bytes]]:
        first, second, mouth = Keeper(filters=[("t/#", 1)]), Keeper(), Probe()
        options = {"clean_session": False, "manual_ack": True}
        async with running(broker, "mouth", mouth) as sender:
            async with running(broker, "keeper", first, **options) as link:
                for payload in (b"kept", b"lost"):
                    sender.publish("t/x", payload, qos=1)
                await until(lambda: len(first.messages) == 2, "both messages")
                link.ack(first.deliveries[b"kept"])
            async with running(broker, "keeper", second, **options) as link:
                await until(lambda: second.messages, "the unacknowledged message")
                link.ack(first.deliveries[b"lost"])  # of a connection that is gone: nothing happens
                sender.publish("t/x", b"new", qos=1)
                await until(lambda: b"new" in second.payloads("t/x"), "the new message")
        return first.payloads("t/x"), second.payloads("t/x")

    before, after = asyncio.run(scenario())
    assert before == [b"kept", b"lost"]
    assert after == [b"lost", b"new"]


def test_a_burst_beyond_the_backlog_is_dropped_and_counted(broker: BrokerAddress) -> None:
    """What does not fit into the bounded backlog is refused and counted, never kept without bound."""
    half = bytes(LARGEST_PAYLOAD // 2)
    fitting = 2 * LARGEST_BACKLOG // LARGEST_PAYLOAD

    async def scenario() -> tuple[int, int]:
        async with running(broker, "mouth", Probe()) as link:
            sent = sum(link.publish("t/x", half) for _ in range(fitting + 5))
            await until(lambda: link.backlog == 0, "the broker has taken all")
            assert link.publish("t/x", half)
            return sent, link.dropped

    sent, dropped = asyncio.run(scenario())
    assert sent + dropped == fitting + 5
    assert 5 <= dropped <= 6


def test_sixty_links_in_one_process(broker: BrokerAddress) -> None:
    """60 links publish and one hears all of it; what a message costs is printed."""
    rounds, count = 20, 60

    async def scenario() -> float:
        ear = Probe(filters=[("t/#", 0)])
        mouths = [Probe() for _ in range(count)]
        async with running(broker, "ear", ear), asyncio.TaskGroup() as tasks:
            links = [Link(broker, f"mouth-{n}", mouth, rng=random.Random(n)) for n, mouth in enumerate(mouths)]
            for mouth, link in zip(mouths, links, strict=True):
                mouth.link = link
                tasks.create_task(link.run())
            await until(lambda: all(link.connected for link in links), "60 links")
            before_s = time.process_time()
            for number in range(rounds):
                for link in links:
                    assert link.publish(f"t/{number}", b"x" * 100)
                await asyncio.sleep(0)
            await until(lambda: len(ear.messages) == count * rounds, "all messages")
            spent_s = time.process_time() - before_s
            await asyncio.gather(*(link.close() for link in links))
        return spent_s

    print(f"{1e6 * asyncio.run(scenario()) / (count * rounds):.0f} us of CPU to send and hear a message")


def test_close_before_the_first_connection_ends_run(free_port: Callable[[], int]) -> None:
    """A link that never met its broker closes at once."""

    async def scenario() -> list[str]:
        probe = Probe()
        link = Link(BrokerAddress("127.0.0.1", free_port()), "x", probe, rng=random.Random(1))
        task = asyncio.get_running_loop().create_task(link.run())
        await asyncio.sleep(0)
        await link.close()
        await task
        return probe.events

    assert asyncio.run(scenario()) == []
