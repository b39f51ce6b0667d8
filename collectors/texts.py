"""What every text metric shows now (orders, products, reasons), and the events that its changes are stored as."""

from __future__ import annotations

from collections.abc import Collection

from plant.messages import Value
from plant.model.enterprise import Unit
from plant.model.tags import TextTag
from plant.readings import GOOD, STALE, Event, EventKind
from plant.sparkplug.samples import OtherSample


class TextState:
    """Current texts by unit number and metric key."""

    def __init__(self) -> None:
        self._texts: dict[int, dict[str, Value]] = {}

    def of_unit(self, number: int) -> dict[str, Value]:
        """The unit's present texts by metric key."""
        return self._texts.get(number, {})

    def seed(self, number: int, event: Event) -> None:
        """Show what was stored before this process began, as stale, unless it has been heard of meanwhile."""
        self._texts.setdefault(number, {}).setdefault(event.metric, Value(event.text, event.time, STALE))

    def accept(self, number: int, tag: TextTag, sample: OtherSample, born_at: int | None) -> Event | None:
        """Take a text in.

        Args:
            number: The unit's number.
            tag: Which text.
            sample: Its value; a historical one is only stored.
            born_at: Host time of the birth that it comes with, UTC ms; None if it comes with data.

        Returns:
            What to store, when text or quality have changed. A text that held all the time while its source was away is
            stored again as of the birth, for it is known again from there on.
        """
        text = sample.value if isinstance(sample.value, str) else None
        value = Value(text, sample.timestamp_ms, sample.quality)
        if sample.historical:
            return _event(tag.unit, tag.metric.key, value, value.time)
        shown = self._texts.get(number, {}).get(tag.metric.key)
        if shown is not None and value.time < shown.time and born_at is None:
            return None
        self._texts.setdefault(number, {})[tag.metric.key] = value
        if shown is not None and (shown.value, shown.quality) == (value.value, value.quality):
            return None
        held = shown is not None and value.time <= shown.time
        return _event(tag.unit, tag.metric.key, value, born_at if held and born_at is not None else value.time)

    def withdraw(self, number: int, unit: Unit, at: int, keys: Collection[str] | None = None) -> list[Event]:
        """The source of a unit, or of these texts of it alone, is away since `at` (UTC ms): they are stale.

        Returns:
            What to store: one event for each text that was known.
        """
        shown = self._texts.get(number, {})
        asked = shown if keys is None else keys
        known = [(key, value) for key, value in shown.items() if key in asked and value.quality == GOOD]
        for key, value in known:
            shown[key] = Value(value.value, value.time, STALE)
        return [_event(unit, key, shown[key], max(at, value.time + 1)) for key, value in known]


def _event(unit: Unit, key: str, value: Value, time: int) -> Event:
    """A text as it is stored; an empty text where there is none."""
    text = "" if value.value is None else str(value.value)
    return Event(time, unit.storage, EventKind.TEXT, key, text, -1, value.quality)
