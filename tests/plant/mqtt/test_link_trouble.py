"""Brokers that refuse, stay silent or talk nonsense, and a broker behind TLS."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from links import Probe, running, until
from servers.brokers import BrokerServer
from servers.processes import free_port
from structlog.testing import capture_logs

from plant.mqtt import connection
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.mqtt.wire import LARGEST_PACKET

SECURED = """\
user root
listener {port} 127.0.0.1
allow_anonymous false
password_file passwords
acl_file acl
certfile server.crt
keyfile server.key
"""
CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.crt "
    "-days 30 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[BrokerAddress]:
    """A Mosquitto with TLS, one user and one topic that this user may use."""
    port = free_port()
    subprocess.run(CERTIFICATE.split(), check=True, capture_output=True, cwd=tmp_path)
    (tmp_path / "passwords").touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", "passwords", "edge", "s3cret"], check=True, cwd=tmp_path)
    (tmp_path / "acl").write_text("user edge\ntopic readwrite t/#\n")
    (tmp_path / "acl").chmod(0o600)
    (tmp_path / "mosquitto.conf").write_text(SECURED.format(port=port))
    command = ["sh", "-c", f"cd '{tmp_path}' && exec mosquitto -c mosquitto.conf"]
    server = BrokerServer(command, port, tmp_path)
    server.start()
    yield BrokerAddress("127.0.0.1", port, tls=True, user="edge", password="s3cret", ca=str(tmp_path / "server.crt"))
    server.stop()


@asynccontextmanager
async def scripted(script: list[bytes]) -> AsyncIterator[tuple[BrokerAddress, list[bytes]]]:
    """A server that answers the n-th connection's first bytes with the n-th text, the last one for ever after.

    An empty text answers nothing. Yields the address and what was received, one entry a connection.
    """
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4096))
        answer = script[min(len(heard), len(script)) - 1]
        writer.write(answer)
        while (more := await reader.read(4096)) and DISCONNECT not in more:
            heard[-1] += more
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield BrokerAddress("127.0.0.1", server.sockets[0].getsockname()[1]), heard
    finally:
        server.close()


CONNACK = bytes([0x20, 2, 0, 0])
REFUSING_SUBACK = bytes([0x90, 3, 0, 1, 0x80])
DISCONNECT = bytes([0xE0, 0])


@pytest.mark.broker
def test_tls_and_a_password(secured: BrokerAddress) -> None:
    """A link speaks TLS, checks the certificate and logs in."""

    async def scenario() -> list[bytes]:
        probe = Probe(filters=[("t/#", 1)])
        async with running(secured, "probe", probe) as link:
            payloads = [random.Random(n).randbytes(100_000) for n in range(5)]
            for payload in payloads:
                link.publish("t/x", payload, qos=1)
            await until(lambda: len(probe.messages) == 5, "five messages")
        assert probe.payloads("t/x") == payloads
        return payloads

    assert asyncio.run(scenario())


@pytest.mark.broker
@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"ca": None}, "CERTIFICATE_VERIFY_FAILED"),
        ({"password": "wrong"}, "Not authorized"),
        ({"user": None, "password": None}, "Not authorized"),
    ],
)
def test_a_refusal_is_said_once_with_its_cause(secured: BrokerAddress, change: dict[str, None], cause: str) -> None:
    """A wrong certificate or password is one warning that says so, however often it is tried."""

    async def scenario() -> None:
        probe = Probe()
        link = Link(replace(secured, **change), "probe", probe, rng=random.Random(1))
        task = asyncio.get_running_loop().create_task(link.run())
        await until(lambda: link.attempts == 4, "a fourth attempt")
        assert not link.connected
        assert probe.events == []
        await link.close()
        await task

    with capture_logs() as logs:
        asyncio.run(scenario())
    assert [entry["event"] for entry in logs] == ["broker lost"]
    assert cause in logs[0]["cause"]


def test_a_refused_subscription_is_an_error_and_not_confirmed() -> None:
    """A filter that the broker does not grant is named in the log; nobody believes to be subscribed."""

    class Subscriber(Probe):
        def on_connected(self) -> None:
            self.events.append("connected")
            assert self.link is not None
            self.link.subscribe([("secret/#", 1)])

    async def scenario() -> list[str]:
        probe = Subscriber()
        async with scripted([CONNACK + REFUSING_SUBACK]) as (address, _), running(address, "probe", probe):
            await until(lambda: logs, "the refusal")
        return probe.events

    with capture_logs() as logs:
        assert asyncio.run(scenario()) == ["connected", "disconnected"]
    assert [(entry["event"], entry["filters"]) for entry in logs] == [
        ("the broker refuses a subscription", ["secret/#"])
    ]


def test_a_broker_that_takes_and_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A black hole costs the time-out and no more: the loop goes on meanwhile and the next try comes."""
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 0.2)

    async def scenario() -> list[str]:
        probe = Probe(wills=lambda asked: Will("t/will", b"will %d" % asked))
        async with scripted([b"", CONNACK]) as (address, heard), running(address, "probe", probe):
            assert [b"will 1" in heard[0], b"will 2" in heard[1]] == [True, True]
        return probe.events

    assert asyncio.run(scenario()) == ["connected", "disconnected"]


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(bytes([0x30, 1, 0]), id="cut PUBLISH"),
        pytest.param(bytes([0xF0, 0]), id="unknown packet"),
        pytest.param(bytes([0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), id="endless length"),
        pytest.param(bytes([0x30, 0xFF, 0xFF, 0xFF, 0x7F]) + b"xxx", id=f"more than {LARGEST_PACKET} bytes"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(100), id="not MQTT"),
    ],
)
def test_nonsense_ends_the_connection_and_the_next_one_works(nonsense: bytes) -> None:
    """Whatever a broken broker says, the link drops it and connects again."""

    async def scenario() -> int:
        probe = Probe()
        async with scripted([CONNACK + nonsense, CONNACK]) as (address, _), running(address, "probe", probe) as link:
            await until(lambda: link.connections == 2, "the second connection")
            assert link.connected
            return link.connections

    assert asyncio.run(scenario()) == 2


def test_a_topic_that_is_no_text_reaches_the_handler() -> None:
    """A topic that is not UTF-8 is passed on marked, so that the owner can count it as a wrong topic."""
    publish = bytes([0x30, 6, 0, 3]) + b"t/\xff" + b"!"

    async def scenario() -> list[tuple[str, bytes, bool]]:
        probe = Probe()
        async with scripted([CONNACK + publish]) as (address, _), running(address, "probe", probe):
            await until(lambda: probe.messages, "the message")
        return probe.messages

    assert asyncio.run(scenario()) == [("t/\ufffd", b"!", False)]


def test_a_silent_broker_is_given_up_after_two_keep_alives() -> None:
    """A connection whose peer is gone without a word ends by the keep-alive, and the link connects again."""

    async def scenario() -> list[bytes]:
        probe = Probe()
        async with scripted([CONNACK]) as (address, heard), running(address, "probe", probe, keepalive_s=1) as link:
            await until(lambda: link.connections == 2, "the second connection")
            return heard

    assert len(asyncio.run(scenario())) == 2


def test_a_will_that_cannot_be_made_is_loud_and_tried_again() -> None:
    """A handler that fails to make its will does not end the link."""

    def will(asked: int) -> Will | None:
        if asked == 1:
            raise ZeroDivisionError
        return None

    async def scenario() -> list[str]:
        probe = Probe(wills=will)
        async with scripted([CONNACK]) as (address, _), running(address, "probe", probe):
            return probe.events

    with capture_logs() as logs:
        assert asyncio.run(scenario()) == ["connected", "disconnected"]
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["the connection cannot be opened"]
