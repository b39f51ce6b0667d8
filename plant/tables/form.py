"""A form: columns found by their headings, and rows read cell by cell, so that all mistakes are told in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from plant.errors import ConfigurationError
from plant.tables.cells import WrongCellError
from plant.tables.sheet import Cell, Row

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong in a row of the file, and what would be right."""

    row: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.problem}; {self.mend}"


class InvalidTableError(ConfigurationError):
    """A table with mistakes; nothing of it is taken.

    Attributes:
        check: The command that shows all of them.
        mistakes: All of them, by row.
    """

    check: ClassVar[str]

    def __init__(self, file: Path, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        others = len(self.mistakes) - 1
        rest = f" (and {others} more: {self.check} {file})" if others else ""
        super().__init__(f"{file}, {self.mistakes[0]}{rest}")


@dataclass(frozen=True, slots=True)
class Headings:
    """Columns by the headings that they may have, English first, in any order and case.

    Attributes:
        optional: Columns that may be missing.
        error: What is raised for a table with mistakes.
    """

    names: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    error: type[InvalidTableError]

    def open(self, file: Path, rows: Iterable[Row]) -> Form:
        """The form of a table whose first row is the heading.

        Args:
            file: Its name, for the errors.
            rows: Of `plant.tables.sheet.rows`.

        Raises:
            InvalidTableError: There is no row, or a column is missing; of the headings' own type.
        """
        rows = list(rows)
        if not rows:
            raise self.error(file, [Mistake(1, "the file is empty", f"begin with {self._wanted}")])
        return Form(file, rows[1:], self._places(file, rows[0]), self.error)

    def _places(self, file: Path, heading: Row) -> dict[str, int]:
        columns = {name: column for column, names in self.names.items() for name in names}
        places: dict[str, int] = {}
        for place, cell in enumerate(heading.cells):
            column = columns.get(str(cell).casefold())
            if column is not None:
                places.setdefault(column, place)
        missing = [column for column in self.names if column not in places and column not in self.optional]
        if missing:
            problem = f"there is no column {', '.join(repr(column) for column in missing)}"
            raise self.error(file, [Mistake(heading.number, problem, f"head the columns {self._wanted}")])
        return places

    @property
    def _wanted(self) -> str:
        needed = (names for column, names in self.names.items() if column not in self.optional)
        return ", ".join(f"'{names[1]}' or '{names[0]}'" for names in needed)


class Form:
    """Rows under their columns, and what is wrong with them.

    Args:
        file: Its name, for the errors.
        rows: Without the heading.
        places: Of the columns in a row.
        error: What is raised for mistakes.
    """

    def __init__(
        self, file: Path, rows: Iterable[Row], places: Mapping[str, int], error: type[InvalidTableError]
    ) -> None:
        self.rows = tuple(rows)
        self._file = file
        self._places = places
        self._error = error
        self._mistakes: list[Mistake] = []

    def cell(self, row: Row, column: str, meaning: Callable[[Cell], Content]) -> Content | None:
        """What a cell means; None after noting that it means nothing."""
        place = self._places.get(column)
        cell = row.cells[place] if place is not None and place < len(row.cells) else ""
        try:
            return meaning(cell)
        except WrongCellError as error:
            problem, mend = error.args
            self.note(row, problem, mend)
            return None

    def note(self, row: Row, problem: str, mend: str) -> None:
        """Note a mistake."""
        self._mistakes.append(Mistake(row.number, problem, mend))

    def raise_if_any(self) -> None:
        """Raise the mistakes that were noted."""
        if self._mistakes:
            raise self._error(self._file, self._mistakes)
