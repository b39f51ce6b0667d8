"""Receipts out of a table that the accounts export, or every mistake in it with its row and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from plant.calendar.instants import instant
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Enterprise, Product, Site
from plant.receipts.receipt import Receipt
from plant.tables import cells
from plant.tables.cells import WrongCellError
from plant.tables.form import Form, Headings, InvalidTableError
from plant.tables.sheet import Cell, Row

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "site": ("site", "подразделение", "площадка", "склад"),
    "product": ("product", "продукт", "продукция", "номенклатура"),
    "day": ("day", "дата", "сутки", "date"),
    "quantity": ("quantity", "количество", "кол-во"),
    "unit": ("unit", "ед.", "ед. изм.", "единица"),
    "document": ("document", "документ", "номер"),
}
"""Columns by the headings that they may have, in any order and case; `unit` may be missing."""
OPTIONAL: Final = frozenset({"unit"})
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2099, 12, 31)
"""Days beyond these are slips of the pen."""


class InvalidReceiptsError(InvalidTableError):
    """A list of receipts with mistakes; nothing of it is taken."""

    check = "factory receipts check"


_HEADINGS: Final = Headings(HEADINGS, OPTIONAL, InvalidReceiptsError)


def receipts(file: Path, rows: Iterable[Row], enterprise: Enterprise) -> tuple[Receipt, ...]:
    """The receipts of a table, in its order.

    Args:
        file: Its name, for the errors.
        rows: Of `plant.tables.sheet.rows`, the heading first.
        enterprise: Sites, products and units of measure. A date is a production day of the site; a date with a time
            (but midnight) is an instant of the site's own clock, and the day the one that holds it.

    Raises:
        InvalidReceiptsError: Anything in it is wrong.
    """
    form = _HEADINGS.open(file, rows)
    reader = _Reader(enterprise, form)
    for row in form.rows:
        reader.read(row)
    form.raise_if_any()
    return tuple(reader.found)


class _Reader:
    """Reads row after row."""

    def __init__(self, enterprise: Enterprise, form: Form) -> None:
        self.found: list[Receipt] = []
        self._enterprise = enterprise
        self._form = form
        self._seen: dict[Receipt, int] = {}

    def read(self, row: Row) -> None:
        """Take a receipt, or note what is wrong with it."""
        cell, measures = self._form.cell, self._enterprise.measures
        site = cell(row, "site", self._site)
        product = None if site is None else cell(row, "product", lambda each: self._product(each, site))
        day = None if site is None else cell(row, "day", lambda each: _day(each, site))
        quantity = cell(row, "quantity", _quantity)
        unit = None if product is None else cell(row, "unit", lambda each: cells.unit(each, product, measures))
        document = cell(row, "document", _document)
        if site is None or product is None or day is None or quantity is None or unit is None or document is None:
            return
        receipt = Receipt(site.slug, product.slug, day, quantity, unit, document)
        first = self._seen.setdefault(receipt, row.number)
        if first == row.number:
            self.found.append(receipt)
        else:
            mend = "leave it out, or write both as one row with their sum"
            self._form.note(row, f"the same stands in row {first} already", mend)

    def _site(self, cell: Cell) -> Site:
        wanted = str(cell).casefold()
        for site in self._enterprise.sites:
            if wanted in {site.slug, site.name.ru.casefold(), site.name.en.casefold()}:
                return site
        known = ", ".join(site.slug for site in self._enterprise.sites)
        raise WrongCellError(f"there is no site '{cell}'", f"choose from {known}")

    def _product(self, cell: Cell, site: Site) -> Product:
        made = dict.fromkeys(slug for line in site.lines for slug in line.ideal_rates)
        found = cells.product(cell, (self._enterprise.products[slug] for slug in made))
        if found is None:
            raise WrongCellError(f"site '{site.slug}' does not make '{cell}'", f"choose from {', '.join(made)}")
        return found


def _document(cell: Cell) -> str:
    return cells.name(cell, "document", "give its number as the accounts do")


def _quantity(cell: Cell) -> float:
    """Below 0 for a correction."""
    number = cells.number(cell)
    if not number:
        raise WrongCellError(f"'{cell}' is no quantity", "write a number, below 0 to take back what was booked")
    return number


def _day(cell: Cell, site: Site) -> date:
    found = cells.local(cell)
    if isinstance(found, datetime) and found.time() == time():
        found = found.date()
    day = found.date() if isinstance(found, datetime) else found
    if found is None or day is None or not EARLIEST <= day <= LATEST:
        raise WrongCellError(f"'{cell}' is no production day", "write 2026-11-25 or 25.11.2026")
    if not isinstance(found, datetime):
        return found
    return WorkCalendar.of(site).day_of(instant(day, found.time(), site.zone))
