"""Warehouse receipts in the operations database: a document that comes again is one, and what changed is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from plant.operations.database import Operations
from plant.operations.schema import RECEIPT
from plant.receipts.receipt import Receipt

Document = tuple[str, str, int]
"""Site, number and year: accounts begin to count anew each year."""

_FIELDS: Final = [RECEIPT.c[field.name] for field in fields(Receipt)]


@dataclass(frozen=True, slots=True)
class Changed:
    """A document that came with other rows than before."""

    before: tuple[Receipt, ...]
    after: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did.

    Attributes:
        added: Documents that were not known.
        known: Documents that were kept just so.
        changed: Documents whose new rows count from now on; the old ones stay, marked as replaced.
    """

    added: tuple[Document, ...]
    known: tuple[Document, ...]
    changed: Mapping[Document, Changed]


class ReceiptStore:
    """Keeps receipts; blocks, so not for an event loop.

    Args:
        operations: An open database with its tables.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def between(self, first: date, last: date) -> list[Receipt]:
        """The rows that count of production days from the first to the last, both included."""
        counts = RECEIPT.c.replaced.is_(None) & (RECEIPT.c.day >= first) & (RECEIPT.c.day <= last)
        ordered = select(*_FIELDS).where(counts).order_by(RECEIPT.c.day, RECEIPT.c.site, RECEIPT.c.number)
        with self._operations.reading() as connection:
            return [Receipt(*row) for row in connection.execute(ordered)]

    def take(self, receipts: Iterable[Receipt], now: int) -> Taken:
        """Keep receipts, document after document: all of it or nothing.

        Args:
            receipts: Whole documents; a document with other rows than those that are kept replaces them.
            now: UTC ms.
        """
        added, known, changed = [], [], {}
        with self._operations.writing() as connection:
            for document, rows in documents(receipts).items():
                before = _rows(connection, document)
                if sorted(map(_order, before)) == sorted(map(_order, rows)):
                    known.append(document)
                    continue
                if before:
                    changed[document] = Changed(tuple(before), tuple(rows))
                    connection.execute(update(RECEIPT).where(_is(document)).values(replaced=now))
                else:
                    added.append(document)
                connection.execute(insert(RECEIPT), [{**asdict(each), "taken": now} for each in rows])
        return Taken(tuple(added), tuple(known), changed)


def documents(receipts: Iterable[Receipt]) -> dict[Document, Sequence[Receipt]]:
    """The rows of each document."""
    found: defaultdict[Document, list[Receipt]] = defaultdict(list)
    for each in receipts:
        found[each.site, each.document, each.day.year].append(each)
    return dict(found)


def _is(document: Document) -> ColumnElement[bool]:
    site, number, year = document
    of_year = (RECEIPT.c.day >= date(year, 1, 1)) & (RECEIPT.c.day <= date(year, 12, 31))
    return (RECEIPT.c.site == site) & (RECEIPT.c.document == number) & of_year & RECEIPT.c.replaced.is_(None)


def _rows(connection: Connection, document: Document) -> list[Receipt]:
    found = connection.execute(select(*_FIELDS).where(_is(document)).order_by(RECEIPT.c.number))
    return [Receipt(*row) for row in found]


def _order(receipt: Receipt) -> tuple[str, date, float, str]:
    return (receipt.product, receipt.day, receipt.quantity, receipt.unit)
