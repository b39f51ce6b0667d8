"""`factory counts correct | withdraw | list`: what people enter by hand, with who and why."""

from __future__ import annotations

import getpass
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from factory.command_desk import ask, broker_of
from factory.instants import instant, local
from factory.screen import console
from factory.stores import operations as operations_of
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import ConfigurationError, FactoryError
from plant.historian.protocol import MINUTE_MS
from plant.messages import CommandMessage
from plant.model.enterprise import Enterprise, Line
from plant.model.load import load
from plant.model.mistakes import did_you_mean
from plant.operations.corrections import CorrectionStore, Entered
from plant.production.corrections import CountsChange
from plant.settings import Settings

app = typer.Typer(help="Corrections of counts, with who and why (docs/counts.md).", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory counts correct minsk/dry-mix --from "2026-11-22 14:00" --to "2026-11-22 15:00" --good 2.4 --produced 2.4 \
--why "two pallets passed while the counter was cleaned"

factory counts list --from 3d

factory counts withdraw 7e6b1c526f0f4a549a350a1e6b1f8f02 --why "they were counted after all"
"""
LIFE_MS: Final = 60_000
"""A command that waits longer for a collector is not carried out."""
LONG_AGO: Final = "30d"

_Broker = Annotated[str | None, typer.Option(help="mqtt://host:1883; otherwise the one that 'factory up' starts here")]
_Model = Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")]
_Data = Annotated[Path | None, typer.Option(help="Folder of the SQLite file")]
_Operations = Annotated[str | None, typer.Option(help="postgresql://...; otherwise the SQLite file")]
_Who = Annotated[str | None, typer.Option(help="Who asks; otherwise who is logged in here")]


@app.command(epilog=EXAMPLES)
def correct(
    line: Annotated[str, typer.Argument(help="site/line, such as minsk/dry-mix")],
    start: Annotated[str, typer.Option("--from", help="2026-11-22 14:00 on the plant's clock, or 90m, 3h ago")],
    end: Annotated[str, typer.Option("--to", help="Likewise")],
    why: Annotated[str, typer.Option(help="Why, in your words")],
    produced: Annotated[float, typer.Option(help="Added to what was produced; below 0 takes away")] = 0.0,
    good: Annotated[float, typer.Option(help="Added to what was good")] = 0.0,
    reject: Annotated[float, typer.Option(help="Added to what was rejected")] = 0.0,
    who: _Who = None,
    broker: _Broker = None,
    model: _Model = None,
) -> None:
    """Add to what a line has counted in a window, in its unit of measure, or take away from it."""
    settings = knobs.read(broker=broker, model=model)
    enterprise = load(settings.model)
    found, now = _line(enterprise, line), now_ms()
    zone = enterprise.site(found.site).zone
    begin, finish = (at - at % MINUTE_MS for at in (instant(start, now, zone), instant(end, now, zone)))
    change = CountsChange(begin, finish, produced, good, reject)
    command = _command("counts.correct", "counts", who, why, now, change)
    _send(settings, enterprise, found, command)
    window = f"{local(begin, zone)} - {local(finish, zone)} {zone.key}"
    console().print(f"принято / kept: [bold]{command.id}[/bold] {found.storage} {window}", soft_wrap=True)


@app.command(epilog=EXAMPLES)
def withdraw(
    correction: Annotated[str, typer.Argument(help="Its id, which 'factory counts list' shows")],
    why: Annotated[str, typer.Option(help="Why, in your words")],
    who: _Who = None,
    broker: _Broker = None,
    model: _Model = None,
    data: _Data = None,
    operations: _Operations = None,
) -> None:
    """Let a correction count no more; it stays, with both reasons."""
    settings = knobs.read(broker=broker, model=model, data=data, operations=operations)
    enterprise = load(settings.model)
    with operations_of(settings) as database:
        found = CorrectionStore(database).find(correction)
    if found is None:
        raise FactoryError(f"no correction '{correction}' is kept; 'factory counts list' shows their ids")
    command = _command("counts.withdraw", correction, who, why, now_ms())
    _send(settings, enterprise, _line(enterprise, found.correction.line), command)
    console().print(f"отозвано / withdrawn: [bold]{correction}[/bold] {found.correction.line}")


@app.command("list")
def show(
    start: Annotated[
        str, typer.Option("--from", help="2026-11-20T08:00+03:00 (UTC without an offset), or 6h, 3d ago")
    ] = LONG_AGO,
    end: Annotated[str | None, typer.Option("--to", help="Likewise; now if not given")] = None,
    line: Annotated[str | None, typer.Option(help="site/line; all if not given")] = None,
    model: _Model = None,
    data: _Data = None,
    operations: _Operations = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Show corrections of a time, also those that were withdrawn."""
    settings, now = knobs.read(model=model, data=data, operations=operations), now_ms()
    enterprise = load(settings.model)
    with operations_of(settings) as database:
        found = CorrectionStore(database).entered(instant(start, now), instant(end, now) if end else now)
    found = [each for each in found if line in {None, each.correction.line}]
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(each) for each in found], option=orjson.OPT_INDENT_2).decode() + "\n")
    elif found:
        console().print(_table(enterprise, found))
    else:
        console().print("исправлений нет / no corrections")


def _command(
    action: str, target: str, who: str | None, why: str, now: int, change: CountsChange | None = None
) -> CommandMessage:
    asker = (who if who is not None else getpass.getuser()).strip()
    for name, text in (("--who", asker), ("--why", why)):
        if not text.strip():
            raise ConfigurationError(f"{name} is empty; a correction needs who enters it, and why")
    return CommandMessage(uuid4().hex, now, now + LIFE_MS, asker, action, target, why.strip(), None, change)


def _send(settings: Settings, enterprise: Enterprise, line: Line, command: CommandMessage) -> None:
    result = ask(broker_of(settings), (enterprise.slug, line.site, line.area, line.slug), command)
    if not result.ok:
        raise FactoryError(f"отказано / refused ({result.reason}): {result.detail}")


def _line(enterprise: Enterprise, path: str) -> Line:
    lines = {
        name: line
        for site in enterprise.sites
        for line in site.lines
        for name in (f"{line.site}/{line.slug}", line.storage)
    }
    if path not in lines:
        raise ConfigurationError(f"there is no line '{path}'; {did_you_mean(path, sorted(lines))}")
    return lines[path]


def _table(enterprise: Enterprise, found: list[Entered]) -> Table:
    view = Table(box=None, pad_edge=False)
    for column in ("id", "line", "from", "to"):
        view.add_column(column, no_wrap=True)
    for column in ("produced", "good", "reject"):
        view.add_column(column, justify="right")
    for column in ("who", "why", "entered", "withdrawn"):
        view.add_column(column)
    for each in found:
        was = each.correction
        zone = enterprise.site(was.line.partition("/")[0]).zone
        back = "" if each.withdrawn is None else f"{local(each.withdrawn, zone)} {each.withdrawn_by}: "
        view.add_row(
            was.id,
            was.line,
            local(was.start, zone),
            local(was.end, zone),
            *(f"{amount:+,.6g}" for amount in (was.produced, was.good, was.reject)),
            escape(was.who),
            escape(was.why),
            local(each.entered, zone),
            escape(back + each.withdrawn_why),
        )
    return view
