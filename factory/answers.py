"""What a running system answers for those who cannot open its historian themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import orjson

from factory.charts import PATH as SPC
from factory.charts import Charts
from factory.instants import day
from factory.morning import PATH as SUMMARY
from factory.morning import Morning
from factory.workload import PATH as PROGRESS
from factory.workload import Workload
from plant.historian.protocol import Historian
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.operations.database import Operations
from plant.settings import Settings
from plant.summary.parts import encode
from plant.summary.rates import rates_of

Answer = Callable[[Mapping[str, str]], bytes]
"""JSON for a query; raises `FactoryError` where there is none."""


class Answers:
    """Makes answers; blocks, from any thread.

    Args:
        settings: Of the instance.
        enterprise: The model.
        tags: Its numeric tags, those of the historian.
        historian: Where minutes are.
        operations: Where entries are; its tables are made before the first answer.
        clock: Host time, UTC ms.

    Raises:
        ConfigurationError: The file of rates cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        enterprise: Enterprise,
        tags: TagTable,
        historian: Historian,
        operations: Operations,
        clock: Callable[[], int],
    ) -> None:
        rates = rates_of(settings.model, settings.rates, enterprise)
        self._operations = operations
        self._morning = Morning(enterprise, tags, historian, operations, rates, clock)
        self._workload = Workload(enterprise, tags, historian, operations, clock)
        self._ready = False
        self.by_path: Final[Mapping[str, Answer]] = {
            SUMMARY: self.summary,
            PROGRESS: self.progress,
            SPC: Charts(enterprise, tags, historian, clock).charts,
        }

    def summary(self, query: Mapping[str, str]) -> bytes:
        """The summary of ``date``, of yesterday without one."""
        self._prepare()
        on = query.get("date")
        return encode(self._morning.summary(day(on) if on else None))

    def progress(self, query: Mapping[str, str]) -> bytes:
        """How far the plans of the lines of ``site`` are, of all sites without one."""
        self._prepare()
        return orjson.dumps(self._workload.progress(query.get("site")))

    def _prepare(self) -> None:
        if not self._ready:
            self._operations.migrate()
            self._ready = True
