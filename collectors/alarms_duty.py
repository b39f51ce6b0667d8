"""All that a collector does about alarms, wired: rules, engine, what is kept, commands."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

import structlog

from collectors.alarms import AlarmService
from collectors.alarms_gaps import Gap
from collectors.alarms_keeper import AlarmKeeper, Parcel
from collectors.alarms_past import PastAlarms
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.live import LiveState
from collectors.spc import ControlCharts
from collectors.units import UnitTable
from plant.alarms.load import load_rules
from plant.errors import StoreError
from plant.historian.protocol import Historian
from plant.messages import CommandMessage, ResultMessage
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.namespace import Topic
from plant.operations.database import Operations

TICK_S: Final = 0.1
LOOK_BACK_S: Final = 1.0
CHART_S: Final = 60.0
TRY_AGAIN_S: Final = 5.0
DRAIN_S: Final = 1.0

log = structlog.get_logger(__name__)


class AlarmDuty:
    """Alarms of one collector.

    Args:
        config: Settings.
        enterprise: The model.
        tags: Its numeric tags.
        units: The units that are served.
        live: What every tag shows.
        publish: Sends a retained message; False when it could not leave now.
        hearing: Whether the broker is there, so that sources can be heard.
        clock: Host time, UTC ms.
        counts: Changes and commands are counted there.
        operations: Where alarms are kept; its owner closes it after `finish`.
        answer: Sends the result of a command to a topic.
        historian: Asked what happened while nobody watched.
        durable: Whether all that was received is kept, so that the past can be looked at.

    Raises:
        AlarmsError: The rules file cannot be used.
    """

    def __init__(
        self,
        config: CollectorConfig,
        enterprise: Enterprise,
        tags: TagTable,
        units: UnitTable,
        live: LiveState,
        publish: Callable[[str, bytes], bool],
        hearing: Callable[[], bool],
        clock: Callable[[], int],
        counts: Counts,
        operations: Operations,
        answer: Callable[[str, ResultMessage], None],
        historian: Historian,
        durable: Callable[[], bool],
    ) -> None:
        rules = load_rules(enterprise, tags, [row.unit for row in units], config.alarms)
        self._keeper = AlarmKeeper(operations, self._on_kept)
        self.service = AlarmService(rules, units, live, self._keeper, enterprise.slug, publish, clock, counts)
        self._past = PastAlarms(historian, units, self.service.rules_by_node())
        self._charts = ControlCharts(historian, tags, units.tags.tolist())
        self._durable = durable
        self._send = answer
        self._hearing = hearing
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def detail(self) -> str:
        """Why the operations database does not take alarms; empty while it does."""
        return self._keeper.detail

    def start(self) -> None:
        """Begin to write; on the loop's thread."""
        self._loop = asyncio.get_running_loop()
        self._keeper.start()

    async def watch(self) -> None:
        """Find out how alarms stood, then watch until cancelled."""
        while not self.service.ready:
            try:
                self.service.begin(await asyncio.to_thread(self.service.restore))
            except StoreError as error:
                log.warning("alarms are not watched yet", cause=str(error))
                await asyncio.sleep(TRY_AGAIN_S)
        while True:
            self.service.tick(hearing=self._hearing())
            await asyncio.sleep(TICK_S)

    async def look_back(self) -> None:
        """Judge what edge nodes have replayed, until cancelled."""
        while True:
            for node, gap in self.service.due() if self._durable() else []:
                await self._judge(node, gap)
            await asyncio.sleep(LOOK_BACK_S)

    async def chart(self) -> None:
        """Make control charts again and again, until cancelled."""
        while len(self._charts):
            await asyncio.sleep(CHART_S)
            try:
                for signal in await asyncio.to_thread(self._charts.signals, self.service.time_of):
                    self.service.signal(signal)
            except StoreError as error:
                log.warning("control charts are not made", cause=str(error))

    def finish(self, longest_s: float = 0.0) -> None:
        """Keep what waits; blocks, but not for long: what is not judged by then is judged at the next start.

        Args:
            longest_s: How long the past may be judged.
        """
        until = time.monotonic() + longest_s
        for node, gap in self.service.owed() if self._durable() else []:
            if time.monotonic() >= until:
                break
            try:
                self.service.amend(gap, self._past.changes(node, gap))
            except StoreError:
                break
            gap.owed = False
        self.service.leave()
        self._keeper.finish(DRAIN_S)

    async def _judge(self, node: int, gap: Gap) -> None:
        gap.owed = False  # what is replayed from now on makes it due again
        try:
            past = await asyncio.to_thread(self._past.changes, node, gap)
        except StoreError as error:
            gap.owed = True
            log.warning("alarms of the past are not judged yet", cause=str(error))
            await asyncio.sleep(TRY_AGAIN_S)
            return
        self.service.amend(gap, past)

    def take(self, topic: Topic, command: CommandMessage, retained: bool) -> None:
        """A command has come; see `collectors.desk_link.Take`."""
        self.service.take(topic, command, retained=retained, answer=self._send)

    def _on_kept(self, parcel: Parcel) -> None:
        """From the keeper's thread: what is kept may be answered."""
        if parcel.results and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: the sender will ask again
                self._loop.call_soon_threadsafe(self._answer, parcel)

    def _answer(self, parcel: Parcel) -> None:
        for topic, result in parcel.results:
            self._send(topic, result)
