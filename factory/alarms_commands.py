"""`factory alarms ...`: what stands, what is done about it with who and why, and how good the alarm system is."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from collectors.alarms_desk import Action
from factory.command_desk import ask, broker_of
from factory.instants import instant, local
from factory.screen import console
from factory.stores import operations as operations_of
from plant import settings as knobs
from plant.alarms.change import Standing
from plant.alarms.load import load_rules, rules_file
from plant.alarms.measures import ACCEPTABLE_PER_HOUR, TOP, Measures, measures
from plant.alarms.rules import Priority, Rule
from plant.alarms.states import State
from plant.clock import now_ms
from plant.errors import ConfigurationError, FactoryError
from plant.messages import CommandMessage
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.mistakes import did_you_mean
from plant.model.tags import TagTable
from plant.operations.alarms import AlarmStore
from plant.settings import Settings

app = typer.Typer(help="Alarms: see, acknowledge, shelve, measure (docs/alarms.md).", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory alarms list --site voskresensk

factory alarms acknowledge voskresensk/binder-1/calciner/co.h

factory alarms shelve voskresensk/binder-1/calciner/co.h --for 2h --why "the analyser is calibrated"

factory alarms measures --from 7d
"""
LIFE_MS: Final = 60_000
"""A command that waits longer for a collector is not carried out."""

_Alarm = Annotated[str, typer.Argument(help="Its name, which 'factory alarms list' shows")]
_Who = Annotated[str | None, typer.Option(help="Who asks; otherwise who is logged in here")]
_Why = Annotated[str, typer.Option(help="Why, in your words")]
_Broker = Annotated[str | None, typer.Option(help="mqtt://host:1883; otherwise the one that 'factory up' starts here")]
_Model = Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")]
_Data = Annotated[Path | None, typer.Option(help="Folder of the SQLite file")]
_Operations = Annotated[str | None, typer.Option(help="postgresql://...; otherwise the SQLite file")]
_Site = Annotated[str | None, typer.Option(help="Slug of one site; all if not given")]


@app.command("list", epilog=EXAMPLES)
def show(
    site: _Site = None,
    model: _Model = None,
    data: _Data = None,
    operations: _Operations = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Show every alarm that is not normal or suppressed, the most urgent first."""
    settings = knobs.read(model=model, data=data, operations=operations)
    enterprise = load(settings.model)
    rules = _rules(settings, enterprise)
    with operations_of(settings) as database:
        standings = AlarmStore(database).standings()
    quiet = {State.NORMAL, State.SUPPRESSED}
    found = [(rules[key], each) for key, each in standings.items() if key in rules and each.state not in quiet]
    found = [each for each in found if site in {None, each[0].levels[0]}]
    found.sort(key=lambda each: (list(Priority).index(each[0].priority), each[1].changed))
    if as_json:
        rows = [{"alarm": rule.key, "priority": rule.priority, **asdict(standing)} for rule, standing in found]
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")
    elif found:
        console().print(_standing_table(found, enterprise))
    else:
        console().print("сигналов нет / no alarms")


@app.command("measures", epilog=EXAMPLES)
def measure(
    start: Annotated[
        str, typer.Option("--from", help="2026-11-20T08:00+03:00 (UTC without an offset), or 6h, 3d ago")
    ] = "24h",
    end: Annotated[str | None, typer.Option("--to", help="Likewise; now if not given")] = None,
    site: _Site = None,
    data: _Data = None,
    operations: _Operations = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Show how good the alarm system is, for each operator position: rate, floods, standing, stale, split, answers."""
    settings, now = knobs.read(data=data, operations=operations), now_ms()
    first, last = instant(start, now), instant(end, now) if end else now
    if first >= last:
        raise ConfigurationError("the window is empty; give a --from before --to")
    with operations_of(settings) as database:
        store = AlarmStore(database)
        found = measures(store.last_before(first), store.journal(first, last), first, last)
    chosen = {name: each for name, each in found.items() if site in {None, name.split("/")[0]}}
    if as_json:
        rows = [asdict(each) for each in chosen.values()]
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n")
    elif chosen:
        console().print(_measures_table(chosen))
        console().print(_worst_table(chosen))
    else:
        console().print("сигналов не было / there were no alarms")


@app.command(epilog=EXAMPLES)
def acknowledge(alarm: _Alarm, who: _Who = None, why: _Why = "", broker: _Broker = None, model: _Model = None) -> None:
    """Take note of an alarm."""
    _do(Action.ACKNOWLEDGE, alarm, who, why, broker, model)


@app.command(epilog=EXAMPLES)
def reset(alarm: _Alarm, who: _Who = None, why: _Why = "", broker: _Broker = None, model: _Model = None) -> None:
    """Reset a latched alarm that has been acknowledged."""
    _do(Action.RESET, alarm, who, why, broker, model)


@app.command(epilog=EXAMPLES)
def shelve(
    alarm: _Alarm,
    why: _Why,
    length: Annotated[str, typer.Option("--for", help="How long, such as 30m or 2h; a day at most")] = "1h",
    who: _Who = None,
    broker: _Broker = None,
    model: _Model = None,
) -> None:
    """Put an alarm aside for a time."""
    now = now_ms()
    _do(Action.SHELVE, alarm, who, why, broker, model, until=2 * now - instant(length, now))


@app.command(epilog=EXAMPLES)
def unshelve(alarm: _Alarm, who: _Who = None, why: _Why = "", broker: _Broker = None, model: _Model = None) -> None:
    """Bring a shelved alarm back."""
    _do(Action.UNSHELVE, alarm, who, why, broker, model)


@app.command("out-of-service", epilog=EXAMPLES)
def out_of_service(alarm: _Alarm, why: _Why, who: _Who = None, broker: _Broker = None, model: _Model = None) -> None:
    """Take an alarm out of service, until it is put back."""
    _do(Action.OUT_OF_SERVICE, alarm, who, why, broker, model)


@app.command("back-in-service", epilog=EXAMPLES)
def back_in_service(
    alarm: _Alarm, who: _Who = None, why: _Why = "", broker: _Broker = None, model: _Model = None
) -> None:
    """Put an alarm back into service."""
    _do(Action.BACK_IN_SERVICE, alarm, who, why, broker, model)


@app.command(epilog=EXAMPLES)
def comment(alarm: _Alarm, why: _Why, who: _Who = None, broker: _Broker = None, model: _Model = None) -> None:
    """Write something about an alarm into its journal."""
    _do(Action.COMMENT, alarm, who, why, broker, model)


def _do(
    action: Action,
    alarm: str,
    who: str | None,
    why: str,
    broker: str | None,
    model: str | None,
    until: int | None = None,
) -> None:
    """Ask, and show what came of it."""
    settings = knobs.read(broker=broker, model=model)
    enterprise = load(settings.model)
    rules = _rules(settings, enterprise)
    rule = rules.get(alarm)
    if rule is None:
        raise ConfigurationError(f"there is no alarm '{alarm}'; {did_you_mean(alarm, sorted(rules))}")
    asker = (who if who is not None else getpass.getuser()).strip()
    if not asker:
        raise ConfigurationError("--who is empty; the journal needs who asks")
    now = now_ms()
    command = CommandMessage(uuid4().hex, now, now + LIFE_MS, asker, action, rule.target, why.strip(), until)
    result = ask(broker_of(settings), (enterprise.slug, *rule.levels), command)
    if not result.ok:
        raise FactoryError(f"отказано / refused ({result.reason}): {result.detail}")
    console().print(f"выполнено / done: {action} [bold]{escape(alarm)}[/bold]", soft_wrap=True)


def _rules(settings: Settings, enterprise: Enterprise) -> Mapping[str, Rule]:
    """All alarms of the model, by name."""
    file = rules_file(settings.model, settings.alarms)
    return {rule.key: rule for rule in load_rules(enterprise, TagTable(enterprise), enterprise.units, file)}


def _standing_table(found: list[tuple[Rule, Standing]], enterprise: Enterprise) -> Table:
    view = Table(box=None, pad_edge=False)
    for column in (
        "сигнал / alarm",
        "что / what",
        "приоритет / priority",
        "состояние / state",
        "с / since",
        "кто / who",
    ):
        view.add_column(column)
    for rule, standing in found:
        since = local(standing.changed, enterprise.site(rule.levels[0]).zone)
        cells = (rule.key, rule.guidance.name.ru, rule.priority, standing.state, since, standing.who)
        view.add_row(*map(escape, cells))
    return view


def _measures_table(found: Mapping[str, Measures]) -> Table:
    view = Table(box=None, pad_edge=False)
    view.add_column("место\nposition")
    for column in (
        "сигналов\nalarms",
        f"в час (≤ {ACCEPTABLE_PER_HOUR:g})\nper hour",
        "пик 10 мин\npeak",
        "лавины (< 1 %)\nfloods",
        "стоят\nstanding",
        "застарели (< 5)\nstale",
        "дребезг\nchattering",
        "н-с-в, %\nl-m-h",
        "ответ, с\nanswered",
        "без ответа\nnot answered",
    ):
        view.add_column(column, justify="right")
    for name, each in found.items():
        view.add_row(name, *_measure_cells(each))
    return view


def _worst_table(found: Mapping[str, Measures]) -> Table:
    """The most frequent alarms of all positions; one alarm has one position."""
    counts = sorted((count for each in found.values() for count in each.top), key=lambda row: (-row[1], row[0]))
    total = max(1, sum(each.annunciations for each in found.values()))
    view = Table(box=None, pad_edge=False)
    view.add_column("чаще всех / most frequent")
    view.add_column("раз / times", justify="right")
    view.add_column("доля / share", justify="right")
    for alarm, count in counts[:TOP]:
        view.add_row(escape(alarm), str(count), f"{count / total:.1%}")
    return view


def _measure_cells(each: Measures) -> tuple[str, ...]:
    order = (Priority.LOW, Priority.MEDIUM, Priority.HIGH)
    total = max(1, each.annunciations)
    return (
        str(each.annunciations),
        f"{each.per_hour:.1f}",
        str(each.peak),
        f"{len(each.floods)} ({each.flood_share:.1%})",
        str(each.standing),
        str(len(each.stale)),
        str(len(each.chattering)),
        "-".join(f"{each.priorities[priority] / total:.0%}".rstrip("%") for priority in order),
        "-" if each.acknowledge_s is None else f"{each.acknowledge_s:.0f}",
        str(each.unacknowledged),
    )
