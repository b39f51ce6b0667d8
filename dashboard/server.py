"""Serves the dashboard with uvicorn on the running loop, until told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from plant.errors import ConfigurationError

GRACE_S: Final = 2
"""Time for open requests and websockets to end."""
LONGEST_WEBSOCKET_MESSAGE: Final = 16_384

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = 8050


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to the composition root."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured: the composition root stops us by its event."""
        yield


async def serve(config: ServerConfig, app: ASGIApp, stop: asyncio.Event) -> None:
    """Serve `app` until `stop` is set, then finish open requests and return.

    Raises:
        ConfigurationError: The port is taken.
    """
    server = _Server(
        uvicorn.Config(
            app,
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
    stopping = asyncio.create_task(stop.wait())
    log.info("dashboard listens", address=f"http://{config.host}:{config.port}/")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


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
