"""Control charts as data: what `factory spc` shows, made here or told by the running system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import orjson

from collectors.spc import WINDOW_MS
from plant.historian.protocol import Historian
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.spc.metrics import Charting, charting, made_of
from plant.spc.study import Study

PATH: Final = "/spc"


@dataclass(frozen=True, slots=True)
class Charts:
    """Makes charts; blocks.

    Args:
        enterprise: The model.
        tags: Its numeric tags, those of the historian.
        historian: Where minutes are.
        clock: Host time, UTC ms.
    """

    enterprise: Enterprise
    tags: TagTable
    historian: Historian
    clock: Callable[[], int]

    def charts(self, query: Mapping[str, str]) -> bytes:
        """Charts of the last day as JSON, for ``site``, ``unit`` (``line/unit`` or its slug) and ``metric``, if given.

        Raises:
            StoreUnavailableError: The historian is away.
        """
        end = self.clock()
        rows = [_row(each, made_of(self.historian, each, end - WINDOW_MS, end)) for each in self._chosen(query)]
        return orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)

    def _chosen(self, query: Mapping[str, str]) -> Iterator[Charting]:
        wanted = {name: query[name] for name in ("site", "unit", "metric") if query.get(name)}
        for each in charting(self.tags, range(len(self.tags))):
            unit, metric = each.tag.unit, each.tag.metric
            names = {"site": {unit.site}, "unit": {unit.ref, unit.slug}, "metric": {metric.key}}
            if all(value in names[name] for name, value in wanted.items()):
                yield each


def _row(metric: Charting, found: Study | None) -> dict[str, Any]:
    control = metric.control
    row: dict[str, Any] = {"tag": metric.tag.path, "control": asdict(control), "ready": found is not None}
    if found is None:
        return row
    location, spread = found.charts.location, found.charts.spread
    return row | {
        "centre": location.limits.centre,
        "lower_limit": float(np.min(location.limits.lower)),
        "upper_limit": float(np.max(location.limits.upper)),
        "base": {"from": int(found.time[found.base[0]]), "to": int(found.time[found.base[1]])},
        "capability": asdict(found.capability),
        "performance": asdict(found.performance),
        "calls": int(found.calls.sum()),
        "calls_now": bool(found.calls[-1]),
        "points": [
            {"time": time, "value": value, "spread": None if np.isnan(wide) else wide, "tests": tests, "calls": calls}
            for time, value, wide, tests, calls in zip(
                found.time.tolist(),
                location.points.tolist(),
                spread.points.tolist(),
                [(np.flatnonzero(each) + 1).tolist() for each in found.signals],
                found.calls.tolist(),
                strict=True,
            )
        ],
    }
