"""``python -m simulators``: simulated plants on a broker."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console

from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.service import configure_logging, install_stop
from simulators.cli import load, options, run, scenarios, sites, steer, watch
from simulators.cli.progress import progress
from simulators.fleet.config import FleetConfig, moment, slugs

WORLD_FILE = "world.npz"
"""Where the world is kept in the data folder."""

EXAMPLES = """
[bold]Examples[/bold]

python -m simulators --sites volgograd,minsk --seed 7 --broker mqtt://127.0.0.1:1883

python -m simulators --speed 60 --from 2026-11-22T00:00Z

python -m simulators --model print-farm --data ./print-farm --service-port 9102

python -m simulators --speed 60 --scenario bearing_wear --scenario comms_loss@+2h

python -m simulators watch

python -m simulators inject bearing_wear --site minsk
"""

app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def simulate(
    context: typer.Context,
    chosen: run.Sites = None,
    speed: run.Speed = None,
    seed: run.Seed = None,
    broker: run.Broker = None,
    model: options.Model = None,
    begin: run.Begin = None,
    end: run.End = None,
    scan: run.Scan = None,
    data: run.Data = None,
    name: run.Name = options.DEFAULT_NAME,
    scenario: run.Scenario = None,
    truth: run.Truth = None,
    resume: run.Resume = None,
    state: run.State = None,
    service_port: run.ServicePort = None,
    log_level: run.LogLevel = None,
    log_format: run.LogFormat = None,
    *,
    list_sites: run.ListSites = False,
) -> None:
    """Run simulated plants: edge nodes that speak Sparkplug B over MQTT, until Ctrl-C or SIGTERM.

    With a command it does that instead: look at simulators that run, steer them, load a broker.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        configure_logging("warning", "text")
        return
    settings = knobs.read(
        sites=chosen,
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
        sites.show(settings)
        return
    keeps = data is not None or knobs.variable("data") in os.environ
    config = _config(settings, begin, end, resume, state, settings.data if keeps else None)
    _run(settings, replace(config, truth=truth, name=name, scenarios=tuple(scenario or ())))


def _config(
    settings: knobs.Settings,
    begin: str | None,
    end: str | None,
    resume: Path | None,
    state: Path | None,
    data: Path | None,
) -> FleetConfig:
    own_state = None if data is None else data / WORLD_FILE
    if begin is not None and resume is not None:
        raise FactoryError("--from begins a fresh world and --resume goes on with another; give one of them")
    if resume is None and begin is None and own_state is not None and own_state.exists():
        resume = own_state
    return FleetConfig(
        model=settings.model,
        broker=options.broker_address(settings),
        sites=slugs(settings.sites),
        seed=settings.seed,
        speed=settings.speed,
        start_ms=None if begin is None else moment(begin, now_ms()),
        end_ms=None if end is None else moment(end, now_ms()),
        scan_s=settings.scan,
        resume=resume,
        state=state or own_state,
        data=data,
        ring_mb=settings.ring_mb,
        ring_hours=settings.ring_hours,
        replay_rate=settings.replay_rate,
        service_port=settings.service_port,
    )


def _run(settings: knobs.Settings, config: FleetConfig) -> None:
    from simulators.fleet import service  # noqa: PLC0415 - worlds take a second to import; commands need none

    with progress(Console(stderr=True, highlight=False)) as show:
        configure_logging(settings.log_level, settings.log_format)  # after the line has taken over stderr

        async def simulate() -> None:
            await service.run(config, install_stop(asyncio.get_running_loop()), show)

        asyncio.run(simulate())


def _refuse_options(context: typer.Context) -> None:
    """Options of a run do nothing for a command; whoever gives them means something else."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = next(each.opts[0] for each in context.command.params if each.name == name)
            raise FactoryError(
                f"{option} before '{context.invoked_subcommand}' would do nothing; write it after the command,"
                f" see 'python -m simulators {context.invoked_subcommand} --help'"
            )


app.command()(sites.sites)
app.command(epilog=scenarios.EXAMPLES)(scenarios.scenarios)
app.command(epilog=watch.EXAMPLES)(watch.watch)
app.command(epilog=steer.INJECT_EXAMPLES)(steer.inject)
app.command()(steer.recover)
app.command(epilog=steer.SWITCH_EXAMPLES)(steer.stop)
app.command(epilog=steer.SWITCH_EXAMPLES)(steer.start)
app.command()(steer.speed)
app.command(epilog=load.EXAMPLES)(load.load)


def main() -> None:
    """Run the command; what goes wrong on purpose is one sentence and exit code 1."""
    try:
        app()
    except FactoryError as error:
        sys.stderr.write(f"simulators: {error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
