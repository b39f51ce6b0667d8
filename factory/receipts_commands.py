"""`factory receipts check`: whether a list of warehouse receipts can be read, and what it says."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from factory.screen import console
from plant import settings as knobs
from plant.model.load import load
from plant.receipts.receipt import Receipt
from plant.receipts.table import InvalidReceiptsError, receipts
from plant.tables.sheet import rows

app = typer.Typer(help="Warehouse receipts from CSV or XLSX files (docs/summary.md).", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory receipts check receipts.xlsx

factory receipts check receipts.csv --model print-farm
"""


@app.callback()
def main() -> None:
    """Warehouse receipts from CSV or XLSX files (docs/summary.md)."""


@app.command(epilog=EXAMPLES)
def check(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX file with a heading row")],
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
) -> None:
    """Show the receipts of a file, or every mistake in it with its row (exit code 1)."""
    try:
        found = receipts(file, rows(file), load(model or knobs.read().model))
    except InvalidReceiptsError as error:
        for mistake in error.mistakes:
            print(f"{file}, {mistake}", file=sys.stderr)  # noqa: T201 - a line for each, for the one who mends them
        raise typer.Exit(1) from None
    _show(found)


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
