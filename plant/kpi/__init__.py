"""Figures that managers live by: sums of production minutes over any window and any set of lines, divided last.

::

    ProductionMinutes ──▶ adding ──▶ Sums ──▶ figures ──▶ Value (with coverage, provisional, flags)
       window, lines ──────┘          │         └───────▶ explain: the sums, tags and gaps behind a value
                                      ├───────▶ waterfall: calendar time to valuable time
                                      ├───────▶ plan: progress and forecast
                                      └───────▶ compare: sites with the same mix, with an interval

Pure: arrays in, frozen dataclasses out. Time elements are those of ISO 22400-2 as OPC 40001-1 Annex C reads them.
docs/kpi.md holds every figure with its formula, source and example.
"""
