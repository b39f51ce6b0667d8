"""Where each tag of the table lives in InfluxDB: its unit's tags and its field, as both languages spell them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from plant.historian.influxdb.quoting import line_name, ql_name, ql_text
from plant.model.tags import TagTable

QUALITY: Final = "__q"
"""Ends the name of the field with a metric's quality."""
TIER_FIELDS: Final = ("mean", "low", "high", "last", "count", "good_ms")
TAG_KEYS: Final = ("site", "line", "unit")


class Layout:
    """Places of the tags.

    Attributes:
        unit: Of each tag the number of its unit, int32, shape (tags,).
        field: Of each tag its field, as InfluxQL answers name it.
        key: Of each tag its field as a key of line protocol.
        next_field: The same as ``,key=``, an array of texts, shape (tags,).
        prefix: Of each unit ``,site=..,line=..,unit=..`` of line protocol.
    """

    def __init__(self, tags: TagTable) -> None:
        self._number: dict[str, int] = {}
        for tag in tags:
            self._number.setdefault(_unit(tag.storage), len(self._number))
        self.unit = np.array([self._number[_unit(tag.storage)] for tag in tags], np.int32)
        self.field = [tag.storage.rpartition("/")[2] for tag in tags]
        self.key = [line_name(field) for field in self.field]
        self.next_field = np.array([f",{key}=" for key in self.key], np.object_)
        self.prefix = [line_tags(unit) for unit in self._number]
        self._where = [is_unit(unit) for unit in self._number]
        self._tag = {(self._number[_unit(tag.storage)], self.field[tag.index]): tag.index for tag in tags}

    def knows(self, tags: dict[str, str]) -> bool:
        """Whether there is a unit with these tag values; others may write into the same database."""
        return "/".join(tags[key] for key in TAG_KEYS) in self._number

    def number(self, tags: dict[str, str]) -> int:
        """The number of the unit with these tag values."""
        return self._number["/".join(tags[key] for key in TAG_KEYS)]

    def tag(self, unit: int, field: str) -> int:
        """The tag of a field of a unit."""
        return self._tag[unit, field]

    def where(self, units: Iterable[int]) -> str:
        """An InfluxQL condition that is true for these units."""
        return f"({' OR '.join(self._where[unit] for unit in units)})"

    def by_fields(self, tags: Sequence[int]) -> list[tuple[list[int], list[str]]]:
        """The tags as (units, fields): units of which the same fields are asked are asked together."""
        fields: dict[int, list[str]] = defaultdict(list)
        for tag in sorted(set(tags)):
            fields[int(self.unit[tag])].append(self.field[tag])
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for unit, names in fields.items():
            groups[tuple(names)].append(unit)
        return [(units, list(names)) for names, units in groups.items()]


def line_tags(unit: str) -> str:
    """The tags of a unit (storage path) in line protocol, with the comma before them."""
    values = zip(TAG_KEYS, unit.split("/"), strict=True)
    return "".join(f",{key}={line_name(value)}" for key, value in values)


def is_unit(unit: str) -> str:
    """An InfluxQL condition that is true for a unit (storage path)."""
    values = zip(TAG_KEYS, unit.split("/"), strict=True)
    return f"({' AND '.join(f'{ql_name(key)} = {ql_text(value)}' for key, value in values)})"


def _unit(storage: str) -> str:
    return storage.rpartition("/")[0]
