"""Production orders: files that a planning department sends become plans of lines.

::

    CSV, XLSX ──▶ sheet: rows of cells ──▶ plan: checked against the model ──▶ OrdersMessage of each line
"""
