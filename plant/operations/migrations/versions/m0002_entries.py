"""What people and other systems enter: corrections of counts, warehouse receipts, plans of lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "correction",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("line", sa.String(200), nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("produced", sa.Float, nullable=False),
        sa.Column("good", sa.Float, nullable=False),
        sa.Column("reject", sa.Float, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("entered", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.BigInteger),
        sa.Column("withdrawn_by", sa.String(200), nullable=False),
        sa.Column("withdrawn_why", sa.Text, nullable=False),
    )
    op.create_index("correction_time", "correction", ["start", "end"])
    op.create_table(
        "receipt",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("product", sa.String(200), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("quantity", sa.Float, nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("replaced", sa.BigInteger),
    )
    op.create_index("receipt_day", "receipt", ["day"])
    op.create_index("receipt_document", "receipt", ["site", "document"])
    op.create_table(
        "line_plan",
        sa.Column("line", sa.String(200), primary_key=True),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("orders", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("line_plan", "receipt", "correction"):
        op.drop_table(table)
