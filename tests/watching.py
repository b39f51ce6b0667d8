"""What alarm tests share: rules in a line each, and readings as a person writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from plant.alarms.change import Change, Standing
from plant.alarms.engine import Engine
from plant.alarms.rules import Guidance, Kind, Priority, Rule, Test
from plant.model.enterprise import Text
from plant.readings import GOOD, Columns

SAID = Guidance(Text("имя", "name"), Text("причина", "cause"), Text("следствие", "consequence"), Text("шаг", "step"))
KINDS = {kind.value.replace("_", ""): kind for kind in Kind} | {"instate": Kind.STATE, "charted": Kind.STATISTICAL}
Row: TypeAlias = tuple[int, int, float] | tuple[int, int, float, int]


def rule(target: str, test: Test, **options: Any) -> Rule:
    """A rule of one unit."""
    kind = KINDS[type(test).__name__.lower()]
    return Rule(f"s/l/u/{target}", ("s", "a", "l", "u"), target, kind, test, Priority.LOW, "s/a", SAID, **options)


def columns(rows: Iterable[Row]) -> Columns:
    """Readings from (tag, time, value) or (tag, time, value, quality)."""
    whole = [(*row, GOOD)[:4] for row in rows]
    return Columns.of(*(zip(*whole, strict=True) if whole else ((), (), (), ())))


def engine(
    rules: Sequence[Rule], known: Mapping[str, Standing] | None = None, tags: int = 8, started: int = 0
) -> Engine:
    """An engine over tags of one unit."""
    return Engine(rules, np.zeros(tags, np.int32), known or {}, started)


def told(changes: Iterable[Change]) -> list[tuple[str, str, str, int]]:
    """What became of whom, and when; without what nobody could have noticed."""
    return [(each.rule.target, each.event, each.now.state, each.time) for each in changes if not each.is_silent]
