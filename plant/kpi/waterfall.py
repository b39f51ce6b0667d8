"""The loss waterfall: from calendar time to planned busy, production, net and valuable time, loss by loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plant.kpi.sums import Sums
from plant.kpi.value import Flag
from plant.model.enterprise import Text


class Kind(StrEnum):
    """What a step of the waterfall is."""

    LEVEL = "level"
    """What is left at this height."""
    LOSS = "loss"
    """What is taken off before the next level."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar.

    Attributes:
        seconds: Height of a level, or what a loss takes off it; below 0 for a speed above the ideal rate.
        big: Which of the six big losses of Nakajima (1988) it belongs to, 1 to 6; None for none of them.
    """

    key: str
    name: Text
    kind: Kind
    seconds: float
    big: int | None = None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All bars from left to right; each level is the one before less the losses between them.

    Attributes:
        coverage: Share of planned busy time with good data; what is unknown is a bar of its own.
        provisional: It may still change.
        flags: `Flag.IDEAL_RATE` if more was produced than the ideal rate allows.
    """

    steps: tuple[Step, ...]
    coverage: float
    provisional: bool
    flags: tuple[Flag, ...]


BIG_LOSSES: Final = {
    1: Text("Отказы", "Breakdowns"),
    2: Text("Переналадки и регулировки", "Setup and adjustment"),
    3: Text("Микропростои и ожидание", "Minor stops and idling"),
    4: Text("Потеря скорости", "Reduced speed"),
    5: Text("Пуск", "Start-up"),
    6: Text("Брак", "Defects"),
}
"""The six big losses. Time elements do not depend on the length of a stop, so the third lowers availability here;
scrap of start-ups cannot be told from other scrap, so the fifth is their time and the sixth holds all scrap."""

_STOPS: Final = (
    ("breakdown_s", Text("Отказы", "Breakdowns"), 1),
    ("setup_s", Text("Переналадки", "Setup"), 2),
    ("minor_stop_s", Text("Микропростои", "Minor stops"), 3),
    ("waiting_s", Text("Ожидание", "Waiting"), 3),
    ("start_up_s", Text("Пуск", "Start-up"), 5),
    ("external_s", Text("Внешние простои", "External stops"), None),
    ("no_order_s", Text("Нет заказа", "No order"), None),
)
"""Losses of availability; what is external is charged to the unit that caused it."""


def waterfall(sums: Sums) -> Waterfall:
    """The bars of some sums, s."""
    speed = sums.apt_s - sums.known_produced_ideal_s
    flags = (Flag.IDEAL_RATE,) if sums.is_above_ideal else ()
    return Waterfall(tuple(_steps(sums, speed)), sums.coverage, sums.is_provisional, flags)


def _steps(sums: Sums, speed_s: float) -> Iterator[Step]:
    yield _level("calendar", Text("Календарное время", "Calendar time"), sums.calendar_s)
    yield _loss("not_planned", Text("Вне плана", "Not planned"), sums.not_planned_s)
    yield _loss("unknown", Text("Нет данных", "Unknown"), sums.unknown_s + sums.missing_s)
    yield _level("planned_busy", Text("Плановое время занятости", "Planned busy time"), sums.pbt_s)
    told = 0.0
    for field, name, big in _STOPS:
        seconds = getattr(sums, field)
        told += seconds
        yield _loss(field.removesuffix("_s"), name, seconds, big)
    stopped = sums.pbt_s - sums.apt_s
    yield _loss("unclassified", Text("Прочие простои", "Other stops"), stopped - told)
    yield _level("production", Text("Время производства", "Production time"), sums.apt_s)
    yield _loss("reduced_speed", Text("Потеря скорости", "Reduced speed"), speed_s, 4)
    yield _level("net", Text("Чистое время", "Net time"), sums.known_produced_ideal_s)
    defects = sums.known_produced_ideal_s - sums.known_good_ideal_s
    yield _loss("defects", Text("Брак и непроверенное", "Defects and not yet judged"), defects, 6)
    yield _level("valuable", Text("Полезное время", "Valuable time"), sums.known_good_ideal_s)


def _level(key: str, name: Text, seconds: float) -> Step:
    return Step(key, name, Kind.LEVEL, seconds)


def _loss(key: str, name: Text, seconds: float, big: int | None = None) -> Step:
    return Step(key, name, Kind.LOSS, seconds, big)
