"""The dashboard alone: ``python -m dashboard --broker mqtt://... --historian influxdb://...``.

``factory up`` needs this only with a database server; with the embedded historian it runs the dashboard inside the
collectors' process.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from typing import Annotated

import typer

from dashboard.app import create_app
from dashboard.live.store import LiveStore
from dashboard.server import ServerConfig, serve
from dashboard.services import Services
from plant import heap
from plant.clock import now_ms
from plant.errors import ConfigurationError, FactoryError
from plant.historian.open import open_store
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.service import configure_logging, demand_loopback, install_stop
from plant.settings import Settings, read


def checked(settings: Settings) -> Settings:
    """The settings, if the dashboard can run alone with them.

    Raises:
        ConfigurationError: Broker or database are missing, or the address is open to others without leave.
    """
    if not settings.broker:
        raise ConfigurationError("the dashboard alone needs a broker; give --broker mqtt://host:1883")
    if not settings.historian:
        raise ConfigurationError(
            "the dashboard alone needs a database server, the embedded historian serves one process only; "
            "give --historian influxdb://host:8086/factory, or run `factory up`"
        )
    demand_loopback(settings.host, insecure_no_login=settings.insecure_no_login)
    return settings


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    with closing(open_store(settings, tags)) as historian:
        services = Services(enterprise, tags, historian, LiveStore(now_ms), now_ms)
        asyncio.run(_serve(settings, services))


async def _serve(settings: Settings, services: Services) -> None:
    stop = install_stop(asyncio.get_running_loop())
    app = create_app(services, BrokerAddress.parse(settings.broker))
    await serve(ServerConfig.of(settings), app, stop)


def command(
    broker: Annotated[str | None, typer.Option(help="mqtt://[user:password@]host[:port], mqtts:// for TLS")] = None,
    historian: Annotated[str | None, typer.Option(help="influxdb://[user:password@]host[:port]/database")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on")] = None,
    insecure_no_login: Annotated[
        bool | None, typer.Option("--insecure-no-login", help="Allow another address than loopback")
    ] = None,
) -> None:
    """Serve the dashboard alone; every other setting comes from the environment (`factory settings`)."""
    try:
        settings = checked(
            read(
                broker=broker,
                historian=historian,
                model=model,
                host=host,
                port=port,
                insecure_no_login=insecure_no_login,
            )
        )
        configure_logging(settings.log_level, settings.log_format)
        run(settings)
    except FactoryError as error:
        print(f"dashboard: {error}", file=sys.stderr)  # noqa: T201 - one line for the one who started it
        raise SystemExit(1) from None


if __name__ == "__main__":
    heap.settle()
    typer.run(command)
