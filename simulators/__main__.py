"""``python -m simulators``: simulated plants on a broker."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from plant import settings as knobs
from plant.errors import FactoryError
from plant.model.load import load
from plant.mqtt.address import BrokerAddress
from plant.service import configure_logging, install_stop
from simulators.fleet.config import FleetConfig, chosen_sites, moment, slugs
from simulators.fleet.layout import live_metrics
from simulators.fleet.service import run, wall_clock_ms
from simulators.fleet.status import FleetStatus, sentence

WORLD_FILE = "world.npz"
"""Where the world is kept in the data folder."""
LOG_EVERY_S = 60.0

EXAMPLES = """
[bold]Examples[/bold]

python -m simulators --sites volgograd,minsk --seed 7 --broker mqtt://127.0.0.1:1883

python -m simulators --speed 60 --from 2026-11-22T00:00Z

python -m simulators --model print-farm --data ./print-farm --service-port 9102

python -m simulators --list
"""

app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
log = structlog.get_logger("simulators")


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def simulate(
    sites: Annotated[str | None, typer.Option(help="Comma separated sites; all if not given")] = None,
    speed: Annotated[float | None, typer.Option(help="World seconds per second, 1 to 1000, until now")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the world: equal seeds tell equal stories")] = None,
    broker: Annotated[str | None, typer.Option(help="mqtt://user:password@host:port, mqtts:// for TLS")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="Where a speed above 1 begins: 2026-11-22T08:00Z, or 24h ago: 24h")
    ] = None,
    scan: Annotated[float | None, typer.Option(help="Scan time of the edge nodes, s")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder that keeps the world and each node's bdSeq")] = None,
    resume: Annotated[Path | None, typer.Option(help="Saved world to go on from")] = None,
    state: Annotated[Path | None, typer.Option(help="File in which the world is saved")] = None,
    service_port: Annotated[
        int | None, typer.Option(help="Port of /healthz and /metrics on loopback; 0 is none")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error")] = None,
    log_format: Annotated[str | None, typer.Option(help="text or json")] = None,
    *,
    list_sites: Annotated[bool, typer.Option("--list", help="Show sites, edge nodes and tags, and end")] = False,
) -> None:
    """Run simulated plants: edge nodes that speak Sparkplug B over MQTT, until Ctrl-C or SIGTERM."""
    settings = knobs.read(
        sites=sites,
        speed=speed,
        seed=seed,
        broker=broker,
        model=model,
        scan=scan,
        data=data,
        service_port=service_port,
        log_level=log_level,
        log_format=log_format,
    )
    if list_sites:
        _show_sites(settings)
        return
    keeps = data is not None or knobs.variable("data") in os.environ
    _run(settings, _config(settings, begin, resume, state, settings.data if keeps else None))


def _config(
    settings: knobs.Settings, begin: str | None, resume: Path | None, state: Path | None, data: Path | None
) -> FleetConfig:
    own_state = None if data is None else data / WORLD_FILE
    if begin is not None and resume is not None:
        raise FactoryError("--from begins a fresh world and --resume goes on with another; give one of them")
    if resume is None and begin is None and own_state is not None and own_state.exists():
        resume = own_state
    return FleetConfig(
        model=settings.model,
        broker=BrokerAddress.parse(settings.broker or f"mqtt://127.0.0.1:{settings.broker_port}"),
        sites=slugs(settings.sites),
        seed=settings.seed,
        speed=settings.speed,
        start_ms=None if begin is None else moment(begin, wall_clock_ms()),
        scan_s=settings.scan,
        resume=resume,
        state=state or own_state,
        data=data,
        service_port=settings.service_port,
    )


def _run(settings: knobs.Settings, config: FleetConfig) -> None:
    console = Console(stderr=True, highlight=False)
    with _status_line(console) if console.is_terminal else _status_log() as show:
        configure_logging(settings.log_level, settings.log_format)  # after the line has taken over stderr

        async def simulate() -> None:
            await run(config, install_stop(asyncio.get_running_loop()), show)

        asyncio.run(simulate())


@contextmanager
def _status_line(console: Console) -> Iterator[Callable[[FleetStatus], None]]:
    """One line that changes in place, below the log."""
    with Live(console=console, refresh_per_second=2, transient=True, redirect_stderr=True) as live:
        yield lambda status: live.update(Text(sentence(status)))


@contextmanager
def _status_log() -> Iterator[Callable[[FleetStatus], None]]:
    """A log line once a minute."""
    shown = 0

    def show(status: FleetStatus) -> None:
        nonlocal shown
        shown += 1
        if shown % int(LOG_EVERY_S) == 0:
            log.info(sentence(status), lost=status.lost, births=status.births)

    yield show


def _show_sites(settings: knobs.Settings) -> None:
    enterprise = load(settings.model)
    table = Table(box=None, pad_edge=False)
    for column in ("site", "name", "edge nodes", "units", "metrics"):
        table.add_column(column, justify="left" if column in {"site", "name"} else "right")
    for site in chosen_sites(enterprise, slugs(settings.sites)):
        units = [unit for unit in site.units if unit.retired is None]
        metrics = sum(len(live_metrics(unit)) for unit in units)
        table.add_row(site.slug, site.name.en, str(len(site.gateways)), str(len(units)), str(metrics))
    Console(highlight=False).print(table)


def main() -> None:
    """Run the command; what goes wrong on purpose is one sentence and exit code 1."""
    try:
        app()
    except FactoryError as error:
        sys.stderr.write(f"simulators: {error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
