"""The operations database: what people decide and what must outlive every restart. SQLite in the data folder, or
PostgreSQL, by the same code. The historian keeps measurements; here are alarms, their journal and the audit trail.
"""
