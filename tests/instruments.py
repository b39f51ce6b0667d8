"""A small plant whose instruments can misbehave, and readings as they would come in."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np

from plant.historian.protocol import HOUR_MS
from plant.model.enterprise import (
    Area,
    Calendar,
    Datatype,
    Enterprise,
    Line,
    Metric,
    Role,
    Site,
    SiteStatus,
    Span,
    Text,
    Unit,
)
from plant.model.tags import TagTable
from plant.quality.defects import CAUSES, Cause, Defects
from plant.quality.detector import Arrival, Arrived, Detector
from plant.readings import GOOD, Columns

NAME = Text("имя", "name")
HOUR = 497_222 * HOUR_MS
"""A full UTC hour."""
STATE, TEMPERATURE, FEED, LEVEL, TOTAL, SPEED_SP, FREE = range(7)


def plant() -> TagTable:
    """A drum with a state, and a meter without one."""
    span = Span(0.0, 400.0)
    drum = (
        Metric("state", NAME, Role.STATE, Datatype.INT32, stored_as="state"),
        Metric("temperature", NAME, Role.VALUE, span=span, deadband=0.5, stored_as="temperature"),
        Metric("feed", NAME, Role.RATE, span=span, deadband=0.2, stored_as="feed"),
        Metric("level", NAME, Role.LEVEL, span=Span(0.0, 100.0), deadband=0.3, stored_as="level"),
        Metric("total", NAME, Role.GOOD, stored_as="total"),
        Metric("speed_sp", NAME, Role.SET_POINT, writable=True, stored_as="speed_sp"),
    )
    units = (
        Unit("drum", NAME, "generic", "alpha", "shop", "kiln", "gate", drum, storage="alpha/kiln/drum"),
        Unit(
            "meter",
            NAME,
            "generic",
            "alpha",
            "shop",
            "kiln",
            "gate",
            (Metric("free", NAME, Role.VALUE, deadband=0.5, stored_as="free"),),
            storage="alpha/kiln/meter",
        ),
    )
    area = Area("shop", NAME, "alpha", (Line("kiln", NAME, "alpha", "shop", "drum", units),))
    zone = ZoneInfo("UTC")
    site = Site("alpha", NAME, zone, 0, 0, SiteStatus.PRODUCTION, "host", Calendar("day", ()), (area,), gateways=())
    return TagTable(Enterprise("test", NAME, (site,), {}, {}, {}))


class Watched:
    """A detector, and what it has found so far."""

    def __init__(self, tags: TagTable) -> None:
        self.detector = Detector(tags)
        self.found: list[Defects] = []

    def see(
        self,
        *rows: tuple[int, int, float],
        delay_ms: int = 100,
        how: Arrival = Arrival.LIVE,
        quality: int = GOOD,
        together: bool = True,
    ) -> None:
        """Readings (tag, time, value) that come `delay_ms` after their time, in one batch or one by one."""
        for batch in [rows] if together else [(row,) for row in rows]:
            tag, time, value = zip(*batch, strict=True)
            readings = Columns.of(tag, time, value, [quality] * len(tag))
            self.found.append(self.detector.observe(Arrived(readings, readings.time + delay_ms, how)))

    def amounts(self, tag: int, cause: Cause) -> dict[int, float]:
        """Amount by hour, counted from `HOUR`."""
        summed = Defects.concat(self.found).summed()
        columns = zip(summed.hour.tolist(), summed.tag.tolist(), summed.cause.tolist(), summed.amount, strict=True)
        return {
            (hour - HOUR) // HOUR_MS: float(amount)
            for hour, its_tag, number, amount in columns
            if its_tag == tag and CAUSES[number] is cause
        }

    def causes(self) -> set[Cause]:
        """Everything that was found."""
        return {CAUSES[number] for part in self.found for number in part.cause.tolist()}


def live(tag: int, times: Iterable[int], around: float, seed: int = 5) -> list[tuple[int, int, float]]:
    """Readings (tag, time, value) of an instrument that lives."""
    rng = np.random.default_rng(seed)
    return [(tag, time, around + rng.normal() * 0.3) for time in times]
