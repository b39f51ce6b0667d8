"""`factory orders check | import | progress`: plans that a planning department sends, and how far they are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from paho.mqtt import MQTTException, publish
from paho.mqtt.client import MQTTv311
from rich.markup import escape
from rich.table import Table

from factory.asking import answered
from factory.progress_table import ProgressView
from factory.screen import Lang, console
from factory.workload import PATH, decode
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import BrokerUnavailableError, ConfigurationError
from plant.messages import OrdersMessage, encode
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.mqtt.address import BrokerAddress
from plant.namespace import Contract, Topic
from plant.orders.plan import InvalidOrdersError, LinePlan, plans
from plant.tables.sheet import rows

app = typer.Typer(help="Production plans and how far they are (docs/orders.md).", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory orders check plan.xlsx

factory orders import plan.csv --broker mqtt://10.0.0.5

factory orders progress --site minsk
"""
QOS = 1
_FILE = "CSV or XLSX file with a heading row"
_MODEL = "Shipped enterprise model or path of a YAML file"


@app.command(epilog=EXAMPLES)
def check(
    file: Annotated[Path, typer.Argument(help=_FILE)],
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
) -> None:
    """Show the plans of a file, or every mistake in it with its row (exit code 1)."""
    enterprise, found = _read(file, model)
    _show(found, enterprise)


@app.command("import", epilog=EXAMPLES)
def take(
    file: Annotated[Path, typer.Argument(help=_FILE)],
    broker: Annotated[str | None, typer.Option(help="mqtt://host:1883, mqtts:// for TLS")] = None,
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
) -> None:
    """Publish the plans of a file as those of their lines: they take the place of what was planned there before."""
    address = broker or knobs.read().broker
    if not address:
        raise ConfigurationError("no broker is named; give --broker mqtt://host")
    enterprise, found = _read(file, model)
    _publish(BrokerAddress.parse(address), enterprise, found)
    _show(found, enterprise)


@app.command(epilog=EXAMPLES)
def progress(
    site: Annotated[str | None, typer.Option(help="Slug of one site; all if not given")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the system")] = None,
    historian: Annotated[str | None, typer.Option(help="influxdb://...; otherwise the DuckDB file")] = None,
    operations: Annotated[str | None, typer.Option(help="postgresql://...; otherwise the SQLite file")] = None,
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the running dashboard, which is asked if it has the file")
    ] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the table")] = Lang.RU,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also orders that wait and will be in time")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines (docs/orders.md)")] = False,
) -> None:
    """Show how far orders are, at what rate, and when they will be finished against when they are due."""
    settings = knobs.read(data=data, historian=historian, operations=operations, model=model, port=port)
    enterprise = load(settings.model)
    query = {} if site is None else {"site": site}
    payload = answered(settings, enterprise, port, PATH, query, lambda answers: answers.progress)
    if as_json:
        sys.stdout.write(payload.decode() + "\n")
        return
    screen = console()
    for part in ProgressView(enterprise, lang.value, everything).parts(decode(payload)):
        screen.print(part)


def _read(file: Path, model: str | None) -> tuple[Enterprise, list[LinePlan]]:
    enterprise = load(model or knobs.read().model)
    try:
        return enterprise, plans(file, rows(file), enterprise)
    except InvalidOrdersError as error:
        for mistake in error.mistakes:
            print(f"{file}, {mistake}", file=sys.stderr)  # noqa: T201 - a line for each, for the one who mends them
        raise typer.Exit(1) from None


def _publish(address: BrokerAddress, enterprise: Enterprise, found: Sequence[LinePlan]) -> None:
    """All or, if the broker goes away in between, the first of them; each replaces what was there, so try again."""
    now = now_ms()
    topics = [Topic((enterprise.slug, plan.site, plan.line.area, plan.line.slug), Contract.ORDERS) for plan in found]
    bodies = [encode(OrdersMessage(now, plan.orders)) for plan in found]
    messages = [(str(topic), body, QOS, True) for topic, body in zip(topics, bodies, strict=True)]
    who: Any = {"username": address.user, "password": address.password} if address.user else None
    trust: Any = {"ca_certs": address.ca} if address.tls else None  # None inside trusts what the system trusts
    try:
        publish.multiple([*messages], address.host, address.port, auth=who, tls=trust, protocol=MQTTv311)
    except (OSError, MQTTException) as error:
        raise BrokerUnavailableError(f"the broker {address} did not take the orders: {error}") from error


def _show(found: Sequence[LinePlan], enterprise: Enterprise) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("line", "order", "product"):
        table.add_column(column)
    table.add_column("quantity", justify="right")
    for column in ("unit", "due"):
        table.add_column(column)
    table.add_column("priority", justify="right")
    for plan in found:
        zone = enterprise.site(plan.site).zone
        for order in plan.orders:
            due = _local(order.due, zone)
            cells = (f"{plan.site}/{plan.line.slug}", order.order, order.product)
            table.add_row(*map(escape, cells), f"{order.quantity:,.10g}", order.unit, due, str(order.priority))
    console().print(table)


def _local(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000.0, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
