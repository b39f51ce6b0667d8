"""The morning summary (сводка) of a date, as data: what a manager reads before the meeting (docs/summary.md).

::

    ProductionMinutes ──▶ periods, plans ──▶ books of each site ──▶ sum ──▶ books of the group ──▶ figures
    Stops, rates ───────▶ losses: the three biggest stops, in roubles            │
    intake meters ──────▶ gas: use against the daily limit                       ├──▶ summary
    counts, receipts ───▶ reconciliation: counter, stacker, warehouse ───────────┘

Pure: arrays and dataclasses in, frozen dataclasses out.
"""
