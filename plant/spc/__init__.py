"""Statistical process control: is a metric stable, and is it capable of its specification?

::

    values ──▶ charts ──▶ Chart (centre, limits, sigma) ──▶ rules: signals
                 ▲
    base period ─┘ base: limits come from a stable past, never from the points they judge
    values, specification ──▶ capability: Cp, Cpk with an interval

Pure; arrays in, arrays out. Charts as in ISO 7870-2:2013 (Shewhart control charts), tests as in L. S. Nelson, "The
Shewhart Control Chart - Tests for Special Causes", Journal of Quality Technology 16(4), 1984.
"""
