import asyncio
import socket
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry
from screens import services
from starlette.types import Receive, Scope, Send

from dashboard.__main__ import checked
from dashboard.app import create_app
from dashboard.server import ServerConfig, serve
from plant.errors import ConfigurationError
from plant.settings import Settings

ALONE = {"broker": "mqtt://127.0.0.1", "historian": "influxdb://127.0.0.1:8086/factory"}


def test_it_serves_until_it_is_told_to_stop(free_port: Callable[[], int]) -> None:
    """The server answers on its port and returns once the event is set, without signals of its own."""
    port = free_port()

    async def run() -> bytes:
        stop = asyncio.Event()
        app = create_app(services(), None, pages=(), registry=CollectorRegistry())
        serving = asyncio.create_task(serve(ServerConfig(port=port), app, stop))
        async with asyncio.timeout(20):
            while True:
                try:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except ConnectionRefusedError:
                    await asyncio.sleep(0.02)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            stop.set()
            await serving
        return answer

    assert asyncio.run(run()).startswith(b"HTTP/1.1 503")


def test_a_taken_port_is_one_clear_error() -> None:
    """A port that is in use is a configuration error that names it, before anything is connected."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        app = create_app(services(), None, pages=(), registry=CollectorRegistry())
        with pytest.raises(ConfigurationError, match=str(port)):
            asyncio.run(serve(ServerConfig(port=port), app, asyncio.Event()))


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (Settings(historian=ALONE["historian"]), "broker"),
        (Settings(broker=ALONE["broker"]), "historian"),
        (Settings(**ALONE, host="0.0.0.0"), "login"),
        (Settings(**ALONE, host="plant.example"), "login"),
    ],
)
def test_alone_it_needs_a_broker_a_database_and_loopback(settings: Settings, word: str) -> None:
    """What is missing is named before anything is connected."""
    with pytest.raises(ConfigurationError, match=word):
        checked(settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_leave(host: str) -> None:
    """Loopback is served without further ado, another address with leave."""
    assert checked(Settings(**ALONE, host=host)).host == host
    assert checked(Settings(**ALONE, host="0.0.0.0", insecure_no_login=True)).host == "0.0.0.0"


def test_an_application_that_cannot_start_is_loud(free_port: Callable[[], int]) -> None:
    """A start-up that fails ends `serve` by an error instead of a server that serves nothing."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    async def run() -> None:
        async with asyncio.timeout(10):
            await serve(ServerConfig(port=free_port()), broken, asyncio.Event())

    with pytest.raises(RuntimeError, match="could not start"):
        asyncio.run(run())
