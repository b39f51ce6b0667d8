"""All that a collector does about minute and hour rows, wired: what makes them, and what checks them."""

from __future__ import annotations

import random
from collections.abc import Callable

from collectors.audit import RollupAudit
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.tiers import TierThread
from collectors.units import UnitTable
from plant.historian.protocol import Historian
from plant.historian.tiers import TierMaker
from plant.model.tags import TagTable
from plant.readings import Columns


class RollupDuty:
    """Minute and hour rows of one collector.

    Args:
        config: Settings.
        tags: The tag table.
        units: The units that are served.
        historian: Where readings and rows are.
        clock: Host time, UTC ms.
        counts: Checks, differences and failures are counted there.
        then: Called from the thread after rows have been made.
    """

    def __init__(
        self,
        config: CollectorConfig,
        tags: TagTable,
        units: UnitTable,
        historian: Historian,
        clock: Callable[[], int],
        counts: Counts,
        then: Callable[[], None],
    ) -> None:
        served = units.tags.tolist()
        self._maker = TierMaker(historian, [tags[index] for index in served], started_at=clock())
        rng = random.Random(config.host_id)
        self._audit = RollupAudit(historian, self._maker, tags, served, config.raw_days, counts, rng)
        self._thread = TierThread(historian, self._maker, clock, counts, self._made)
        self._then = then

    @property
    def made_until(self) -> int:
        """Until when there are minute rows, UTC ms."""
        return self._maker.made_until

    def start(self) -> None:
        """Begin to make rows."""
        self._thread.start()

    def touch(self, columns: Columns) -> None:
        """These readings are durable now. Returns at once; any thread may call."""
        self._maker.touch(columns)

    def finish(self, timeout_s: float) -> None:
        """Make the rows up to now and end the thread; waits no longer than `timeout_s`."""
        self._thread.finish(timeout_s)

    def _made(self, now: int) -> None:
        self._then()
        self._audit.turn(now)
