"""`factory production rebuild`: production minutes made again from readings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from factory.historian_commands import check_window
from factory.instants import instant, local
from factory.screen import console
from factory.stores import historian as historian_of
from factory.stores import operations as operations_of
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import ConfigurationError, FactoryError
from plant.historian.duckdb.database import FileInUseError
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian
from plant.model.load import load
from plant.model.tags import TagTable
from plant.operations.corrections import CorrectionStore
from plant.production.corrections import Correction
from plant.production.lines import LineTable
from plant.production.reasons import load_reasons
from plant.production.rebuild import rebuild as make_again

app = typer.Typer(help="Production minutes, from which all figures are summed.", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory production rebuild --from 30h

factory production rebuild --from 2026-11-20T08:00+03:00 --to 2026-11-21T08:00+03:00 --data ./data
"""


@app.callback()
def main() -> None:
    """Production minutes, from which all figures are summed."""


@app.command(epilog=EXAMPLES)
def rebuild(
    start: Annotated[str, typer.Option("--from", help="2026-11-20T08:00+03:00 (UTC without an offset), or 6h, 3d ago")],
    end: Annotated[str | None, typer.Option("--to", help="Likewise; up to the newest readings if not given")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the system")] = None,
    historian: Annotated[str | None, typer.Option(help="influxdb://...; otherwise the DuckDB file")] = None,
    operations: Annotated[str | None, typer.Option(help="postgresql://...; otherwise the SQLite file")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
) -> None:
    """Make production minutes again from readings and corrections, replacing what is there."""
    settings = knobs.read(data=data, historian=historian, operations=operations, model=model)
    now = now_ms()
    first, last = instant(start, now), instant(end, now) if end else now
    check_window(first, last, now, settings)
    table = LineTable(TagTable(load(settings.model)))
    try:
        with historian_of(settings, table.tags) as store, operations_of(settings) as database:
            corrections = CorrectionStore(database).between(first, last)
            _rebuild(store, table, first, last, corrections)
    except FileInUseError as error:
        raise FactoryError(
            f"{error.path} is open in process {error.pid}, which makes minutes itself as data come in; for old ones "
            "stop 'factory up', rebuild, and start it again: edge nodes keep what they measure meanwhile"
        ) from error


def _rebuild(store: Historian, table: LineTable, start: int, end: int, corrections: list[Correction]) -> None:
    span = store.span()
    known = None if span is None else span[1] + MINUTE_MS
    if known is None or known <= start:
        raise ConfigurationError(f"there are no readings after {local(start)} UTC; choose an earlier --from")
    last = min(end, known)
    title = f"{len(table)} lines, {(last - start) / HOUR_MS:.1f} h"
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    told = np.full(len(table), known, np.int64)
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task(title, total=1.0)
        make_again(
            store,
            table,
            load_reasons(),
            start,
            last,
            told,
            until=known,
            corrections=corrections,
            progress=lambda share: bar.update(task, completed=share),
        )
    console().print(f"made again: {title}, {local(start)} to {local(last)} UTC, {len(corrections)} corrections")
