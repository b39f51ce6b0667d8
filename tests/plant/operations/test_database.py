"""The operations database: addresses, migrations, transactions."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from plant.errors import ConfigurationError, StoreRejectedError, StoreUnavailableError
from plant.messages import OrdersMessage
from plant.operations.address import IN_MEMORY, operations_url
from plant.operations.database import Operations
from plant.operations.open import open_operations
from plant.operations.plans import PlanStore
from plant.operations.schema import METADATA


@pytest.fixture
def operations(operations_address, tmp_path):
    """An open database without tables."""
    database = open_operations(operations_address, tmp_path)
    yield database
    database.close()


def test_migrations_make_the_tables_of_the_schema(operations):
    """Empty to head, once more without harm; then schema and database do not differ."""
    operations.migrate()
    operations.migrate()
    with operations.reading() as connection:
        assert not compare_metadata(MigrationContext.configure(connection, {"compare_type": True}), METADATA)


def test_a_migration_that_breaks_off_leaves_nothing(operations):
    """Whoever comes next finds an empty database and not half of the tables."""

    def break_off():
        with operations.writing() as connection:
            METADATA.create_all(connection)
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        break_off()
    operations.migrate()


def test_several_processes_may_migrate_at_once(operations_address, tmp_path):
    """Collectors of several sites start together."""
    code = (
        "import sys; from pathlib import Path; from plant.operations.open import open_operations;"
        "open_operations(sys.argv[1], Path(sys.argv[2])).migrate()"
    )
    command = [sys.executable, "-c", code, operations_address, str(tmp_path)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


def test_a_transaction_is_all_or_nothing(operations):
    """What fails in the middle leaves no trace, and says why without the values."""
    operations.migrate()
    insert = text("INSERT INTO audit VALUES (1, 'id', 0, 'anna', '', 'x', 'p', 't', true, '', 'secret')")

    def write_twice():
        with operations.writing() as connection:
            connection.execute(insert)
            connection.execute(insert)

    with pytest.raises(StoreRejectedError) as error:
        write_twice()
    assert "secret" not in str(error.value)
    with operations.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar() == 0


def test_a_database_that_is_away_is_said_to_be(tmp_path, free_port):
    """Nothing listens there."""
    away = open_operations(f"postgresql://someone:secret@127.0.0.1:{free_port()}/factory", tmp_path)
    with pytest.raises(StoreUnavailableError) as error:
        away.migrate()
    assert "secret" not in str(error.value)
    away.close()


def test_a_killed_server_is_reached_again(postgresql_server, postgresql, tmp_path):
    """Connections from before the kill are not used any more."""
    database = open_operations(postgresql, tmp_path)
    database.migrate()
    postgresql_server.kill()
    with pytest.raises(StoreUnavailableError):
        database.migrate()
    postgresql_server.start()
    database.migrate()
    database.close()


@pytest.mark.parametrize("address", ["mysql://h/d", "postgresql://h", "sqlite://", "nonsense", "sqlite:///:memory:"])
def test_other_addresses_are_refused(address, tmp_path):
    """Before anything connects."""
    with pytest.raises(ConfigurationError, match="write sqlite"):
        operations_url(address, tmp_path)


def test_addresses(tmp_path):
    """Empty is a file in the data folder; PostgreSQL gets our driver unless another is named."""
    assert operations_url("", tmp_path).database == str(tmp_path / "operations.sqlite")
    assert operations_url("postgresql://u:p@h/d", tmp_path).drivername == "postgresql+pg8000"
    assert operations_url("postgresql+psycopg://u:p@h/d", tmp_path).drivername == "postgresql+psycopg"


def test_threads_share_a_database_in_memory():
    """Its one connection takes their transactions in turn; none fails, none is lost."""
    database = Operations(IN_MEMORY)
    database.migrate()
    store = PlanStore(database)

    def keep(number: int) -> None:
        for made in range(20):
            store.keep({f"line-{number}": OrdersMessage(made, ())})
            store.plans()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(keep, range(4)))
    assert {line: plan.time for line, plan in store.plans().items()} == {f"line-{number}": 19 for number in range(4)}
    database.close()


def test_a_database_in_memory_is_closed_when_nobody_reads_it():
    """Its one connection must not go away under a statement of another thread: that crashes the process."""
    database, order = Operations(IN_MEMORY), []
    database.migrate()

    def close() -> None:
        database.close()
        order.append("closed")

    with ThreadPoolExecutor(1) as threads:
        with database.reading() as connection:
            closing = threads.submit(close)
            connection.execute(text("SELECT 1")).all()
            order.append("read")
        closing.result()
    assert order == ["read", "closed"]
