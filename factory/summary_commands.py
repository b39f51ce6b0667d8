"""`factory summary`: yesterday of all plants, as a manager reads it before the meeting."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from factory.asking import answered
from factory.instants import day
from factory.morning import PATH, decode
from factory.screen import Lang, console
from factory.summary_table import SummaryView
from plant import settings as knobs
from plant.errors import ConfigurationError
from plant.model.load import load
from plant.model.mistakes import did_you_mean
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
    payload = answered(settings, enterprise, port, PATH, query, lambda answers: answers.summary)
    if as_json:
        sys.stdout.write(payload.decode() + "\n")
        return
    screen = console()
    for part in SummaryView(enterprise, load_reasons(), lang.value, site).parts(decode(payload)):
        screen.print(part)
