"""Corrections of counts in the operations database: entered, withdrawn, never deleted, each with its audit row."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, insert, select, update

from plant.operations.audit import Audited
from plant.operations.database import Operations
from plant.operations.schema import AUDIT, CORRECTION
from plant.operations.statements import insert_missing
from plant.production.corrections import Correction

_CORRECTION: Final = tuple(field.name for field in fields(Correction))


@dataclass(frozen=True, slots=True)
class Entered:
    """A correction and what became of it.

    Attributes:
        correction: What was entered.
        entered: When, UTC ms.
        withdrawn: When it was withdrawn, UTC ms; None while it counts.
        withdrawn_by: Who withdrew it; `withdrawn_why` is the reason they gave.
    """

    correction: Correction
    entered: int
    withdrawn: int | None = None
    withdrawn_by: str = ""
    withdrawn_why: str = ""


class CorrectionStore:
    """Keeps corrections; blocks, so not for an event loop.

    Args:
        operations: An open database with its tables.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def between(self, start: int, end: int) -> list[Correction]:
        """Those that count in [start, end), UTC ms, by start."""
        overlaps = (CORRECTION.c.start < end) & (CORRECTION.c.end > start)
        return [each.correction for each in self._chosen(overlaps & CORRECTION.c.withdrawn.is_(None))]

    def entered(self, start: int, end: int) -> list[Entered]:
        """All that touch [start, end), UTC ms, also those that were withdrawn; by start."""
        return self._chosen((CORRECTION.c.start < end) & (CORRECTION.c.end > start))

    def find(self, id: str) -> Entered | None:  # noqa: A002 - the field of a correction
        """One by its id."""
        return next(iter(self._chosen(CORRECTION.c.id == id)), None)

    def enter(self, correction: Correction, audited: Audited) -> None:
        """Keep a correction and the command that asked for it: both or nothing.

        Raises:
            StoreRejectedError: One of the same id is kept already.
        """
        row = {**asdict(correction), "entered": audited.time, "withdrawn_by": "", "withdrawn_why": ""}
        with self._operations.writing() as connection:
            connection.execute(insert(CORRECTION), [row])
            connection.execute(insert(AUDIT), [asdict(audited)])

    def withdraw(self, id: str, audited: Audited) -> None:  # noqa: A002 - the field of a correction
        """Let a correction count no more from now on, and keep the command that asked for it: both or nothing."""
        row = {"withdrawn": audited.time, "withdrawn_by": audited.who, "withdrawn_why": audited.why}
        is_meant = (CORRECTION.c.id == id) & CORRECTION.c.withdrawn.is_(None)
        with self._operations.writing() as connection:
            connection.execute(update(CORRECTION).where(is_meant).values(**row))
            connection.execute(insert(AUDIT), [asdict(audited)])

    def refuse(self, audited: Audited) -> None:
        """Keep a command that was not carried out."""
        with self._operations.writing() as connection:
            insert_missing(connection, AUDIT, [asdict(audited)])

    def answered(self, command: str) -> Audited | None:
        """What became of a command; None if it has not come yet."""
        columns = [AUDIT.c[field.name] for field in fields(Audited)]
        with self._operations.reading() as connection:
            row = connection.execute(select(*columns).where(AUDIT.c.command == command)).first()
        return None if row is None else Audited(*row)

    def _chosen(self, condition: ColumnElement[bool]) -> list[Entered]:
        ordered = select(CORRECTION).where(condition).order_by(CORRECTION.c.start, CORRECTION.c.entered)
        with self._operations.reading() as connection:
            return [_entered(row) for row in connection.execute(ordered)]


def _entered(row: Row[Any]) -> Entered:
    values = row._asdict()
    correction = Correction(**{name: values.pop(name) for name in _CORRECTION})
    return Entered(correction, **values)
