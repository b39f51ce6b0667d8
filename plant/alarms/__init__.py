"""Alarms after ISA-18.2-2016 / IEC 62682: rules as data, an engine without clock or I/O, measures of the alarm system.

::

    model limits + rules file ── load.py ──▶ rules.py
                                               │
    readings in columns ──▶ engine.py ── kinds/* judge ──▶ watch.py (delays, suppression) ──▶ states.py (the standard)
                                               │
                                               ▼
                                          change.py: what is stored, published and measured (measures.py)
"""
