"""A model file drafted from what gateways declare; what only people know is marked for them to fill in."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from factory.guesses import DATATYPES, measure, role, words
from factory.survey import Declared
from plant.model.enterprise import Datatype, Role
from plant.model.schema import MAX_SLUG
from plant.namespace import SLUG, Contract
from plant.sparkplug.topic import NodeId

FILL: Final = "FILL"
"""Stands where only people know; `factory model check` names each such line."""
LONGEST_NAME: Final = 80
"""Characters of a name that people read."""
Devices: TypeAlias = Mapping[NodeId, Mapping[str, tuple[Declared, ...]]]
_HEAD: Final = """\
# Drafted from the births of Sparkplug gateways. Before use:
#   1. fill in every FILL; `factory model check` names the lines that are left
#   2. look at every 'guess': roles say what a metric means to figures and screens
#   3. write the names as people say them, in both languages
#   4. where it says 'published as', let the gateway use the slug: group = site, edge node = gateway, device = unit,
#      metric = key, letter by letter
enterprise: draft  # slug, never changed later
name: {ru: Черновик, en: Draft}
primary_host: collector-1  # host_id of the collector
"""
_CALENDAR: Final = """\

calendars:
  two-shifts:  # a guess
    shifts:
      day: {name: {ru: Дневная, en: Day}, start: 08:00, end: 20:00}
      night: {name: {ru: Ночная, en: Night}, start: 20:00, end: 08:00}
"""


def draft(devices: Devices) -> str:
    """The text of a model file; empty when no device was found.

    Args:
        devices: Metrics by edge node and device.
    """
    kept = {node: units for node, units in devices.items() if units}
    if not kept:
        return ""
    types = _Types(units for units in kept.values())
    lines = [_HEAD, "measures:"]
    lines += _measures(kept)
    lines += ["", "unit_types:", *types.lines(), _CALENDAR.rstrip("\n"), "", "sites:"]
    sites: dict[str, dict[NodeId, Mapping[str, tuple[Declared, ...]]]] = {}
    for node, units in kept.items():
        sites.setdefault(node.group, {})[node] = units
    names = _Slugs()
    for group, nodes in sites.items():
        lines += _site(names.of(group), group, nodes, types)
    return "\n".join(lines) + "\n"


class _Slugs:
    """Slugs for names, no two alike."""

    def __init__(self, reserved: Collection[str] = frozenset(Contract)) -> None:
        self._taken = set(reserved)

    def of(self, name: str) -> str:
        text = name if SLUG.fullmatch(name) and len(name) <= MAX_SLUG else "-".join(words(_latin(name))) or "unnamed"
        text = re.sub(r"[^a-z0-9_-]+", "", text)[: MAX_SLUG - 4].strip("-_") or "unnamed"
        slug, number = text, 1
        while slug in self._taken:
            number += 1
            slug = f"{text}-{number}"
        self._taken.add(slug)
        return slug


class _Types:
    """Unit types: devices with the same metrics are of one."""

    def __init__(self, nodes: Iterator[Mapping[str, tuple[Declared, ...]]]) -> None:
        names = _Slugs()
        self._slugs: dict[tuple[Declared, ...], str] = {}
        for device, metrics in (each for units in nodes for each in units.items()):
            if metrics not in self._slugs:
                self._slugs[metrics] = names.of(re.sub(r"[-_ ]*\d+$", "", device) or device)

    def of(self, metrics: tuple[Declared, ...]) -> str:
        return self._slugs[metrics]

    def lines(self) -> Iterator[str]:
        for metrics, slug in self._slugs.items():
            yield f"  {slug}:"
            yield f"    name: {_name(slug)}"
            yield from _rows(metrics)


def _rows(metrics: Sequence[Declared]) -> Iterator[str]:
    """The metrics of a unit type; those that the model does not take stand there as comments."""
    taken: set[Role] = set()
    names = _Slugs(reserved=())
    if any(metric.datatype in DATATYPES for metric in metrics):
        yield "    metrics:"
    for metric in metrics:
        if metric.datatype not in DATATYPES:
            yield f"      # not taken: {_quoted(metric.name)} has datatype {metric.datatype}"
            continue
        key, guess = names.of(metric.name), role(metric, taken)
        taken.add(guess)
        parts = [f"name: {_name(metric.name)}", f"role: {guess}", *_kind(metric, guess)]
        note = "guess" if key == metric.name else f"guess; published as {_quoted(metric.name)}"
        yield f"      {key}: {{{', '.join(parts)}}}  # {note}"


def _kind(metric: Declared, guess: Role) -> Iterator[str]:
    """Datatype, unit and span, as far as they go together."""
    kind = DATATYPES[metric.datatype]
    if kind is not Datatype.DOUBLE:
        yield f"datatype: {Datatype.INT32 if guess in {Role.STATE, Role.MODE} else kind}"
    if kind in {Datatype.STRING, Datatype.BOOLEAN}:
        return
    if unit := measure(metric):
        yield f"unit: {_quoted(unit)}"
    if metric.low is not None and metric.high is not None and metric.low < metric.high:
        yield f"span: [{_number(metric.low)}, {_number(metric.high)}]"


def _measures(devices: Devices) -> Iterator[str]:
    """Units of measure by key; what the gateway calls them is what people read until they say otherwise."""
    named: dict[str, str] = {}
    for metric in (each for units in devices.values() for metrics in units.values() for each in metrics):
        if unit := measure(metric):
            named.setdefault(unit, metric.unit)
    if not named:
        yield "  {}"
    for key, text in sorted(named.items()):
        yield f"  {_quoted(key)}: {{ru: {_quoted(text)}, en: {_quoted(text)}}}"


def _site(
    slug: str, group: str, nodes: Mapping[NodeId, Mapping[str, tuple[Declared, ...]]], types: _Types
) -> Iterator[str]:
    yield f"  {slug}:{_published(slug, group)}"
    yield f"    name: {_name(group)}"
    yield f"    zone: {FILL}  # IANA time zone, such as Europe/Moscow"
    yield f"    latitude: {FILL}  # degrees north"
    yield f"    longitude: {FILL}  # degrees east"
    yield "    status: trial  # until its figures are accepted"
    yield "    calendar: two-shifts"
    yield "    areas:"
    yield "      shop:  # a guess: gateways do not tell areas"
    yield "        name: {ru: Цех, en: Shop}"
    yield "        lines:"
    names = _Slugs()
    for node, units in nodes.items():
        yield from _line(names.of(node.node), node, units, types)


def _line(slug: str, node: NodeId, units: Mapping[str, tuple[Declared, ...]], types: _Types) -> Iterator[str]:
    """A line for each edge node, which is how gateways are usually cut."""
    names = _Slugs()
    slugs = {device: names.of(device) for device in units}
    stateful = [device for device, metrics in units.items() if any(role(m, ()) is Role.STATE for m in metrics)]
    yield f"          {slug}:{_published(slug, node.node)}"
    yield f"            name: {_name(node.node)}"
    yield f"            gateway: {_plain(slug)}"
    if stateful:
        yield f"            constraint: {_plain(slugs[stateful[0]])}  # guess: the unit whose state is the line's"
    else:
        yield f"            constraint: {FILL}  # the unit whose state is the line's; it needs a row of role state"
    yield "            units:"
    for device, metrics in units.items():
        own, kind = slugs[device], _plain(types.of(metrics))
        yield f"              {own}: {{type: {kind}, name: {_name(device)}}}{_published(own, device)}"


def _published(slug: str, name: str) -> str:
    return "" if slug == name else f"  # published as {_quoted(name)}"


def _name(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(re.split(r"[\s_-]+", shown)).strip()[:LONGEST_NAME].strip() or "unnamed"
    quoted = _quoted(shown[0].upper() + shown[1:])
    return f"{{ru: {quoted}, en: {quoted}}}"


def _plain(slug: str) -> str:
    """A slug as a value, in quotes where YAML would read a number or another word."""
    return slug if slug[0].isalpha() and slug not in {"true", "false", "null"} else _quoted(slug)


def _quoted(text: str) -> str:
    """A text on one line of YAML, whatever a gateway calls things."""
    return json.dumps("".join(letter if letter.isprintable() else "?" for letter in text), ensure_ascii=False)


def _number(value: float) -> str:
    return f"{value:.12g}"


_PAIRS: Final = (
    "аa бb вv гg дd еe ёe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya"
)
_LETTERS: Final = str.maketrans({pair[0]: pair[1:] for pair in re.findall(r"\S+", _PAIRS)})
"""Russian letters in Latin ones."""


def _latin(text: str) -> str:
    """Russian letters in Latin ones, for slugs."""
    lower = re.sub(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])", " ", text).lower()
    return lower.translate(_LETTERS)
