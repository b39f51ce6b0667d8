"""Production orders: files that a planning department sends become plans of lines, and minutes tell how far they are.

::

    plant.tables ──▶ plan: checked against the model ──▶ OrdersMessage of each line
    OrdersMessage, ProductionMinutes ──▶ progress: done, present rate, finish ◀── busy_time: the line's calendar
"""
