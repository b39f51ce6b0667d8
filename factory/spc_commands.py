"""`factory spc`: control charts of what is critical to quality, and how capable the processes are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from factory.asking import ask, port_of
from factory.charts import PATH, Charts
from factory.screen import console
from factory.stores import historian as historian_of
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import ConfigurationError
from plant.historian.duckdb.database import FileInUseError
from plant.model.load import load
from plant.model.mistakes import did_you_mean
from plant.model.tags import TagTable

EXAMPLES = """
[bold]Examples[/bold]

factory spc --site chelyabinsk

factory spc --metric bag_mass --json
"""


def main(
    site: Annotated[str | None, typer.Option(help="Slug of one site")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit, such as dry-mix-2/packer or packer")] = None,
    metric: Annotated[str | None, typer.Option(help="Key of one metric, such as bag_mass")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the system")] = None,
    historian: Annotated[str | None, typer.Option(help="influxdb://...; otherwise the DuckDB file")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the running dashboard, which is asked if it has the file")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines, with every point (docs/quality.md)")] = False,
) -> None:
    """Show control charts of the last day: limits, calls, Cp and Cpk with their intervals, Pp and Ppk."""
    settings = knobs.read(data=data, historian=historian, model=model, port=port)
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    known = sorted({tag.metric.key for tag in tags if tag.metric.control is not None})
    if not known:
        raise ConfigurationError(f"model '{enterprise.slug}' has no critical metric; give one a 'control' row")
    if metric is not None and metric not in known:
        raise ConfigurationError(f"'{metric}' is no critical metric of the model; {did_you_mean(metric, known)}")
    given = {"site": site, "unit": unit, "metric": metric}
    query = {name: value for name, value in given.items() if value is not None}
    try:
        with historian_of(settings, tags) as store:
            payload = Charts(enterprise, tags, store, now_ms).charts(query)
    except FileInUseError as error:
        payload = ask(port_of(settings, port), PATH, error, query)
    if as_json:
        sys.stdout.write(payload.decode() + "\n")
    elif rows := orjson.loads(payload):
        console().print(_table(rows))
    else:
        raise ConfigurationError("no critical metric is there; leave --site or --unit out to see all")


def _table(rows: list[dict[str, Any]]) -> Table:
    view = Table(box=None, pad_edge=False)
    view.add_column("показатель / metric")
    for column in (
        "точек / points",
        "центр / centre",
        "границы / limits",
        "Cp",
        "Cpk (95 %)",
        "Ppk",
        "сигналов / calls",
    ):
        view.add_column(column, justify="right")
    for row in rows:
        name = "/".join(row["tag"].split("/")[:1] + row["tag"].split("/")[2:])
        view.add_row(name, *(_figures(row) if row["ready"] else ("мало ровных точек / no calm base yet",)))
    return view


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    cp, cpk, ppk = row["capability"]["cp"], row["capability"]["cpk"], row["performance"]["cpk"]
    return (
        str(len(row["points"])),
        f"{row['centre']:.3f}",
        f"{row['lower_limit']:.3f} … {row['upper_limit']:.3f}",
        "-" if cp is None else f"{cp['value']:.2f}",
        f"{cpk['value']:.2f} ({cpk['low']:.2f} … {cpk['high']:.2f})",
        f"{ppk['value']:.2f}",
        f"[bold]{row['calls']} !!![/bold]" if row["calls_now"] else str(row["calls"]),
    )
