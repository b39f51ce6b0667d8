"""`factory summary`: yesterday of all plants, as a manager reads it before the meeting."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from factory.answers import Answers
from factory.asking import ask, port_of
from factory.instants import day
from factory.morning import PATH, decode
from factory.screen import Lang, console
from factory.stores import historian as historian_of
from factory.stores import operations as operations_of
from factory.summary_table import SummaryView
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import ConfigurationError
from plant.historian.duckdb.database import FileInUseError
from plant.model.load import load
from plant.model.mistakes import did_you_mean
from plant.model.tags import TagTable
from plant.production.reasons import load_reasons

EXAMPLES = """
[bold]Examples[/bold]

factory summary

factory summary --date 2026-11-20 --site minsk

factory summary --json > summary.json
"""


def main(
    date: Annotated[
        str | None, typer.Option(help="Production day, such as 2026-11-20; the last one if left out")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Slug of one site, with its lines")] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the table")] = Lang.RU,
    data: Annotated[Path | None, typer.Option(help="Folder of the system")] = None,
    historian: Annotated[str | None, typer.Option(help="influxdb://...; otherwise the DuckDB file")] = None,
    operations: Annotated[str | None, typer.Option(help="postgresql://...; otherwise the SQLite file")] = None,
    rates: Annotated[str | None, typer.Option(help="File of rates in roubles; otherwise the one of the model")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the running dashboard, which is asked if it has the file")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines (docs/summary.md)")] = False,
) -> None:
    """Show the morning summary: sites and group, month and forecast, costliest stops, gas, and every difference."""
    settings = knobs.read(data=data, historian=historian, operations=operations, rates=rates, model=model, port=port)
    enterprise = load(settings.model)
    known = [each.slug for each in enterprise.sites]
    if site is not None and site not in known:
        raise ConfigurationError(f"there is no site '{site}' in model '{enterprise.slug}'; {did_you_mean(site, known)}")
    query = {} if date is None else {"date": day(date).isoformat()}
    tags = TagTable(enterprise)
    try:
        with historian_of(settings, tags) as store, operations_of(settings) as database:
            payload = Answers(settings, enterprise, tags, store, database, now_ms).summary(query)
    except FileInUseError as error:
        payload = ask(port_of(settings, port), PATH, error, query)
    if as_json:
        sys.stdout.write(payload.decode() + "\n")
        return
    screen = console()
    for part in SummaryView(enterprise, load_reasons(), lang.value, site).parts(decode(payload)):
        screen.print(part)
