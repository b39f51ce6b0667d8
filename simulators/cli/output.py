"""How commands show things: tables for people, plain lines in a pipe, one document for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import orjson
from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 250
"""Characters; wider than any row, so that a row is a line that can be searched."""


def console() -> Console:
    """Standard output."""
    out = Console(highlight=False, soft_wrap=True, markup=False)
    if not out.is_terminal:
        out.width = _PIPE_WIDTH
    return out


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: frozenset[str] = frozenset()) -> Table:
    """Rows under headers.

    Args:
        columns: Headers.
        rows: A cell a column each.
        numbers: Headers of columns that stand to the right.
    """
    made = Table(box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left")
    for row in rows:
        made.add_row(*row)
    return made


def say(text: str) -> None:
    """A line."""
    console().print(text)


def document(body: object) -> None:
    """One JSON document."""
    sys.stdout.buffer.write(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()
