"""Plans of lines out of a table of orders, or every mistake in it with its row and what would be right."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from plant.errors import ConfigurationError
from plant.messages import Order
from plant.model.enterprise import Enterprise, Line, Product
from plant.orders.sheet import Cell, Row

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
_DUE: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m-%d", "%d.%m.%Y")
_NO_TIME: Final = frozenset({"%Y-%m-%d", "%d.%m.%Y"})

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong in a row of the file, and what would be right."""

    row: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.problem}; {self.mend}"


class InvalidOrdersError(ConfigurationError):
    """A list of orders with mistakes; nothing of it is taken.

    Attributes:
        mistakes: All of them, by row.
    """

    def __init__(self, file: Path, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        others = len(self.mistakes) - 1
        rest = f" (and {others} more: factory orders check {file})" if others else ""
        super().__init__(f"{file}, {self.mistakes[0]}{rest}")


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
        rows: Of `plant.orders.sheet.rows`, the heading first.
        enterprise: Lines, products and units of measure. A due time is one of the line's own zone; a date alone means
            its end.

    Raises:
        InvalidOrdersError: Anything in it is wrong.
    """
    rows = list(rows)
    if not rows:
        raise InvalidOrdersError(file, [Mistake(1, "the file is empty", f"begin with {_wanted_headings()}")])
    places = _columns(file, rows[0])
    reader = _Reader(enterprise, places)
    for row in rows[1:]:
        reader.read(row)
    if reader.mistakes:
        raise InvalidOrdersError(file, reader.mistakes)
    return reader.plans()


def _columns(file: Path, heading: Row) -> dict[str, int]:
    names = {name: column for column, names in HEADINGS.items() for name in names}
    places: dict[str, int] = {}
    for place, cell in enumerate(heading.cells):
        column = names.get(str(cell).casefold())
        if column is not None:
            places.setdefault(column, place)
    missing = [column for column in HEADINGS if column not in places and column not in OPTIONAL]
    if missing:
        problem = f"there is no column {', '.join(repr(column) for column in missing)}"
        raise InvalidOrdersError(file, [Mistake(heading.number, problem, f"head the columns {_wanted_headings()}")])
    return places


def _wanted_headings() -> str:
    return ", ".join(f"'{names[1]}' or '{names[0]}'" for column, names in HEADINGS.items() if column not in OPTIONAL)


class _WrongCellError(Exception):
    """One cell cannot be read: problem and mend."""


class _Reader:
    """Reads row after row and collects what is wrong, so that a planner mends all of it in one go."""

    def __init__(self, enterprise: Enterprise, places: Mapping[str, int]) -> None:
        self.mistakes: list[Mistake] = []
        self._enterprise = enterprise
        self._places = places
        self._lines = {
            f"{site.slug}/{line.slug}": (site.zone, line) for site in enterprise.sites for line in site.lines
        }
        self._found: dict[str, list[Order]] = defaultdict(list)
        self._seen: dict[tuple[str, str], int] = {}

    def read(self, row: Row) -> None:
        """Take an order, or note what is wrong with it."""
        path = self._cell(row, "line", self._line)
        product = None if path is None else self._cell(row, "product", lambda cell: self._product(cell, path))
        order = self._cell(row, "order", _name)
        quantity = self._cell(row, "quantity", _quantity)
        due = None if path is None else self._cell(row, "due", lambda cell: _due(cell, self._lines[path][0]))
        unit = None if product is None else self._cell(row, "unit", lambda cell: self._unit(cell, product))
        priority = self._cell(row, "priority", _priority)
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

    def _cell(self, row: Row, column: str, meaning: Callable[[Cell], Content]) -> Content | None:
        """What a cell means; None after noting that it means nothing."""
        place = self._places.get(column)
        cell = row.cells[place] if place is not None and place < len(row.cells) else ""
        try:
            return meaning(cell)
        except _WrongCellError as error:
            problem, mend = error.args
            self.mistakes.append(Mistake(row.number, problem, mend))
            return None

    def _is_known(self, row: Row, path: str, order: str) -> bool:
        first = self._seen.setdefault((path, order), row.number)
        if first == row.number:
            return False
        self.mistakes.append(
            Mistake(row.number, f"order '{order}' is in row {first} already", "give each its own name")
        )
        return True

    def _line(self, cell: Cell) -> str:
        path = str(cell)
        if path not in self._lines:
            raise _WrongCellError(f"there is no line '{path}'", f"write site/line, such as {_near(path, self._lines)}")
        if not self._lines[path][1].ideal_rates:
            raise _WrongCellError(f"line '{path}' makes no product", "leave its orders out")
        return path

    def _product(self, cell: Cell, path: str) -> Product:
        line = self._lines[path][1]
        made = [self._enterprise.products[slug] for slug in line.ideal_rates]
        wanted = str(cell).casefold()
        for product in made:
            if wanted in {product.slug, product.name.ru.casefold(), product.name.en.casefold()}:
                return product
        raise _WrongCellError(
            f"line '{path}' does not make '{cell}'", f"choose from {', '.join(product.slug for product in made)}"
        )

    def _unit(self, cell: Cell, product: Product) -> str:
        label = self._enterprise.measures[product.unit]
        if str(cell) not in {"", product.unit, label.ru, label.en}:
            raise _WrongCellError(
                f"'{product.slug}' is not counted in '{cell}'", f"give the quantity in {product.unit}"
            )
        return product.unit


def _name(cell: Cell) -> str:
    name = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    if not name or len(name) > 64:
        raise _WrongCellError("the order has no name of 1 to 64 characters", "name it as the planning system does")
    return name


def _quantity(cell: Cell) -> float:
    number = _number(cell)
    if number is None or number <= 0.0:
        raise _WrongCellError(f"'{cell}' is no quantity", "write a number above 0")
    return number


def _priority(cell: Cell) -> int:
    number = _number(USUAL_PRIORITY if cell == "" else cell)
    if number is None or number < 1 or not number.is_integer():
        raise _WrongCellError(f"'{cell}' is no priority", "write 1 for the most urgent, 2, 3 and so on")
    return int(number)


def _number(cell: Cell) -> float | None:
    """A number, in the Russian or the English way of writing; None if it is none."""
    if isinstance(cell, bool | date | time):
        return None
    try:
        number = float("".join(cell.split()).replace(",", ".")) if isinstance(cell, str) else float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _due(cell: Cell, zone: ZoneInfo) -> int:
    """UTC ms."""
    local = _local(cell)
    if local is None:
        raise _WrongCellError(
            f"'{cell}' is no time", "write 2026-11-25 18:00 or 25.11.2026 18:00, in the plant's own time"
        )
    return round(local.replace(tzinfo=zone).timestamp() * 1000.0)


def _local(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime.combine(cell, time()) + timedelta(days=1)
    for spelling in _DUE:
        try:
            found = datetime.strptime(str(cell), spelling)  # noqa: DTZ007 - the plant's zone comes after
        except ValueError:
            continue
        return found + timedelta(days=1) if spelling in _NO_TIME else found
    return None


def _near(path: str, lines: Iterable[str]) -> str:
    names: Sequence[str] = list(lines)
    return (get_close_matches(path, names, 1, 0.0) or names)[0]
