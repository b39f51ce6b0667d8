"""The mapping file as pydantic reads it: what an engineer may write, key by key (docs/mapping.md explains each)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from plant.durations import EXAMPLES, duration_ms
from plant.mapping.moments import EPOCHS, ISO
from plant.mapping.paths import JsonPath
from plant.mapping.templates import Template
from plant.mapping.topics import NAME, TopicPattern
from plant.mapping.wrong import wrong
from plant.model.mistakes import did_you_mean
from plant.model.schema import Number, Slug, Written

ARRIVAL: Final = "arrival"
ANY_NAME: Final = "*"


class Shape(StrEnum):
    """How a payload holds its values."""

    OBJECT = "object"
    """One JSON object with many values."""
    LIST = "list"
    """A list of objects with a name and a value each, or an object of such objects by name."""
    PLAIN = "plain"
    """Nothing but the value, such as ``21.5`` or ``ON``."""


class Retained(StrEnum):
    """What to do with what the broker kept from before the subscription."""

    IGNORE = "ignore"
    TAKE = "take"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(f"{value!r} is no text", "write a text; put quotes around one that begins with { or [")
    return value


def _duration(value: Any) -> int:
    length = duration_ms(value)
    if not length:
        raise wrong(f"'{value}' is no length of time", EXAMPLES)
    return length


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(f"'{value}' is no time zone", "write an IANA name, such as Europe/Moscow") from None


def _format(value: Any) -> str:
    text = _text(value)
    known = [ISO, *EPOCHS]
    if text not in known and "%" not in text:
        mend = f"{did_you_mean(text, known)} (or a pattern such as '%d.%m.%Y %H:%M:%S')"
        raise wrong(f"'{text}' is no format of time", mend)
    return text


def _part(name: str) -> str:
    if not NAME.fullmatch(name):
        raise wrong(f"'{name}' is no name of a part", "use lower-case letters, digits and _, such as serial")
    return name


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _is_arrival(value: Any) -> Any:
    """``time: arrival`` is the one word where a mapping stands otherwise."""
    if value == ARRIVAL:
        return None
    if not isinstance(value, dict):
        raise wrong(f"'{value}' says no time", f"write '{ARRIVAL}', or a mapping with path and format")
    return value


Path = Annotated[JsonPath, PlainValidator(lambda value: JsonPath.parse(_text(value)))]
Topic = Annotated[TopicPattern, PlainValidator(lambda value: TopicPattern.parse(_text(value)))]
Name = Annotated[Template, PlainValidator(lambda value: Template.parse(_text(value)))]
Duration = Annotated[int, PlainValidator(_duration)]
"""A length of time, ms."""
Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
Format = Annotated[str, PlainValidator(_format)]
Part = Annotated[str, AfterValidator(_part)]
Word = Annotated[str, BeforeValidator(_word)]


class TimeSpec(Written):
    """Where a payload says its time."""

    path: Path = Field(description="where it stands")
    format: Format = Field(ISO, description="iso8601, epoch_s, epoch_ms, epoch_us, epoch_ns or a strptime pattern")
    zone: Zone | None = Field(None, description="of times that do not tell their own")


class QualitySpec(Written):
    """Which values the device itself distrusts; exactly one of the two lists is given."""

    path: Path = Field(description="where the device says it")
    good: list[Word] | None = Field(None, min_length=1, description="words for good; all else is bad, silence too")
    bad: list[Word] | None = Field(None, min_length=1, description="words for bad; all else is good, silence too")


class ValueSpec(Written):
    """What one value of the device is in the model."""

    metric: Name = Field(description="key of the metric, with {part} or {part|table} where it varies")
    measure: str | None = Field(None, description="unit of measure of the device; that of the metric if left out")
    scale: Number = Field(1.0, description="factor on the device's number")
    offset: Number = Field(0.0, description="added after the factor, in the device's unit")
    words: dict[str, float | str] | None = Field(None, min_length=1, description="number, or text, for each word")
    quality: QualitySpec | None = Field(None, description="for this value instead of the rule's")


class RuleSpec(Written):
    """Messages of one kind."""

    topic: Topic = Field(description="topics, with {name} for levels that vary")
    shape: Shape = Field(description="object, list or plain")
    unit: Name = Field(description="site/area/line/unit, with {part} or {part|table} where it varies")
    time: Annotated[TimeSpec | None, BeforeValidator(_is_arrival)] = Field(description="where the time stands; arrival")
    stale_after: Duration | None = Field(None, description="silence after which its values are not known any more")
    retained: Retained = Field(Retained.IGNORE, description="take or ignore what the broker has kept")
    parts: dict[Part, Path] = Field(default_factory=dict, description="more named parts, out of the payload")
    items: Path | None = Field(None, description="list: where it lies; the payload itself if left out")
    name: Path | None = Field(None, description="list: where an item says its name; `name` if left out")
    value: Path | None = Field(None, description="list: where an item has its value; `value` if left out")
    quality: QualitySpec | None = Field(None, description="which values the device itself distrusts")
    values: dict[str, ValueSpec] = Field(min_length=1, description="path or name in the payload: what it is here")


class MappingSpec(Written):
    """The whole file."""

    mapping: Slug = Field(description="name of the mapping")
    stale_after: Duration | None = Field(None, description="for rules that do not say their own")
    tables: dict[str, dict[str, Word]] = Field(default_factory=dict, description="lookup tables by name")
    rules: dict[Slug, RuleSpec] = Field(min_length=1, description="rules by name")
