"""Alembic runs this; the connection comes from `plant.operations.database.migrate`."""

from __future__ import annotations

from alembic import context

from plant.operations.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
