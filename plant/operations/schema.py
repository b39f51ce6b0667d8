"""The tables; `migrations` makes them, and a test holds both together. All times are UTC ms."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Index, Integer, MetaData, String, Table, Text

METADATA: Final = MetaData()

ALARM_STATE: Final = Table(
    "alarm_state",
    METADATA,
    Column("alarm", String(400), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("state", String(32), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("raised", BigInteger),
    Column("until", BigInteger),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("value", Float),
)
"""How each alarm stands (`plant.alarms.change.Standing`); alarms that never changed have no row."""

ALARM_JOURNAL: Final = Table(
    "alarm_journal",
    METADATA,
    Column("alarm", String(400), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("noted", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("before", String(32), nullable=False),
    Column("state", String(32), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("position", String(200), nullable=False),
    Column("value", Float),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Index("alarm_journal_time", "time"),
)
"""Every change (`plant.alarms.journal.Entry`); never updated."""

ALARM_PROGRESS: Final = Table(
    "alarm_progress",
    METADATA,
    Column("node", String(200), primary_key=True),
    Column("judged", BigInteger, nullable=False),
)
"""Until when alarms of each edge node (``site/gateway``) are judged, by the time of its readings."""

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("command", String(64), nullable=False, unique=True),
    Column("time", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("place", String(400), nullable=False),
    Column("target", String(200), nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Index("audit_time", "time"),
)
"""Every command that was asked for, and what became of it; never updated."""

CORRECTION: Final = Table(
    "correction",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("line", String(200), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("produced", Float, nullable=False),
    Column("good", Float, nullable=False),
    Column("reject", Float, nullable=False),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("withdrawn", BigInteger),
    Column("withdrawn_by", String(200), nullable=False),
    Column("withdrawn_why", Text, nullable=False),
    Index("correction_time", "start", "end"),
)
"""Counts that people have entered; one that is withdrawn stays, and counts no more."""

RECEIPT: Final = Table(
    "receipt",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("site", String(200), nullable=False),
    Column("product", String(200), nullable=False),
    Column("day", Date, nullable=False),
    Column("quantity", Float, nullable=False),
    Column("unit", String(32), nullable=False),
    Column("document", String(64), nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("replaced", BigInteger),
    Index("receipt_day", "day"),
    Index("receipt_document", "site", "document"),
)
"""Rows of warehouse receipts; those of a document that came again with other rows stay, marked as replaced."""

LINE_PLAN: Final = Table(
    "line_plan",
    METADATA,
    Column("line", String(200), primary_key=True),
    Column("made", BigInteger, nullable=False),
    Column("orders", Text, nullable=False),
)
"""The newest plan of each line, as the JSON of `plant.messages.OrdersMessage`."""
