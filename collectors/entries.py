"""What people and planning systems enter, wired: one connection for all desks, corrections and plans of lines.

What blocks is done one after the other in a worker thread; nothing else waits for it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from collectors.commands import Refused
from collectors.config import CollectorConfig
from collectors.corrections_desk import CorrectionsDesk, Touch
from collectors.counting import Counting
from collectors.counts import Counts
from collectors.desk_link import DeskLink, Take
from collectors.quarantine import Quarantine
from plant.errors import FactoryError, StoreError
from plant.historian.protocol import Historian
from plant.messages import CommandMessage, OrdersMessage, ResultMessage
from plant.model.tags import TagTable
from plant.namespace import Contract, Topic
from plant.operations.corrections import CorrectionStore
from plant.operations.database import Operations
from plant.operations.plans import PlanStore
from plant.production.corrections import Correction
from plant.production.lines import LineTable

MOST_WAITING: Final = 200
"""Commands and plans; a slow database makes their senders try again later, not our memory grow."""
FOREVER: Final = 1 << 62
BUSY: Final = "too many commands wait for the operations database; try again in a minute"

log = structlog.get_logger(__name__)


class Entries:
    """The desk of one collector for corrections and plans, and the connection for all of its desks.

    Args:
        config: Settings.
        tags: Numeric tags of the model.
        historian: Where it is read what was counted.
        operations: Where entries are kept; its owner closes it after `finish`.
        alarms: The desk for alarms.
        touch: Told when minutes have to be made again.
        clock: Host time, UTC ms.
        quarantine: Takes what is neither command nor plan.
        counts: Commands and plans are counted there.
        rng: For the jitter of reconnects.
    """

    def __init__(
        self,
        config: CollectorConfig,
        tags: TagTable,
        historian: Historian,
        operations: Operations,
        alarms: Take,
        touch: Touch,
        clock: Callable[[], int],
        quarantine: Quarantine,
        counts: Counts,
        rng: random.Random,
    ) -> None:
        self._operations = operations
        self._corrections, self._plans = CorrectionStore(operations), PlanStore(operations)
        table = LineTable(tags)
        self._desk = CorrectionsDesk(
            self._corrections,
            table,
            config.sites,
            Counting(historian, table, clock),
            touch,
            config.raw_days,
        )
        self._clock = clock
        self._counts = counts
        self._migrated = False
        self._known: Sequence[Correction] | None = None
        self._waiting = 0
        self._worker = ThreadPoolExecutor(1, "entries")
        desks = {"alarm": alarms, "counts": self._take}
        self.link = DeskLink(
            config.broker,
            f"{config.host_id}-commands",
            tags.enterprise.slug,
            config.sites,
            desks,
            self._plan,
            quarantine,
            rng,
        )

    def corrections(self, start: int, end: int) -> Sequence[Correction]:
        """Those that count in [start, end), UTC ms; blocks, from any thread.

        While the operations database is away those that were known last: nobody else changes those of our lines.

        Raises:
            StoreError: The operations database has not answered yet.
        """
        try:
            self._migrate()
            self._known = self._corrections.between(0, FOREVER)
        except StoreError:
            if self._known is None:
                raise
        return [each for each in self._known if each.start < end and each.end > start]

    def finish(self) -> None:
        """Do what was begun; what waits is not answered, so its senders try again."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _take(self, topic: Topic, command: CommandMessage, retained: bool) -> None:
        """A command about counts; it is answered when what came of it is kept."""
        self._counts.count_commands += 1
        place, now = str(Topic(topic.levels, Contract.RESULT)), self._clock()
        loop = asyncio.get_running_loop()
        if self._waiting >= MOST_WAITING:
            self.link.answer(place, ResultMessage(command.id, now, ok=False, reason=Refused.NOT_READY, detail=BUSY))
            return

        def carry_out() -> None:
            result = self._result(topic, command, now, retained=retained)
            _later(loop, lambda: self._answered(place, result))

        self._waiting += 1
        self._worker.submit(carry_out)

    def _answered(self, place: str, result: ResultMessage) -> None:
        self._waiting -= 1
        self.link.answer(place, result)

    def _result(self, topic: Topic, command: CommandMessage, now: int, *, retained: bool) -> ResultMessage:
        """In the worker."""
        try:
            self._migrate()
            return self._desk.take(topic.levels[1:], command, now, retained=retained)
        except StoreError as error:
            said = f"nothing was kept, for {error}; try again when it is back"
            return ResultMessage(command.id, now, ok=False, reason=Refused.NOT_READY, detail=said)

    def _plan(self, topic: Topic, plan: OrdersMessage) -> None:
        """The plan of a line, which comes again with each connection."""
        loop = asyncio.get_running_loop()
        if self._waiting >= MOST_WAITING:
            return

        _, site, _, line = topic.levels

        def keep() -> None:
            self._keep(f"{site}/{line}", plan)
            _later(loop, self._kept)

        self._waiting += 1
        self._worker.submit(keep)

    def _kept(self) -> None:
        self._waiting -= 1

    def _keep(self, line: str, plan: OrdersMessage) -> None:
        try:
            self._migrate()
            self._plans.keep({line: plan})
            self._counts.plans += 1
        except FactoryError as error:
            log.warning("a plan is not kept; it comes again with the next connection", line=line, cause=str(error))

    def _migrate(self) -> None:
        """The tables are there afterwards."""
        if not self._migrated:
            self._operations.migrate()
            self._migrated = True


def _later(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """On the loop, unless it has ended: then nobody waits for it any more."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(act)
