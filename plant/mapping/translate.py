"""What a message of a device says in the words of the model."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from plant.mapping.numbers import as_number, as_word
from plant.mapping.paths import ABSENT
from plant.mapping.refusals import Refusal
from plant.mapping.rules import Judge, Mapping, Row, Rule, Target
from plant.mapping.schema import ANY_NAME, Shape
from plant.readings import BAD, GOOD

LARGEST_PAYLOAD: Final = 262_144
"""Bytes; a device that says more at once is broken, or no device."""
REMEMBERED_TOPICS: Final = 16_384
LONGEST_TOPIC: Final = 1_024
SHOWN: Final = 60
"""Characters of a wrong value that a refusal shows."""
MOST_REFUSED: Final = 20
"""Refusals of one message that get a sentence each."""
_NAME: Final = "name"


@dataclass(slots=True)  # not frozen: one is made per value
class MappedValue:
    """One value in the words of the model.

    Attributes:
        rule: That found it.
        time: UTC ms.
        value: In the metric's unit; NaN, or None for a text, where there is none (its quality is then not good).
        quality: 0 bad, 192 good.
    """

    rule: Rule
    target: Target
    time: int
    value: float | str | None
    quality: int


@dataclass(slots=True)  # not frozen: those beyond `MOST_REFUSED` of a message are only counted
class Refused:
    """A message, or values of it, that cannot be used.

    Attributes:
        reason: Key to count by.
        text: One sentence for an engineer.
        count: How many it stands for.
    """

    reason: Refusal
    text: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Translation:
    """What one message says."""

    values: list[MappedValue] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @classmethod
    def of_refusal(cls, reason: Refusal, text: str) -> Translation:
        """Nothing but a refusal."""
        return cls([], [Refused(reason, text)])


class Translator:
    """Translates messages by the rules of some mappings. Not thread-safe: it remembers topics.

    Args:
        mappings: The rules; a message goes to every rule that its topic fits.
    """

    def __init__(self, mappings: Iterable[Mapping]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rule for mapping in mappings for rule in mapping.rules)
        self._topics: dict[str, list[tuple[Rule, dict[str, str]]]] = {}

    def translate(self, topic: str, payload: bytes, arrived_ms: int, *, retained: bool = False) -> Translation:
        """What a message says.

        Args:
            topic: Its topic.
            payload: Its bytes.
            arrived_ms: Host time of its arrival, UTC ms.
            retained: The broker has kept it from before the subscription.
        """
        if len(payload) > LARGEST_PAYLOAD:
            return Translation.of_refusal(Refusal.OVERSIZE, f"{len(payload)} bytes are more than {LARGEST_PAYLOAD}")
        matches = self._matches(topic)
        if not matches:
            return Translation.of_refusal(Refusal.UNMAPPED_TOPIC, "no rule is for this topic")
        if retained:
            matches = [match for match in matches if match[0].takes_retained]
            if not matches:
                return Translation.of_refusal(Refusal.RETAINED, "kept by the broker from earlier")
        found = Translation()
        for rule, parts in matches:
            _Reader(rule, parts, arrived_ms, found).read(payload)
        if not found.values and not found.refused:
            found.refused.append(Refused(Refusal.NOTHING_MAPPED, "the payload holds none of the values of its rule"))
        return found

    def _matches(self, topic: str) -> list[tuple[Rule, dict[str, str]]]:
        found = self._topics.get(topic)
        if found is None:
            parts = ((rule, rule.topic.match(topic)) for rule in self.rules)
            found = [(rule, named) for rule, named in parts if named is not None]
            if len(self._topics) >= REMEMBERED_TOPICS:
                self._topics.clear()
            if len(topic) <= LONGEST_TOPIC:
                self._topics[topic] = found
        return found


@dataclass(slots=True)
class _Item:
    """Where a value stands: its row in the rule, what it is, and the object around it."""

    key: str
    row: Row
    raw: Any
    around: Any
    name: str


class _Reader:
    """Reads one message by one rule."""

    def __init__(self, rule: Rule, parts: dict[str, str], arrived_ms: int, found: Translation) -> None:
        self._rule = rule
        self._parts = parts
        self._arrived_ms = arrived_ms
        self._found = found
        self._payload: Any = None

    def read(self, data: bytes) -> None:
        try:
            self._payload = _plain(data) if self._rule.shape is Shape.PLAIN else _json(data)
        except ValueError as error:
            self._refuse(Refusal.MALFORMED_PAYLOAD, str(error))
            return
        unit = self._unit()
        if unit is None:
            return
        for item in self._items():
            self._take(unit, item)

    def _unit(self) -> str | None:
        """Path of the unit; None after a refusal."""
        rule = self._rule
        if rule.parts:
            parts = dict(self._parts)
            for name, path in rule.parts.items():
                word = as_word(path.find(self._payload, self._payload))
                if word is None:
                    self._refuse(Refusal.WRONG_SHAPE, f"the payload has no '{path.text}'")
                    return None
                parts[name] = word
            self._parts = parts
        unit = rule.unit.fill(self._parts, rule.tables)
        if unit is None or unit not in rule.reach:
            shown = ", ".join(f"{part} '{self._parts[part]}'" for part, _ in rule.unit.holes)
            self._refuse(Refusal.UNKNOWN_DEVICE, f"'{rule.unit.text}' leads to no unit for {shown}")
            return None
        return unit

    def _items(self) -> Iterator[_Item]:
        """The values of the payload that the rule asks for."""
        rule, payload = self._rule, self._payload
        if rule.shape is Shape.PLAIN:
            name = self._parts.get(_NAME, ANY_NAME)
            if (found := rule.row(name)) is not None:
                yield _Item(*found, payload, payload, name)
        elif rule.shape is Shape.LIST:
            yield from self._listed()
        elif isinstance(payload, dict):
            for key, row in rule.rows.items():
                raw = row.path.find(payload, payload) if row.path is not None else ABSENT
                if raw is not ABSENT:
                    yield _Item(key, row, raw, payload, key)
        else:
            self._refuse(Refusal.WRONG_SHAPE, "the payload is no JSON object")

    def _listed(self) -> Iterator[_Item]:
        rule = self._rule
        items = self._payload if rule.items is None else rule.items.find(self._payload, self._payload)
        named: Sequence[tuple[str | None, Any]]
        if isinstance(items, dict):
            named = list(items.items())
        elif isinstance(items, list):
            named = [(as_word(rule.item_name.find(item, self._payload)), item) for item in items]
        else:
            where = "the payload" if rule.items is None else f"'{rule.items.text}'"
            self._refuse(Refusal.WRONG_SHAPE, f"{where} is no list")
            return
        for name, item in named:
            if name is None:
                self._refuse(Refusal.WRONG_SHAPE, f"an item has no '{rule.item_name.text}'")
            elif (found := rule.row(name)) is not None:
                raw = rule.item_value.find(item, self._payload)
                if raw is ABSENT:
                    self._refuse(Refusal.WRONG_SHAPE, f"item '{name}' has no '{rule.item_value.text}'")
                else:
                    yield _Item(*found, raw, item, name)

    def _take(self, unit: str, item: _Item) -> None:
        rule = self._rule
        parts = {**self._parts, _NAME: item.name} if rule.shape is Shape.LIST else self._parts
        metric = item.row.metric.fill(parts, rule.tables)
        target = None if metric is None else rule.targets.get((item.key, unit, metric))
        if target is None:
            shown = item.row.metric.text if metric is None else metric
            self._refuse(Refusal.UNKNOWN_METRIC, f"unit '{unit}' has no metric '{shown}' for '{item.name}'")
            return
        time = self._time(item)
        if time is None:
            return
        quality = GOOD if item.row.judge is None or self._is_good(item.row.judge, item) else BAD
        value = self._value(item, target)
        if value is not None:
            empty = item.raw is None
            kept = None if empty and not target.metric.is_numeric else value
            self._found.values.append(MappedValue(rule, target, time, kept, BAD if empty else quality))

    def _time(self, item: _Item) -> int | None:
        moment = self._rule.moment
        if moment is None:
            return self._arrived_ms
        raw = moment.path.find(item.around, self._payload)
        time = None if raw is ABSENT else moment.read(raw)
        if time is None:
            shown = f"'{moment.path.text}' is missing" if raw is ABSENT else f"{_shown(raw)} is no {moment.format}"
            zone = " in a known zone" if raw is not ABSENT and isinstance(raw, str) else ""
            self._refuse(Refusal.ABSURD_TIMESTAMP, f"the time of '{item.name}': {shown}{zone}")
        return time

    def _is_good(self, judge: Judge, item: _Item) -> bool:
        raw = judge.path.find(item.around, self._payload)
        listed = raw is not ABSENT and as_word(raw) in judge.words
        return listed is judge.means_good

    def _value(self, item: _Item, target: Target) -> float | str | None:
        """In the metric's unit; NaN or an empty text for null; None after a refusal."""
        raw, numeric = item.raw, target.metric.is_numeric
        if raw is None:
            return math.nan if numeric else ""
        if item.row.words is not None:
            word = as_word(raw)
            meaning = None if word is None else item.row.words.get(word)
            if meaning is None:
                self._refuse(Refusal.UNKNOWN_WORD, f"'{item.name}' is {_shown(raw)}, which 'words' does not list")
            return meaning
        if not numeric:
            text = as_word(raw)
            if text is None:
                self._refuse(Refusal.WRONG_TYPE, f"'{item.name}' is {_shown(raw)} and not a text")
            return text
        number = as_number(raw)
        if number is None:
            self._refuse(Refusal.WRONG_TYPE, f"'{item.name}' is {_shown(raw)} and not a number")
            return None
        return target.linear.of(number)

    def _refuse(self, reason: Refusal, text: str) -> None:
        refused = self._found.refused
        same = next((each for each in refused if each.reason is reason), None) if len(refused) >= MOST_REFUSED else None
        if same is not None:
            same.count += 1
        else:
            refused.append(Refused(reason, f"{self._rule.name}: {text}"))


def _plain(data: bytes) -> str:
    """The text of a plain payload, without the quotes of a JSON text; ValueError if it is none."""
    text = data.decode().strip()
    if not text:
        raise ValueError("the payload is empty")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _json(data: bytes) -> Any:
    """The JSON of a payload, in which firmware may have written NaN; ValueError if it is none."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in data and b"Infinity" not in data:
            raise
        try:
            return json.loads(data)
        except RecursionError:
            raise ValueError("the payload is nested too deeply") from error


def _shown(raw: Any) -> str:
    text = raw if isinstance(raw, str) else json.dumps(raw)
    return f"'{text[:SHOWN]}'"
