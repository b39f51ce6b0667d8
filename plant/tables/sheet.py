"""The rows of a table in a CSV or XLSX file, whatever program made it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

import python_calamine

from plant.errors import ConfigurationError

Cell = str | float | bool | datetime | date | time
"""What a cell holds; empty cells are empty texts. A CSV file has texts only."""

MOST_BYTES: Final = 20 << 20
"""Larger files are no lists that an office sends."""
_ENCODINGS: Final = ("utf-8-sig", "cp1251")
"""As spreadsheets save CSV: with a byte order mark, or in the code page of Russian Windows."""
_DELIMITERS: Final = ";,\t"


@dataclass(frozen=True, slots=True)
class Row:
    """A row and its number in the file, counted from 1 as spreadsheets do."""

    number: int
    cells: tuple[Cell, ...]


def rows(file: Path) -> Iterator[Row]:
    """Rows that hold anything, the heading first.

    Raises:
        ConfigurationError: The file is missing, too large, or neither CSV nor XLSX.
    """
    try:
        size = file.stat().st_size
        content = file.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    if size > MOST_BYTES:
        raise ConfigurationError(f"{file} is larger than {MOST_BYTES >> 20} MiB; is it the right one?")
    found = _spreadsheet(file, content) if content.startswith(b"PK") else _separated(file, content)
    for number, cells in enumerate(found, start=1):
        trimmed = tuple(cell.strip() if isinstance(cell, str) else cell for cell in cells)
        if any(cell != "" for cell in trimmed):
            yield Row(number, trimmed)


def _spreadsheet(file: Path, content: bytes) -> Sequence[Sequence[Cell]]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ConfigurationError(f"{file} is no spreadsheet that can be read ({error}); save it as XLSX") from error
    return [[_plain(cell) for cell in row] for row in sheet]


def _plain(cell: object) -> Cell:
    """Lengths of time have no place in these lists; they become what they look like."""
    return (
        float(cell) if type(cell) is int else cell if isinstance(cell, str | float | bool | date | time) else str(cell)
    )


def _separated(file: Path, content: bytes) -> Iterator[Sequence[Cell]]:
    text = _decoded(file, content)
    heading = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _decoded(file: Path, content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ConfigurationError(f"{file} is neither CSV (UTF-8 or Windows-1251) nor XLSX; save it as one of them")
