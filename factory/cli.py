"""The `factory` command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from factory import doctor as examination
from factory import spc_commands as spc
from factory import summary_commands as morning
from factory import up as supervision
from factory.alarms_commands import app as alarms_app
from factory.counts_commands import app as counts_app
from factory.historian_commands import app as historian_app
from factory.mapping_commands import app as mapping_app
from factory.model_commands import app as model_app
from factory.orders_commands import app as orders_app
from factory.production_commands import app as production_app
from factory.receipts_commands import app as receipts_app
from factory.tags_commands import app as tags_app
from factory.verify import command as verification
from plant import settings as knobs
from plant.errors import FactoryError

app = typer.Typer(
    help="Digital Factory: run it, look after it, check its model.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(model_app, name="model")
app.add_typer(mapping_app, name="mapping")
app.add_typer(orders_app, name="orders")
app.add_typer(receipts_app, name="receipts")
app.add_typer(counts_app, name="counts")
app.add_typer(production_app, name="production")
app.command("summary", epilog=morning.EXAMPLES)(morning.main)
app.add_typer(alarms_app, name="alarms")
app.command("spc", epilog=spc.EXAMPLES)(spc.main)
app.add_typer(historian_app, name="historian")
app.add_typer(tags_app, name="tags")
app.command("verify", epilog=verification.EXAMPLES)(verification.main)

EXAMPLES = """
[bold]Examples[/bold]

factory up

factory up --model print-farm --port 8060 --data ./print-farm

factory up --broker mqtt://10.0.0.5 --historian influxdb://writer:secret@10.0.0.6:8086/factory

factory up --operations postgresql://factory:secret@10.0.0.6/factory
"""


@app.command(epilog=EXAMPLES, rich_help_panel=None)
def up(
    port: Annotated[int | None, typer.Option(help="Port of the dashboard")] = None,
    host: Annotated[str | None, typer.Option(help="Address of the dashboard")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for everything that is kept")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    speed: Annotated[float | None, typer.Option(help="Speed of the simulated world, 1 to 1000")] = None,
    history: Annotated[
        str | None, typer.Option(help="History to make at the first start, 8h or 2d; 0 for none")
    ] = None,
    historian: Annotated[
        str | None, typer.Option(help="influxdb://...; otherwise a DuckDB file in the data folder")
    ] = None,
    operations: Annotated[
        str | None, typer.Option(help="postgresql://...; otherwise a SQLite file in the data folder")
    ] = None,
    broker: Annotated[str | None, typer.Option(help="mqtt://... or mqtts://...; otherwise our own")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Folder in which simulated plants keep what really happens, for verification")
    ] = None,
    *,
    insecure_no_login: Annotated[
        bool | None, typer.Option("--insecure-no-login", help="Allow a --host that others can reach")
    ] = None,
) -> None:
    """Run broker, simulated plants, collectors and dashboard here, until Ctrl-C."""
    given = {
        "port": port,
        "host": host,
        "data": data,
        "model": model,
        "speed": speed,
        "history": history,
        "historian": historian,
        "operations": operations,
        "broker": broker,
        "insecure_no_login": insecure_no_login,
    }
    raise typer.Exit(supervision.main(knobs.read(**given), Console(highlight=False), truth))


@app.command()
def doctor(
    port: Annotated[int | None, typer.Option(help="Port of the running dashboard")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Ask the running system how it is; exit code 0 only if all is well."""
    settings = knobs.read(port=port)
    report = examination.ask("127.0.0.1", settings.port)
    if report is None:
        raise FactoryError(f"nothing answers on port {settings.port}; start it with 'factory up', or give its --port")
    findings = examination.examine(report)
    if as_json:
        sys.stdout.write(examination.as_json(report, findings) + "\n")
    else:
        Console(highlight=False).print(examination.table(findings))
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def settings() -> None:
    """Every setting with its environment variable, default and meaning."""
    view = Table(box=None, pad_edge=False)
    for column in ("setting", "variable", "default", "meaning"):
        view.add_column(column)
    for name, field in knobs.Settings.model_fields.items():
        view.add_row(name, knobs.variable(name), str(field.default) or "-", field.description)
    Console(highlight=False).print(view)


def main() -> None:
    """Run the command; what goes wrong on purpose is one sentence and exit code 1."""
    try:
        app()
    except FactoryError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"factory: {error}", markup=False)
        raise SystemExit(1) from None
