"""Production minutes: from states, counters and the calendar to additive elements, which any figure is a sum of.

::

    events, levels ──▶ signals ──▶ segments ──▶ judge, stops ──┐
    calendar ───────────▶ planned ────▲                        ├──▶ assemble ──▶ ProductionMinutes ──▶ plant.kpi:
    readings ──▶ growth ──▶ lots, counts ◀── corrections ──────┘                                       sum, then divide

    production   the whole, pure: what is told in, minutes and stops out
    reading      what is told, from a historian
    thinning     readings that make no difference to it
    rebuild      minutes of any past window, read from a historian and put back into it
    renewal      what of minutes made anew differs from those that are kept

Runs in collectors, which keep the minutes in the historian. Time elements are those of ISO 22400-2 as OPC 40001-1
Annex C reads them.
"""
