"""How far alarms of each edge node are judged, so that what came while nobody watched is judged afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alarm_progress",
        sa.Column("node", sa.String(200), primary_key=True),
        sa.Column("judged", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("alarm_progress")
