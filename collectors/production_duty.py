"""All that a collector does about production minutes, wired: who has told what, minutes, and figures made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from collectors.batch import Batch
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.live import LiveState
from collectors.production import Corrections, ProductionMaker, ProductionState
from collectors.production_kpi import KpiBoard
from collectors.production_publisher import KpiPublisher
from collectors.production_thread import ProductionThread
from collectors.production_watermarks import Watermarks
from collectors.units import UnitTable
from plant.historian.protocol import Historian
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.production.lines import LineTable
from plant.sparkplug.host.node import NodeStatus

LAST_S: Final = 0.5
"""After so long no further part of the minutes is begun at the end: the next start makes what is left."""


class ProductionDuty:
    """Production minutes of one collector.

    Args:
        config: Settings.
        enterprise: The model.
        tags: Its numeric tags.
        units: The units that are served.
        live: What every tag shows.
        historian: Where readings are and minutes go.
        publish: Sends a retained message; False when it could not leave now.
        corrections: What people have entered.
        clock: Host time, UTC ms.
        counts: Minutes and failures are counted there.

    Attributes:
        watermarks: To be told of births and replays.
        kpi: Publishes figures; to be turned on the loop.
    """

    def __init__(
        self,
        config: CollectorConfig,
        enterprise: Enterprise,
        tags: TagTable,
        units: UnitTable,
        live: LiveState,
        historian: Historian,
        publish: Callable[[str, bytes], bool],
        corrections: Corrections,
        clock: Callable[[], int],
        counts: Counts,
    ) -> None:
        table = LineTable(tags)
        self.watermarks = Watermarks(units, live, table)
        self.kpi = KpiPublisher(KpiBoard(historian, table, enterprise.slug, config.sites), publish, counts)
        told = self.watermarks.of_lines
        self._maker = ProductionMaker(historian, table, config.sites, told, clock, counts, config.raw_days, corrections)
        self._thread = ProductionThread(self._maker, counts, self.kpi.make)
        self._settle_s = config.settle_s

    @property
    def state(self) -> ProductionState:
        """How the making of minutes goes; any thread may ask."""
        return self._maker.state

    def start(self) -> None:
        """Begin to make minutes."""
        self._thread.start()

    def look(self, nodes: Sequence[NodeStatus], now: int, *, durable: bool) -> None:
        """See how the edge nodes stand, as `Watermarks.look`."""
        self.watermarks.look(nodes, now, durable=durable)

    def touch(self, batch: Batch) -> None:
        """This batch is durable now. Returns at once; any thread may call."""
        self._maker.touch(batch)

    def tiers_made(self) -> None:
        """Tiers have been made, of what was durable when that began. Any thread may call."""
        self._maker.tiers_made()

    def remake(self, line: str, start: int, end: int) -> None:
        """Make minutes of a line (``site/line``) in [start, end), UTC ms, again: a correction of them is new."""
        self._maker.remake(line, start, end)

    def finish(self, *, flushed: bool) -> None:
        """Make what is owed as far as there is time, and end the thread.

        Args:
            flushed: All that was received is durable.
        """
        if flushed:
            self.watermarks.flushed()
        self._thread.finish(LAST_S, self._settle_s)
