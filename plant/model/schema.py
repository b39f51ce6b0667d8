"""The model file as pydantic reads it: what an engineer may write, key by key (docs/model.md explains each).

These are the *written* forms, with everything that may be left out or repeated; `plant.model.load` resolves them to
the frozen forms of `plant.model.enterprise`.
"""

from __future__ import annotations

import math
import re
from datetime import date, time
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from plant.model.enterprise import ChartKind, Consumption, Datatype, Quantity, Role, SiteStatus, Span
from plant.namespace import SLUG, Contract

MAX_SLUG = 64
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"\d{2}:\d{2}")
_QUANTITY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s+(\S+)")


def _wrong(problem: str, mend: str) -> PydanticCustomError:
    """An error whose sentences are ours."""
    return PydanticCustomError("wrong", "{problem}", {"problem": problem, "mend": mend})


def slug_mend(text: str) -> str:
    """A slug like `text`, or the grammar if nothing of it can be kept."""
    kept = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:MAX_SLUG].strip("-")
    if kept and kept not in set(Contract):
        return f"write '{kept}'"
    return "use lower-case letters, digits and single - or _, such as 'dry-mix-2'"


def _slug(text: str) -> str:
    if text in set(Contract):
        raise _wrong(f"'{text}' is a reserved word of the namespace", f"choose another slug, such as '{text}-1'")
    return _key(text)


def _key(text: str) -> str:
    if len(text) > MAX_SLUG or not SLUG.fullmatch(text):
        raise _wrong(f"'{text}' is not a slug", slug_mend(text))
    return text


def _printed(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise _wrong("a name is empty or holds characters that do not print", "write the name that people say")
    return text


def _from_text(kind: str, pattern: re.Pattern[str], example: str, parse: type[date | time]) -> BeforeValidator:
    def convert(value: Any) -> Any:
        if isinstance(value, str) and pattern.fullmatch(value):
            try:
                return parse.fromisoformat(value)
            except ValueError:
                pass  # told below, like any other text that is no date or time
        raise _wrong(f"'{value}' is not a {kind}", f"write it like {example}")

    return BeforeValidator(convert)


def _span(value: Any) -> Span:
    if not isinstance(value, list) or len(value) != 2 or any(type(end) not in {int, float} for end in value):
        raise _wrong(f"{value!r} is not a range", "write two numbers, such as [0, 120]")
    low, high = float(value[0]), float(value[1])
    if not -math.inf < low < high < math.inf:
        raise _wrong(f"the range [{low:g}, {high:g}] is out of order", "write [low, high] with low below high")
    return Span(low, high)


def _quantity(value: Any) -> Quantity:
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) <= 0:
        raise _wrong(f"{value!r} is not an amount with its unit", "write it like '36000 m2'")
    return Quantity(float(found[1]), found[2])


def _parameter(value: Any) -> float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong(f"{value!r} is no parameter", "write a number or a text")
    return value if isinstance(value, str) else float(value)


def _weekday(value: Any) -> int:
    if value not in WEEKDAYS:
        raise _wrong(f"'{value}' is no day of the week", f"write one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(value)


Slug = Annotated[str, AfterValidator(_slug)]
"""A level of the namespace."""
Key = Annotated[str, AfterValidator(_key)]
"""A metric: the same grammar, but it stands inside the messages, so the namespace's words are free."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Date = Annotated[date, _from_text("date", _DATE, "2026-11-30", date)]
Clock = Annotated[time, _from_text("time of day", _TIME, "08:00", time)]
Range = Annotated[Span, PlainValidator(_span)]
Amount = Annotated[Quantity, PlainValidator(_quantity)]
Weekday = Annotated[int, PlainValidator(_weekday)]
"""Written ``mon`` to ``sun``, read as 0 to 6."""
Simulation = dict[str, Annotated[float | str, PlainValidator(_parameter)]]


class Written(BaseModel):
    """What all parts of the file have in common: no unknown keys, no change after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TextSpec(Written):
    """A name or a note in both languages."""

    ru: Annotated[str, AfterValidator(_printed)] = Field(description="Russian")
    en: Annotated[str, AfterValidator(_printed)] = Field(description="English")


class LimitsSpec(Written):
    """Alarm limits in the metric's unit of measure; each may be left out."""

    ll: Number | None = Field(None, description="low low")
    l: Number | None = Field(None, description="low")  # noqa: E741 - the field's own name for the low limit
    h: Number | None = Field(None, description="high")
    hh: Number | None = Field(None, description="high high")


class ControlSpec(Written):
    """Statistical control of a metric that is critical to quality."""

    chart: ChartKind | None = Field(None, description="i_mr (default) or xbar_s")
    every_min: Annotated[int, Field(strict=True, ge=1, le=60)] | None = Field(None, description="minutes of a point")
    around: Key | None = Field(None, description="set point of the unit from which deviations are charted")
    lower: Number | None = Field(None, description="lower specification limit")
    upper: Number | None = Field(None, description="upper specification limit")


class MetricSpec(Written):
    """A row of a unit type, or the keys of it that a later layer changes."""

    name: TextSpec | None = Field(None, description="name in both languages")
    role: Role | None = Field(None, description="what it means to the code")
    datatype: Datatype | None = Field(None, description="how it travels over Sparkplug")
    unit: str | None = Field(None, description="key in `measures`")
    decimals: Annotated[int, Field(strict=True, ge=0, le=6)] | None = Field(None, description="digits after the comma")
    span: Range | None = Field(None, description="what the instrument can show at all")
    normal: Range | None = Field(None, description="where the value should be while the unit executes")
    limits: LimitsSpec | None = Field(None, description="alarm limits")
    control: ControlSpec | None = Field(None, description="statistical control, for what is critical to quality")
    deadband: Annotated[Number, Field(ge=0)] | None = Field(None, description="smaller changes are not reported")
    writable: Annotated[bool, Field(strict=True)] | None = Field(None, description="accepts commands")
    rollover: Annotated[Number, Field(gt=0)] | None = Field(None, description="where a counter starts again at 0")
    was: Key | None = Field(None, description="first key, under which the history is kept")
    retired: Date | None = Field(None, description="not measured since that date")
    replaces: Key | None = Field(None, description="retired metric whose history comes before")
    simulation: Simulation = Field(default_factory=dict, description="parameters for the simulator")


class UnitTypeSpec(Written):
    """A template of units."""

    name: TextSpec = Field(description="name in both languages")
    extends: str | None = Field(None, description="another type whose rows this one takes over")
    abstract: Annotated[bool, Field(strict=True)] = Field(False, description="only there to be extended")
    physics: Slug | None = Field(None, description="kind of physics that simulates it")
    metrics: dict[Key, MetricSpec] = Field(default_factory=dict, description="rows by key")
    simulation: Simulation = Field(default_factory=dict, description="parameters for the simulator")


class UnitSpec(Written):
    """A unit of a line, or the keys of it that a later layer changes."""

    type: str | None = Field(None, description="key in `unit_types`")
    name: TextSpec | None = Field(None, description="name; the type's name if left out")
    count: Annotated[int, Field(strict=True, ge=0, le=99)] | None = Field(None, description="how many, numbered from 1")
    feeds: list[str] | None = Field(None, description="where its material goes")
    meters: list[str] | None = Field(None, description="lines of the site whose consumption it counts")
    gateway: str | None = Field(None, description="another gateway of the site than the line's")
    metrics: dict[Key, MetricSpec] = Field(default_factory=dict, description="changed or added rows")
    simulation: Simulation = Field(default_factory=dict, description="parameters for the simulator")
    was: str | None = Field(None, description="first slug, or line/unit, under which the history is kept")
    retired: Date | None = Field(None, description="out of service since that date")


class MaintenanceSpec(Written):
    """A window of planned maintenance, or the keys of it that a line changes."""

    name: TextSpec | None = Field(None, description="name in both languages")
    first: Date | None = Field(None, description="date on which it begins for the first time")
    start: Clock | None = Field(None, description="local time at which it begins")
    hours: Annotated[Number, Field(gt=0, le=120)] | None = Field(None, description="its length")
    every_weeks: Annotated[int, Field(strict=True, ge=1, le=520)] | None = Field(
        None, description="it comes again after so many weeks; once if left out"
    )
    until: Date | None = Field(None, description="last date on which it may begin")
    units: Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="units that it is for; all of the line if left out"
    )


class LineTypeSpec(Written):
    """A work-centre class: what the lines of one kind have in common."""

    name: TextSpec | None = Field(None, description="name; needed in the line if left out here")
    constraint: str | None = Field(None, description="unit whose state is the line's state")
    output: str | None = Field(None, description="unit whose good counter is the line's output")
    shift_target: Amount | None = Field(None, description="planned good output of one shift")
    minor_stop_min: Annotated[Number, Field(gt=0)] | None = Field(None, description="shorter stops are minor, min")
    ideal_rates: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict, description="ideal rate of each product, in the output's unit per hour"
    )
    calendar: str | None = Field(None, description="key in `calendars`; the site's if left out")
    maintenance: dict[Slug, MaintenanceSpec] = Field(
        default_factory=dict, description="windows of planned maintenance by slug"
    )
    units: dict[Slug, UnitSpec] = Field(default_factory=dict, description="units by slug")


class LineSpec(LineTypeSpec):
    """A work centre of a site."""

    use: str | None = Field(None, description="key in `line_types`")
    gateway: Slug | None = Field(None, description="declares the edge node that speaks for the line")
    was: Slug | None = Field(None, description="first slug, under which the history is kept")


class AreaSpec(Written):
    """A shop of a site."""

    name: TextSpec = Field(description="name in both languages")
    gateway: Slug | None = Field(None, description="declares the edge node that speaks for the area")
    lines: dict[Slug, LineSpec] = Field(min_length=1, description="lines by slug")


class BreakSpec(Written):
    """A planned break of a shift."""

    name: TextSpec = Field(description="name in both languages")
    start: Clock = Field(description="local time")
    minutes: Annotated[int, Field(strict=True, ge=1, le=720)] = Field(description="its length")


class ShiftSpec(Written):
    """One shift; an end not after its start is on the next day."""

    name: TextSpec = Field(description="name in both languages")
    start: Clock = Field(description="local time")
    end: Clock = Field(description="local time")
    breaks: dict[Slug, BreakSpec] = Field(default_factory=dict, description="planned breaks by slug")
    unmanned: list[Weekday] = Field(default_factory=list, description="days on which nobody works in it")


class CalendarSpec(Written):
    """Shifts that tile 24 hours; the production day begins with the first."""

    shifts: dict[Slug, ShiftSpec] = Field(min_length=1, description="shifts by slug, in their order")
    works_holidays: Annotated[bool, Field(strict=True)] = Field(False, description="holidays are days like all others")


class HolidaysSpec(Written):
    """Days on which crews rest, such as the public holidays of a country."""

    name: TextSpec = Field(description="name in both languages")
    days: dict[Date, TextSpec] = Field(min_length=1, description="what is kept on each date")


class ProductSpec(Written):
    """Something that lines make."""

    name: TextSpec = Field(description="name in both languages")
    unit: str = Field(description="key in `measures`")
    scrap_target: Annotated[Number, Field(ge=0, lt=1)] = Field(description="normal share of rejects, 0 to 1")


class SpecificSpec(Written):
    """Consumption per good product: sum of counters over sum of counters."""

    name: TextSpec = Field(description="name in both languages")
    consumes: Consumption = Field(description="gas, energy or water")
    unit: str = Field(description="key in `measures`, such as m3/t")
    numerators: list[str] = Field(min_length=1, description="line/unit/metric of the consumption counters")
    denominators: list[str] = Field(min_length=1, description="line/unit/metric of the product counters")
    target: Annotated[Number, Field(gt=0)] | None = Field(None, description="where it should be")


class SiteSpec(Written):
    """A subdivision."""

    name: TextSpec = Field(description="name in both languages")
    zone: str = Field(description="IANA time zone")
    latitude: Annotated[Number, Field(ge=-90, le=90)] = Field(description="degrees north")
    longitude: Annotated[Number, Field(ge=-180, le=180)] = Field(description="degrees east")
    calendar: str = Field(description="key in `calendars`")
    holidays: str | None = Field(None, description="key in `holidays`; its crews work through if left out")
    status: SiteStatus = Field(SiteStatus.PRODUCTION, description="production or trial")
    primary_host: str | None = Field(None, description="another Sparkplug primary host than the enterprise's")
    gateway: Slug | None = Field(None, description="declares the edge node that speaks for the site")
    areas: dict[Slug, AreaSpec] = Field(min_length=1, description="areas by slug")
    specific: dict[Slug, SpecificSpec] = Field(default_factory=dict, description="specific consumptions by slug")
    note: TextSpec | None = Field(None, description="shown beside the site")


class EnterpriseSpec(Written):
    """The whole file."""

    enterprise: Slug = Field(description="slug of the enterprise")
    name: TextSpec = Field(description="name in both languages")
    note: TextSpec | None = Field(None, description="shown beside the name")
    primary_host: str = Field("", description="Sparkplug host whose STATE the edge nodes wait for")
    measures: dict[Annotated[str, AfterValidator(_printed)], TextSpec] = Field(description="units of measure")
    unit_types: dict[Slug, UnitTypeSpec] = Field(min_length=1, description="templates of units")
    line_types: dict[Slug, LineTypeSpec] = Field(default_factory=dict, description="work-centre classes")
    products: dict[Slug, ProductSpec] = Field(default_factory=dict, description="what lines make")
    calendars: dict[Slug, CalendarSpec] = Field(min_length=1, description="shift calendars")
    holidays: dict[Slug, HolidaysSpec] = Field(default_factory=dict, description="days of rest")
    sites: dict[Slug, SiteSpec] = Field(min_length=1, description="subdivisions by slug")
