"""All that a collector does about alarms, wired: rules, engine, what is kept, commands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from collectors.alarms import AlarmService
from collectors.alarms_keeper import AlarmKeeper, Parcel
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.live import LiveState
from collectors.units import UnitTable
from plant.alarms.load import load_rules
from plant.errors import StoreError
from plant.messages import CommandMessage, ResultMessage
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.namespace import Topic
from plant.operations.database import Operations

TICK_S: Final = 0.1
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
    ) -> None:
        rules = load_rules(enterprise, tags, [row.unit for row in units], config.alarms)
        self._keeper = AlarmKeeper(operations, self._on_kept)
        self.service = AlarmService(rules, units, live, self._keeper, enterprise.slug, publish, clock, counts)
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

    def finish(self) -> None:
        """Keep what waits; blocks, but not for long."""
        self._keeper.finish(DRAIN_S)

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
