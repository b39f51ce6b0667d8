"""What cells mean, in the Russian and the English way of writing; else what is wrong, and what would be right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Final

from plant.model.enterprise import Product, Text
from plant.tables.sheet import Cell

_TIMES: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")
_DATES: Final = ("%Y-%m-%d", "%d.%m.%Y")
_LONGEST: Final = 64


class WrongCellError(Exception):
    """One cell cannot be read: problem and mend."""


def name(cell: Cell, what: str, mend: str) -> str:
    """A name of 1 to 64 characters; a whole number is one too."""
    found = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    if not found or len(found) > _LONGEST:
        raise WrongCellError(f"the {what} has no name of 1 to {_LONGEST} characters", mend)
    return found


def number(cell: Cell) -> float | None:
    """A number; None if it is none."""
    if isinstance(cell, bool | date | time):
        return None
    try:
        found = float("".join(cell.split()).replace(",", ".")) if isinstance(cell, str) else float(cell)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def local(cell: Cell) -> date | datetime | None:
    """A date, or a date and time of the plant's own clock; None if it is neither."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return cell
    for spelling in (*_TIMES, *_DATES):
        try:
            found = datetime.strptime(str(cell), spelling)  # noqa: DTZ007 - the plant's zone comes after
        except ValueError:
            continue
        return found.date() if spelling in _DATES else found
    return None


def product(cell: Cell, products: Iterable[Product]) -> Product | None:
    """The one of some products that is called so, by slug or name; None if none is."""
    wanted = str(cell).casefold()
    for each in products:
        if wanted in {each.slug, each.name.ru.casefold(), each.name.en.casefold()}:
            return each
    return None


def unit(cell: Cell, of: Product, measures: Mapping[str, Text]) -> str:
    """The unit of measure of a product, by key or label; it may be left out."""
    label = measures[of.unit]
    if str(cell) not in {"", of.unit, label.ru, label.en}:
        raise WrongCellError(f"'{of.slug}' is not counted in '{cell}'", f"give the quantity in {of.unit}")
    return of.unit
