"""`factory historian info | rebuild`: what is kept, and its minute and hour rows made again from readings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import orjson
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from factory.asking import ask, nobody, port_of
from factory.instants import instant, local
from factory.screen import console
from factory.stores import historian as historian_of
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import BadInputError, ConfigurationError, FactoryError
from plant.historian.duckdb.database import FileInUseError
from plant.historian.inventory import Inventory, decode, inventory
from plant.historian.open import retention
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian, Holding
from plant.historian.rebuild import rebuild as make_again
from plant.model.load import load
from plant.model.mistakes import did_you_mean
from plant.model.tags import Tag, TagTable
from plant.settings import Settings

app = typer.Typer(help="Look at the historian, and make its minute and hour rows again.", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory historian rebuild --from 6h

factory historian rebuild --from 2026-11-20T08:00+03:00 --to 2026-11-20T20:00+03:00 --site minsk
"""
ASK_S: Final = 5.0
"""How long a running system may take to answer."""
MARGIN_MS: Final = MINUTE_MS
"""The newest minutes are the collectors' own."""
MEGABYTE: Final = 1e6

_Data = Annotated[Path | None, typer.Option(help="Folder of the DuckDB file")]
_Historian = Annotated[str | None, typer.Option(help="influxdb://...; otherwise the DuckDB file")]
_Model = Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")]


@app.command()
def info(
    data: _Data = None,
    historian: _Historian = None,
    model: _Model = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the running dashboard, which is asked if it has the file")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Show what is kept: kind, span, rows, size and growth of readings, minutes, hours and events."""
    settings = knobs.read(data=data, historian=historian, model=model, port=port)
    try:
        with historian_of(settings, TagTable(load(settings.model))) as store:
            found = inventory(store)
    except FileInUseError as error:
        found = _ask(port_of(settings, port), error)
    if as_json:
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    screen = console()
    size = "" if found.size_bytes is None else f", {found.size_bytes / MEGABYTE:,.0f} MB"
    screen.print(f"[bold]{found.kind}[/bold]{size}{'' if found.ok else f': {found.detail}'}")
    screen.print(_table(found, settings))


@app.command(epilog=EXAMPLES)
def rebuild(
    start: Annotated[str, typer.Option("--from", help="2026-11-20T08:00+03:00 (UTC without an offset), or 6h, 3d ago")],
    end: Annotated[str | None, typer.Option("--to", help="Likewise; now if not given")] = None,
    site: Annotated[str | None, typer.Option(help="Slug of one site; all if not given")] = None,
    data: _Data = None,
    historian: _Historian = None,
    model: _Model = None,
    *,
    hold: Annotated[
        bool, typer.Option("--hold", help="Hold values over time in which nobody collected; unknown otherwise")
    ] = False,
) -> None:
    """Make minute and hour rows again from the readings, replacing what is there."""
    settings = knobs.read(data=data, historian=historian, model=model)
    now = now_ms()
    first, last = instant(start, now), min(instant(end, now) if end else now, now - MARGIN_MS)
    check_window(first, last, now, settings)
    enterprise = load(settings.model)
    known = [each.slug for each in enterprise.sites]
    if site is not None and site not in known:
        raise ConfigurationError(f"there is no site '{site}' in model '{enterprise.slug}'; {did_you_mean(site, known)}")
    table = TagTable(enterprise)
    tags = [tag for tag in table if site in {None, tag.unit.site}]
    try:
        with historian_of(settings, table) as store:
            _rebuild(store, tags, first, last, hold=hold)
    except FileInUseError as error:
        raise FactoryError(
            f"{error.path} is open in process {error.pid}, and only one process can write it; stop 'factory up', "
            "rebuild, and start it again: edge nodes keep what they measure meanwhile"
        ) from error


def _rebuild(store: Historian, tags: list[Tag], start: int, end: int, *, hold: bool) -> None:
    nodes = {name: number for number, name in enumerate(dict.fromkeys(map(_node, tags)))}
    groups = None if hold else np.array([nodes[_node(tag)] for tag in tags], np.intp)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    title = f"{len(tags)} tags, {(end - start) / HOUR_MS:.1f} h"
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task(title, total=1.0)
        indices = [tag.index for tag in tags]
        make_again(store, indices, start, end, lambda share: bar.update(task, completed=share), watched=groups)
    console().print(f"made again: {title}, {local(start)} to {local(end)} UTC")


def _node(tag: Tag) -> tuple[str, str]:
    return (tag.unit.site, tag.unit.gateway)


def _ask(port: int, error: FileInUseError) -> Inventory:
    """The process that has the file open tells, if it is a running dashboard."""
    answer = ask(port, "/historian", error, within_s=ASK_S)
    try:
        return decode(answer)
    except BadInputError:
        raise nobody(port, error) from error


def check_window(start: int, end: int, now: int, settings: Settings) -> None:
    """Nothing, if there can be readings to make rows from.

    Raises:
        ConfigurationError: The window is empty, or older than readings are kept: its rows would be lost.
    """
    if start >= end:
        raise ConfigurationError(f"nothing lies between {local(start)} and {local(end)} UTC; check --from and --to")
    oldest = now - settings.raw_days * DAY_MS
    if start < oldest:
        raise ConfigurationError(
            f"readings are kept for {settings.raw_days} days, and rows before {local(oldest)} UTC could not be made "
            "from them; choose a later --from"
        )


def _table(found: Inventory, settings: Settings) -> Table:
    kept = retention(settings)
    days = {"raw": kept.raw, "minute": kept.minute, "hour": kept.hour, "events": kept.events}
    view = Table(box=None, pad_edge=False)
    view.add_column("what")
    for column in ("rows", "size", "per day", "kept"):
        view.add_column(column, justify="right")
    for column in ("from (UTC)", "to (UTC)"):
        view.add_column(column)
    for holding in found.holdings:
        limit = days[holding.name]
        view.add_row(
            holding.name,
            "-" if holding.rows is None else f"{holding.rows:,}",
            _megabytes(holding.size_bytes),
            _megabytes(_growth(holding)),
            "for ever" if limit is None else f"{limit} days",
            "-" if holding.oldest is None else local(holding.oldest),
            "-" if holding.newest is None else local(holding.newest),
        )
    return view


def _growth(holding: Holding) -> float | None:
    """Bytes a day over the time that is held; None for less than an hour."""
    if holding.size_bytes is None or holding.oldest is None or holding.newest is None:
        return None
    span = holding.newest - holding.oldest
    return holding.size_bytes * DAY_MS / span if span >= HOUR_MS else None


def _megabytes(size: float | None) -> str:
    return "-" if size is None else f"{size / MEGABYTE:,.1f} MB"
