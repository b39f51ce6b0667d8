"""Writes alarms to the operations database, in a thread of its own: nothing else waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from collectors.alarms_gaps import LONGEST_MS, OVERLAP_MS
from plant.alarms.change import Change, Standing
from plant.alarms.journal import Entry
from plant.errors import StoreError, StoreRejectedError
from plant.messages import ResultMessage
from plant.operations.alarms import AlarmStore
from plant.operations.audit import Audited
from plant.operations.database import Operations

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 10.0
MOST_WAITING: Final = 200_000
"""Changes that wait while the database is away; hours of the worst flood."""

_END: Final = 1 << 62

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Parcel:
    """What is kept together.

    Attributes:
        changes: With the host time at which each was known, UTC ms.
        audited: Commands.
        results: To be sent when all of it is kept, each with its topic.
        judged: Until when alarms of edge nodes are judged after that, UTC ms.
    """

    changes: list[tuple[Change, int]] = field(default_factory=list)
    audited: list[Audited] = field(default_factory=list)
    results: list[tuple[str, ResultMessage]] = field(default_factory=list)
    judged: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changes or self.audited or self.results or self.judged)

    def append(self, later: Parcel) -> None:
        """Keep this together with what came after it."""
        self.changes += later.changes
        self.audited += later.audited
        self.results += later.results
        self.judged |= later.judged


@dataclass(frozen=True, slots=True)
class Known:
    """What was kept before: how alarms stood, and commands that may come again.

    Attributes:
        judged: Until when alarms of edge nodes (``site/gateway``) are judged, UTC ms.
        recent: What the journal has of the time that may be judged again.
    """

    standings: dict[str, Standing]
    commands: list[Audited]
    judged: dict[str, int] = field(default_factory=dict)
    recent: list[Entry] = field(default_factory=list)


class AlarmKeeper:
    """Keeps what it is given, in order; tries until it succeeds.

    Args:
        operations: The database; its owner closes it.
        on_kept: Told from the keeper's thread of each parcel that is durable.
    """

    def __init__(self, operations: Operations, on_kept: Callable[[Parcel], None]) -> None:
        self._operations = operations
        self._store = AlarmStore(operations)
        self._on_kept = on_kept
        self._waiting = Parcel()
        self._more = threading.Condition()
        self._ending = False
        self._detail = ""
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    @property
    def ok(self) -> bool:
        """Whether the database takes what it is given."""
        return not self._detail

    @property
    def detail(self) -> str:
        """Why not."""
        return self._detail

    @property
    def waiting(self) -> int:
        """Changes that are not kept yet."""
        return len(self._waiting.changes)

    def restore(self, since: int, sites: Iterable[str], rules: Container[str], now: int) -> Known:
        """Bring the tables up to date and read what is kept; blocks.

        Args:
            since: How far back commands may come again, UTC ms.
            sites: Slugs of the sites that are served.
            rules: Keys of all their rules; alarms without one are ended.
            now: Host time, UTC ms.

        Raises:
            StoreError: The database is away, or is not ours to use.
        """
        self._operations.migrate()
        self._store.retire(sites, rules, now)
        judged = self._store.progress()
        begin = max(min(judged.values()), max(judged.values()) - LONGEST_MS) - OVERLAP_MS if judged else _END
        recent = self._store.journal(begin, _END)
        return Known(self._store.standings(), self._store.audit(since, _END), judged, recent)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, parcel: Parcel) -> None:
        """Keep this, after what was given before."""
        with self._more:
            waiting = self._waiting
            waiting.append(parcel)
            if len(waiting.changes) > MOST_WAITING:
                del waiting.changes[: len(waiting.changes) - MOST_WAITING]
            self._more.notify()

    def finish(self, timeout_s: float) -> None:
        """Write what waits, and end; gives up after a while: what is lost is found out again at the next start."""
        with self._more:
            self._ending = True
            self._more.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        delay_s = FIRST_DELAY_S
        while (parcel := self._next()) is not None:
            if self._keep(parcel):
                delay_s = FIRST_DELAY_S
                continue
            with self._more:
                parcel.append(self._waiting)
                self._waiting = parcel
                if self._ending:
                    return
                self._more.wait_for(lambda: self._ending, delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    def _next(self) -> Parcel | None:
        with self._more:
            self._more.wait_for(lambda: self._ending or bool(self._waiting))
            parcel, self._waiting = self._waiting, Parcel()
        return parcel or None

    def _keep(self, parcel: Parcel) -> bool:
        """Whether it needs no second try."""
        try:
            self._store.save(parcel.changes, parcel.audited, parcel.judged)
        except StoreRejectedError as error:
            log.exception("the operations database refuses alarms; they are left out of the journal", error=str(error))
            return True
        except StoreError as error:
            self._say(str(error))
            return False
        self._say("")
        self._on_kept(parcel)
        return True

    def _say(self, detail: str) -> None:
        """Once lost, once back."""
        if detail and not self._detail:
            log.warning("the operations database is lost; alarms wait in memory", cause=detail)
        elif self._detail and not detail:
            log.info("the operations database is back")
        self._detail = detail
