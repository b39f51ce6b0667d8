"""The enterprise as the code sees it: frozen, resolved and validated (hierarchy of ISA-95 / IEC 62264-1).

``enterprise > site > area > line (work centre) > unit (work unit) > metric``. Slugs are immutable and lower case;
names are editable and bilingual. Code asks for roles, never for names. Built by `plant.model.load`, never by hand
outside tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from plant.model.naming import Language, Text
from plant.model.shifts import Calendar, Holidays, MaintenanceWindow, Shift

__all__ = [
    "COUNTERS",
    "Area",
    "Calendar",
    "Consumption",
    "Datatype",
    "Enterprise",
    "Gateway",
    "Holidays",
    "Language",
    "Limits",
    "Line",
    "MaintenanceWindow",
    "Metric",
    "Product",
    "Quantity",
    "Role",
    "Shift",
    "Site",
    "SiteStatus",
    "Span",
    "SpecificConsumption",
    "Text",
    "Unit",
    "UnitType",
]


class Role(StrEnum):
    """What a metric means to the code."""

    STATE = "state"
    """PackML state code (`plant.packml.State`)."""
    MODE = "mode"
    """PackML mode code (`plant.packml.Mode`)."""
    REASON = "reason"
    ORDER = "order"
    PRODUCT = "product"
    LOT = "lot"
    """Text: name of the lot that is made, or that comes out."""
    COMMAND = "command"
    PRODUCED = "produced"
    """Counter of what was made, good or not, in the metric's unit."""
    GOOD = "good"
    """Counter of good product."""
    REJECT = "reject"
    """Counter of rejected product."""
    RATE = "rate"
    """Present speed or throughput."""
    POWER = "power"
    """Electric power, kW."""
    ENERGY = "energy"
    """Counter of electric energy, kWh."""
    GAS_FLOW = "gas_flow"
    """m3/h."""
    GAS = "gas"
    """Counter of gas, m3."""
    WATER_FLOW = "water_flow"
    WATER = "water"
    """Counter of water, m3."""
    SET_POINT = "set_point"
    LEVEL = "level"
    VALUE = "value"


COUNTERS = frozenset({Role.PRODUCED, Role.GOOD, Role.REJECT, Role.ENERGY, Role.GAS, Role.WATER})
"""Roles whose value only grows (until it rolls over, is reset or the meter is replaced)."""


class Datatype(StrEnum):
    """How a metric travels over Sparkplug; the historian stores numbers as float64 and strings as events."""

    DOUBLE = "double"
    FLOAT = "float"
    INT32 = "int32"
    INT64 = "int64"
    BOOLEAN = "boolean"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Span:
    """A closed range of values in the metric's unit."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Alarm limits in the metric's unit, each may be missing (ISA-18.2: LL, L, H, HH)."""

    ll: float | None = None
    l: float | None = None  # noqa: E741 - the field's own name for the low limit
    h: float | None = None
    hh: float | None = None


class ChartKind(StrEnum):
    """How a critical metric is charted."""

    I_MR = "i_mr"
    """Single values and their moving ranges; a value is the mean of a point's minutes."""
    XBAR_S = "xbar_s"
    """Means and deviations of the minutes of a point."""


@dataclass(frozen=True, slots=True)
class Control:
    """Statistical control of a metric that is critical to quality.

    Attributes:
        chart: How it is charted.
        every_min: Minutes that make a point.
        around: Key of the unit's set point from which deviations are charted; None for the value itself.
        lower: Lower specification limit of what is charted, in the metric's unit; `upper` the other; one at least.
    """

    chart: ChartKind = ChartKind.I_MR
    every_min: int = 5
    around: str | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured, counted or set value of a unit: a row in its type.

    Attributes:
        key: Slug, unique in the unit.
        unit: Key in `Enterprise.measures`, such as ``t/h``; empty for codes and texts.
        decimals: Digits after the comma on screen.
        span: What the instrument can show at all; outside it a value is bad input.
        normal: Where the value should be while the unit executes; None if there is no such range.
        control: Statistical control; None for what is not critical to quality.
        deadband: A change smaller than this is not reported, in the metric's unit; 0 reports every change.
        writable: Accepts commands.
        rollover: Value at which a counter starts again at 0; None if it never does.
        stored_as: Key under which the history is kept; differs from `key` after a renaming.
        retired: No longer measured since this date; its history stays readable.
        replaces: Key of the retired metric of the same unit whose history comes before this one.
        simulation: Parameters for the physics of the simulator, opaque to all other rooms.
    """

    key: str
    name: Text
    role: Role
    datatype: Datatype = Datatype.DOUBLE
    unit: str = ""
    decimals: int = 1
    span: Span | None = None
    normal: Span | None = None
    limits: Limits = field(default_factory=Limits)
    control: Control | None = None
    deadband: float = 0.0
    writable: bool = False
    rollover: float | None = None
    stored_as: str = ""
    retired: date | None = None
    replaces: str | None = None
    simulation: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def is_counter(self) -> bool:
        """Whether the value only grows."""
        return self.role in COUNTERS

    @property
    def is_numeric(self) -> bool:
        """Whether the historian stores it as numbers; texts become events."""
        return self.datatype is not Datatype.STRING


@dataclass(frozen=True, slots=True)
class Unit:
    """A machine: one Sparkplug device.

    Attributes:
        slug: Unique in its line and under its gateway; the Sparkplug device id.
        type: Key in `Enterprise.unit_types`.
        site: Slug of the site; likewise `area` and `line`.
        gateway: Slug of the edge node that speaks for it.
        feeds: Units that its material goes to, as ``line/unit`` of the same site.
        meters: Slugs of the lines whose gas, energy or water it counts, all of it; empty for what is no meter of lines.
        storage: ``site/line/unit`` under which the history is kept, whatever the unit is called today.
        retired: Out of service for good since this date; its history stays readable.
        simulation: Parameters for the simulator's physics, opaque to all other rooms.
    """

    slug: str
    name: Text
    type: str
    site: str
    area: str
    line: str
    gateway: str
    metrics: tuple[Metric, ...]
    feeds: tuple[str, ...] = ()
    storage: str = ""
    retired: date | None = None
    simulation: Mapping[str, float | str] = field(default_factory=dict)
    meters: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, str, str, str]:
        """(site, area, line, unit)."""
        return (self.site, self.area, self.line, self.slug)

    @property
    def ref(self) -> str:
        """``line/unit``, as in `feeds`."""
        return f"{self.line}/{self.slug}"

    def with_role(self, role: Role) -> Metric | None:
        """The first live metric with this role, None if there is none."""
        return next((m for m in self.metrics if m.role is role and m.retired is None), None)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount with its unit of measure (key in `Enterprise.measures`)."""

    amount: float
    unit: str


MINOR_STOP_MIN = 5.0
"""What a line's limit is unless the model says otherwise, min."""


@dataclass(frozen=True, slots=True)
class Line:
    """A work centre.

    Attributes:
        storage: ``site/line`` under which the history is kept, whatever the line is called today.
        constraint: Slug of the unit whose state is the line's state.
        output: Slug of the unit whose `Role.GOOD` counter is the line's output; None for a line that makes nothing.
        shift_target: Planned good output of one shift, in the unit of that counter.
        ideal_rates: Ideal rate per product slug, in units of that counter per hour.
        minor_stop_min: A stop of its own shorter than this is a minor stop and no breakdown, min.
        calendar: When it is to run, in the shifts of the site's calendar; None for just that one.
        maintenance: Its windows of planned maintenance.
    """

    slug: str
    name: Text
    site: str
    area: str
    constraint: str
    units: tuple[Unit, ...]
    output: str | None = None
    shift_target: Quantity | None = None
    ideal_rates: Mapping[str, float] = field(default_factory=dict)
    storage: str = ""
    minor_stop_min: float = MINOR_STOP_MIN
    calendar: Calendar | None = None
    maintenance: tuple[MaintenanceWindow, ...] = ()

    def unit(self, slug: str) -> Unit:
        """The unit of that slug; KeyError if there is none."""
        for unit in self.units:
            if unit.slug == slug:
                return unit
        raise KeyError(slug)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a site: a shop."""

    slug: str
    name: Text
    site: str
    lines: tuple[Line, ...]


class Consumption(StrEnum):
    """What a specific consumption counts."""

    GAS = "gas"
    ENERGY = "energy"
    WATER = "water"


@dataclass(frozen=True, slots=True)
class SpecificConsumption:
    """Consumption per unit of good product: sum of counters over sum of counters (divide last).

    Attributes:
        numerators: ``line/unit/metric`` of consumption counters of the site.
        denominators: ``line/unit/metric`` of product counters of the site, all in one unit of measure.
        unit: Key in `Enterprise.measures`, such as ``m3/t``.
        target: Where it should be, in `unit`.
    """

    slug: str
    name: Text
    consumes: Consumption
    unit: str
    numerators: tuple[str, ...]
    denominators: tuple[str, ...]
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """An edge node: one MQTT connection, Sparkplug ids (group = site slug, node = gateway slug)."""

    slug: str
    site: str


class SiteStatus(StrEnum):
    """Whether a site's figures count for the group."""

    PRODUCTION = "production"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Site:
    """A subdivision: one Sparkplug group.

    Attributes:
        zone: The plant's own time zone.
        latitude: Degrees north; `longitude` degrees east.
        primary_host: Sparkplug host id whose STATE the site's edge nodes wait for.
        holidays: Days on which its crews rest; empty if they work through.
    """

    slug: str
    name: Text
    zone: ZoneInfo
    latitude: float
    longitude: float
    status: SiteStatus
    primary_host: str
    calendar: Calendar
    areas: tuple[Area, ...]
    gateways: tuple[Gateway, ...]
    specific: tuple[SpecificConsumption, ...] = ()
    note: Text | None = None
    holidays: Holidays = field(default_factory=dict)

    @property
    def lines(self) -> Iterator[Line]:
        """All lines, area by area."""
        return (line for area in self.areas for line in area.lines)

    @property
    def units(self) -> Iterator[Unit]:
        """All units, line by line, retired ones too."""
        return (unit for line in self.lines for unit in line.units)

    def line(self, slug: str) -> Line:
        """The line of that slug; KeyError if there is none."""
        for line in self.lines:
            if line.slug == slug:
                return line
        raise KeyError(slug)


@dataclass(frozen=True, slots=True)
class UnitType:
    """A template of units.

    Attributes:
        physics: Kind of physics that simulates it; ``generic`` always exists.
    """

    slug: str
    name: Text
    physics: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something that lines make.

    Attributes:
        unit: Unit of measure in which it is counted (key in `Enterprise.measures`).
        scrap_target: Share of rejects that is still normal, 0 to 1.
    """

    slug: str
    name: Text
    unit: str
    scrap_target: float


@dataclass(frozen=True, slots=True)
class Enterprise:
    """The whole model."""

    slug: str
    name: Text
    sites: tuple[Site, ...]
    unit_types: Mapping[str, UnitType]
    products: Mapping[str, Product]
    measures: Mapping[str, Text]
    note: Text | None = None

    @property
    def units(self) -> Iterator[Unit]:
        """All units of all sites, retired ones too."""
        return (unit for site in self.sites for unit in site.units)

    def site(self, slug: str) -> Site:
        """The site of that slug; KeyError if there is none."""
        for site in self.sites:
            if site.slug == slug:
                return site
        raise KeyError(slug)
