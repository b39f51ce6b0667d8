"""Alarms in the operations database: how they stand, what became of them, who asked for what."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from plant.alarms.change import Change, Standing
from plant.alarms.journal import Entry, entry_of
from plant.alarms.rules import Priority
from plant.alarms.states import Event, State
from plant.operations.audit import Audited
from plant.operations.database import Operations
from plant.operations.schema import ALARM_JOURNAL, ALARM_PROGRESS, ALARM_STATE, AUDIT
from plant.operations.statements import dialect, insert_missing

_ENTRY: Final = [ALARM_JOURNAL.c[field.name] for field in fields(Entry)]


RETIRED: Final = "нет такого правила / its rule is no more"
_END: Final = 1 << 62


class AlarmStore:
    """Keeps alarms; blocks, so not for an event loop.

    Args:
        operations: An open database with its tables.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def standings(self) -> dict[str, Standing]:
        """How every alarm that ever changed stands, by key."""
        with self._operations.reading() as connection:
            rows = connection.execute(select(ALARM_STATE)).all()
        return {row.alarm: _standing(row) for row in rows}

    def progress(self) -> dict[str, int]:
        """Until when alarms of each edge node (``site/gateway``) are judged, UTC ms."""
        with self._operations.reading() as connection:
            return {row.node: row.judged for row in connection.execute(select(ALARM_PROGRESS))}

    def commands_since(self, time: int) -> set[str]:
        """Ids of the commands that came since `time`, UTC ms."""
        with self._operations.reading() as connection:
            return set(connection.scalars(select(AUDIT.c.command).where(AUDIT.c.time >= time)))

    def save(
        self,
        changes: Sequence[tuple[Change, int]],
        audited: Iterable[Audited] = (),
        judged: Mapping[str, int] | None = None,
    ) -> None:
        """Keep changes, with the host time at which each was known, commands and progress: all of it or nothing.

        What is kept already stays as it is, so after a doubtful failure the same may be saved again.

        Args:
            changes: In their order.
            audited: Commands.
            judged: Until when alarms of edge nodes are judged, UTC ms; None leaves that as it is.
        """
        states = {change.rule.key: change.now for change, _ in changes}
        entries = [entry_of(change, noted) for change, noted in changes if not change.is_silent]
        trail = [asdict(each) for each in audited]
        with self._operations.writing() as connection:
            _upsert(connection, [{"alarm": key, **asdict(standing)} for key, standing in states.items()])
            insert_missing(connection, ALARM_JOURNAL, [asdict(entry) for entry in entries])
            insert_missing(connection, AUDIT, trail)
            _advance(connection, judged or {})

    def retire(self, sites: Iterable[str], rules: Container[str], now: int) -> int:
        """End alarms whose rule is no more: nobody could ever clear them. If it comes back, they are raised anew.

        Args:
            sites: Slugs of the sites whose rules are all known here.
            rules: Keys of their rules.
            now: Host time, UTC ms.

        Returns:
            How many there were.
        """
        theirs = set(sites)
        left = {State.NORMAL, State.OUT_OF_SERVICE}
        gone = {
            key: standing
            for key, standing in self.standings().items()
            if standing.state not in left and key.split("/")[0] in theirs and key not in rules
        }
        stands = {
            key: replace(
                standing,
                number=standing.number + 1,
                state=State.NORMAL,
                active=False,
                changed=now,
                until=None,
                who="",
                why=RETIRED,
            )
            for key, standing in gone.items()
        }
        entries = [_retired(entry, gone[entry.alarm], now) for entry in self.last_before(_END) if entry.alarm in gone]
        with self._operations.writing() as connection:
            _upsert(connection, [{"alarm": key, **asdict(standing)} for key, standing in stands.items()])
            insert_missing(connection, ALARM_JOURNAL, [asdict(entry) for entry in entries])
        return len(gone)

    def journal(self, start: int, end: int) -> list[Entry]:
        """Changes with `start` <= time < `end` (UTC ms), by time."""
        chosen = select(*_ENTRY).where(ALARM_JOURNAL.c.time >= start, ALARM_JOURNAL.c.time < end)
        with self._operations.reading() as connection:
            rows = connection.execute(
                chosen.order_by(ALARM_JOURNAL.c.time, ALARM_JOURNAL.c.alarm, ALARM_JOURNAL.c.number)
            )
            return [_entry(row) for row in rows]

    def last_before(self, time: int) -> list[Entry]:
        """The last change of each alarm before `time` (UTC ms): how they stood then.

        The last by time: what history told afterwards has higher numbers than what had been known before it.
        """
        order = (ALARM_JOURNAL.c.time.desc(), ALARM_JOURNAL.c.number.desc())
        place = func.row_number().over(partition_by=ALARM_JOURNAL.c.alarm, order_by=order).label("place")
        ranked = select(*_ENTRY, place).where(ALARM_JOURNAL.c.time < time).subquery()
        columns = [ranked.c[field.name] for field in fields(Entry)]
        with self._operations.reading() as connection:
            return [_entry(row) for row in connection.execute(select(*columns).where(ranked.c.place == 1))]

    def audit(self, start: int, end: int) -> list[Audited]:
        """Commands that came with `start` <= time < `end` (UTC ms), in their order."""
        columns = [AUDIT.c[field.name] for field in fields(Audited)]
        chosen = select(*columns).where(AUDIT.c.time >= start, AUDIT.c.time < end).order_by(AUDIT.c.number)
        with self._operations.reading() as connection:
            return [Audited(*row) for row in connection.execute(chosen)]


def _retired(last: Entry, standing: Standing, now: int) -> Entry:
    """The end of an alarm after the last that the journal has of it."""
    return replace(
        last,
        number=standing.number + 1,
        time=now,
        noted=now,
        event=Event.REMOVE,
        before=standing.state,
        state=State.NORMAL,
        who="",
        why=RETIRED,
    )


def _upsert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write states, unless what is kept is as new."""
    if not rows:
        return
    insert = dialect(connection).insert(ALARM_STATE)
    new = {column.name: insert.excluded[column.name] for column in ALARM_STATE.columns if column.name != "alarm"}
    newer = ALARM_STATE.c.number < insert.excluded.number
    connection.execute(insert.on_conflict_do_update(index_elements=["alarm"], set_=new, where=newer), rows)


def _advance(connection: Connection, judged: Mapping[str, int]) -> None:
    """Write progress; it may go back, when it is known that something has been missed."""
    if judged:
        insert = dialect(connection).insert(ALARM_PROGRESS)
        there = insert.on_conflict_do_update(index_elements=["node"], set_={"judged": insert.excluded.judged})
        connection.execute(there, [{"node": node, "judged": at} for node, at in judged.items()])


def _standing(row: Row[Any]) -> Standing:
    values = row._asdict()
    kept = {name: values[name] for name in values if name != "alarm"}
    return Standing(**{**kept, "state": State(row.state)})


def _entry(row: Row[Any]) -> Entry:
    values = row._asdict()
    words = {
        "event": Event(row.event),
        "before": State(row.before),
        "state": State(row.state),
        "priority": Priority(row.priority),
    }
    return Entry(**{**values, **words})
