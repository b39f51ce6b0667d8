"""One operations database: connections, transactions, and the tables brought up to date."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from plant.errors import StoreRejectedError, StoreUnavailableError

MIGRATIONS: Final = Path(__file__).with_name("migrations")
TIMEOUT_S: Final = 10
_LOCK: Final = 0x64665F6F70  # any number of ours; PostgreSQL's advisory lock while tables are made
_REFUSED: Final = frozenset({"22", "23", "42"})
"""Classes of SQLSTATE: data exception, constraint violation, syntax error or missing right."""
_WRITES: Final = {"writes": True}


class Operations:
    """An open operations database; any thread may use it.

    Args:
        url: Where it is, with a driver (`plant.operations.address.operations_url`).
    """

    def __init__(self, url: URL) -> None:
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = _sqlite(url) if self._is_sqlite else _postgresql(url)
        # One in memory is one connection, which transactions of several threads have to take in turn.
        self._turn: AbstractContextManager[object] = nullcontext() if url.database else threading.RLock()
        self.kind: Final = "sqlite" if self._is_sqlite else "postgresql"

    def migrate(self) -> None:
        """Bring the tables up to date; several processes may do so at once.

        Raises:
            StoreUnavailableError: It cannot be reached.
            StoreRejectedError: It is of a newer version, or may not be changed.
        """
        with self.writing() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells its dialect at every start
            command.upgrade(config, "head")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes; what went wrong is one of our errors, and nothing of it stays."""
        with self._turn, _translated(), self._engine.execution_options(**_WRITES).begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, beside those that write."""
        with self._turn, _translated(), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections; the one of a database in memory when nobody uses it, or the process would crash."""
        with self._turn:
            self._engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _is_refusal(error):
            raise StoreRejectedError(f"the operations database refuses: {_told(error)}") from error
        raise StoreUnavailableError(f"the operations database does not answer: {_told(error)}") from error
    except (SQLAlchemyError, OSError) as error:
        raise StoreUnavailableError(f"the operations database cannot be used: {error}") from error


def _said(error: DBAPIError) -> dict[str, str]:
    """What the database itself said; PostgreSQL with its code (``C``) and message (``M``)."""
    said = error.orig.args[0] if error.orig is not None and error.orig.args else error.orig
    return said if isinstance(said, dict) else {"M": str(said)}


def _told(error: DBAPIError) -> str:
    """The message, without our statement and its values."""
    return _said(error).get("M", "")


def _is_refusal(error: DBAPIError) -> bool:
    """Whether the data or the statement are to blame; everything else may be better later."""
    code = _said(error).get("C")
    return isinstance(error, IntegrityError) if code is None else code[:2] in _REFUSED


def _sqlite(url: URL) -> Engine:
    options: dict[str, Any] = {"timeout": TIMEOUT_S, "isolation_level": None}
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args=options)
    else:
        engine = create_engine(url, poolclass=StaticPool, connect_args={**options, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    """Readers beside a writer, and what is committed survives a power cut."""
    with suppress(sqlite3.OperationalError):  # another process is just doing the same; the file keeps the mode
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    """Whoever will write takes the lock at once, so that two of them wait for each other instead of failing."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _postgresql(url: URL) -> Engine:
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a lost connection is told by our own error
    return create_engine(url, pool_pre_ping=True, pool_size=4, connect_args={"timeout": TIMEOUT_S})
