"""Plans of lines out of a table of orders, or every mistake in it with its row and what would be right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from plant.messages import Order
from plant.model.enterprise import Enterprise, Line, Product
from plant.tables import cells
from plant.tables.cells import WrongCellError
from plant.tables.form import Form, Headings, InvalidTableError
from plant.tables.sheet import Cell, Row

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "line": ("line", "линия"),
    "order": ("order", "заказ"),
    "product": ("product", "продукт", "продукция"),
    "quantity": ("quantity", "количество", "кол-во"),
    "unit": ("unit", "ед.", "ед. изм.", "единица"),
    "due": ("due", "срок"),
    "priority": ("priority", "приоритет"),
}
"""Columns by the headings that they may have, in any order and case; `unit` and `priority` may be missing."""
OPTIONAL: Final = frozenset({"unit", "priority"})
USUAL_PRIORITY: Final = 3


class InvalidOrdersError(InvalidTableError):
    """A list of orders with mistakes; nothing of it is taken."""

    check = "factory orders check"


_HEADINGS: Final = Headings(HEADINGS, OPTIONAL, InvalidOrdersError)


@dataclass(frozen=True, slots=True)
class LinePlan:
    """The orders of one line in the order of the file; they are to be made one after the other."""

    site: str
    line: Line
    orders: tuple[Order, ...]


def plans(file: Path, rows: Iterable[Row], enterprise: Enterprise) -> list[LinePlan]:
    """The plans of all lines that the file names.

    Args:
        file: Its name, for the errors.
        rows: Of `plant.tables.sheet.rows`, the heading first.
        enterprise: Lines, products and units of measure. A due time is one of the line's own zone; a date alone means
            its end.

    Raises:
        InvalidOrdersError: Anything in it is wrong.
    """
    form = _HEADINGS.open(file, rows)
    reader = _Reader(enterprise, form)
    for row in form.rows:
        reader.read(row)
    form.raise_if_any()
    return reader.plans()


class _Reader:
    """Reads row after row."""

    def __init__(self, enterprise: Enterprise, form: Form) -> None:
        self._enterprise = enterprise
        self._form = form
        self._lines = {
            f"{site.slug}/{line.slug}": (site.zone, line) for site in enterprise.sites for line in site.lines
        }
        self._found: dict[str, list[Order]] = defaultdict(list)
        self._seen: dict[tuple[str, str], int] = {}

    def read(self, row: Row) -> None:
        """Take an order, or note what is wrong with it."""
        cell, measures = self._form.cell, self._enterprise.measures
        path = cell(row, "line", self._line)
        product = None if path is None else cell(row, "product", lambda each: self._product(each, path))
        order = cell(row, "order", _name)
        quantity = cell(row, "quantity", _quantity)
        due = None if path is None else cell(row, "due", lambda each: _due(each, self._lines[path][0]))
        unit = None if product is None else cell(row, "unit", lambda each: cells.unit(each, product, measures))
        priority = cell(row, "priority", _priority)
        if path is None or product is None or order is None or quantity is None or due is None:
            return
        if unit is None or priority is None or self._is_known(row, path, order):
            return
        self._found[path].append(Order(order, product.slug, quantity, unit, due, priority))

    def plans(self) -> list[LinePlan]:
        """What was read, by line."""
        return [
            LinePlan(self._lines[path][1].site, self._lines[path][1], tuple(each)) for path, each in self._found.items()
        ]

    def _is_known(self, row: Row, path: str, order: str) -> bool:
        first = self._seen.setdefault((path, order), row.number)
        if first == row.number:
            return False
        self._form.note(row, f"order '{order}' is in row {first} already", "give each its own name")
        return True

    def _line(self, cell: Cell) -> str:
        path = str(cell)
        if path not in self._lines:
            raise WrongCellError(f"there is no line '{path}'", f"write site/line, such as {_near(path, self._lines)}")
        if not self._lines[path][1].ideal_rates:
            raise WrongCellError(f"line '{path}' makes no product", "leave its orders out")
        return path

    def _product(self, cell: Cell, path: str) -> Product:
        made = [self._enterprise.products[slug] for slug in self._lines[path][1].ideal_rates]
        found = cells.product(cell, made)
        if found is None:
            known = ", ".join(product.slug for product in made)
            raise WrongCellError(f"line '{path}' does not make '{cell}'", f"choose from {known}")
        return found


def _name(cell: Cell) -> str:
    return cells.name(cell, "order", "name it as the planning system does")


def _quantity(cell: Cell) -> float:
    number = cells.number(cell)
    if number is None or number <= 0.0:
        raise WrongCellError(f"'{cell}' is no quantity", "write a number above 0")
    return number


def _priority(cell: Cell) -> int:
    number = cells.number(USUAL_PRIORITY if cell == "" else cell)
    if number is None or number < 1 or not number.is_integer():
        raise WrongCellError(f"'{cell}' is no priority", "write 1 for the most urgent, 2, 3 and so on")
    return int(number)


def _due(cell: Cell, zone: ZoneInfo) -> int:
    """UTC ms."""
    local = cells.local(cell)
    if local is None:
        raise WrongCellError(
            f"'{cell}' is no time", "write 2026-11-25 18:00 or 25.11.2026 18:00, in the plant's own time"
        )
    if not isinstance(local, datetime):
        local = datetime.combine(local, time()) + timedelta(days=1)
    return round(local.replace(tzinfo=zone).timestamp() * 1000.0)


def _near(path: str, lines: Iterable[str]) -> str:
    names: Sequence[str] = list(lines)
    return (get_close_matches(path, names, 1, 0.0) or names)[0]
