"""Serves the dashboard with uvicorn on the running loop, until told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

import structlog
import uvicorn
from starlette.types import ASGIApp

from dashboard.web.hosts import answering_to
from dashboard.web.warm import warm
from plant.errors import ConfigurationError
from plant.settings import Settings

GRACE_S: Final = 2
"""Time for open requests and websockets to end."""
LONGEST_WEBSOCKET_MESSAGE: Final = 16_384

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where to listen.

    Attributes:
        host: Address; `port` likewise.
        names: Host names to answer to besides those of loopback.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the settings say."""
        names = (name.strip() for name in settings.host_names.split(","))
        return cls(settings.host, settings.port, tuple(name for name in names if name))


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to the composition root, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        """Set once it has started, or has failed to."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        try:
            await super().startup(sockets)
        except SystemExit:  # uvicorn ends the process when the application cannot start; `serve` raises instead
            self.should_exit = True
        finally:
            self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured: the composition root stops us by its event."""
        yield


async def serve(config: ServerConfig, app: ASGIApp, stop: asyncio.Event) -> None:
    """Serve `app` until `stop` is set, then finish open requests and return.

    Raises:
        ConfigurationError: The port is taken.
        RuntimeError: The application could not start.
    """
    server = _Server(
        uvicorn.Config(
            answering_to(app, config.host, config.names),
            host=config.host,
            port=config.port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            ws="websockets-sansio",
            ws_max_size=LONGEST_WEBSOCKET_MESSAGE,
            ws_per_message_deflate=False,  # would compress each frame once per tab
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    listener = _listener(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    log.info("dashboard listens", address=f"http://{config.host}:{config.port}/")
    waiting = asyncio.create_task(_until(stop, server, app))
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    server.up.set()
    stop.set()
    await waiting
    await serving
    listener.close()
    if not server.started:
        raise RuntimeError("the dashboard could not start; the log says why")


async def _until(stop: asyncio.Event, server: _Server, app: ASGIApp) -> None:
    """Fill the cache as soon as the server has started, then wait for `stop`; return if it cannot start."""
    await server.up.wait()
    if server.started:
        await warm(app, stop)
        await stop.wait()


def _listener(config: ServerConfig) -> socket.socket:
    """A listening socket, made here so that a taken port is an error and not uvicorn's `sys.exit`."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"{config.host}:{config.port} cannot be used ({error.strerror}); choose another with --port"
        ) from error
    return listener
