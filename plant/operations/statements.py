"""Statements that SQLite and PostgreSQL spell alike, though SQLAlchemy keeps them in a module for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def dialect(connection: Connection) -> Any:
    """The module of the connection's database, for its ``insert``."""
    return sqlite if connection.dialect.name == "sqlite" else postgresql


def insert_missing(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Write rows that are not there yet."""
    if rows:
        connection.execute(dialect(connection).insert(table).on_conflict_do_nothing(), rows)
