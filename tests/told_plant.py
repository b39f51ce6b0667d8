"""What a small plant tells: boards that are formed, dried and stacked, bags that are packed, and binder for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np

from plant.model.enterprise import (
    Area,
    Datatype,
    Enterprise,
    Line,
    Metric,
    Product,
    Role,
    Site,
    SiteStatus,
    Span,
    Text,
    Unit,
)
from plant.model.shifts import Calendar
from plant.model.tags import TagTable
from plant.packml import Mode, State
from plant.production.corrections import Correction
from plant.production.lines import LineTable
from plant.production.planned import PlannedStops
from plant.production.production import Production, Told, production
from plant.production.reasons import ReasonTree, load_reasons
from plant.production.signals import Unwatched
from plant.readings import GOOD, Columns, Event, EventKind

NAME = Text("имя", "name")
BASE = 1_795_000_020_000
"""A full minute; times of the tests are seconds from here."""
TEXTS = {Role.REASON, Role.ORDER, Role.PRODUCT, Role.LOT}


def _unit(line: str, slug: str, roles: str, feeds: tuple[str, ...] = ()) -> Unit:
    metrics = []
    for word in roles.split():
        role = Role(word)
        measure = "m2" if line == "boards" else "t"
        metrics.append(
            Metric(
                role.value,
                NAME,
                role,
                Datatype.STRING if role in TEXTS else Datatype.DOUBLE,
                unit=measure if role in {Role.PRODUCED, Role.GOOD, Role.REJECT} else "",
                span=Span(0, 100) if role is Role.LEVEL else None,
                stored_as=role.value,
                rollover=1e6 if role is Role.PRODUCED else None,
            )
        )
    return Unit(slug, NAME, "generic", "site", "shop", line, "gate", tuple(metrics), feeds, f"site/{line}/{slug}")


def _enterprise() -> Enterprise:
    machine = "state mode reason"
    boards = (
        _unit("boards", "former", f"{machine} order product lot produced water", ("boards/dryer",)),
        _unit("boards", "dryer", f"{machine} gas", ("boards/stacker",)),
        _unit("boards", "stacker", f"{machine} lot good reject"),
    )
    packs = (_unit("packs", "packer", f"{machine} order product produced good reject"),)
    binder = (
        _unit("binder", "mill", machine, ("binder/calciner",)),
        _unit("binder", "calciner", f"{machine} good", ("binder/silo",)),
        _unit("binder", "silo", "level", ("boards/former", "packs/packer")),
    )
    lines = (
        Line(
            "boards", NAME, "site", "shop", "former", boards, "stacker", None, {"thin": 5400.0, "thick": 3600.0},
            "site/boards",
        ),
        Line("packs", NAME, "site", "shop", "packer", packs, "packer", None, {"bag": 36.0}, "site/packs"),
        Line("binder", NAME, "site", "shop", "calciner", binder, "calciner", None, {"stucco": 30.0}, "site/binder"),
    )  # fmt: skip
    site = Site(
        "site", NAME, ZoneInfo("Europe/Moscow"), 0, 0, SiteStatus.PRODUCTION, "host", Calendar("day", ()),
        (Area("shop", NAME, "site", lines),), (),
    )  # fmt: skip
    products = {slug: Product(slug, NAME, "t", 0.0) for slug in ("thin", "thick", "bag", "stucco")}
    return Enterprise("test", NAME, (site,), {}, products, {})


def ms(second: float) -> int:
    """UTC ms of a second of the test."""
    return BASE + round(1000 * second)


@dataclass
class Plant:
    """What is told of the plant, in the order in which it came."""

    table: LineTable
    reasons: ReasonTree
    events: list[Event] = field(default_factory=list)
    readings: list[tuple[int, int, float, int]] = field(default_factory=list)
    levels: list[tuple[int, int, float, int]] = field(default_factory=list)
    planned: list[tuple[int, int, int, int]] = field(default_factory=list)
    unwatched: list[tuple[int, int, int]] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    def unit(self, ref: str) -> int:
        """Index of ``line/unit``."""
        return self.table.unit_index[f"site/{ref}"]

    def line(self, slug: str) -> int:
        """Index of a line."""
        return next(row.index for row in self.table if row.line.slug == slug)

    def state(self, second: float, state: State, ref: str = "boards/former", quality: int = GOOD) -> None:
        """A unit enters a state."""
        self.events.append(Event(ms(second), f"site/{ref}", EventKind.STATE, "state", state.name, int(state), quality))

    def mode(self, second: float, mode: Mode, ref: str = "boards/former") -> None:
        """A unit enters a mode."""
        self.events.append(Event(ms(second), f"site/{ref}", EventKind.MODE, "mode", mode.name, int(mode), GOOD))

    def text(self, second: float, metric: str, text: str, ref: str = "boards/former") -> None:
        """A unit tells a text."""
        self.events.append(Event(ms(second), f"site/{ref}", EventKind.TEXT, metric, text, -1, GOOD))

    def count(self, second: float, metric: str, value: float, ref: str = "boards/former", quality: int = GOOD) -> None:
        """A counter is read."""
        tag = self.table.tags.by_storage(f"site/{ref}/{metric}")
        assert tag is not None
        self.readings.append((tag.index, ms(second), value, quality))

    def level(self, second: float, value: float) -> None:
        """The silo's level is read, %."""
        tag = self.table.tags.by_storage("site/binder/silo/level")
        assert tag is not None
        self.levels.append((tag.index, ms(second), value, GOOD))

    def runs(self, ref: str = "boards/former", order: str = "boards-00007", product: str = "thin") -> None:
        """From second 0 on a unit executes an order in production mode."""
        self.state(0, State.EXECUTE, ref)
        self.mode(0, Mode.PRODUCTION, ref)
        self.text(0, "order", order, ref)
        self.text(0, "product", product, ref)

    def told(self, start: float, end: float) -> Told:
        """All of it, as the known time [start, end), s."""
        return Told(
            ms(start),
            ms(end),
            tuple(self.events),
            Columns.of(*(zip(*self.readings, strict=True) if self.readings else ((),) * 4)),
            Columns.of(*(zip(*self.levels, strict=True) if self.levels else ((),) * 4)),
            Unwatched(*np.array(self.unwatched, np.int64).reshape(-1, 3).T),
            PlannedStops.from_rows(self.planned),
            tuple(self.corrections),
            np.full(len(self.table), ms(end)),
        )

    def make(self, end: float, start: float = 0, window: tuple[float, float] | None = None) -> Production:
        """What it did in [start, end), s, or in a window of that time."""
        first, last = window or (start, end)
        return production(self.table, self.reasons, self.told(start, end), ms(first), ms(last))

    def seconds(self, made: Production, column: str, line: str = "boards") -> dict[int, float]:
        """Seconds of a line by the codes of a column of the minutes."""
        minutes = made.minutes.take(made.minutes.line == self.line(line))
        codes = minutes.arrays[column]
        return {int(each): float(minutes.seconds[codes == each].sum()) for each in np.unique(codes)}


_TABLE = LineTable(TagTable(_enterprise()))
_REASONS = load_reasons()


def fresh() -> Plant:
    """A plant of which nothing is told yet."""
    return Plant(_TABLE, _REASONS)
