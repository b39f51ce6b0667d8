"""`factory mapping check | test`: look at a mapping of third-party devices before a collector runs with it."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from collectors.validation import Validator
from factory.screen import console
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.mapping.load import MappingError, load
from plant.mapping.rules import Mapping
from plant.mapping.translate import MappedValue, Translation, Translator
from plant.model.load import load as load_model
from plant.model.tags import TagTable
from plant.readings import BAD, GOOD, Columns

app = typer.Typer(help="Check and try mappings of third-party MQTT devices (docs/mapping.md).", no_args_is_help=True)

EXAMPLES = """
[bold]Examples[/bold]

factory mapping test meters.yaml sample.json --topic energy/c1/readings

mosquitto_sub -t 'energy/#' -C 1 | factory mapping test meters.yaml - --topic energy/c1/readings
"""
_FILE = "Path of a mapping file"
_MODEL = "Shipped enterprise model or path of a YAML file"


@dataclass(frozen=True, slots=True)
class _Row:
    """One value as it would be stored; `objections` are the reasons of the collector's own checks."""

    found: MappedValue
    quality: int
    objections: tuple[str, ...]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help=_FILE)],
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
) -> None:
    """Check a mapping against the model: what its rules reach, or every mistake with its line (exit code 1)."""
    mapping, _ = _load(file, model)
    table = Table(title=escape(mapping.name), box=None, pad_edge=False)
    for column in ("rule", "subscribes to", "shape", "stale after"):
        table.add_column(column)
    for column in ("units", "tags"):
        table.add_column(column, justify="right")
    for rule in mapping.rules:
        tags = {target.path for target in rule.targets.values()}
        length = str(timedelta(milliseconds=rule.stale_after_ms))
        table.add_row(rule.name, rule.topic.filter, rule.shape, length, str(len(rule.reach)), str(len(tags)))
    console().print(table)


@app.command("test", epilog=EXAMPLES)
def try_out(
    file: Annotated[Path, typer.Argument(help=_FILE)],
    sample: Annotated[str, typer.Argument(help="File with one message's payload, or - for standard input")],
    topic: Annotated[str, typer.Option(help="Topic that the message comes on")],
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
    arrived: Annotated[
        str | None, typer.Option(help="When it comes, such as 2026-11-23T10:00:00Z; now if left out")
    ] = None,
    *,
    retained: Annotated[bool, typer.Option("--retained", help="As one that the broker has kept")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Show what one message becomes, and why not where it does not (exit code 1)."""
    mapping, tags = _load(file, model)
    at = now_ms() if arrived is None else _time(arrived)
    translation = Translator([mapping]).translate(topic, _payload(sample), at, retained=retained)
    validator = Validator(tags, knobs.read().raw_days)
    rows = [_judged(value, validator, at) for value in translation.values]
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(_json(rows, translation), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        _print(rows, translation)
    if translation.refused or not rows or any(row.objections for row in rows):
        raise typer.Exit(1)


def _load(file: Path, model: str | None) -> tuple[Mapping, TagTable]:
    enterprise = load_model(model or knobs.read().model)
    tags = TagTable(enterprise)
    try:
        return load(file, enterprise, tags), tags
    except MappingError as error:
        _tell(error)


def _tell(error: MappingError) -> NoReturn:
    """Each mistake in the form that editors jump to."""
    count = len(error.mistakes)
    console(stderr=True).print(str(error), f"{count} mistake{'s' if count > 1 else ''}", sep="\n", markup=False)
    raise typer.Exit(1) from None


def _payload(sample: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if sample == "-" else Path(sample).read_bytes()
    except OSError as error:
        raise FactoryError(f"the sample {sample} cannot be read ({error.strerror})") from error


def _time(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise FactoryError(f"'{text}' is no time; write it like 2026-11-23T10:00:00Z") from error
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1_000)


def _judged(found: MappedValue, validator: Validator, at: int) -> _Row:
    """What the collector's checks make of a value."""
    if not found.target.metric.is_numeric or not isinstance(found.value, float | int):
        return _Row(found, found.quality, ())
    columns = Columns.of([found.target.index], [found.time], [found.value], [found.quality])
    checked = validator.check(columns, at)
    quality = int(checked.current.quality[0]) if len(checked.current) else BAD
    return _Row(found, quality, tuple(str(refusal.reason) for refusal in checked.refusals))


def _shown(value: float | str | None) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return value if isinstance(value, str) else f"{value:.10g}"


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _print(rows: list[_Row], translation: Translation) -> None:
    screen = console()
    if rows:
        table = Table(box=None, pad_edge=False)
        table.add_column("tag")
        table.add_column("value", justify="right")
        for column in ("unit", "time", "quality", "refused because"):
            table.add_column(column)
        for row in rows:
            target = row.found.target
            cells = (target.path, _shown(row.found.value), target.metric.unit, _moment(row.found.time))
            quality = "good" if row.quality == GOOD else "bad"
            table.add_row(*(escape(cell) for cell in cells), quality, ", ".join(row.objections))
        screen.print(table)
    for refused in translation.refused:
        times = f" ({refused.count} times)" if refused.count > 1 else ""
        screen.print(f"{refused.reason}: {refused.text}{times}", markup=False)


def _json(rows: list[_Row], translation: Translation) -> dict[str, Any]:
    return {
        "values": [
            {
                "tag": row.found.target.path,
                "value": row.found.value,
                "unit": row.found.target.metric.unit,
                "time": row.found.time,
                "quality": row.quality,
                "rule": row.found.rule.name,
                "refused_because": list(row.objections),
            }
            for row in rows
        ],
        "refused": [
            {"reason": refused.reason, "text": refused.text, "count": refused.count} for refused in translation.refused
        ],
    }
