"""``python -m collectors``: one collector as a service of its own."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing
from pathlib import Path
from typing import Annotated

import structlog
import typer
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from rich.console import Console

from collectors.collector import Collector
from collectors.config import CollectorConfig
from plant import heap
from plant.clock import now_ms
from plant.errors import ConfigurationError, FactoryError
from plant.historian.inventory import inventory
from plant.historian.open import open_store
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.service import HealthServer, Page, configure_logging, install_stop
from plant.settings import read

log = structlog.get_logger(__name__)

EXAMPLES = """
[bold]Examples[/bold]

python -m collectors --broker mqtt://10.0.0.5 --historian influxdb://writer:secret@10.0.0.6:8086/factory

python -m collectors --broker mqtts://10.0.0.5 --host-id collector-south --sites maykop --service-port 9101
"""

app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command(epilog=EXAMPLES)
def collect(
    broker: Annotated[str | None, typer.Option(help="mqtt://host:1883, mqtts:// for TLS")] = None,
    historian: Annotated[str | None, typer.Option(help="influxdb://...; otherwise a DuckDB file in --data")] = None,
    host_id: Annotated[str | None, typer.Option(help="Sparkplug host id, unique in the installation")] = None,
    sites: Annotated[
        str | None, typer.Option(help="Comma separated sites to serve; if not given, those whose primary host this is")
    ] = None,
    mappings: Annotated[str | None, typer.Option(help="Comma separated mapping files of third-party devices")] = None,
    operations: Annotated[str | None, typer.Option(help="postgresql://...; otherwise a SQLite file in --data")] = None,
    alarms: Annotated[str | None, typer.Option(help="Alarm rules file; otherwise the one of the model")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for the DuckDB file")] = None,
    service_port: Annotated[
        int | None, typer.Option(help="Port of /healthz, /metrics and /quarantine on loopback; 0 is none")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error")] = None,
    log_format: Annotated[str | None, typer.Option(help="text for people, json for machines")] = None,
) -> None:
    """Collect from Sparkplug edge nodes into the historian and the unified namespace, until SIGTERM or Ctrl-C.

    Every option has an environment variable as well, and there are more of these: see `factory settings`.
    """
    settings = read(
        broker=broker,
        historian=historian,
        host_id=host_id,
        sites=sites,
        mappings=mappings,
        operations=operations,
        alarms=alarms,
        model=model,
        data=data,
        service_port=service_port,
        log_level=log_level,
        log_format=log_format,
    )
    configure_logging(settings.log_level, settings.log_format)
    if not settings.broker:
        raise ConfigurationError("no broker is named; give --broker mqtt://host, or run 'factory up', which starts one")
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    config = CollectorConfig.of(settings, BrokerAddress.parse(settings.broker), enterprise)
    with closing(open_store(settings, tags)) as store:
        collector = Collector(config, enterprise, tags, store, now_ms, random.Random())
        registry = CollectorRegistry()
        registry.register(collector.metrics)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        pages: dict[str, Page] = {
            "/quarantine": collector.quarantine.to_json,
            "/historian": lambda: inventory(store),
        }
        with HealthServer(settings.service_port, collector.health, registry, pages):
            asyncio.run(_run(collector, config))


async def _run(collector: Collector, config: CollectorConfig) -> None:
    stop = install_stop(asyncio.get_running_loop())
    log.info("collecting", broker=str(config.broker), host_id=config.host_id, sites=",".join(config.sites))
    await collector.run(stop)
    log.info("stopped")


def main() -> None:
    """Run the command; what goes wrong on purpose is one sentence and exit code 1."""
    heap.settle()
    try:
        app()
    except FactoryError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"collectors: {error}", markup=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
