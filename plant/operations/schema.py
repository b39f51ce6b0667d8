"""The tables; `migrations` makes them, and a test holds both together. All times are UTC ms."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

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
