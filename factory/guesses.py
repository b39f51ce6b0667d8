"""What an unknown metric may be: its datatype is known, its role in the plant is guessed from name and unit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from factory.survey import Declared
from plant.mapping.measures import spelt
from plant.model.enterprise import Datatype, Role
from plant.sparkplug.datatypes import DataType

DATATYPES: Final[Mapping[int, Datatype]] = {
    **dict.fromkeys((DataType.INT8, DataType.INT16, DataType.INT32, DataType.UINT8, DataType.UINT16), Datatype.INT32),
    **dict.fromkeys((DataType.INT64, DataType.UINT32, DataType.UINT64, DataType.DATETIME), Datatype.INT64),
    **dict.fromkeys((DataType.STRING, DataType.TEXT, DataType.UUID), Datatype.STRING),
    DataType.FLOAT: Datatype.FLOAT,
    DataType.DOUBLE: Datatype.DOUBLE,
    DataType.BOOLEAN: Datatype.BOOLEAN,
}
"""What the model calls the datatypes that it takes."""
ONCE: Final = frozenset({Role.STATE, Role.MODE, Role.PRODUCED, Role.GOOD, Role.REJECT, Role.RATE})
"""Roles that are given to the first metric of a device that looks like it."""
_TEXTS: Final = (
    (Role.REASON, {"reason", "cause", "fault"}),
    (Role.ORDER, {"order", "job", "workorder"}),
    (Role.PRODUCT, {"product", "recipe", "article", "sku"}),
    (Role.LOT, {"lot", "batch"}),
)
_MEASURED: Final = (
    ("kW", Role.POWER, set[str]()),
    ("kWh", Role.ENERGY, set[str]()),
    ("m3/h", Role.GAS_FLOW, {"gas"}),
    ("m3", Role.GAS, {"gas"}),
    ("m3/h", Role.WATER_FLOW, {"water"}),
    ("m3", Role.WATER, {"water"}),
)
"""Roles that go with one unit of measure, and the word that tells them apart."""
_COUNTED: Final = (
    (Role.REJECT, {"reject", "rejects", "rejected", "scrap", "waste", "bad", "nok"}),
    (Role.GOOD, {"good", "ok"}),
    (Role.PRODUCED, {"produced", "production", "made", "output", "total", "count", "counter"}),
)
_TOTALS: Final = {"total", "count", "counter", "produced", "sum"}
_RATES: Final = {"rate", "speed", "throughput", "flow", "output"}


def words(name: str) -> list[str]:
    """The words of a name: ``Zone1/FeedRate`` is zone1, feed, rate."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[a-zа-яё0-9]+", split.lower())


def role(metric: Declared, taken: Collection[Role]) -> Role:
    """The role that a metric probably has.

    Args:
        metric: As declared.
        taken: Roles that other metrics of the device have.
    """
    return next((guess for guess in _guesses(metric) if guess not in ONCE or guess not in taken), Role.VALUE)


def measure(metric: Declared) -> str:
    """Key of its unit of measure; empty if the gateway names none that can be read."""
    return spelt(metric.unit) if metric.unit.isprintable() else ""


def _guesses(metric: Declared) -> Iterable[Role]:
    """What it looks like, the likeliest first."""
    said, kind, unit = set(words(metric.name)), DATATYPES.get(metric.datatype), measure(metric)
    if kind is Datatype.STRING:
        yield from (each for each, hints in _TEXTS if said & hints)
        return
    if said & {"command", "cmd", "reset"}:
        yield Role.COMMAND
    if kind is Datatype.BOOLEAN:
        return
    if said & {"sp", "setpoint"} or {"set", "point"} <= said:
        yield Role.SET_POINT
        return
    if kind in {Datatype.INT32, Datatype.INT64} and not unit:
        yield from (each for each, hint in ((Role.STATE, "state"), (Role.MODE, "mode")) if hint in said)
    yield from (each for measure, each, hints in _MEASURED if unit == measure and (not hints or said & hints))
    if unit and said & _TOTALS:
        yield from (each for each, hints in _COUNTED if said & hints)
    if "/" in unit and said & _RATES:
        yield Role.RATE
    if "level" in said:
        yield Role.LEVEL
