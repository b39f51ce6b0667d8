"""Production minutes: from states, counters and the calendar to additive elements, which any figure is a sum of.

::

    readings, events ──▶ states ──▶ stops ──┐
    calendar ───────────────────────────────┼──▶ ProductionMinutes ──▶ plant.kpi: sum, then divide
    counters, lots ─────────────────────────┘

Pure; runs in collectors, which keep the minutes in the historian. Time elements are those of ISO 22400-2 as
OPC 40001-1 Annex C reads them.
"""
