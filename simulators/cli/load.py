"""``load``: a load test."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from plant import settings as knobs
from plant.clock import now_ms
from plant.service import install_stop
from simulators.cli import options, output
from simulators.load.config import LoadConfig
from simulators.load.generator import LoadGenerator
from simulators.load.report import LoadProgress, LoadReport, progress_line, report_rows, verdict

LINE_EVERY_S = 10.0
"""In a pipe; on a terminal the line changes each second."""
EXAMPLES = """
[bold]Examples[/bold]

python -m simulators load --nodes 1000 --metrics 50 --rate 100000 --seconds 60

python -m simulators load --nodes 200 --metrics 40 --devices 4 --rate 5000 --broker mqtt://10.0.0.5

python -m simulators load --nodes 10 --metrics 20 --rate 100 --seconds 5 --json
"""


def load(
    nodes: Annotated[int, typer.Option(help="Edge nodes, each with an MQTT connection of its own")] = 100,
    metrics: Annotated[int, typer.Option(help="Metrics of each edge node")] = 50,
    rate: Annotated[float, typer.Option(help="Values a second, of all edge nodes together")] = 10_000.0,
    seconds: Annotated[float | None, typer.Option(help="How long; otherwise until Ctrl-C")] = None,
    devices: Annotated[
        int, typer.Option(help="Devices of each edge node, which share its metrics; 0 is none (NDATA)")
    ] = 1,
    group: Annotated[str, typer.Option(help="Sparkplug group of the edge nodes; of its own for each test")] = "load",
    primary_host: Annotated[str | None, typer.Option(help="Wait with the births for this host's STATE")] = None,
    seed: Annotated[int, typer.Option(help="Of the values")] = 7,
    broker: options.Broker = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Send valid Sparkplug B from very many edge nodes at a steady rate, and report what was really reached."""
    config = LoadConfig(
        options.broker_address(knobs.read(broker=broker)),
        nodes=nodes,
        metrics=metrics,
        rate=rate,
        seconds=seconds,
        devices=devices,
        group=group,
        primary_host=primary_host,
        seed=seed,
    )
    report = asyncio.run(_run(config))
    if as_json:
        output.document(asdict(report))
        return
    output.console().print(output.table(("load test", ""), report_rows(report)))
    output.say(verdict(report))


async def _run(config: LoadConfig) -> LoadReport:
    generator = LoadGenerator(config, now_ms)
    stop = install_stop(asyncio.get_running_loop())
    with _progress(Console(stderr=True, highlight=False)) as show:
        return await generator.run(stop, show)


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[LoadProgress], None]]:
    """One line that changes, on standard error; in a pipe a line now and then."""
    if console.is_terminal:
        with Live(console=console, transient=True, auto_refresh=False) as live:
            yield lambda now: live.update(Text(progress_line(now)), refresh=True)
        return
    told = -1

    def tell(now: LoadProgress) -> None:
        nonlocal told
        if math.floor(now.seconds / LINE_EVERY_S) > told:
            told = math.floor(now.seconds / LINE_EVERY_S)
            console.print(progress_line(now), soft_wrap=True)

    yield tell
