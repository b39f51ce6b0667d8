"""`factory receipts check | import | list`: warehouse receipts, which the summary sets beside the counters."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from factory.instants import day
from factory.screen import console
from factory.stores import operations as operations_of
from plant import settings as knobs
from plant.clock import now_ms
from plant.model.load import load
from plant.operations.receipts import ReceiptStore
from plant.receipts.receipt import Receipt
from plant.receipts.table import InvalidReceiptsError, receipts
from plant.tables.sheet import rows

app = typer.Typer(help="Warehouse receipts from CSV or XLSX files (docs/summary.md).", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory receipts check receipts.xlsx

factory receipts import receipts.csv --data ./data

factory receipts list --from 2026-11-20 --site minsk
"""
_File = Annotated[Path, typer.Argument(help="CSV or XLSX file with a heading row")]
_Model = Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")]
_Data = Annotated[Path | None, typer.Option(help="Folder of the SQLite file")]
_Operations = Annotated[str | None, typer.Option(help="postgresql://...; otherwise the SQLite file")]


@app.command(epilog=EXAMPLES)
def check(file: _File, model: _Model = None) -> None:
    """Show the receipts of a file, or every mistake in it with its row (exit code 1)."""
    _show(_read(file, model))


@app.command("import", epilog=EXAMPLES)
def take(file: _File, model: _Model = None, data: _Data = None, operations: _Operations = None) -> None:
    """Keep the receipts of a file; a document that is known already counts once, one that has changed is told."""
    settings = knobs.read(model=model, data=data, operations=operations)
    found = _read(file, settings.model)
    with operations_of(settings) as database:
        taken = ReceiptStore(database).take(found, now_ms())
    screen = console()
    screen.print(
        f"документы / documents: новых / new {len(taken.added)}, известных / known {len(taken.known)}, "
        f"изменённых / changed {len(taken.changed)}"
    )
    for (site, number, _), changed in taken.changed.items():
        before, after = ("; ".join(map(_told, rows)) for rows in (changed.before, changed.after))
        screen.print(escape(f"изменён / changed {site} {number}: {before} -> {after}"))


@app.command("list")
def kept(
    start: Annotated[
        str | None, typer.Option("--from", help="Production day, 2026-11-20; 30 days ago if left out")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Likewise, included; today if left out")] = None,
    site: Annotated[str | None, typer.Option(help="Slug of one site; all if not given")] = None,
    data: _Data = None,
    operations: _Operations = None,
) -> None:
    """Show the receipts that count."""
    today = datetime.fromtimestamp(now_ms() / 1_000, UTC).date()
    first, last = day(start) if start else today - timedelta(days=30), day(end) if end else today
    with operations_of(knobs.read(data=data, operations=operations)) as database:
        found = ReceiptStore(database).between(first, last)
    _show(each for each in found if site in {None, each.site})


def _read(file: Path, model: str | None) -> tuple[Receipt, ...]:
    try:
        return receipts(file, rows(file), load(model or knobs.read().model))
    except InvalidReceiptsError as error:
        for mistake in error.mistakes:
            print(f"{file}, {mistake}", file=sys.stderr)  # noqa: T201 - a line for each, for the one who mends them
        raise typer.Exit(1) from None


def _told(receipt: Receipt) -> str:
    return f"{receipt.day.isoformat()} {receipt.product} {receipt.quantity:,.10g} {receipt.unit}"


def _show(found: Iterable[Receipt]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("site", "day", "product"):
        table.add_column(column)
    table.add_column("quantity", justify="right")
    for column in ("unit", "document"):
        table.add_column(column)
    for each in found:
        amount = f"{each.quantity:,.10g}"
        table.add_row(each.site, each.day.isoformat(), each.product, amount, escape(each.unit), escape(each.document))
    console().print(table)
